"""What every check is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.contract.findings import Offer, Severity
from engine.contract.sentences import Sentence
from engine.contract.settings import SplitName
from engine.contract.states import ModelHandle
from engine.contract.text_parsing import full_text
from engine.preparing.rows.collecting import Collected, rows_at
from engine.preparing.rows.near_duplicates import NearDuplicates
from engine.tasks.task import Task

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

NO_ROWS = np.zeros(0, dtype=np.int64)


class Loaded(NamedTuple):
    """The model that is to read the rows, and its tokenizer."""

    model: ModelHandle
    tokenizer: PreTrainedTokenizerBase


class CheckContext(NamedTuple):
    """The rows as they are used: `assignment` (rows,) int8 is the index into `splits`, negative where a row is not.

    `given` are the splits that have a file of their own, `files` the split of each file. Without a model (`loaded`) the
    checks that are about it find nothing.
    """

    collected: Collected
    assignment: np.ndarray
    splits: Sequence[SplitName]
    given: Sequence[SplitName]
    files: Sequence[SplitName]
    near: NearDuplicates
    task: Task
    loaded: Loaded | None

    @property
    def used(self) -> np.ndarray:
        """Which rows are used; (rows,) bool."""
        mask: np.ndarray = self.assignment >= 0
        return mask

    def sample(self, most: int) -> list[dict[str, Any]]:
        """At most this many of the rows that are used, evenly spread over them."""
        return [row for rows in rows_at(self.collected, self.spread(most)) for row in rows]

    def spread(self, most: int) -> np.ndarray:
        """The positions of at most this many rows that are used, ascending."""
        positions = np.flatnonzero(self.used)
        if len(positions) <= most:
            return positions
        return positions[np.linspace(0, len(positions) - 1, most).astype(np.int64)]

    def label_counts(self) -> dict[str, int]:
        """In how many of the rows that are used each label is, the most frequent first."""
        counts: dict[str, int] = {}
        rows = np.bincount(self.collected.answers[self.used], minlength=len(self.collected.answer_labels))
        for labels, number in zip(self.collected.answer_labels, rows.tolist(), strict=True):
            for label in set(labels) if number else ():
                counts[label] = counts.get(label, 0) + number
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def rows_with(self, labels: Sequence[str]) -> np.ndarray:
        """The positions of the rows that are used and have one of these labels."""
        wanted = set(labels)
        answers = np.asarray([not wanted.isdisjoint(row) for row in self.collected.answer_labels], dtype=bool)
        return np.flatnonzero(self.used & answers[self.collected.answers]) if len(answers) else NO_ROWS


class Found(NamedTuple):
    """A finding with the positions of its rows, ascending, or of its pairs (pairs, 2) with what they have in common."""

    id: str
    severity: Severity
    sentence: Sentence
    number: int = 0  # of rows
    offers: tuple[Offer, ...] = ()
    positions: np.ndarray = NO_ROWS
    pairs: np.ndarray | None = None
    shares: np.ndarray | None = None
    numbers: tuple[int, ...] = ()  # of rows that are not collected


def read_text(row: Mapping[str, Any]) -> str:
    """What the network reads of a canonical row, for a person."""
    if "tokens" in row:
        return full_text(row)
    second = row.get("second_text")
    return str(row["text"]) if second is None else f"{row['text']}\n{second}"


def answer_text(row: Mapping[str, Any], task: Task) -> str:
    """What the row answers, for a person."""
    if "score" in row:
        return str(row["score"])
    return ", ".join(dict.fromkeys(task.count_labels(row)))
