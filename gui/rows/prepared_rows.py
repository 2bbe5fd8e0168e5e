"""The prepared rows of a data set, memory-mapped: any row at once, at any number of rows.

Only `cells`, which reads a single row, runs on the window's own thread. pyarrow is imported where it is
used, because importing it takes a tenth of a second. Uses no widgets; `row_search.py` finds and sorts.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.contract.column_roles import INPUTS, LABELS
from engine.contract.row_edits import RowChange, input_hash
from engine.contract.states import PreparedDataset
from gui.rows.arrow_arrays import numbers_in, one_text, truths_in

Positions = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class RowCells:
    """One row: its number in its file, its place in its split, its inputs and its answer.

    `line` is what the user's editor calls it: the line where it begins, or the row of the sheet.
    """

    row: int
    line: int
    split: str
    index: int  # within the split, from 0
    file: str  # the split its file was given for
    text: str
    answer: tuple[str, ...]
    length: int
    input_hash: str
    words: tuple[str, ...] = ()  # where each word has a tag
    texts: tuple[str, ...] = ()  # one, or the two of a pair


class PreparedRows:
    """All splits one after the other; positions count from 0 over all of them."""

    def __init__(self, dataset: PreparedDataset) -> None:
        """Maps the files; raises `OSError` or `ValueError` where they cannot be read."""
        self.names: list[str] = []
        self._split_starts: list[int] = []
        self._batches: list[Any] = []
        self._starts: list[int] = []
        total = 0
        for name in dataset.splits:
            self.names.append(name)
            self._split_starts.append(total)
            for batch in _mapped(Path(dataset.folder) / name):
                if batch.num_rows:
                    self._batches.append(batch)
                    self._starts.append(total)
                    total += batch.num_rows
        self._total = total
        columns = self._batches[0].schema.names if self._batches else []
        self.inputs = [name for name in INPUTS if name in columns]
        self.answer = next((name for name in LABELS if name in columns), "")
        self._has_file = "file" in columns
        self._line = "line" if "line" in columns else "row"  # data sets of 0.1.0 have no lines

    def __len__(self) -> int:
        return self._total

    def cells(self, position: int) -> RowCells:
        """The row at this position."""
        place = bisect_right(self._starts, position) - 1
        batch, offset = self._batches[place], position - self._starts[place]
        split = bisect_right(self._split_starts, position) - 1
        row = {name: batch.column(name)[offset].as_py() for name in self.inputs}
        answer = batch.column(self.answer)[offset].as_py() if self.answer else ()
        from_own_file = self._has_file and batch.column("file")[offset].as_py() > 0
        texts = [" ".join(value) if isinstance(value, list) else value or "" for value in row.values()]
        return RowCells(
            row=batch.column("row")[offset].as_py(),
            line=batch.column(self._line)[offset].as_py(),
            split=self.names[split],
            index=position - self._split_starts[split],
            file=self.names[split] if from_own_file else "train",
            text="\n".join(texts),
            answer=tuple(answer) if isinstance(answer, list) else (str(answer),),
            length=batch.column("length")[offset].as_py(),
            input_hash=input_hash(row),
            words=tuple(row.get("tokens") or ()),
            texts=tuple(texts),
        )

    def batches(self) -> Iterator[tuple[int, str, Any]]:
        """The position of each batch's first row, its split, and the batch (`pyarrow.RecordBatch`)."""
        for start, batch in zip(self._starts, self._batches, strict=True):
            yield start, self.names[bisect_right(self._split_starts, start) - 1], batch

    def split_at(self, split: str) -> tuple[int, int]:
        """The positions of this split: its first row, and the one after its last."""
        place = self.names.index(split)
        ends = [*self._split_starts[1:], self._total]
        return self._split_starts[place], ends[place]

    def containing(self, text: str) -> Iterator[tuple[int, Mask]]:
        """For each batch the position of its first row and which of its rows contain the text, ignoring case."""
        import pyarrow.compute as compute

        for start, _, batch in self.batches():
            found = np.zeros(batch.num_rows, dtype=bool)
            for name in self.inputs:
                found |= truths_in(compute.match_substring(one_text(batch.column(name)), text, ignore_case=True))
            yield start, found

    def changed(self, changes: Iterable[RowChange]) -> dict[int, RowChange]:
        """The edits whose row is here, by its position."""
        by_place = {change.place: change for change in changes}
        if not by_place:
            return {}
        wanted = np.unique(np.fromiter((number for _, number in by_place), np.int64, len(by_place)))
        found: dict[int, RowChange] = {}
        for start, _, batch in self.batches():
            numbers = numbers_in(batch.column("row"))
            at = np.minimum(np.searchsorted(wanted, numbers), len(wanted) - 1)
            for offset in np.flatnonzero(wanted[at] == numbers):
                position = start + int(offset)
                cells = self.cells(position)
                change = by_place.get((cells.file, cells.row))
                if change is not None and change.input_hash == cells.input_hash:
                    found[position] = change
        return found


def _mapped(folder: Path) -> Iterator[Any]:
    """The record batches of a split as `datasets` has saved it."""
    import pyarrow as pa

    files = json.loads((folder / "state.json").read_bytes())["_data_files"]
    for entry in files:
        name = str(entry["filename"])
        if Path(name).name != name:
            raise ValueError(f"{name} lies outside its folder")
        yield from pa.ipc.open_stream(pa.memory_map(str(folder / name)))
