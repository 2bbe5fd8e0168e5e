"""The columns of the user's file that nothing is learned from, for questions such as "is one shop worse than others?".

They are read from the copy of the file that is kept with the prepared rows, when they are first asked for, and kept
beside the rows. So preparing takes no longer, and rows that an earlier version prepared have them too.

    <data set>/other_columns.parquet    split text, row int64 (number in the file), "file: NAME" text or float64

Bounded: 20 columns of at most 1,000 different values of 80 characters. A column with more values stays where all of
them are numbers, or dates, which are taken by month; free texts and identifiers are not kept.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.parquet as parquet

from engine.contract.errors import DiskFull, EngineError
from engine.contract.events import Emit
from engine.contract.progress import ProgressReporter
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, ReadingOptions
from engine.contract.split_columns import own_reading, roles_of
from engine.contract.states import PreparedDataset
from engine.contract.text_parsing import number_in
from engine.reading.formats import registry
from engine.reading.formats.chunks import Cell
from engine.reading.sources.sources import ExamplePlace, RowFile, example_place, rows_of
from engine.tasks.registry import task_named
from engine.training.batching.rows import read_splits
from engine.workspace import atomic_files

FILE = "other_columns.parquet"
MOST_COLUMNS = 20
MOST_VALUES = 1_000  # of a column of texts
LONGEST_VALUE = 80  # characters
MOST_CHARACTERS = 400  # of a cell; a column with longer ones holds texts
NOTE = Sentence("diagnosing.progress.reading_other_columns")
_DATE = re.compile(r"\d{4}-\d{2}(-\d{2}.*)?", re.DOTALL)
_MONTH = 7  # characters of 2026-11


class OtherColumn(NamedTuple):
    """A column by its name; `cells` (rows,) hold texts or None, or are float64 with NaN where there is none."""

    name: str
    cells: np.ndarray


def other_columns(dataset: PreparedDataset, split: str, numbers: Sequence[int], emit: Emit) -> list[OtherColumn]:
    """The columns of these rows of a split, by their numbers in the file; empty where the file has no others.

    `emit` may raise `StopRequested` while the file is read.
    """
    path = Path(dataset.folder) / FILE
    table = _kept(path)
    if table is None:
        table = _read(dataset, emit)
        with suppress(OSError, DiskFull):  # read again the next time
            _keep(path, table)
    of_split = table.filter(compute.equal(table["split"], split))
    known = np.asarray(of_split["row"])
    order = np.argsort(known, kind="stable")
    wanted = np.asarray(numbers, dtype=np.int64)
    if not len(known) or not len(wanted):
        return []
    places = order[np.searchsorted(known, wanted, sorter=order).clip(0, len(known) - 1)]
    places = np.where(known[places] == wanted, places, -1)
    return [
        OtherColumn(name.removeprefix(_OF_FILE), _cells(of_split.column(name), places))
        for name in of_split.column_names
        if name.startswith(_OF_FILE)
    ]


_FIRST, _OF_FILE = ("split", "row"), "file: "  # the file may have columns called split and row


def _cells(column: pa.ChunkedArray, places: np.ndarray) -> np.ndarray:
    if pa.types.is_floating(column.type):
        cells = np.asarray(column.to_numpy(), dtype=np.float64)[places]
        return np.where(places < 0, np.nan, cells)
    texts = np.asarray([*column.to_pylist(), None], dtype=object)
    found: np.ndarray = texts[places]  # −1 is the one behind them
    return found


def _kept(path: Path) -> pa.Table | None:
    try:
        table = parquet.read_table(path, use_threads=False)
    except (OSError, pa.ArrowException):
        return None
    return table if tuple(table.column_names[: len(_FIRST)]) == _FIRST else None


def _keep(path: Path, table: pa.Table) -> None:
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink, compression="zstd")
    atomic_files.write_file(path, sink.getvalue().to_pybytes())


# From the file


def _read(dataset: PreparedDataset, emit: Emit) -> pa.Table:
    splits = {name: np.asarray(rows["row"][:], dtype=np.int64) for name, rows in read_splits(dataset).items()}
    files = {name: _file_of(dataset, name) for name in splits}
    columns: dict[str, list[pa.Array]] = {}
    done: dict[Path, tuple[np.ndarray, dict[str, _Column]]] = {}
    parts: list[tuple[str, np.ndarray, Mapping[str, pa.Array]]] = []
    for split, numbers in splits.items():
        file = files[split]
        if file is None or not len(numbers):
            continue
        path = file.place.path
        if path not in done:
            done[path] = _columns_of(file, _others(dataset, split, file), emit)
        known, found = done[path]
        places = np.searchsorted(known, numbers).clip(0, max(0, len(known) - 1))
        if not len(known) or not np.array_equal(known[places], numbers):
            continue  # another file than the rows are of
        parts.append((split, numbers, {name: column.taken(places) for name, column in found.items()}))
    names = list(dict.fromkeys(name for *_, found in parts for name in found))[:MOST_COLUMNS]
    for name in names:
        own = [found.get(name, pa.nulls(len(numbers))) for _, numbers, found in parts]
        kind = (
            pa.float64() if all(pa.types.is_floating(one.type) or pa.types.is_null(one.type) for one in own) else None
        )
        columns[name] = [one.cast(kind or pa.string()) for one in own]
    first = [
        pa.array([split for split, numbers, _ in parts for _ in range(len(numbers))], pa.string()),
        pa.array(np.concatenate([numbers for _, numbers, _ in parts]) if parts else [], pa.int64()),
    ]
    return pa.Table.from_arrays(
        [*first, *(pa.chunked_array(chunks) for chunks in columns.values())],
        names=[*_FIRST, *(f"{_OF_FILE}{name}" for name in columns)],
    )


def _file_of(dataset: PreparedDataset, split: str) -> RowFile | None:
    """The copy of the file that the rows of this split are from; None where there is none that can be read."""
    if isinstance(dataset.source, ExampleRows):
        try:
            place = example_place(dataset.source.name)
            return RowFile("train", place, registry.layout_of(place.path, dataset.settings.reading))
        except EngineError:
            return None
    unusable = {note.values.get("split") for note in dataset.notes if note.id == "preparing.data_note.split_unusable"}
    sources = Path(dataset.folder) / "source"
    given = split if split != "train" and split not in unusable and (sources / split).is_dir() else "train"
    copies = sorted((sources / given).glob("*")) if (sources / given).is_dir() else []
    if len(copies) != 1:
        return None
    reading = own_reading(dataset.settings, given)
    if given == "train" or reading == ReadingOptions():
        reading = dataset.settings.reading
    wanted = _learned(dataset, given)
    # A copy of gathered rows is read as such, and its part names what was in the archive; a further file may be written
    # in another way than the training file.
    for options in (reading, msgspec.structs.replace(reading, part=""), ReadingOptions()):
        try:
            layout = registry.layout_of(copies[0], options)
        except (EngineError, OSError, ValueError):
            continue
        if wanted <= set(layout.columns):
            return RowFile("train", ExamplePlace(copies[0]), layout)
    return None


def _learned(dataset: PreparedDataset, split: str) -> set[str]:
    """The columns of the file that are learned from."""
    columns = task_named(dataset.task).readable_columns(roles_of(dataset.settings, split))
    found = {name for names in columns.values() for name in ((names,) if isinstance(names, str) else names)}
    return found - {""}


def _others(dataset: PreparedDataset, split: str, file: RowFile) -> tuple[str, ...]:
    learned = _learned(dataset, "train") | _learned(dataset, split)
    return tuple(name for name in file.layout.columns if name not in learned)


def _columns_of(file: RowFile, names: tuple[str, ...], emit: Emit) -> tuple[np.ndarray, dict[str, _Column]]:
    """The numbers of all rows of the file, rising, and those of the columns that are kept."""
    columns = {name: _Column() for name in names}
    numbers = array("q")
    progress = ProgressReporter(emit)
    if not names:
        return np.zeros(0, dtype=np.int64), {}
    for chunk in rows_of(file, names):
        numbers.extend(chunk.numbers)
        for name in [name for name, column in columns.items() if not column.take(chunk.columns[name])]:
            del columns[name]
        progress.report(len(numbers), 0, NOTE, "rows")
        if not columns:
            break
    kept = [name for name, column in columns.items() if column.differs][:MOST_COLUMNS]
    return np.asarray(numbers, dtype=np.int64), {name: columns[name] for name in kept}


class _Column:
    """The cells of one column as places in a list of its values, or as numbers once there are too many values."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._codes = array("i")
        self._numbers: array[float] | None = None
        self._by_month = False

    @property
    def differs(self) -> bool:
        """Whether there are two values at least."""
        return self._numbers is not None or len(self._places) - ("" in self._places) > 1

    def take(self, cells: Sequence[Cell]) -> bool:
        """Takes further cells; False where the column is none of values, and need not be kept."""
        for cell in cells:
            if isinstance(cell, list) or (cell is not None and len(cell) > MOST_CHARACTERS):
                return False
            text = (cell or "").strip()[:LONGEST_VALUE]
            if self._numbers is not None:
                value = number_in(text) if text else np.nan
                if text and not np.isfinite(value):
                    return False
                self._numbers.append(value)
                continue
            if self._by_month and text:
                if not _DATE.fullmatch(text):
                    return False
                text = text[:_MONTH]
            self._codes.append(self._places.setdefault(text, len(self._places)))
            if len(self._places) > MOST_VALUES and not self._narrowed():
                return False
        return True

    def _narrowed(self) -> bool:
        """Whether so many values are numbers, or fewer months."""
        filled = [text for text in self._places if text]
        if all(np.isfinite(number_in(text)) for text in filled):
            values = [number_in(text) if text else np.nan for text in self._places]
            self._numbers = array("d", np.asarray(values)[np.asarray(self._codes)].tolist())
            return True
        if self._by_month or not all(_DATE.fullmatch(text) for text in filled):
            return False
        months: dict[str, int] = {}
        moved = np.asarray([months.setdefault(text[:_MONTH], len(months)) for text in self._places])
        self._codes = array("i", moved[np.asarray(self._codes)].tolist())
        self._places, self._by_month = months, True
        return len(months) <= MOST_VALUES

    def taken(self, places: np.ndarray) -> pa.Array:
        """The cells at these places; null where there is nothing."""
        if self._numbers is not None:
            return pa.array(np.asarray(self._numbers)[places], from_pandas=True)
        values = pa.array([text or None for text in self._places], pa.string())
        return values.take(pa.array(np.asarray(self._codes)[places]))
