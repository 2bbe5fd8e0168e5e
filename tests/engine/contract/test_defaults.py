"""The one source of defaults: presets of a data set, and what follows a run that was not good enough."""

from __future__ import annotations

import msgspec
import pytest

from engine.contract.defaults import (
    DECIDED,
    LONG_RUN,
    OWN,
    auto_settings,
    better_run,
    completed,
    first_scored_rows,
    is_preset,
    next_settings,
)
from engine.contract.presets import FEWEST_UPDATES, planned_steps, presets
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import FineTuneSettings, PrepareSettings, Roles, TrainedPart
from engine.contract.states import PreparedDataset, SplitCounts
from engine.tasks.registry import task_facts
from tests.builders import a_dataset, a_run

REFUSED = {"method": "several labels"}  # as tasks without one label per row do
SEVERAL = PrepareSettings(task="multi_label_classification", roles=Roles(text="a", labels="b"))
PAIRS = PrepareSettings(roles=Roles(text="a", second_text="b", label="label"))


def with_rows(rows: int, **changes: object) -> PreparedDataset:
    dataset = a_dataset(**changes)
    return msgspec.structs.replace(dataset, splits={**dataset.splits, "train": SplitCounts(rows, {})})


def test_a_preset_stays_itself_whatever_is_the_users_own() -> None:
    dataset = with_rows(2_000)
    for preset in presets(dataset):
        own = msgspec.structs.replace(preset.settings, device="cpu", precision="fp32", seed=7, run_name="mine")
        assert is_preset(own, preset.settings)
        assert not is_preset(msgspec.structs.replace(own, learning_rate=3e-3), preset.settings)


def test_tasks_without_the_contrastive_start_have_presets_without_it() -> None:
    assert auto_settings(with_rows(60), {}).method == "contrastive"
    assert auto_settings(with_rows(60), REFUSED).method == "fine_tuning"


@pytest.mark.parametrize(
    ("dataset", "settings", "action"),
    [
        (with_rows(60), FineTuneSettings(), RecoveryAction.TRAIN_WITH_AUTO),
        (with_rows(60), None, RecoveryAction.TRAIN_LONGER),
        (with_rows(900), None, RecoveryAction.KEEP_SIMPLE_MODEL),
        (with_rows(900, settings=PAIRS), None, RecoveryAction.TRAIN_LONGER),
        (with_rows(90, task="token_classification"), FineTuneSettings(), RecoveryAction.TRAIN_WITH_AUTO),
        (with_rows(90, task="token_classification"), None, RecoveryAction.TRAIN_LONGER),
        (with_rows(90_000, task="token_classification"), None, RecoveryAction.NONE),
    ],
)
def test_a_run_that_is_no_better_leads_to_what_can_be(
    dataset: PreparedDataset, settings: FineTuneSettings | None, action: RecoveryAction
) -> None:
    refused = task_facts(dataset.task).refused_settings
    own = settings or auto_settings(dataset, refused)
    run = a_run(dataset=dataset, settings=own, steps_planned=planned_steps(dataset, own))
    assert (run.steps_planned > LONG_RUN) is (action is RecoveryAction.NONE)
    assert better_run(run, refused) is action


def test_each_way_on_changes_what_it_says_and_nothing_of_the_users_own() -> None:
    dataset = with_rows(900)
    now = FineTuneSettings(learning_rate=0.05, layers_to_train="head_only", device="cpu", seed=9)
    auto = next_settings(now, RecoveryAction.TRAIN_WITH_AUTO, dataset, {})
    assert auto == msgspec.structs.replace(auto_settings(dataset, {}), device="cpu", seed=9)
    simple = next_settings(now, RecoveryAction.KEEP_SIMPLE_MODEL, dataset, {})
    assert (simple.method, simple.layers_to_train, simple.seed) == ("contrastive", "full", 9)
    longer = next_settings(msgspec.structs.replace(now, epochs=0.1), RecoveryAction.TRAIN_LONGER, dataset, {})
    assert longer.updates == FEWEST_UPDATES
    assert longer.learning_rate == 0.05
    rate = next_settings(now, RecoveryAction.USE_PRESET_RATE, dataset, {})
    assert rate == msgspec.structs.replace(now, learning_rate=1e-3)
    assert next_settings(now, RecoveryAction.STOP_KEEP_BEST, dataset, {}) == now


