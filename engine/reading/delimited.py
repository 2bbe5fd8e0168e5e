"""Delimited text: CSV, TSV and their relatives, row by row, with nothing dropped silently.

A row with too few or too many cells, and a row whose quotation mark never closes, is left out with its number; the
lines that an open quotation mark would have swallowed are read again as rows of their own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.reading.chunks import UNREADABLE, Chunk, ChunkBuilder, Layout, numbered_names, unique_names
from engine.reading.sniffing import LONGEST_FIELD, Dialect, has_header, sample_rows, sniff
from engine.reading.text_files import Lines, TooManyLines, encoding_of, lines_of, open_text, sample_text
from engine.settings import ReadingOptions

LONGEST_RECORD = 20_000  # lines
OPEN_QUOTE = "has a quotation mark that never closes"


class _Record(NamedTuple):
    cells: list[str]
    problem: str


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this delimited file is read."""
    encoding, note = encoding_of(path, options.encoding)
    sample = sample_text(path, encoding)
    delimiter = options.delimiter or ("\t" if options.format == "tsv" else "")
    dialect = sniff(sample, delimiter=delimiter, quoting=options.quoting)
    rows = sample_rows(sample, dialect)
    header = options.header or ("yes" if has_header(_from_first_row(sample, dialect, rows)) else "no")
    if header == "yes":
        first = _first_record(path, encoding, dialect)
        columns = unique_names(first)
    else:
        columns = numbered_names(dialect.width)
    filled = msgspec.structs.replace(
        options,
        format="tsv" if dialect.delimiter == "\t" else "csv",
        encoding=encoding,
        delimiter=dialect.delimiter,
        quoting=dialect.quoting,
        header=header,
    )
    return Layout(filled, columns, (note,) if note else ())


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns."""
    options = layout.options
    width = len(layout.columns)
    positions = [layout.columns.index(name) for name in columns]
    builder = ChunkBuilder(columns)
    with open_text(path, options.encoding) as file:
        lines = Lines(file, longest=LONGEST_RECORD)
        number = 0
        waits_for_header = options.header == "yes"
        for record in _records(lines, options.delimiter, options.quoting, width):
            if waits_for_header:
                waits_for_header = False
                continue
            number += 1
            if record.problem:
                builder.leave_out(number, record.problem)
            else:
                builder.add(number, [record.cells[position] for position in positions])
            if number % 64 == 0 and builder.is_full(lines.bytes_done()):
                yield builder.take(lines.bytes_done())
        yield builder.take(lines.bytes_done())


def _records(lines: Lines, delimiter: str, quoting: str, width: int) -> Iterator[_Record]:
    csv.field_size_limit(LONGEST_FIELD)
    reader = _reader(lines, delimiter, quoting)
    while True:
        lines.taken = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, TooManyLines):
            cells = _only_first_line(lines, delimiter)
            reader = _reader(lines, delimiter, quoting)
            fits = len(lines.taken) == 1 and lines.taken[0].count('"') % 2 == 0
            yield _Record(cells, _problem(lines, cells, width) if fits else OPEN_QUOTE)
            continue
        if not cells:
            continue
        if len(cells) != width and len(lines.taken) > 1 and not _spare_cells_are_empty(cells, width):
            cells = _only_first_line(lines, delimiter)
            reader = _reader(lines, delimiter, quoting)
            yield _Record(cells, OPEN_QUOTE)
            continue
        yield _Record(cells, _problem(lines, cells, width))


def _reader(lines: Lines, delimiter: str, quoting: str) -> Iterator[list[str]]:
    return csv.reader(
        lines, delimiter=delimiter, strict=True, quoting=csv.QUOTE_MINIMAL if quoting == "quoted" else csv.QUOTE_NONE
    )


def _only_first_line(lines: Lines, delimiter: str) -> list[str]:
    """Gives back all lines of this record but the first, which is read leniently."""
    first, rest = lines.taken[0], lines.taken[1:]
    lines.give_back(rest)
    cells = next(csv.reader([first], delimiter=delimiter), [])
    return cells


def _problem(lines: Lines, cells: list[str], width: int) -> str:
    if len(cells) != width and not _spare_cells_are_empty(cells, width):
        return f"has {len(cells)} {'column' if len(cells) == 1 else 'columns'} instead of {width}"
    return UNREADABLE if lines.is_unreadable() else ""


def _spare_cells_are_empty(cells: list[str], width: int) -> bool:
    return len(cells) > width and not any(cells[width:])


def _from_first_row(sample: str, dialect: Dialect, rows: list[list[str]]) -> list[list[str]]:
    """The sample's rows with the file's first row in front, even where its width differs."""
    lines = Lines(lines_of(sample), longest=LONGEST_RECORD)
    for record in _records(lines, dialect.delimiter, dialect.quoting, dialect.width):
        return [record.cells, *rows[1:]] if rows and record.cells == rows[0] else [record.cells, *rows]
    return rows


def _first_record(path: Path, encoding: str, dialect: Dialect) -> list[str]:
    csv.field_size_limit(LONGEST_FIELD)
    with open_text(path, encoding) as file:
        lines = Lines(file, longest=LONGEST_RECORD)
        for record in _records(lines, dialect.delimiter, dialect.quoting, dialect.width):
            return record.cells
    return []
