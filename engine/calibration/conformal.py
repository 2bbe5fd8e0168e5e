"""Sets of labels with a promised coverage, by split conformal prediction with LAC (Sadinle, Lei and Wasserman 2019).

A label is in the set of a row where its probability reaches a cutoff. From n calibration rows that chose nothing else
the cutoff is that of rank ⌈(n + 1)(1 − α)⌉ of what is missing to the true label's probability: the set of a further row
then holds its true label with a probability of at least 1 − α. Over finitely many test rows the share of such sets is
beta-binomial (arXiv 2303.02770), which `coverage_band` is a range of.

Rows that have also chosen the best of several checkpoints flatter it, and with it the coverage, by up to four points on
100 rows: `coverage_to_aim_at` is higher by at least as much, so that the promise is kept.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

# Rows of a class that its own cutoff may leave out. From fewer a single wrong label makes the cutoff so low that the
# class is in nearly every set (113 tickets, 8 labels with 9 to 12 calibration rows each: no row had a single label).
FEWEST_LEFT_OUT = 5
MOST_DIFFERENT = 0.85  # of the standard error: evaluations of one run have the rest in common (docs/measured.md)
HALVES_SEED = 0  # equal rows are halved in the same way, in the engine and in the window
Floats = NDArray[np.float64]


def fewest_rows(coverage: float) -> int:
    """Calibration rows below which no cutoff promises this coverage: ⌈1 / α⌉ − 1."""
    return math.ceil(1 / (1 - coverage) - 1e-9) - 1


def fewest_rows_of_a_class(coverage: float) -> int:
    """Calibration rows of a class below which it shares the cutoff of all."""
    return math.ceil(FEWEST_LEFT_OUT / (1 - coverage) - 1e-9)


def calibration_halves(rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of rows that fit a temperature, and of those that give cutoffs at this temperature, both rising.

    Of all validation rows the same halves are those that choose a checkpoint and those that are kept apart from it.
    """
    order = np.random.Generator(np.random.PCG64(HALVES_SEED)).permutation(rows)
    return np.sort(order[: rows // 2]), np.sort(order[rows // 2 :])


def cutoff(true_probability: Floats, coverage: float) -> float:
    """From which probability on a label is in the set; 0, so that all are, where rows are too few.

    `true_probability` (rows,) is what each calibration row's true label was given.
    """
    rank = _rank(len(true_probability), coverage)
    if rank > len(true_probability):
        return 0.0
    return float(np.sort(true_probability)[len(true_probability) - rank])


def class_cutoffs(probabilities: Floats, truth: NDArray[np.int64], coverage: float) -> dict[int, float]:
    """Cutoffs of the classes that have rows enough for one of their own, by class.

    `probabilities` (rows, classes), `truth` (rows,). With them the promise holds for the rows of each such class.
    """
    found = {}
    for one in range(probabilities.shape[1]):
        own = probabilities[truth == one, one]
        if len(own) >= fewest_rows_of_a_class(coverage):
            found[one] = cutoff(own, coverage)
    return found


def coverage_to_aim_at(
    probabilities: Floats, truth: NDArray[np.int64], coverage: float, *, evaluations: int, rows: int
) -> float:
    """What coverage to look for where these rows are some of `rows` that chose the best of so many evaluations.

    The best of k equally accurate ones seems better by the largest of k normal deviates (Blom 1958) times the standard
    error of its accuracy, of the part in which evaluations differ; the coverage by as much as rows that are right are
    more often covered than others. `probabilities` (rows, classes), `truth` (rows,).
    """
    if evaluations < 2 or not len(truth):
        return coverage
    right = (probabilities.argmax(axis=1) == truth).astype(np.float64)
    own = probabilities[np.arange(len(truth)), truth]
    covered = (own >= cutoff(own, coverage)).astype(np.float64)
    spread = float(right.std())
    if not spread:
        return coverage
    largest = MOST_DIFFERENT * NormalDist().inv_cdf((evaluations - 0.375) / (evaluations + 0.25))
    slope = float(((right - right.mean()) * (covered - covered.mean())).mean()) / spread**2
    return min(coverage + max(0.0, slope) * largest * spread / math.sqrt(rows), 1 - 1 / (len(truth) + 1))


def label_sets(probabilities: Floats, cutoffs: Floats) -> NDArray[np.bool_]:
    """Which labels are in the set of each row: (rows, classes) bool; `cutoffs` (classes,)."""
    result: NDArray[np.bool_] = probabilities >= cutoffs
    return result


def coverage_band(
    calibration_rows: int, test_rows: int, coverage: float, *, share: float = 0.95
) -> tuple[float, float]:
    """Between which shares of test rows whose set holds the true label the middle `share` of all draws is."""
    rank = min(_rank(calibration_rows, coverage), calibration_rows)
    first, second = rank, calibration_rows + 1 - rank
    counts = np.arange(test_rows, dtype=np.float64)
    # The chance of one row more, relative to the one before: gamma functions one by one take seconds for 200,000 rows.
    rises = np.log(test_rows - counts) - np.log(counts + 1)
    rises += np.log(counts + first) - np.log(test_rows - counts - 1 + second)
    none = _log_beta(first, test_rows + second) - _log_beta(first, second)
    log_chance = none + np.concatenate([[0.0], np.cumsum(rises)])
    below = np.cumsum(np.exp(log_chance))
    low = int(np.searchsorted(below, (1 - share) / 2))
    high = int(np.searchsorted(below, 1 - (1 - share) / 2))
    return low / test_rows, min(high, test_rows) / test_rows


def _rank(rows: int, coverage: float) -> int:
    return math.ceil((rows + 1) * coverage - 1e-9)


def _log_beta(first: float, second: float) -> float:
    return math.lgamma(first) + math.lgamma(second) - math.lgamma(first + second)
