"""The training rows that read most like another row, by the cosine of what the untouched encoder makes of both."""

from __future__ import annotations

import numpy as np

from engine.contract.diagnoses import NearRow
from engine.diagnosing.row_features import RowFeatures, Rows, shown_labels

LONGEST_TEXT = 160  # characters


class NearestRows:
    """Finds the nearest among the training rows."""

    def __init__(self, found: RowFeatures) -> None:
        self._rows = found.rows
        self._mean = found.features.mean(axis=0)
        self._directions = _directions(found.features - self._mean)
        self._training = np.flatnonzero([place.split == "train" for place in found.rows.places])

    def of(self, position: int, number: int) -> tuple[NearRow, ...]:
        """The nearest training rows of the row at this position, without itself."""
        return self._nearest(self._directions[position], number, without=position)

    def of_features(self, features: np.ndarray, number: int) -> tuple[NearRow, ...]:
        """The nearest training rows of a text with these features (width,)."""
        return self._nearest(_directions((features - self._mean)[None])[0], number)

    def _nearest(self, direction: np.ndarray, number: int, without: int = -1) -> tuple[NearRow, ...]:
        similarity = self._directions[self._training] @ direction
        similarity[self._training == without] = -np.inf
        nearest = np.argsort(-similarity, kind="stable")[:number]
        return tuple(
            near_row(self._rows, int(self._training[place]), float(similarity[place]))
            for place in nearest.tolist()
            if np.isfinite(similarity[place])
        )


def _directions(features: np.ndarray) -> np.ndarray:
    return np.asarray(features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9))


def near_row(rows: Rows, position: int, similarity: float) -> NearRow:
    """The row at this position as a neighbour of another."""
    row = rows.row(position)
    words = tuple(map(str, row.get("tokens") or ()))
    text = " ".join(words) if words else "\n".join(str(row[name]) for name in ("text", "second_text") if row.get(name))
    return NearRow(rows.places[position].number, text[:LONGEST_TEXT], shown_labels(row), similarity, words)
