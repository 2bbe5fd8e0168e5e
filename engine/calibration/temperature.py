"""Temperature scaling (Guo et al. 2017): logits are divided by one number, so that probabilities are as often right.

The order of a row's probabilities, and with it the prediction, stays. It is fitted by the log loss of rows that chose
nothing else, in the range that methods of this kind need; with few rows it is not fitted at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = 0.05, 20.0
FEWEST_ROWS = 100
STEPS = 60  # of the golden section: far below the last digit that is kept
DIGITS = 4  # of the temperature that is kept
_GOLDEN = (5**0.5 - 1) / 2

Logits = NDArray[np.floating]


def fitted_temperature(logits: Logits, truth: NDArray[np.int64]) -> float | None:
    """The temperature with the least log loss, or None below 100 rows.

    `logits` (rows, labels); `truth` (rows,) are classes, or (rows, labels) 0 and 1 where each label is decided alone.
    """
    if len(logits) < FEWEST_ROWS:
        return None
    wide = logits.astype(np.float64)
    low, high = np.log(LOWEST), np.log(HIGHEST)
    # The loss is convex in 1 / T and so has one valley in log T.
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = (log_loss(wide / np.exp(place), truth) for place in (left, right))
    for _ in range(STEPS):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = log_loss(wide / np.exp(left), truth)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = log_loss(wide / np.exp(right), truth)
    return round(float(np.exp((low + high) / 2)), DIGITS)


def log_loss(logits: Logits, truth: NDArray[np.int64]) -> float:
    """The mean log loss in nats, of rows with one class or of decisions about each label."""
    if truth.ndim == 2:
        return float(np.logaddexp(0.0, np.where(truth == 1, -logits, logits)).mean())
    highest = logits.max(axis=1)
    total = np.log(np.exp(logits - highest[:, None]).sum(axis=1)) + highest
    return float((total - logits[np.arange(len(truth)), truth]).mean())


def class_probabilities(logits: Logits, temperature: float = 1.0) -> NDArray[np.float64]:
    """Softmax (rows, classes) in double precision."""
    wide = logits.astype(np.float64) / temperature
    risen = np.exp(wide - wide.max(axis=1, keepdims=True))
    result: NDArray[np.float64] = risen / risen.sum(axis=1, keepdims=True)
    return result


def label_probabilities(logits: Logits, temperature: float = 1.0) -> NDArray[np.float64]:
    """Sigmoid (rows, labels) in double precision."""
    result: NDArray[np.float64] = np.exp(-np.logaddexp(0.0, -logits.astype(np.float64) / temperature))
    return result


def cut_at_temperature(threshold: float, temperature: float) -> float:
    """The probability of the same logit once logits are divided by the temperature."""
    return float(1 / (1 + ((1 - threshold) / threshold) ** (1 / temperature)))