def test_the_simple_model_of_pairs_is_what_the_encoder_finds_alike() -> None:
    found = next_settings(
        FineTuneSettings(seed=9), RecoveryAction.KEEP_SIMPLE_MODEL, with_rows(900, settings=PAIRS), {}
    )
    assert (found.method, found.updates, found.seed) == ("similarity", 400, 9)


def test_what_presets_differ_in_is_what_they_decide() -> None:
    plain, seen = FineTuneSettings(), set()
    few = with_rows(60)
    few = msgspec.structs.replace(few, splits={**few.splits, "validation": SplitCounts(6, {})})
    for dataset in (few, with_rows(900), with_rows(90_000), with_rows(90, settings=SEVERAL)):
        for preset in presets(dataset, refused=REFUSED if dataset.settings is SEVERAL else {}):
            seen |= {name for name in DECIDED | set(OWN) if getattr(preset.settings, name) != getattr(plain, name)}
            undecided = set(FineTuneSettings.__struct_fields__) - DECIDED
            assert all(getattr(preset.settings, name) == getattr(plain, name) for name in undecided)
    assert seen == DECIDED


def test_settings_that_leave_training_open_are_those_of_auto() -> None:
    dataset = with_rows(60)
    given = FineTuneSettings(seed=7, run_name="mine", weight_decay=0.1)
    settings, sentence = completed(given, {"seed", "run_name", "weight_decay"}, dataset, {})
    assert settings == msgspec.structs.replace(auto_settings(dataset, {}), seed=7, run_name="mine", weight_decay=0.1)
    assert sentence == (
        "How to train is not named: Auto takes the contrastive start, 300 updates at a learning rate of 5e-05."
    )


@pytest.mark.parametrize(("part", "rate"), [("full", 1e-4), ("lora", 1e-3)])
def test_a_missing_rate_is_the_one_of_the_presets_and_reports_it(part: TrainedPart, rate: float) -> None:
    given = FineTuneSettings(epochs=2, layers_to_train=part)
    settings, sentence = completed(given, {"epochs", "layers_to_train"}, with_rows(60), {})
    assert settings == msgspec.structs.replace(given, learning_rate=rate)
    assert sentence.startswith(f"No learning rate is named: {rate:g} is taken, which suits the 22.7 million")


def test_named_settings_stay_and_nothing_is_reported() -> None:
    given = FineTuneSettings(learning_rate=3e-3)
    assert completed(given, {"learning_rate"}, with_rows(60), {}) == (given, "")


def held_out(train: int, test: int, **changes: object) -> PreparedDataset:
    return a_dataset(splits={"train": SplitCounts(train, {}), "test": SplitCounts(test, {})}, **changes)


@pytest.mark.parametrize(
    ("train", "test", "changes", "rows"),
    [
        (86, 10, {}, "cross_validation"),
        (1_400, 299, {}, "cross_validation"),
        (1_400, 300, {}, "test"),  # enough of them
        (1_500, 200, {}, "test"),  # training again for each fold is long
        (86, 10, {"seconds": 121.0}, "test"),
        (86, 10, {"steps": 100, "steps_planned": 300}, "test"),  # stopped: folds would train longer than it did
        (86, 10, {"settings": FineTuneSettings(student_layers=2)}, "test"),  # which learned from another run
        (1, 10, {}, "test"),
    ],
)
def test_the_first_score_is_cross_validated_where_test_rows_are_few(
    train: int, test: int, changes: dict[str, object], rows: str
) -> None:
    run = a_run(**{"dataset": held_out(train, test), "seconds": 120.0, "steps": 300, "steps_planned": 300, **changes})
    assert first_scored_rows(run) == rows


def test_what_trains_on_all_rows_is_cross_validated_however_long_it_takes() -> None:
    run = a_run(dataset=held_out(900, 0, settings=PrepareSettings(test_share=0)), seconds=9_000.0)
    assert first_scored_rows(run) == "cross_validation"
