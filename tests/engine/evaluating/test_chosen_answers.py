"""What the settings make of a run's answers, from made-up logits of validation rows."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np
import pytest

from engine.calibration.conformal import calibration_halves, cutoff
from engine.calibration.stored_logits import StoredLogits
from engine.calibration.temperature import class_probabilities, fitted_temperature, label_probabilities
from engine.contract.calibration import UNCALIBRATED, Calibration, UnsureRule
from engine.contract.errors import InvalidSetting
from engine.contract.settings import EvaluateSettings
from engine.contract.states import TrainingRun
from engine.evaluating.chosen_answers import chosen_calibration, refuse_unfitting
from engine.tasks.registry import task_named
from tests.builders import a_dataset, a_run

NAMES = ("a", "b", "c")
CLASSES, SETS = task_named("text_classification"), task_named("multi_label_classification")


def rows_of(seed: int, rows: int, *, several: bool = False) -> StoredLogits:
    """Overconfident logits with a truth that follows half of them."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(rows, 3)) * 1.5
    if several:
        truth = (generator.random((rows, 3)) < label_probabilities(logits)).astype(np.int64)
    else:
        likely = class_probabilities(logits)
        truth = (generator.random((rows, 1)) > np.cumsum(likely, axis=1)).sum(axis=1).clip(0, 2)
    return StoredLogits(np.arange(1, rows + 1), truth, (2 * logits).astype(np.float32))


def run_with(calibration: Calibration = UNCALIBRATED, *, evaluations: int = 1) -> TrainingRun:
    run = msgspec.structs.replace(a_run(dataset=a_dataset(label_names=NAMES)), evaluations_compared=evaluations)
    return run.calibrated(calibration)


def test_a_temperature_and_the_cutoffs_beside_it_come_from_different_rows() -> None:
    stored = rows_of(0, 400)
    settings = EvaluateSettings(temperature="fit", unsure="conformal", coverage=0.9)
    found, notes = chosen_calibration(run_with(), settings, CLASSES, stored)
    first, second = calibration_halves(400)
    assert not set(first) & set(second)
    assert found.temperature == fitted_temperature(stored.logits[first], stored.truth[first])
    assert found.temperature == pytest.approx(2.0, rel=0.3)
    likely = class_probabilities(stored.logits[second], found.temperature)
    assert found.unsure is not None
    assert found.unsure.cutoff == cutoff(likely[np.arange(200), stored.truth[second]], 0.9)
    assert found.unsure.rows == 200
    assert notes == []


def test_cutoffs_aim_at_more_where_the_same_rows_chose_the_checkpoint() -> None:
    stored = rows_of(0, 400)

    def cutoff_of(split: Literal["test", "cross_validation"], evaluations: int) -> float:
        settings = EvaluateSettings(split=split, unsure="conformal", coverage=0.9)
        found, _ = chosen_calibration(run_with(evaluations=evaluations), settings, CLASSES, stored)
        assert found.unsure is not None
        assert found.unsure.coverage == 0.9
        return found.unsure.cutoff

    assert cutoff_of("test", 20) < cutoff_of("test", 3) < cutoff_of("test", 1)
    assert cutoff_of("cross_validation", 20) == cutoff_of("test", 1)  # answers out of the fold chose nothing


def test_a_temperature_alone_is_fitted_on_all_validation_rows() -> None:
    stored = rows_of(1, 150)
    found, _ = chosen_calibration(run_with(), EvaluateSettings(temperature="fit"), CLASSES, stored)
    assert found.temperature == fitted_temperature(stored.logits, stored.truth)


def test_with_few_rows_there_is_no_temperature_and_a_note() -> None:
    settings = EvaluateSettings(temperature="fit", unsure="conformal", coverage=0.9)
    found, notes = chosen_calibration(run_with(), settings, CLASSES, rows_of(2, 150))
    assert found.temperature == 1.0
    assert [note.id for note in notes] == ["evaluating.note.no_temperature"]
    assert found.unsure is not None
    assert found.unsure.rows == 150  # without a temperature all of them give the cutoffs


def test_sets_follow_the_temperature_that_is_fitted_after_them() -> None:
    stored = rows_of(3, 400)
    first, _ = chosen_calibration(run_with(), EvaluateSettings(unsure="conformal", coverage=0.8), CLASSES, stored)
    later, _ = chosen_calibration(run_with(first), EvaluateSettings(temperature="fit"), CLASSES, stored)
    assert first.unsure is not None
    assert later.unsure is not None
    assert later.unsure.coverage == 0.8
    assert later.unsure.cutoff != first.unsure.cutoff
    both = EvaluateSettings(temperature="fit", unsure="conformal", coverage=0.8)
    assert later == chosen_calibration(run_with(), both, CLASSES, stored)[0]


def test_labels_stay_the_same_when_a_temperature_moves_their_thresholds() -> None:
    stored = rows_of(4, 300, several=True)
    before = Calibration(thresholds={"a": 0.3, "b": 0.9})
    found, _ = chosen_calibration(run_with(before), EvaluateSettings(temperature="fit"), SETS, stored)
    assert found.temperature != 1
    for column, label in enumerate(("a", "b")):
        old = label_probabilities(stored.logits)[:, column] >= before.thresholds[label]
        new = label_probabilities(stored.logits, found.temperature)[:, column] >= found.thresholds[label]
        np.testing.assert_array_equal(old, new)


def test_each_label_of_several_has_its_own_threshold_and_one_class_at_most_one() -> None:
    before = Calibration(thresholds={"a": 0.3})
    settings = EvaluateSettings(threshold_label="b", threshold=0.7)
    assert chosen_calibration(run_with(before), settings, SETS, None)[0].thresholds == {"a": 0.3, "b": 0.7}
    assert chosen_calibration(run_with(before), settings, CLASSES, None)[0].thresholds == {"b": 0.7}
    removed = EvaluateSettings(threshold_label="a", threshold=0.0)
    assert chosen_calibration(run_with(before), removed, SETS, None)[0].thresholds == {}


def test_what_is_not_chosen_stays_as_it_is() -> None:
    rule = UnsureRule("confidence", least_confidence=0.7)
    before = Calibration({"a": 0.3}, 1.7, rule)
    settings = EvaluateSettings(unsure="none")
    found, _ = chosen_calibration(run_with(before), settings, CLASSES, None)
    assert found == msgspec.structs.replace(before, unsure=None)
    assert chosen_calibration(run_with(before), EvaluateSettings(), CLASSES, None)[0] == before


@pytest.mark.parametrize(
    ("task", "settings"),
    [
        ("regression", EvaluateSettings(temperature="fit")),
        ("token_classification", EvaluateSettings(temperature="fit")),
        ("multi_label_classification", EvaluateSettings(unsure="confidence")),
        ("text_classification", EvaluateSettings(threshold_label="unheard of", threshold=0.5)),
    ],
)
def test_a_choice_that_the_task_cannot_follow_is_refused(task: str, settings: EvaluateSettings) -> None:
    with pytest.raises(InvalidSetting):
        refuse_unfitting(settings, task_named(task), NAMES)  # type: ignore[arg-type]
    refuse_unfitting(EvaluateSettings(), task_named(task), NAMES)  # type: ignore[arg-type]
