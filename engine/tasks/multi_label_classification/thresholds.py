"""From which probability on each label is given, fitted on validation rows.

A probability of 0.5 is the right cut for a calibrated network and the accuracy of a label; F1 of rare labels has its
best cut far below (Lipton et al. 2014). A label's own cut is fitted where enough validation rows have it, one cut for
all others; and only if rows that had no part in the fit gain from it.
"""

from __future__ import annotations

import numpy as np

USUAL = 0.5
FEWEST_ROWS = 30  # validation rows, below which all labels keep the usual threshold
MOST_ROWS = 5_000  # to fit on, so that fitting takes well under a second
FEWEST_OF_A_LABEL = 10  # rows with the label, and without, below which it has no threshold of its own
LEAST_GAIN = 0.005  # micro F1 on rows that had no part in the fit
FOLDS = 5
GRID = np.round(np.arange(0.05, 0.951, 0.01), 2)


def fitted_thresholds(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray | None:
    """A threshold for each label, (labels,) float64, or None where 0.5 for all is as good.

    `probabilities` (rows, labels), `truth` (rows, labels) bool. Of thresholds for each label, one for all, and 0.5, the
    first is taken that reaches the best micro F1 in cross-validation; equal for equal rows.
    """
    if len(truth) < FEWEST_ROWS or not truth.any():
        return None
    if len(truth) > MOST_ROWS:
        chosen = np.random.Generator(np.random.PCG64(0)).choice(len(truth), MOST_ROWS, replace=False)
        probabilities, truth = probabilities[chosen], truth[chosen]
    folds = np.random.Generator(np.random.PCG64(0)).permutation(len(truth)) % FOLDS
    usual = np.full(truth.shape[1], USUAL)
    reached = {"usual": _micro_f1(probabilities >= usual, truth)}
    for name, fit in (("shared", _shared), ("own", _own)):
        predicted = np.zeros_like(truth)
        for fold in range(FOLDS):
            held_out = folds == fold
            cuts = fit(probabilities[~held_out], truth[~held_out])
            predicted[held_out] = probabilities[held_out] >= cuts
        reached[name] = _micro_f1(predicted, truth)
    if max(reached.values()) < reached["usual"] + LEAST_GAIN:
        return None
    return _own(probabilities, truth) if reached["own"] > reached["shared"] else _shared(probabilities, truth)


def _shared(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The threshold for all labels with the best micro F1; the middle one of equals."""
    scores = [_micro_f1(probabilities >= cut, truth) for cut in GRID]
    return np.full(truth.shape[1], _middle_of_best(np.asarray(scores)))


def _own(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The threshold with the best F1 of each label that occurs often enough, the shared one for the others."""
    cuts = _shared(probabilities, truth)
    positives = truth.sum(axis=0)
    for label in np.flatnonzero((positives >= FEWEST_OF_A_LABEL) & (len(truth) - positives >= FEWEST_OF_A_LABEL)):
        given = probabilities[:, label, None] >= GRID[None, :]
        right = (given & truth[:, label, None]).sum(axis=0)
        cuts[label] = _middle_of_best(2 * right / (given.sum(axis=0) + positives[label]))
    return cuts


def _middle_of_best(scores: np.ndarray) -> float:
    best = np.flatnonzero(scores >= scores.max() - 1e-12)
    return float(GRID[best[len(best) // 2]])


def _micro_f1(predicted: np.ndarray, truth: np.ndarray) -> float:
    right, given = int((predicted & truth).sum()), int(predicted.sum()) + int(truth.sum())
    return 2 * right / max(1, given)
