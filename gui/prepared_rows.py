"""The prepared rows of a data set, memory-mapped: any row at once, and which rows hold a text, a label, a split.

Nothing here runs on the window's own thread but `cells`, which reads a single row. pyarrow is imported where it is
used, because importing it takes a tenth of a second. Knows no widgets.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.row_changes import input_hash
from engine.states import PreparedDataset

Positions = NDArray[np.int64]
SortKey = Literal["", "row", "split", "text", "answer", "length"]
INPUTS = ("text", "second_text", "tokens")
ANSWERS = ("label", "label_set", "score", "tags")
_PREFIXES = ("", "B-", "I-", "E-", "S-", "L-", "U-", "M-")


@dataclass(frozen=True)
class RowQuery:
    """Which rows are wanted, in which order."""

    text: str = ""
    split: str = ""
    label: str = ""
    sort: SortKey = ""
    descending: bool = False

    @property
    def everything(self) -> bool:
        """Whether no row is filtered out."""
        return not (self.text or self.split or self.label)


@dataclass(frozen=True)
class RowCells:
    """One row: its number in its file, where it stands, what it reads and what it answers."""

    row: int
    split: str
    index: int  # within the split, from 0
    file: str  # the split its file was given for
    text: str
    answer: tuple[str, ...]
    length: int
    input_hash: str


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
        self.answer = next((name for name in ANSWERS if name in columns), "")
        self._knows_file = "file" in columns

    def __len__(self) -> int:
        return self._total

    def cells(self, position: int) -> RowCells:
        """The row at this position."""
        place = bisect_right(self._starts, position) - 1
        batch, offset = self._batches[place], position - self._starts[place]
        split = bisect_right(self._split_starts, position) - 1
        row = {name: batch.column(name)[offset].as_py() for name in self.inputs}
        answer = batch.column(self.answer)[offset].as_py() if self.answer else ()
        from_own_file = self._knows_file and batch.column("file")[offset].as_py() > 0
        texts = [" ".join(value) if isinstance(value, list) else value or "" for value in row.values()]
        return RowCells(
            row=batch.column("row")[offset].as_py(),
            split=self.names[split],
            index=position - self._split_starts[split],
            file=self.names[split] if from_own_file else "train",
            text="\n".join(texts),
            answer=tuple(answer) if isinstance(answer, list) else (str(answer),),
            length=batch.column("length")[offset].as_py(),
            input_hash=input_hash(row),
        )

    def matches(self, query: RowQuery) -> Iterator[Positions]:
        """Positions of the rows that fit, batch by batch, in the order of the splits."""
        for start, batch in zip(self._starts, self._batches, strict=True):
            if query.split and self.names[bisect_right(self._split_starts, start) - 1] != query.split:
                yield np.zeros(0, dtype=np.int64)
                continue
            mask = np.ones(batch.num_rows, dtype=bool)
            if query.text:
                mask &= self._holds_text(batch, query.text)
            if query.label:
                mask &= self._has_label(batch, query.label)
            yield start + np.flatnonzero(mask)

    def order(self, key: SortKey) -> Positions:
        """All positions, ascending by this key; equal ones stay in order."""
        if not key or not self._batches:
            return np.arange(self._total, dtype=np.int64)
        if key == "split":
            return np.arange(self._total, dtype=np.int64)  # the splits stand one after the other
        import pyarrow as pa
        import pyarrow.compute as compute

        chunks = pa.chunked_array([self._key_of(batch, key) for batch in self._batches])
        if key in ("row", "length"):
            return np.argsort(chunks.to_numpy(), kind="stable").astype(np.int64)
        return np.asarray(compute.sort_indices(chunks).to_numpy(), dtype=np.int64)

    def _key_of(self, batch: Any, key: SortKey) -> Any:
        if key in ("row", "length"):
            return batch.column(key)
        if key == "answer" and self.answer == "score":
            return batch.column("labels")
        return _one_text(batch.column(self.answer if key == "answer" else self.inputs[0]))

    def _holds_text(self, batch: Any, text: str) -> NDArray[np.bool_]:
        import pyarrow.compute as compute

        found = np.zeros(batch.num_rows, dtype=bool)
        for name in self.inputs:
            hits = compute.match_substring(_one_text(batch.column(name)), text, ignore_case=True)
            found |= np.asarray(compute.fill_null(hits, False).to_numpy(zero_copy_only=False), dtype=bool)
        return found

    def _has_label(self, batch: Any, label: str) -> NDArray[np.bool_]:
        import pyarrow as pa
        import pyarrow.compute as compute

        column = batch.column(self.answer)
        if not pa.types.is_list(column.type):
            hits = compute.fill_null(compute.equal(column, label), False)
            return np.asarray(hits.to_numpy(zero_copy_only=False), dtype=bool)
        names = [prefix + label for prefix in _PREFIXES] if self.answer == "tags" else [label]
        inside = compute.is_in(compute.list_flatten(column), value_set=pa.array(names, type=pa.string()))
        parents = compute.list_parent_indices(column).filter(inside).to_numpy()
        found = np.zeros(batch.num_rows, dtype=bool)
        found[parents] = True
        return found


def _one_text(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as compute

    return compute.binary_join(column, " ") if pa.types.is_list(column.type) else column


def _mapped(folder: Path) -> Iterator[Any]:
    """The record batches of a split as `datasets` has saved it."""
    import pyarrow as pa

    files = json.loads((folder / "state.json").read_bytes())["_data_files"]
    for entry in files:
        name = str(entry["filename"])
        if Path(name).name != name:
            raise ValueError(f"{name} lies outside its folder")
        yield from pa.ipc.open_stream(pa.memory_map(str(folder / name)))
