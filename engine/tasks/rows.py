"""Rows in the three forms in which tasks and training exchange them: as read, encoded, and predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Rows = Mapping[str, Sequence[Any]]  # canonical rows by column, as `datasets` passes a batch to `map`
Features = Sequence[Mapping[str, Any]]  # encoded rows: input_ids, and the task's labels


def line_of(row: Mapping[str, Any], number: int) -> int:
    """What the user's editor calls a prepared row; its number where it was prepared by 0.1.0."""
    return int(row.get("line") or number)


class WordsOfRow(NamedTuple):
    """How the tokens of a row represent its words.

    `labels` (words,) int64 are those of all its words; `tokens` (words,) the positions of the tokens whose predictions
    are theirs, −1 for words beyond the maximum length and for entities that no tokens represent alone. `read` are the
    positions of the tokens from which entities are decoded, in their order. `cut_inside` means that the maximum length
    cuts an entity off within its last word, which is the first of those without a token: part of a name is no name.
    """

    labels: np.ndarray
    tokens: np.ndarray
    read: np.ndarray
    cut_inside: bool = False


class Outputs:
    """Logits of many rows with their labels, in the order of the rows.

    `logits` and `labels` have one entry per row: for one label per row shapes (classes,) and (); for one label per
    token (length, classes) and (length,), special tokens included (label -100); for any number of labels per row
    (labels,) twice; for a number (1,) and () float32. `words` holds, by position in `rows`, how tokens represent words;
    in a row without an entry every token with a label is a word.
    """

    def __init__(
        self,
        logits: list[np.ndarray],
        labels: list[np.ndarray],
        rows: list[int],
        words: Mapping[int, WordsOfRow] | None = None,
    ) -> None:
        self.logits = logits  # float32
        self.labels = labels  # int64, of numbers float32
        self.rows = rows  # number in the file, from 1
        self.words = words or {}
