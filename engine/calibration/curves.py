"""Curves of a class over all thresholds, from stored probabilities: numpy alone, since a slider asks at each pixel.

Every curve equals scikit-learn's to the last digit: `precision_recall_curve`, `roc_curve` without dropped points,
`average_precision_score`, `roc_auc_score`, `calibration_curve` with bins of equal width.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BINS = 15  # of a reliability diagram, as of the expected calibration error
MOST_POINTS = 600  # of a curve that is drawn; more would lie on the same pixels

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Ranked(NamedTuple):
    """How many rows are at or above each threshold, thresholds falling; all (thresholds,) float64.

    A row is predicted as positive where its probability reaches the threshold. Each probability that occurs is a
    threshold once.
    """

    thresholds: Floats
    true: Floats  # true rows that are predicted
    false: Floats  # other rows that are predicted
    positives: int
    negatives: int


class Figures(NamedTuple):
    """What a threshold makes of the rows; None where there is nothing to divide by."""

    threshold: float
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    precision: float | None
    recall: float | None
    f1: float | None
    cost: float


class Curve(NamedTuple):
    """Points (points,) float64 in the order in which they are joined."""

    x: Floats
    y: Floats


class Reliability(NamedTuple):
    """Bins that hold decisions: mean probability, share of those that are right, and how many there are."""

    probability: Floats
    share_right: Floats
    decisions: NDArray[np.int64]
    error: float  # the expected calibration error, NaN without decisions


def ranked(positive: Bools, probability: Floats) -> Ranked:
    """Counts at each threshold; `positive` (rows,) and `probability` (rows,) float64, at least one row."""
    order = np.argsort(-probability, kind="stable")
    falling = probability[order]
    last = np.concatenate([np.flatnonzero(np.diff(falling)), [len(falling) - 1]])  # of equal probabilities
    true = np.cumsum(positive[order], dtype=np.float64)[last]
    positives = int(positive.sum())
    return Ranked(falling[last], true, 1.0 + last - true, positives, len(positive) - positives)


def precision_recall(counts: Ranked) -> tuple[Floats, Floats, Floats]:
    """Precision and recall (thresholds + 1,), thresholds rising; the last point has a precision of 1 and no recall."""
    precision = counts.true / (counts.true + counts.false)
    recall = counts.true / counts.positives if counts.positives else np.ones_like(precision)
    return np.append(precision[::-1], 1.0), np.append(recall[::-1], 0.0), counts.thresholds[::-1]


def roc(counts: Ranked) -> tuple[Floats, Floats, Floats]:
    """False and true positive rate (thresholds + 1,), thresholds falling from infinity; NaN where it has no rows."""
    false, true = (np.concatenate([[0.0], side]) for side in (counts.false, counts.true))
    nothing = np.full(len(false), np.nan)
    return (
        false / counts.negatives if counts.negatives else nothing,
        true / counts.positives if counts.positives else nothing,
        np.concatenate([[np.inf], counts.thresholds]),
    )


def average_precision(counts: Ranked) -> float:
    """The sum of precision times gained recall; NaN without a positive row."""
    if not counts.positives:
        return float("nan")
    precision, recall, _ = precision_recall(counts)
    return float(max(0.0, -np.sum(np.diff(recall) * precision[:-1])))


def roc_area(counts: Ranked) -> float:
    """The area below the ROC curve; NaN where rows of one kind are missing."""
    false, true, _ = roc(counts)
    return float(np.trapezoid(true, false))


def figures_at(
    counts: Ranked, threshold: float, *, false_positive_cost: float = 1.0, false_negative_cost: float = 1.0
) -> Figures:
    """What this threshold makes of the rows, and what its errors cost together."""
    reached = int(np.searchsorted(-counts.thresholds, -threshold, side="right"))  # thresholds that are not below it
    true = int(counts.true[reached - 1]) if reached else 0
    false = int(counts.false[reached - 1]) if reached else 0
    missed = counts.positives - true
    return Figures(
        threshold=threshold,
        true_positives=true,
        false_positives=false,
        false_negatives=missed,
        true_negatives=counts.negatives - false,
        precision=true / (true + false) if true + false else None,
        recall=true / counts.positives if counts.positives else None,
        f1=2 * true / (2 * true + false + missed) if counts.positives or false else None,
        cost=false * false_positive_cost + missed * false_negative_cost,
    )


def cheapest_threshold(counts: Ranked, false_positive_cost: float, false_negative_cost: float) -> float:
    """The threshold whose errors cost least, in the middle between two probabilities; of equals the one nearest 0.5."""
    true, false = (np.concatenate([[0.0], side]) for side in (counts.true, counts.false))
    costs = false * false_positive_cost + (counts.positives - true) * false_negative_cost
    # Between the last probability that reaches it and the first that does not; above all and below all, the ends.
    sides = np.concatenate([[1.0], counts.thresholds, [0.0]])
    middles = (sides[:-1] + sides[1:]) / 2
    best = np.flatnonzero(costs <= costs.min() + 1e-9 * max(1.0, abs(float(costs.min()))))
    return float(middles[best[np.argmin(np.abs(middles[best] - 0.5))]])


def reliability(probability: Floats, right: Bools, *, bins: int = BINS) -> Reliability:
    """How often decisions of about the same probability are right; both (decisions,)."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    places = np.searchsorted(edges[1:-1], probability)
    count = np.bincount(places, minlength=bins)
    sums = np.bincount(places, weights=probability, minlength=bins)
    true = np.bincount(places, weights=right, minlength=bins)
    filled = count > 0
    error = float(np.abs(sums - true).sum() / len(probability)) if len(probability) else float("nan")
    return Reliability(sums[filled] / count[filled], true[filled] / count[filled], count[filled], error)


def coverage_accuracy(confidence: Floats, right: Bools) -> tuple[Floats, Floats, Floats]:
    """Share of rows that are answered, accuracy of these, and the least confidence that is answered, falling.

    All (thresholds,) float64: rows of equal confidence are answered together.
    """
    counts = ranked(right, confidence)
    answered = counts.true + counts.false
    return answered / len(confidence), counts.true / answered, counts.thresholds


def thinned(x: Floats, y: Floats, most: int = MOST_POINTS) -> Curve:
    """At most about so many points, evenly along the drawn curve, both ends and each corner of an even step kept."""
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if len(x) <= most:
        return Curve(x, y)
    length = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    wanted = np.linspace(0.0, length[-1], most)
    places = np.unique(np.concatenate([[0], np.searchsorted(length, wanted), [len(x) - 1]]).clip(0, len(x) - 1))
    return Curve(x[places], y[places])
