"""Scores of numbers against numbers: two correlations and two mean errors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

FEWEST_FOR_CORRELATION = 2


def number_scores(truth: np.ndarray, answers: np.ndarray) -> dict[str, float | None]:
    """spearman, pearson, mae and rmse; a correlation is None where one side does not vary.

    Spearman's correlation is Pearson's of the ranks, equal values sharing their mean rank.
    """
    if not len(truth):
        return {"spearman": None, "pearson": None, "mae": None, "rmse": None}
    error = answers.astype(np.float64) - truth
    return {
        "spearman": correlation(ranks(truth), ranks(answers)),
        "pearson": correlation(truth, answers),
        "mae": float(np.abs(error).mean()),
        "rmse": math.sqrt(float(np.square(error).mean())),
    }


def correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Pearson's correlation, from −1 to 1; None where it is not defined."""
    if len(one) < FEWEST_FOR_CORRELATION:
        return None
    centred = [values.astype(np.float64) - values.mean() for values in (one, other)]
    spreads = [math.sqrt(float(values @ values)) for values in centred]
    # What is left of a constant after subtracting its mean is rounding, not a spread.
    tiny = [1e-12 * max(1.0, float(np.abs(values).max())) * math.sqrt(len(values)) for values in (one, other)]
    if any(spread <= least for spread, least in zip(spreads, tiny, strict=True)):
        return None
    return float(np.clip((centred[0] / spreads[0]) @ (centred[1] / spreads[1]), -1.0, 1.0))


def ranks(values: np.ndarray) -> np.ndarray:
    """The rank of each value from 1, equal values sharing the mean of theirs; float64."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    shared: np.ndarray = (last - (counts - 1) / 2)[group.reshape(-1)]
    return shared


class NumberPairs:
    """Truth and answer per row, to be scored again for any selection of rows."""

    def __init__(self, truth: Sequence[float] | np.ndarray, answers: Sequence[float] | np.ndarray) -> None:
        self._truth = np.asarray(truth, dtype=np.float64)
        self._answers = np.asarray(answers, dtype=np.float64)

    def of(self, selection: np.ndarray) -> dict[str, float]:
        """Scores of the rows at these positions; a correlation that cannot be measured there is 0."""
        found = number_scores(self._truth[selection], self._answers[selection])
        return {name: 0.0 if score is None else score for name, score in found.items()}
