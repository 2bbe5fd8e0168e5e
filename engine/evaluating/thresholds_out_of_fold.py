"""Thresholds of several labels from cross-validated answers, where validation rows were too few to fit them on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from engine.tasks.rows import Outputs

USUAL = 0.5

Fit = Callable[[Outputs, Sequence[str]], dict[str, float]]


def thresholds_out_of_fold(
    outputs: Outputs, folds: np.ndarray, fit: Fit, label_names: Sequence[str]
) -> tuple[dict[str, float], Outputs]:
    """What `fit` gives of the answers for all rows, and the answers as if each fold had the thresholds of the others.

    These are logits that are moved, so that the thresholds of all rows decide for a row as those that were fitted
    without its fold: no row that is scored has a part in its own threshold. `folds` is (rows,) int64; the thresholds
    are empty, and the answers as given, where nothing is fitted.
    """
    thresholds = fit(outputs, label_names)
    if not thresholds:
        return {}, outputs
    whole = _log_odds(thresholds, label_names)
    moved = [np.asarray(row) for row in outputs.logits]
    for fold in np.unique(folds):
        others = np.flatnonzero(folds != fold)
        own = _log_odds(fit(_of_rows(outputs, others), label_names), label_names)
        for place in np.flatnonzero(folds == fold):
            moved[place] = (moved[place] - own + whole).astype(moved[place].dtype)
    return thresholds, Outputs(moved, outputs.labels, outputs.rows)


def _of_rows(outputs: Outputs, places: np.ndarray) -> Outputs:
    logits, labels = ([values[place] for place in places] for values in (outputs.logits, outputs.labels))
    return Outputs(logits, labels, [outputs.rows[place] for place in places])


def _log_odds(thresholds: Mapping[str, float], label_names: Sequence[str]) -> np.ndarray:
    """Of the threshold of each label, (labels,) float64."""
    cuts = np.asarray([thresholds.get(name, USUAL) for name in label_names])
    return np.asarray(np.log(cuts / (1 - cuts)))
