"""Scores of sets of labels: over all decisions, over the labels, over the rows."""

from __future__ import annotations

import numpy as np

from engine.states import ClassScores
from engine.tasks.text_scores import counted_scores


def label_set_scores(truth: np.ndarray, answers: np.ndarray) -> dict[str, float | None]:
    """micro_f1, macro_f1 and subset_accuracy of two (rows, labels) bool arrays; None where there are no rows.

    The macro mean goes over the labels that occur in the truth or in the answers. Micro F1 is 1 where no row has a
    label and none is answered: every decision is right.
    """
    rows = len(truth)
    return _scores(
        (truth & answers).sum(axis=0),
        answers.sum(axis=0),
        truth.sum(axis=0),
        whole=int((truth == answers).all(axis=1).sum()) if rows else 0,
        rows=rows,
    )


def scores_per_label(truth: np.ndarray, answers: np.ndarray, label_names: tuple[str, ...]) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each label."""
    return tuple(
        counted_scores(
            name,
            int((truth[:, index] & answers[:, index]).sum()),
            int(answers[:, index].sum()),
            int(truth[:, index].sum()),
        )
        for index, name in enumerate(label_names)
    )


class SelectedLabelSets:
    """True and answered labels per row, to be scored again for any selection of rows."""

    def __init__(self, truth: np.ndarray, answers: np.ndarray) -> None:
        self._labels = truth.shape[1]
        self._columns = np.concatenate(
            [truth & answers, answers, truth, (truth == answers).all(axis=1, keepdims=True)], axis=1
        ).astype(np.float64)

    def of(self, selection: np.ndarray) -> dict[str, float]:
        """Scores of the rows at these positions; a score that cannot be measured there is 0."""
        times = np.bincount(selection, minlength=len(self._columns)).astype(np.float64)
        sums = np.rint(times @ self._columns).astype(np.int64)
        found, answered, true = (sums[index * self._labels : (index + 1) * self._labels] for index in range(3))
        scores = _scores(found, answered, true, whole=int(sums[-1]), rows=len(selection))
        return {name: 0.0 if score is None else score for name, score in scores.items()}


def _scores(
    found: np.ndarray, answered: np.ndarray, true: np.ndarray, *, whole: int, rows: int
) -> dict[str, float | None]:
    if not rows:
        return {"micro_f1": None, "macro_f1": None, "subset_accuracy": None}
    marked = answered + true
    occurring = marked > 0
    return {
        "micro_f1": float(2 * found.sum() / marked.sum()) if marked.sum() else 1.0,
        "macro_f1": float((2 * found[occurring] / marked[occurring]).mean()) if occurring.any() else 1.0,
        "subset_accuracy": whole / rows,
    }
