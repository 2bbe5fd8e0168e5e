"""Curves: scikit-learn's to the last digit."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from engine.calibration import curves
from engine.tasks.further_scores import ClassProbabilityRows, scored


def rows_of(seed: int, rows: int = 400, *, ties: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """True rows and probabilities that follow them; with `ties` only eleven probabilities occur."""
    generator = np.random.default_rng(seed)
    positive = generator.random(rows) < 0.3
    likely = 1 / (1 + np.exp(-(generator.normal(size=rows) * 1.5 + 2 * positive - 1)))
    return positive, np.round(likely, 1) if ties else likely


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_every_curve_is_that_of_scikit_learn(seed: int, ties: bool) -> None:
    positive, likely = rows_of(seed, ties=ties)
    counts = curves.ranked(positive, likely)
    expected = metrics.precision_recall_curve(positive, likely)
    for ours, theirs in zip(curves.precision_recall(counts), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    expected = metrics.roc_curve(positive, likely, drop_intermediate=False)
    for ours, theirs in zip(curves.roc(counts), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert curves.average_precision(counts) == metrics.average_precision_score(positive, likely)
    assert curves.roc_area(counts) == metrics.auc(*metrics.roc_curve(positive, likely, drop_intermediate=False)[:2])
    assert curves.roc_area(counts) == pytest.approx(metrics.roc_auc_score(positive, likely), rel=1e-15)


@pytest.mark.parametrize("bins", [5, 15])
def test_the_reliability_diagram_is_that_of_scikit_learn(bins: int) -> None:
    positive, likely = rows_of(3)
    found = curves.reliability(likely, positive, bins=bins)
    share_right, probability = calibration_curve(positive, likely, n_bins=bins, strategy="uniform")
    np.testing.assert_array_equal(found.share_right, share_right)
    np.testing.assert_array_equal(found.probability, probability)
    assert found.decisions.sum() == len(positive)


def test_the_calibration_error_is_the_one_of_the_report() -> None:
    generator = np.random.default_rng(4)
    logits = generator.normal(size=(300, 4)).astype(np.float32) * 2
    truth = generator.integers(0, 4, size=300)
    wide = np.exp(logits.astype(np.float64))
    likely = wide / wide.sum(axis=1, keepdims=True)
    found = curves.reliability(likely.max(axis=1), likely.argmax(axis=1) == truth)
    of_report = scored(ClassProbabilityRows(truth, logits)).scores["calibration_error"]
    assert found.error == pytest.approx(of_report, rel=1e-12)


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.5, 0.7, 1.0])
def test_figures_at_a_threshold_are_those_of_the_predictions(threshold: float) -> None:
    positive, likely = rows_of(5, ties=True)
    found = curves.figures_at(
        curves.ranked(positive, likely), threshold, false_positive_cost=2.0, false_negative_cost=7.0
    )
    predicted = likely >= threshold
    (true_negatives, false_positives), (false_negatives, true_positives) = metrics.confusion_matrix(positive, predicted)
    counted = found.true_negatives, found.false_positives, found.false_negatives, found.true_positives
    assert counted == (true_negatives, false_positives, false_negatives, true_positives)
    assert found.precision == metrics.precision_score(positive, predicted)
    assert found.recall == metrics.recall_score(positive, predicted)
    assert found.f1 == pytest.approx(metrics.f1_score(positive, predicted), rel=1e-15)
    assert found.cost == 2 * false_positives + 7 * false_negatives


def test_a_threshold_that_no_row_reaches_has_no_precision() -> None:
    positive, likely = rows_of(6)
    found = curves.figures_at(curves.ranked(positive, likely), 1.0)
    assert (found.true_positives, found.false_positives, found.precision, found.recall) == (0, 0, None, 0.0)


@pytest.mark.parametrize("costs", [(1.0, 1.0), (1.0, 10.0), (10.0, 1.0), (1.0, 0.0)])
def test_no_threshold_costs_less_than_the_cheapest(costs: tuple[float, float]) -> None:
    positive, likely = rows_of(7)
    counts = curves.ranked(positive, likely)
    best = curves.cheapest_threshold(counts, *costs)
    assert 0.0 <= best <= 1.0
    figures = [
        curves.figures_at(counts, threshold, false_positive_cost=costs[0], false_negative_cost=costs[1]).cost
        for threshold in (*likely, best, 0.0, 1.0)
    ]
    assert figures[-3] == min(figures)


def test_the_curve_of_coverage_and_accuracy_counts_the_most_confident_rows_first() -> None:
    right, confidence = rows_of(8, ties=True)
    covered, accuracy, least = curves.coverage_accuracy(confidence, right)
    for share, exact, threshold in zip(covered, accuracy, least, strict=True):
        answered = confidence >= threshold
        assert share == answered.mean()
        assert exact == pytest.approx(right[answered].mean(), rel=1e-15)
    assert covered[-1] == 1.0


def test_a_class_without_rows_has_no_curve() -> None:
    counts = curves.ranked(np.zeros(5, dtype=bool), np.linspace(0.1, 0.9, 5))
    assert np.isnan(curves.average_precision(counts))
    assert np.isnan(curves.roc_area(counts))
    assert curves.figures_at(counts, 0.5).recall is None


def test_a_long_curve_is_drawn_with_few_points_and_both_ends() -> None:
    positive, likely = rows_of(9, rows=50_000)
    false, true, _ = curves.roc(curves.ranked(positive, likely))
    drawn = curves.thinned(false, true)
    assert len(drawn.x) <= curves.MOST_POINTS + 2
    assert (drawn.x[0], drawn.y[0], drawn.x[-1], drawn.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert np.abs(np.interp(false, drawn.x, drawn.y) - true).max() < 0.01
