"""Rows in the three forms in which tasks and training exchange them: as read, encoded, and predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Rows = Mapping[str, Sequence[Any]]  # canonical rows by column, as `datasets` passes a batch to `map`
Features = Sequence[Mapping[str, Any]]  # encoded rows: input_ids, and the task's labels


class Outputs:
    """Logits of many rows with their labels, in the order of the rows.

    `logits` and `labels` have one entry per row: for one label per row shapes (classes,) and (); for one label per
    token (length, classes) and (length,), special tokens and all tokens of a word but its first included (label -100);
    for any number of labels per row (labels,) twice; for a number (1,) and () float32. `unread` holds, by position in
    `rows`, the labels (words,) int64 of words beyond the maximum length, which the network has not read.
    """

    def __init__(
        self,
        logits: list[np.ndarray],
        labels: list[np.ndarray],
        rows: list[int],
        unread: Mapping[int, np.ndarray] | None = None,
    ) -> None:
        self.logits = logits  # float32
        self.labels = labels  # int64, of numbers float32
        self.rows = rows  # number in the file, from 1
        self.unread = unread or {}
