"""Paired tests: the p of each is what counting all cases, SciPy or the rows themselves say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from engine.contract.events import Event
from engine.contract.states import ScoreDifference
from engine.evaluating.paired_tests import (
    bootstrap_probabilities,
    holm,
    mcnemar,
    paired_tests,
    probability_of,
    right_rows,
)
from engine.tasks.scores import NumberRows, ScoredRows, confusion_matrix, confusion_rows, confusion_scores


def quietly(_event: Event) -> None:
    """Hears nothing."""


def scored(truth: np.ndarray, predicted: np.ndarray) -> ScoredRows:
    return ScoredRows(confusion_scores(confusion_matrix(truth, predicted, 2)), confusion_rows(truth, predicted, 2))


@pytest.mark.parametrize("better", range(13))
@pytest.mark.parametrize("worse", range(13))
def test_mcnemars_p_is_that_of_all_coin_tosses_at_least_as_uneven(better: int, worse: int) -> None:
    tosses = better + worse
    uneven = [heads for heads in range(tosses + 1) if abs(2 * heads - tosses) >= abs(better - worse)]
    assert mcnemar(better, worse) == pytest.approx(sum(math.comb(tosses, heads) for heads in uneven) / 2**tosses)
    if tosses:
        assert mcnemar(better, worse) == stats.binomtest(better, tosses, 0.5).pvalue


def test_holms_correction_is_that_of_its_paper() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_rows_that_one_method_alone_has_right_are_counted() -> None:
    truth = np.tile([0, 1], 50)
    good, bad = truth.copy(), truth.copy()
    good[:5] = 1 - good[:5]
    bad[3:30] = 1 - bad[3:30]
    found = paired_tests(scored(truth, good), {"bad": scored(truth, bad)}, "macro_f1", quietly, seed=1)["bad"]
    assert (found.better, found.worse) == (25, 3)
    assert found.mcnemar_p == stats.binomtest(25, 28, 0.5).pvalue
    assert found.p < 0.01
    assert found.adjusted_p == found.p


@pytest.mark.parametrize(
    ("difference", "p"),
    [
        (ScoreDifference(0.04, 0.0, 0.08), 0.05),
        (ScoreDifference(-0.04, -0.09, 0.0), 0.05),
        (ScoreDifference(0.0, -0.02, 0.02), 1.0),
        (ScoreDifference(0.05, 0.03, 0.07), 2 * stats.norm.sf(stats.norm.ppf(0.975) * 2.5)),
    ],
)
def test_p_is_the_one_of_the_interval_that_is_shown_beside_it(difference: ScoreDifference, p: float) -> None:
    assert probability_of(difference) == pytest.approx(p)
    truth = np.tile([0, 1], 50)
    other = np.where(np.arange(100) < 30, 1 - truth, truth)
    methods = scored(truth, truth), {"other": scored(truth, other)}
    found = paired_tests(*methods, "macro_f1", quietly, seed=1, differences={"other": difference})
    assert found["other"].p == pytest.approx(p)


def test_the_same_answers_differ_by_nothing() -> None:
    truth = np.tile([0, 1], 30)
    guess = np.where(np.arange(60) < 20, 1 - truth, truth)
    found = paired_tests(scored(truth, guess), {"same": scored(truth, guess)}, "accuracy", quietly, seed=1)["same"]
    assert (found.mcnemar_p, found.p, found.adjusted_p) == (1.0, 1.0, 1.0)


def test_numbers_are_compared_by_their_score_alone() -> None:
    generator = np.random.default_rng(3)
    truth = generator.normal(size=80)
    rows = [NumberRows(truth, truth + generator.normal(0, spread, 80)) for spread in (0.1, 2.0)]
    assert right_rows(rows[0]) is None
    (p,) = bootstrap_probabilities(rows[0], rows[1:], "spearman", quietly, seed=2)
    assert p < 0.01


def test_methods_that_do_not_differ_are_seldom_told_apart() -> None:
    """Of 150 pairs of equally good methods, 5 % are below 0.05 in expectation; 8 to 16 would be within chance."""
    generator = np.random.default_rng(11)
    below = 0
    for _ in range(150):
        truth = generator.integers(0, 2, 60)
        one, other = (np.where(generator.random(60) < 0.2, 1 - truth, truth) for _ in range(2))
        sides = [confusion_rows(truth, guess, 2) for guess in (one, other)]
        (p,) = bootstrap_probabilities(sides[0], sides[1:], "accuracy", quietly, seed=5)
        below += p < 0.05
    assert below <= 16
