"""The output of the frozen layers for the rows of a split, read from a file as it is needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch


class FeatureFile:
    """A file of (positions, hidden) numbers, row after row: all positions of a row, or its first one only."""

    def __init__(
        self, path: Path, lengths: np.ndarray, *, hidden: int, kind: np.dtype[np.floating], first_only: bool
    ) -> None:
        self._lengths = np.ones_like(lengths) if first_only else lengths
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._first_only = first_only
        shape = (int(self._lengths.sum()), hidden)
        # An empty file cannot be mapped.
        self._values = np.memmap(path, dtype=kind, mode="r", shape=shape) if shape[0] else np.zeros(shape, dtype=kind)

    def of(self, rows: np.ndarray, length: int) -> torch.Tensor:
        """The features of these rows, (rows, length, hidden), zeros after the end of a row.

        Where the file holds first positions only, (rows, 1, hidden).
        """
        length = 1 if self._first_only else length
        features = np.zeros((len(rows), length, self._values.shape[1]), dtype=self._values.dtype)
        for place, row in enumerate(rows.tolist()):
            start, kept = self._starts[row], self._lengths[row]
            features[place, :kept] = self._values[start : start + kept]
        return torch.from_numpy(features)
