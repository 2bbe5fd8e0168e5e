"""What every reader hands on: a stretch of rows by column, with their numbers and with those that cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions

ROWS_PER_CHUNK = 2_000
BYTES_PER_CHUNK = 4 * 1024 * 1024
CELLS_PER_CHUNK = 200_000  # which more than 100 columns reach first
UNREADABLE = Sentence("reading.excluded.unreadable")

Cell = str | list[str] | None


class Conversion(NamedTuple):
    """An entity that could not be read as it was marked: what it was, what it is now (empty: excluded), and why."""

    before: str
    after: str
    reason: Sentence


class Marked(NamedTuple):
    """How many entities a row had in the file, and those that were changed or lost on the way to tags.

    `begin_inside` and `end_inside` count marks with a letter of the same word before or behind them.
    """

    entities: int
    conversions: tuple[Conversion, ...]
    begin_inside: int = 0
    end_inside: int = 0


class Chunk(NamedTuple):
    """Some rows in the order of the file; all lists of `columns` have the length of `numbers`.

    `numbers` count rows from 1, excluded rows included. `bytes_done` is how far the file was read. `marked` counts by
    row number of the entities in files that mark characters; `texts` holds by row number the text that the words of a
    row were found in, where the file has one. `lines` holds by row number what the user's editor calls the row: the
    line where it begins, or the row of a sheet; a row that is not there is called by its number.
    """

    numbers: list[int]
    columns: dict[str, list[Cell]]
    excluded: list[tuple[int, Sentence]]
    bytes_done: int
    marked: Mapping[int, Marked] = MappingProxyType({})
    texts: Mapping[int, str] = MappingProxyType({})
    lines: Mapping[int, int] = MappingProxyType({})


class Layout(NamedTuple):
    """How a file is read, with nothing left open, and what its columns are called.

    `parts` are the sheets or files inside that can be chosen. `origin` is how the user's file is read whose rows were
    gathered in this one; None where it is the user's.
    """

    options: ReadingOptions
    columns: tuple[str, ...]
    notes: tuple[Sentence, ...] = ()
    parts: tuple[str, ...] = ()
    origin: ReadingOptions | None = None

    @property
    def as_written(self) -> ReadingOptions:
        """How the user's file is read."""
        return self.origin or self.options


class ChunkBuilder:
    """Collects rows until they make a chunk."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._columns = columns
        self._last_bytes = 0
        self._clear()

    def add(self, number: int, cells: list[Cell], line: int = 0) -> None:
        """A usable row: one cell per column; `line` is where an editor shows it, 0 where it is called by its number."""
        self._numbers.append(number)
        self._rows.append(cells)
        if line:
            self._lines[number] = line

    def add_all(self, number: int, rows: Iterable[Sequence[Cell]], line: int) -> None:
        """Usable rows that follow each other, each in a line of its own; number and line are those of the first."""
        before = len(self._rows)
        self._rows.extend(rows)
        added = len(self._rows) - before
        self._numbers.extend(range(number, number + added))
        self._lines.update(zip(range(number, number + added), range(line, line + added), strict=True))

    def mark(self, number: int, marked: Marked) -> None:
        """What became of the entities of a row that was added."""
        self._marked[number] = marked

    def write(self, number: int, text: str) -> None:
        """The text that holds the words of a row that was added."""
        self._texts[number] = text

    def leave_out(self, number: int, reason: Sentence, line: int = 0) -> None:
        """A row that cannot be used."""
        self._excluded.append((number, reason))
        if line:
            self._lines[number] = line

    def is_full(self, bytes_done: int) -> bool:
        """Whether it is time to hand on what is there."""
        rows = len(self._numbers) + len(self._excluded)
        many = rows >= ROWS_PER_CHUNK or rows * len(self._columns) >= CELLS_PER_CHUNK
        return many or bytes_done - self._last_bytes >= BYTES_PER_CHUNK

    def take(self, bytes_done: int) -> Chunk:
        """The rows so far; the next chunk begins."""
        by_column = list(zip(*self._rows, strict=True)) if self._rows else [()] * len(self._columns)
        columns = {name: list(cells) for name, cells in zip(self._columns, by_column, strict=True)}
        chunk = Chunk(self._numbers, columns, self._excluded, bytes_done, self._marked, self._texts, self._lines)
        self._last_bytes = bytes_done
        self._clear()
        return chunk

    def _clear(self) -> None:
        self._numbers: list[int] = []
        self._rows: list[Sequence[Cell]] = []
        self._excluded: list[tuple[int, Sentence]] = []
        self._marked: dict[int, Marked] = {}
        self._texts: dict[int, str] = {}
        self._lines: dict[int, int] = {}


def unique_names(names: list[str]) -> tuple[str, ...]:
    """Column names made usable: empty ones are numbered, repeated ones get a number behind them."""
    used: set[str] = set()
    next_number: dict[str, int] = {}
    result = []
    for position, given in enumerate(names, start=1):
        name = given.replace("\ufeff", "").strip() or f"column {position}"
        candidate, number = name, next_number.get(name, 2)
        while candidate in used:
            candidate, number = f"{name} {number}", number + 1
        next_number[name] = number
        used.add(candidate)
        result.append(candidate)
    return tuple(result)


def numbered_names(count: int) -> tuple[str, ...]:
    """Names for the columns of a file without a header."""
    return tuple(f"column {number}" for number in range(1, count + 1))


def only_rows_with(chunks: Iterator[Chunk], column: str, value: str) -> Iterator[Chunk]:
    """The rows whose cell equals `value`, numbered anew from 1."""
    number = 0
    for chunk in chunks:
        kept = [index for index, cell in enumerate(chunk.columns[column]) if cell == value]
        columns = {name: [cells[index] for index in kept] for name, cells in chunk.columns.items()}
        numbers = list(range(number + 1, number + 1 + len(kept)))
        number += len(kept)
        yield Chunk(numbers, columns, [], chunk.bytes_done)


def with_words(chunks: Iterator[Chunk], column: str, words: Mapping[str, str]) -> Iterator[Chunk]:
    """The same rows with the cells of a column replaced by the words they represent."""
    for chunk in chunks:
        if column in chunk.columns:
            cells = [words.get(cell, cell) if isinstance(cell, str) else cell for cell in chunk.columns[column]]
            yield chunk._replace(columns={**chunk.columns, column: cells})
        else:
            yield chunk
