"""Which scored rows are one observation: those of one group, with the same text, and near-duplicates.

Their answers depend on each other, so that they are drawn and exchanged together (a cluster bootstrap: Davison and
Hinkley 1997, section 3.8). Groups are those of a column that has this role, such as authors or documents;
near-duplicates are those that Prepare has found, or are looked for here where an earlier version prepared the rows.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from datasets import Dataset

from engine.contract.column_roles import GROUP, INPUTS
from engine.contract.events import Emit
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from engine.evaluating.resampling import equal_rows
from engine.preparing.rows.near_duplicates import near_duplicate_groups
from engine.tasks.row_groups import joined_groups
from engine.workspace.near_duplicate_groups import read_groups


class Observations(NamedTuple):
    """`groups` (rows,) int64 is the number of each row's observation from 0, None where each row is one of its own."""

    groups: np.ndarray | None
    note: Sentence | None  # how rows were counted, where it is not one by one
    different: int | None = None  # rows that read differently, near-duplicates as one; where `groups` are not these


def observations_of(dataset: PreparedDataset, split: str, rows: Dataset, emit: Emit) -> Observations:
    """The observations among the rows of a prepared split."""
    texts = texts_of_rows(rows)
    near = read_groups(Path(dataset.folder), split, len(texts))
    if near is None:
        names = [name for name in INPUTS if name in rows.column_names]
        canonical = [dict(zip(names, text, strict=True)) for text in texts]
        alike = near_duplicate_groups(canonical, numbers_of(texts), emit)
    else:
        keys: list[Hashable] = list(texts)
        for number, group in enumerate(near):
            for place in group:
                keys[place] = number
        alike = numbers_of(keys)
    column = dataset.settings.roles.group
    groups = np.asarray(rows[GROUP][:], dtype=np.int64) if GROUP in rows.column_names else None
    return counted_once(numbers_of(texts), alike, groups, column)


def counted_once(texts: np.ndarray, alike: np.ndarray, groups: np.ndarray | None, column: str) -> Observations:
    """The observations of rows; (rows,) int64 each, equal for the same texts, near-duplicates, and rows of one group.

    `column` is the one with the groups.
    """
    rows, different = len(texts), len(np.unique(texts))
    if groups is not None:
        joined = joined_groups(groups, alike)
        count = int(joined.max(initial=-1)) + 1
        if count == rows:
            return Observations(None, None)
        note = Sentence(
            "evaluating.note.groups_as_one",
            rows=rows,
            groups=len(np.unique(groups)),
            column=column,
            observations=count,
        )
        return Observations(joined, note, len(np.unique(alike)))
    observed = equal_rows(alike.tolist())
    if observed is None:
        return Observations(None, None)
    count = int(observed.max()) + 1
    if count < different:
        note = Sentence("evaluating.note.near_duplicates_as_one", rows=rows, texts=different, observations=count)
        return Observations(observed, note)
    return Observations(observed, Sentence("evaluating.note.equal_texts", rows=rows, texts=different))


def numbers_of(keys: Sequence[Hashable]) -> np.ndarray:
    """Numbers from 0 that are equal where the keys are: (rows,) int64."""
    number: dict[Hashable, int] = {}
    return np.asarray([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)


def texts_of_rows(split: Dataset) -> list[tuple[Any, ...]]:
    """What is read of each row."""
    columns = [split[name][:] for name in INPUTS if name in split.column_names]
    rows = zip(*columns, strict=True)
    return [tuple(tuple(cell) if isinstance(cell, list) else cell for cell in row) for row in rows]
