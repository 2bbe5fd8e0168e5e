"""Which rows of a prepared split are near-duplicates of each other, so that scores count them as one observation.

They lie in `near_duplicate_groups.json` in the data set's folder: for each split a list of groups, each a list of
positions in the split from 0. Rows that differ from all others, or equal others to the letter, are in none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from engine.contract.settings import SplitName

FILE_NAME = "near_duplicate_groups.json"
_groups = msgspec.json.Decoder(dict[str, list[list[int]]])


def encode_groups(groups: Mapping[SplitName, np.ndarray], inputs: Mapping[SplitName, np.ndarray]) -> bytes:
    """The content of the file; for each split the group and the input of each row, (rows,) int64 each."""
    return msgspec.json.encode({name: _of_several_inputs(of_rows, inputs[name]) for name, of_rows in groups.items()})


def _of_several_inputs(groups: np.ndarray, inputs: np.ndarray) -> list[list[int]]:
    pairs = np.unique(np.stack([groups, inputs]), axis=1)[0]
    several, counts = np.unique(pairs, return_counts=True)
    inside = np.flatnonzero(np.isin(groups, several[counts > 1]))
    order = inside[np.argsort(groups[inside], kind="stable")]
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    return [part.tolist() for part in np.split(order, starts)] if len(order) else []


def read_groups(folder: Path, split: str, rows: int) -> list[list[int]] | None:
    """The groups of a split of so many rows; None where an earlier version prepared the data set, or it is damaged."""
    try:
        found = _groups.decode((folder / FILE_NAME).read_bytes()).get(split, [])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return [group for group in found if all(0 <= place < rows for place in group)]
