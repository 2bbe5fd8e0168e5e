"""Presets: the learning rate suits the size of the encoder and what of it learns."""

from __future__ import annotations

import msgspec
import pytest

from engine.contract.presets import learning_rate, planned_steps, presets, with_rate_of_part
from engine.contract.settings import FineTuneSettings, PrepareSettings, Roles
from engine.contract.states import PreparedDataset, SplitCounts
from tests.builders import a_dataset, a_model


@pytest.mark.parametrize("parameters", [20_000_000, 110_000_000, 340_000_000])
def test_what_little_learns_does_so_at_ten_times_the_rate_of_the_whole_network(parameters: int) -> None:
    model = a_model(parameters=parameters)
    assert learning_rate(model, "lora") == pytest.approx(10 * learning_rate(model))
    assert learning_rate(model, "head_only") == learning_rate(model, "lora")
    assert learning_rate(model, "last_layers") == learning_rate(model)


@pytest.mark.parametrize(
    ("parameters", "rate"), [(22_700_000, 1e-4), (66_000_000, 5e-5), (110_000_000, 2e-5), (340_000_000, 1e-5)]
)
def test_larger_encoders_learn_at_lower_rates(parameters: int, rate: float) -> None:
    assert learning_rate(a_model(parameters=parameters)) == rate


@pytest.mark.parametrize(
    ("rows", "labels", "epochs"), [(4_999, 2, 5), (5_000, 2, 3), (13_000, 7, 3), (15_000, 151, 5), (31_000, 151, 3)]
)
def test_few_rows_are_read_more_often_altogether_or_for_each_label(rows: int, labels: int, epochs: int) -> None:
    names = tuple(f"label {number}" for number in range(labels))
    dataset = a_dataset(label_names=names, splits={"train": SplitCounts(rows, {}), "validation": SplitCounts(50, {})})
    quick, balanced, best = (preset.settings.epochs for preset in presets(dataset))
    assert (quick, balanced, best) == (1, epochs, 2 * epochs)


def few_rows(rows: int, labels: int, **changes: object) -> PreparedDataset:
    names = tuple(f"label {number}" for number in range(labels))
    splits = {"train": SplitCounts(rows, {}), "validation": SplitCounts(rows // 8, {})}
    return a_dataset(label_names=names, splits=splits, **changes)


def test_few_rows_for_each_label_take_the_contrastive_start() -> None:
    _, auto, best = (preset.settings for preset in presets(few_rows(96, 6)))
    assert (auto.method, auto.updates, auto.batch_size) == ("contrastive", 300, 32)
    assert (best.method, best.updates) == ("contrastive", 600)
    assert presets(few_rows(64 * 6, 6))[1].settings.method == "fine_tuning"
    assert presets(few_rows(96, 6), refused={"method": "no"})[1].settings.method == "fine_tuning"
    assert presets(few_rows(96, 6), "lora")[1].settings.method == "fine_tuning"
    pairs = few_rows(96, 6, settings=PrepareSettings(roles=Roles(text="a", second_text="b", label="c")))
    assert presets(pairs)[1].settings.method == "similarity"


def test_few_sentences_of_words_have_more_updates_and_no_more_evaluations_than_steps_to_distinguish() -> None:
    roles = Roles(tokens="words", tags="tags")
    words = few_rows(40, 3, settings=PrepareSettings(task="token_classification", roles=roles))
    _, auto, best = (preset.settings for preset in presets(words, refused={"method": "no"}))
    assert (auto.updates, best.updates) == (600, 1200)
    assert (auto.evaluation_interval, best.evaluation_interval) == (30, 60)
    one_label = presets(few_rows(40, 1), refused={"method": "no"})[1].settings
    assert (one_label.updates, one_label.evaluation_interval) == (200, 10)
    assert presets(few_rows(600, 3), refused={"method": "no"})[1].settings.evaluation_interval == 0


@pytest.mark.parametrize("roles", [Roles(text="a", labels="b"), Roles(text="a", label_columns=("b", "c"))])
def test_rows_with_any_number_of_labels_start_from_a_linear_model(roles: Roles) -> None:
    several = few_rows(900, 9, settings=PrepareSettings(task="multi_label_classification", roles=roles))
    assert {preset.settings.head_start for preset in presets(several, refused={"method": "no"})} == {"linear"}
    assert {preset.settings.head_start for preset in presets(few_rows(900, 9))} == {"random"}


def test_however_few_the_rows_are_there_are_enough_updates_and_no_early_stop_by_chance() -> None:
    dataset = few_rows(90, 9)
    _, auto, best = (preset.settings for preset in presets(dataset, refused={"method": "no"}))
    assert (planned_steps(dataset, auto), planned_steps(dataset, best)) == (200, 400)
    assert (auto.patience, best.patience) == (0, 0)
    assert (auto.kept_checkpoint, best.kept_checkpoint) == ("last", "last")
    assert {preset.settings.kept_checkpoint for preset in presets(few_rows(96, 6))} == {"last"}
    assert {preset.settings.kept_checkpoint for preset in presets(a_dataset())} == {"best"}
    assert best.evaluation_interval >= 10


def test_every_preset_suits_adapters_where_they_are_chosen() -> None:
    dataset = a_dataset()
    plain, adapted = presets(dataset), presets(dataset, "lora")
    assert [preset.settings.layers_to_train for preset in adapted] == ["lora"] * 3
    for one, other in zip(plain, adapted, strict=True):
        assert other.settings.learning_rate == pytest.approx(10 * one.settings.learning_rate)
        assert msgspec.structs.replace(
            other.settings, learning_rate=one.settings.learning_rate, layers_to_train="full"
        ) == (one.settings)


def test_a_usual_rate_follows_the_choice_and_comes_back() -> None:
    whole = FineTuneSettings(learning_rate=2e-5)
    adapted = with_rate_of_part(whole, msgspec.structs.replace(whole, layers_to_train="lora"), rate=2e-5)
    assert adapted.learning_rate == pytest.approx(2e-4)
    again = with_rate_of_part(adapted, msgspec.structs.replace(adapted, layers_to_train="full"), rate=2e-5)
    assert again == whole


def test_a_rate_of_ones_own_stays_whatever_learns() -> None:
    own = FineTuneSettings(learning_rate=3e-5)
    adapted = msgspec.structs.replace(own, layers_to_train="lora")
    assert with_rate_of_part(own, adapted, rate=2e-5) == adapted
    both = msgspec.structs.replace(adapted, learning_rate=7e-5)
    assert with_rate_of_part(FineTuneSettings(learning_rate=2e-5), both, rate=2e-5) == both
