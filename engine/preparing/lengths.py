"""Counts rows by length, over all and label by label, while everything about them is still in memory."""

from __future__ import annotations

import numpy as np

from engine.lengths import LengthCounts, LengthTable
from engine.preparing.collecting import Collected
from engine.preparing.encoding import SPLITS, EncodedSplits

MOST_LABELS = 500  # with lengths of their own


def length_table(collected: Collected, assignment: np.ndarray, encoded: EncodedSplits) -> LengthTable:
    """The lengths of the rows in use; `assignment` (rows,) int8 is an index into SPLITS, negative for others."""
    lengths = np.full(len(collected), -1, dtype=np.int64)
    lengths[encoded.positions] = encoded.lengths
    used = assignment >= 0
    frequent = list(collected.label_counts(used))[:MOST_LABELS]
    return LengthTable(
        everything=counted(lengths[used]),
        training=counted(lengths[assignment == SPLITS.index("train")]),
        labels=_by_label(collected, lengths, used, frequent),
        answers=counted(encoded.answer_tokens),
    )


def counted(lengths: np.ndarray) -> LengthCounts:
    """How often each length stands in the array (rows,) int64."""
    values, rows = np.unique(lengths, return_counts=True)
    return LengthCounts(tuple(values.tolist()), tuple(rows.tolist()))


def _by_label(
    collected: Collected, lengths: np.ndarray, used: np.ndarray, labels: list[str]
) -> dict[str, LengthCounts]:
    """A row counts once for each label it has, however often."""
    order = np.argsort(collected.answers[used], kind="stable")
    answers, sorted_lengths = collected.answers[used][order], lengths[used][order]
    edges = np.searchsorted(answers, np.arange(len(collected.answer_labels) + 1))
    wanted: dict[str, list[np.ndarray]] = {label: [] for label in labels}
    for answer, names in enumerate(collected.answer_labels):
        for label in set(names):
            if label in wanted:
                wanted[label].append(sorted_lengths[edges[answer] : edges[answer + 1]])
    return {label: counted(np.concatenate(parts)) for label, parts in wanted.items()}
