"""Which labels are probably wrong, from probabilities of models that did not learn the rows they are of.

Confident learning (Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels",
JAIR 70): a row counts as one of another class where its probability there reaches what rows labelled so have on
average. Rows are ordered by their margin, the probability of the label they have less that of the likeliest other one,
which of the orders in that paper finds flips to the nearest class best (tests/benchmarks/label_errors.py). Uses arrays
only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Suspicion(NamedTuple):
    """One entry per row: `margin` is low where the label is doubtful, `other` the likeliest label that it has not.

    `is_confident` marks rows that confident learning counts as of another class, `expected` estimates how many of all
    rows are labelled wrong.
    """

    margin: np.ndarray  # (rows,) float64 from −1 to 1
    other: np.ndarray  # (rows,) int64
    is_confident: np.ndarray  # (rows,) bool
    expected: float


def suspicion(probabilities: np.ndarray, labels: np.ndarray) -> Suspicion:
    """From out-of-sample probabilities (rows, classes) and the labels (rows,) that the rows have."""
    rows, classes = probabilities.shape
    places = np.arange(rows)
    own = probabilities[places, labels]
    others = probabilities.copy()
    others[places, labels] = -1.0
    other = others.argmax(axis=1)
    joint, counted = confident_joint(probabilities, labels)
    calibrated = calibrated_joint(joint, np.bincount(labels, minlength=classes))
    expected = float(calibrated.sum() - np.trace(calibrated))
    return Suspicion(own - others[places, other], other, (counted >= 0) & (counted != labels), expected)


def thresholds(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(classes,): the mean probability of a class in the rows labelled so; infinite where there is none."""
    classes = probabilities.shape[1]
    counts = np.bincount(labels, minlength=classes)
    sums = np.bincount(labels, weights=probabilities[np.arange(len(labels)), labels], minlength=classes)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)


def confident_joint(probabilities: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts (classes, classes) of rows by their label and by the class they are counted as, and the latter (rows,).

    A row is counted as the likeliest of the classes whose threshold it reaches; −1 where it reaches none.
    """
    classes = probabilities.shape[1]
    reached = probabilities >= thresholds(probabilities, labels) - 1e-12
    counted = np.where(reached.any(axis=1), np.where(reached, probabilities, -1.0).argmax(axis=1), -1)
    known = counted >= 0
    joint = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(joint, (labels[known], counted[known]), 1)
    return joint, counted


def calibrated_joint(joint: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The joint scaled so that each label has as many rows as there are (equation 2 of the paper), float64."""
    sums = joint.sum(axis=1, keepdims=True)
    spread = np.where(sums > 0, joint / np.maximum(sums, 1), np.eye(len(joint)))
    return np.asarray(spread * counts[:, None])
