"""Which scored rows are one observation: those with the same text, and near-duplicates that Prepare has found.

Their answers depend on each other, so that they are drawn and exchanged together (a cluster bootstrap: Davison and
Hinkley 1997, section 3.8). Rows of one author or document are not known as such.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from datasets import Dataset

from engine.contract.column_roles import INPUTS
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from engine.evaluating.resampling import equal_rows
from engine.workspace.near_duplicate_groups import read_groups


class Observations(NamedTuple):
    """`groups` (rows,) int64 is the number of each row's observation from 0, None where each row is one of its own."""

    groups: np.ndarray | None
    note: Sentence | None  # how rows were counted, where it is not one by one


def observations_of(dataset: PreparedDataset, split: str, rows: Dataset) -> Observations:
    """The observations among the rows of a prepared split."""
    texts = texts_of_rows(rows)
    keys: list[Hashable] = list(texts)
    near = read_groups(Path(dataset.folder), split, len(keys))
    for number, group in enumerate(near):
        for place in group:
            keys[place] = number
    groups = equal_rows(keys)
    if groups is None:
        return Observations(None, None)
    different, count = len(set(texts)), int(groups.max()) + 1
    if count < different:
        note = Sentence("evaluating.note.near_duplicates_as_one", rows=len(keys), texts=different, observations=count)
        return Observations(groups, note)
    return Observations(groups, Sentence("evaluating.note.equal_texts", rows=len(keys), texts=different))


def texts_of_rows(split: Dataset) -> list[tuple[object, ...]]:
    """What is read of each row."""
    columns = [split[name][:] for name in INPUTS if name in split.column_names]
    rows = zip(*columns, strict=True)
    return [tuple(tuple(cell) if isinstance(cell, list) else cell for cell in row) for row in rows]
