"""Which candidate is taken, and what its score is worth: on predictions whose true scores are known."""

from __future__ import annotations

import numpy as np
import pytest

from engine.tasks.scores import CountedRows, confusion_rows
from engine.training.choosing.selection import Selection, select

CLASSES = 2


def answers(generator: np.random.Generator, truth: np.ndarray, accuracy: float) -> CountedRows:
    """Predictions of which each is right with this probability."""
    wrong = generator.random(len(truth)) >= accuracy
    return confusion_rows(truth, np.where(wrong, 1 - truth, truth), CLASSES)


def selected(accuracies: list[float], *, rows: int = 200, seed: int = 0, groups: np.ndarray | None = None) -> Selection:
    generator = np.random.default_rng(seed)
    truth = np.arange(rows) % CLASSES
    candidates = [[answers(generator, truth, accuracy) for _ in range(2)] for accuracy in accuracies]
    return select(candidates, "accuracy", np.arange(rows) if groups is None else groups, seed=1)


@pytest.mark.parametrize("better", [0, 1, 2])
def test_a_candidate_that_is_better_is_taken_wherever_it_is(better: int) -> None:
    found = selected([0.9 if place == better else 0.7 for place in range(3)])
    assert (found.taken, found.best) == (better, better)
    assert found.tied == ()


def test_of_those_within_a_standard_error_the_earlier_one_is_taken_and_the_tie_is_reported() -> None:
    truth = np.arange(200) % CLASSES
    one = np.where(np.arange(200) < 40, 1 - truth, truth)  # right in 160
    other = np.where(np.arange(200) < 39, 1 - truth, truth)  # right in 161, wrong only where the first one is
    worse = np.where(np.arange(200) < 80, 1 - truth, truth)
    predicted = [worse, one, other]
    found = select([[confusion_rows(truth, each, CLASSES)] for each in predicted], "accuracy", np.arange(200), seed=1)
    assert (found.taken, found.best, found.tied) == (1, 2, (2,))
    assert found.scores == pytest.approx((0.6, 0.8, 0.805))


def test_the_best_of_20_equal_candidates_is_corrected_to_its_true_score() -> None:
    true, rows, sets = 0.7, 100, 30
    raw, corrected = [], []
    for seed in range(sets):
        found = selected([true] * 20, rows=rows, seed=seed)
        raw.append(max(found.scores))
        corrected.append(found.corrected)
    noise = 3 * np.sqrt(true * (1 - true) / (2 * rows) / sets)  # three standard errors of a mean of independent sets
    assert np.mean(raw) > true + 0.04  # what would be shown without a correction
    assert np.mean(corrected) == pytest.approx(true, abs=noise)


def test_one_candidate_alone_needs_no_correction() -> None:
    found = selected([0.8])
    assert found.corrected == pytest.approx(found.scores[0], abs=0.01)


def test_copies_of_a_few_inputs_say_no_more_than_these() -> None:
    """100 copies of 4 inputs: two wrong against one is no difference, though it is 200 rows against 100."""
    truth = np.zeros(400, dtype=np.int64)
    groups = np.arange(400) % 4
    candidates = [[confusion_rows(truth, np.isin(groups, wrong).astype(int), CLASSES)] for wrong in ([0, 1], [2])]
    assert select(candidates, "accuracy", np.arange(400), seed=1).taken == 1
    by_group = select(candidates, "accuracy", groups, seed=1)
    assert (by_group.taken, by_group.tied) == (0, (1,))


def test_a_candidate_that_cannot_be_measured_is_never_taken() -> None:
    truth = np.zeros(20, dtype=np.int64)  # Matthews' correlation of one true class is not measurable
    mixed = np.arange(20) % 2
    given = confusion_rows(mixed, mixed, CLASSES)
    found = select([[confusion_rows(truth, mixed, CLASSES)], [given]], "mcc", np.arange(20), seed=1)
    assert found.taken == 1
