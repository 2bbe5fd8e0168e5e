"""Paired tests: the p of each is what counting all cases, SciPy or the rows themselves give."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from engine.contract.events import Event
from engine.contract.states import PairedTest, ScoreDifference
from engine.evaluating.differences import score_differences
from engine.evaluating.paired_tests import (
    holm,
    mcnemar,
    paired_tests,
    probability_of,
    right_rows,
)
from engine.tasks.scores import (
    NumberRows,
    ScoredRows,
    confusion_matrix,
    confusion_rows,
    confusion_scores,
    number_scores,
)


def quietly(_event: Event) -> None:
    """Ignores events."""


def scored(truth: np.ndarray, predicted: np.ndarray) -> ScoredRows:
    return ScoredRows(confusion_scores(confusion_matrix(truth, predicted, 2)), confusion_rows(truth, predicted, 2))


def the_test_of(model: ScoredRows, other: ScoredRows, headline: str) -> PairedTest:
    others = {"other": other}
    return paired_tests(model, others, score_differences(model, others, headline, quietly, seed=1))["other"]


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
    found = the_test_of(scored(truth, good), scored(truth, bad), "macro_f1")
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
    found = paired_tests(*methods, {"other": difference})
    assert found["other"].p == pytest.approx(p)


def test_the_same_answers_differ_by_nothing() -> None:
    truth = np.tile([0, 1], 30)
    guess = np.where(np.arange(60) < 20, 1 - truth, truth)
    found = the_test_of(scored(truth, guess), scored(truth, guess), "accuracy")
    assert (found.mcnemar_p, found.p, found.adjusted_p) == (1.0, 1.0, 1.0)


def test_numbers_are_compared_by_their_score_alone() -> None:
    generator = np.random.default_rng(3)
    truth = generator.normal(size=80)
    sides = [truth + generator.normal(0, spread, 80) for spread in (0.1, 2.0)]
    model, other = (ScoredRows(number_scores(truth, side), NumberRows(truth, side)) for side in sides)
    assert right_rows(model.rows) is None
    found = the_test_of(model, other, "spearman")
    assert found.mcnemar_p is None
    assert found.p < 0.01
