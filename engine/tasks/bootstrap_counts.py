"""Scores of any selection of rows from counts per row, cheap enough to be asked a thousand times.

Both tasks keep the counts that their scores are made of, one entry per row; a resample only adds them up.
"""

from __future__ import annotations

import numpy as np

from engine.tasks.entity_scores import EntityCounts, entity_scores, tag_scores
from engine.tasks.text_scores import confusion_scores


class ConfusionCounts:
    """One truth and one answer per row, kept as a cell number of the confusion matrix."""

    def __init__(self, truth: np.ndarray, predicted: np.ndarray, classes: int) -> None:
        self._cells = truth.astype(np.int64) * classes + predicted.astype(np.int64)
        self._classes = classes

    def of(self, selection: np.ndarray) -> dict[str, float]:
        """Scores of the rows at these positions; a score that cannot be measured there is 0."""
        cells = np.bincount(self._cells[selection], minlength=self._classes**2)
        return _measured(confusion_scores(cells.reshape(self._classes, self._classes)))


class SelectedEntities:
    """Found, answered and true entities per row and type, and right words per row."""

    def __init__(self, counts: EntityCounts) -> None:
        types = counts.true.shape[1]
        self._types = types
        self._scores = tag_scores if counts.one_per_word else entity_scores
        self._columns = np.concatenate(
            [counts.found, counts.answered, counts.true, counts.right_words[:, None], counts.words[:, None]], axis=1
        ).astype(np.float64)

    def of(self, selection: np.ndarray) -> dict[str, float]:
        """Scores of the rows at these positions; a score that cannot be measured there is 0."""
        times = np.bincount(selection, minlength=len(self._columns)).astype(np.float64)
        sums = np.rint(times @ self._columns).astype(np.int64)
        found, answered, true = (sums[index * self._types : (index + 1) * self._types] for index in range(3))
        return _measured(self._scores(found, answered, true, right_words=int(sums[-2]), words=int(sums[-1])))


def _measured(scores: dict[str, float | None]) -> dict[str, float]:
    return {name: 0.0 if score is None else score for name, score in scores.items()}
