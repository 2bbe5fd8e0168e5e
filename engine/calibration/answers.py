"""Answers of many rows at once, from their probabilities: thresholds, sets of possible labels, "don't know".

As `Task.prediction_of` and `UnsureRule` answer one row, which `tests/engine/test_calibrated_answers.py` compares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.contract.calibration import UnsureRule

Probabilities = NDArray[np.floating]  # (rows, classes)


def predicted_classes(
    likely: Probabilities, label_names: Sequence[str], thresholds: Mapping[str, float]
) -> NDArray[np.int64]:
    """The class (rows,) of each row.

    A class with a threshold is predicted from there on, and else the likeliest of the others; of several such classes
    the likeliest one.
    """
    known = [index for index, name in enumerate(label_names) if name in thresholds]
    if not known:
        return np.asarray(likely.argmax(axis=1), dtype=np.int64)
    reached = likely[:, known] >= np.asarray([thresholds[label_names[index]] for index in known])
    ranks = likely.astype(np.float64)
    ranks[:, known] += np.where(reached, 1, -2)
    return np.asarray(ranks.argmax(axis=1), dtype=np.int64)


def cutoffs_of(rule: UnsureRule, label_names: Sequence[str]) -> NDArray[np.float64]:
    """From which probability on each label is possible, (labels,)."""
    return np.asarray([rule.label_cutoffs.get(name, rule.cutoff) for name in label_names], dtype=np.float64)


def unsure_rows(
    rule: UnsureRule, label_names: Sequence[str], likely: Probabilities, predicted: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which rows (rows,) have "don't know" for an answer."""
    own = np.arange(len(likely))
    if rule.kind == "confidence":
        below: NDArray[np.bool_] = likely[own, predicted] < rule.least_confidence
        return below
    sets = likely >= cutoffs_of(rule, label_names)
    unsure: NDArray[np.bool_] = (sets.sum(axis=1) != 1) | ~sets[own, predicted]
    return unsure
