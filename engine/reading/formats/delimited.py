"""Delimited text: CSV, TSV and their relatives, row by row, with nothing dropped silently.

A row with too few or too many cells, and a row whose quotation mark never closes, is excluded with its number; the
lines that an open quotation mark would have swallowed are read again as rows of their own.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import ReadingOptions
from engine.reading.formats.chunks import (
    BYTES_PER_CHUNK,
    UNREADABLE,
    Chunk,
    ChunkBuilder,
    Layout,
    numbered_names,
    unique_names,
)
from engine.reading.formats.dialect import Dialect, csv_rows, has_header, sample_rows, sniff, title_rows
from engine.reading.formats.rows_as_objects import Row, RowsAsObjects, at_line, unusable
from engine.reading.formats.text_files import Lines, TooManyLines, encoding_of, lines_of, open_text, sample_text

LONGEST_RECORD = 20_000  # lines
_TOLD = re.compile(r"sep=(.)\r?\n?$", re.MULTILINE)
_MOST_COMMENTS = 1_000
_LINES_BELOW_TITLES = 200  # that show whether a header follows
_HEAD = 65_536  # characters
_FEWEST_WITH_NAMES = 4  # lines
_LINES_TOGETHER = 64  # between two looks at whether a chunk is full
OPEN_QUOTE = Sentence("reading.excluded.open_quote")
_HEADER_AGAIN = Sentence("reading.excluded.header_again")
_TEXT_NAMES = frozenset(
    """
text sentence review comment tweet message content body utterance query question headline title description document
feedback answer phrase
""".split()
)
_FEWEST_ROWS = 5
_OFTEN = 0.3  # of the rows: fewer of another width are excluded, each with its reason
QUOTED_NAMES = re.compile(r'"(?:[^"\\]|\\.)*"(?: "(?:[^"\\]|\\.)*")+')


class _Record(NamedTuple):
    cells: list[str]
    problem: Sentence
    line: int  # of the file, where the record begins


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this delimited file is read."""
    encoding, note = encoding_of(path, options.encoding)
    sample = sample_text(path, encoding)
    delimiter = options.delimiter or ("\t" if options.format == "tsv" else _declared_delimiter(sample))
    comments = sum(1 for _ in itertools.takewhile(_may_be_preamble, lines_of(sample)))
    body = "".join(itertools.islice(lines_of(sample), comments, None))
    dialect = sniff(body or sample, delimiter=delimiter, quoting=options.quoting)
    head = Lines(lines_of(sample))
    skipped = _skip_preamble(head, dialect.delimiter, dialect.width)
    titles = _skip_titles(head, dialect, options.header)
    sample = "".join(head)
    rows = sample_rows(sample, dialect)
    header = options.header or ("yes" if has_header(_from_first_row(sample, dialect, rows)) else "no")
    if header == "yes":
        first = _first_record(path, encoding, dialect)
        # R writes the names of rows without a name for their column.
        columns = unique_names(["", *first] if len(first) == dialect.width - 1 > 0 and all(first) else first)
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
    notes = [note] if note else []
    if skipped:
        notes.append(Sentence("reading.note.lines_before_rows", lines=skipped))
    if titles:
        notes.append(Sentence("reading.note.lines_above_header", lines=titles))
    return Layout(filled, columns, tuple(notes))


def rows_of(path: Path, options: ReadingOptions) -> RowsAsObjects | None:
    """The rows of a table that is copied before it is read; None for every other file.

    Copied are tables that R wrote with names of rows and no name for their column, or with spaces between the columns,
    and those whose texts hold the delimiter without quotation marks, so that the script of a run reads them alike.
    """
    encoding, note = encoding_of(path, options.encoding)
    with open_text(path, encoding) as file:
        head = list(lines_of(file.read(_HEAD)))[:-1][:_LINES_BELOW_TITLES]
    notes = (note,) if note else ()
    if options.delimiter in ("", " ") and (found := _by_spaces(path, options, head, encoding)) is not None:
        return found._replace(notes=(*notes, *found.notes))
    for sign in options.delimiter or ",;|":
        if (found := _by_other_columns(path, options, head, encoding, sign)) is not None:
            return found._replace(notes=(*notes, *found.notes))
    if not any(_has_row_names(head, sign) for sign in (options.delimiter or ",;\t")):
        return None
    layout = layout_of(path, msgspec.structs.replace(options, format="", part="", offsets=""))

    def rows() -> Iterator[Row]:
        for chunk in read(path, layout, layout.columns):
            made = dict(zip(chunk.numbers, zip(*chunk.columns.values(), strict=True), strict=True))
            reasons = dict(chunk.excluded)
            for number in sorted([*made, *reasons]):
                row: Row = dict(zip(layout.columns, made.get(number, [None] * len(layout.columns)), strict=True))
                row = unusable(reasons[number], row) if number in reasons else row
                yield at_line(row, chunk.lines[number])

    return RowsAsObjects("jsonl", {"": rows}, layout.options.encoding, layout.notes)


def _by_spaces(path: Path, options: ReadingOptions, head: list[str], encoding: str) -> RowsAsObjects | None:
    """The rows of a table with enclosed names and a single space between its cells, as R's `write.table` has it."""
    if not head or not QUOTED_NAMES.fullmatch(head[0].strip()):
        return None
    try:
        cells = [row for row in csv_rows(head, " ", "escaped", strict=False) if row]
    except csv.Error:
        return None
    width = len(cells[-1])
    are_equal = sum(len(row) == width for row in cells[1:]) >= 0.9 * len(cells[1:])
    if len(cells) < _FEWEST_ROWS or width - len(cells[0]) not in (0, 1) or not are_equal:
        return None
    names = unique_names([*[""] * (width - len(cells[0])), *cells[0]])

    def rows() -> Iterator[Row]:
        with open_text(path, encoding, options.undecodable) as file:
            records = _records(Lines(file, longest=LONGEST_RECORD), " ", "escaped", width)
            for record in itertools.islice(records, 1, None):
                row = dict.fromkeys(names) if record.problem else dict(zip(names, record.cells, strict=False))
                yield at_line(unusable(record.problem, row) if record.problem else row, record.line)

    return RowsAsObjects("jsonl", {"": rows}, encoding, (Sentence("reading.note.spaces_between_columns"),))


def _by_other_columns(
    path: Path, options: ReadingOptions, head: list[str], encoding: str, sign: str
) -> RowsAsObjects | None:
    """The rows of a table whose first or last column holds texts with the delimiter in them and no quotation marks.

    What is more in a row than in the header belongs to the text.
    """
    if any('"' in line for line in head) or options.quoting not in ("", "plain"):
        return None
    cells = [line.strip("\r\n").split(sign) for line in head if line.strip()]
    names = [name.strip().lstrip("\ufeff") for name in cells[0]] if cells else []
    texts = [place for place in (0, len(names) - 1) if names and names[place].casefold() in _TEXT_NAMES]
    if len(names) < 2 or len(texts) != 1 or not all(names) or len(set(names)) < len(names):
        return None
    wider = sum(len(row) > len(names) for row in cells[1:])
    narrower = sum(len(row) < len(names) for row in cells[1:])
    if len(cells) <= _FEWEST_ROWS or wider < _OFTEN * len(cells[1:]) or narrower > 0.05 * len(cells[1:]):
        return None
    if len({len(row) for row in cells[1:]}) == 1:
        return None  # columns without names
    is_last = texts[0] > 0

    def rows() -> Iterator[Row]:
        with open_text(path, encoding, options.undecodable) as file:
            lines = Lines(file)
            for number, (line, is_unreadable) in enumerate(lines.filled()):
                written = line.strip("\r\n")
                found = written.split(sign, len(names) - 1) if is_last else written.rsplit(sign, len(names) - 1)
                problem = UNREADABLE if is_unreadable else NOTHING
                if len(found) < len(names):
                    problem = Sentence("reading.excluded.columns", columns=len(found), width=len(names))
                if number:
                    row = dict.fromkeys(names) if problem else dict(zip(names, map(str.strip, found), strict=True))
                    yield at_line(unusable(problem, row) if problem else row, lines.number)

    remark = Sentence("reading.note.texts_with_the_delimiter", column=names[texts[0]], sign=sign)
    return RowsAsObjects("jsonl", {"": rows}, encoding, (remark,))


def _has_row_names(head: list[str], sign: str) -> bool:
    """Whether each row has one cell more than the first row, and begins with another cell than all others."""
    try:
        rows = [cells for cells in csv_rows(head, sign, "", strict=False) if cells]
    except csv.Error:
        return False
    if len(rows) < _FEWEST_WITH_NAMES or len(rows[0]) < 2 or not all(rows[0]):
        return False
    names = {cells[0] for cells in rows[1:]}
    return len(names) == len(rows) - 1 and all(len(cells) == len(rows[0]) + 1 for cells in rows[1:])


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns."""
    options = layout.options
    width = len(layout.columns)
    places = {name: place for place, name in enumerate(layout.columns)}
    positions = [places[name] for name in columns]
    builder = ChunkBuilder(columns)
    with open_text(path, options.encoding, options.undecodable) as file:
        lines = Lines(file, longest=LONGEST_RECORD)
        _skip_preamble(lines, options.delimiter, width)
        _skip_titles(lines, Dialect(options.delimiter, options.quoting, width, 1.0), options.header)
        number = 0
        records = _records(lines, options.delimiter, options.quoting, width)
        header: list[str] = []
        if options.header == "yes":
            first = next(records, None)
            header = first.cells if first else []
        while True:
            line = lines.number + 1
            rows = _plain_rows(lines, options.delimiter, options.quoting, width)
            if rows and header not in rows:
                chosen = rows if positions == list(range(width)) else [[row[at] for at in positions] for row in rows]
                builder.add_all(number + 1, chosen, line)
                number += len(rows)
            elif rows:
                for place, cells in enumerate(rows):
                    number += 1
                    if cells == header:
                        builder.leave_out(number, _HEADER_AGAIN, line + place)
                    else:
                        builder.add(number, [cells[at] for at in positions], line + place)
            else:
                for record in itertools.islice(records, _LINES_TOGETHER):
                    number += 1
                    if record.problem:
                        builder.leave_out(number, record.problem, record.line)
                    elif record.cells == header:
                        builder.leave_out(number, _HEADER_AGAIN, record.line)
                    else:
                        builder.add(number, [record.cells[position] for position in positions], record.line)
                    if lines.taken and len(lines.taken[-1]) > BYTES_PER_CHUNK:
                        break
                else:
                    if lines.is_at_end():
                        break
            if builder.is_full(lines.bytes_done()):
                yield builder.take(lines.bytes_done())
        yield builder.take(lines.bytes_done())


def _plain_rows(lines: Lines, delimiter: str, quoting: str, width: int) -> list[list[str]]:
    """The rows of the next lines where each line is a row with nothing special about it, else none: nothing is read.

    Most lines of most files are that, and a record at a time costs as much again as splitting it.
    """
    quote = {"plain": "", "single": "'"}.get(quoting, '"')
    block = lines.take_together(_LINES_TOGETHER, quote)
    if not block:
        return []
    rows = list(csv_rows(block, delimiter, quoting, strict=False))
    if len(rows) != len(block) or any(len(row) != width for row in rows):
        lines.give_back(block)
        return []
    return rows


def _declared_delimiter(sample: str) -> str:
    """The delimiter in a spreadsheet's first line sep=;, or an empty string."""
    found = _TOLD.match(sample)
    return found.group(1) if found else ""


def _may_be_preamble(line: str) -> bool:
    return line.startswith("#") or _TOLD.match(line) is not None


def _skip_preamble(lines: Lines, delimiter: str, width: int) -> int:
    """Passes over comments before the rows, up to the last one that has not the columns of a row; returns how many.

    A header that begins with #, and rows of a column of hash tags, are no comments.
    """
    found: list[str] = []
    skipped = 0
    for line in lines:
        found.append(line)
        if not _may_be_preamble(line) or len(found) > _MOST_COMMENTS:
            break
        cells = next(csv_rows([line], delimiter, "plain", strict=False), [])
        if (width > 1 and len(cells) != width) or (len(found) == 1 and _TOLD.match(line)):
            skipped = len(found)
    lines.give_back(found[skipped:])
    lines.taken = []
    return skipped


_LONGEST_TITLE = 65_536  # characters; what lies below a longer line is not read ahead


def _skip_titles(lines: Lines, dialect: Dialect, header: str) -> int:
    """Passes over titles above the header; returns how many lines these are. Only a file with a header has some."""
    if header == "no" or dialect.width < 2:
        return 0
    head = []
    for line in itertools.islice(lines, _LINES_BELOW_TITLES):
        head.append(line)
        lines.taken = []  # these are lines, and no record of many
        if len(line) > _LONGEST_TITLE:
            break
    rows = [next(csv_rows([line], dialect.delimiter, dialect.quoting, strict=False), []) for line in head]
    skipped = title_rows(rows, dialect.width)
    lines.give_back(head[skipped:])
    lines.taken = []
    return skipped


def _records(lines: Lines, delimiter: str, quoting: str, width: int) -> Iterator[_Record]:
    reader = _reader(lines, delimiter, quoting)
    while True:
        lines.taken = []
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, TooManyLines):
            cells = _only_first_line(lines, delimiter)
            reader = _reader(lines, delimiter, quoting)
            fits = len(lines.taken) == 1 and lines.taken[0].count('"') % 2 == 0
            yield _Record(cells, _problem(lines, cells, width) if fits else OPEN_QUOTE, line)
            continue
        if not cells:
            continue
        if len(cells) != width and len(lines.taken) > 1 and not _spare_cells_are_empty(cells, width):
            cells = _only_first_line(lines, delimiter)
            reader = _reader(lines, delimiter, quoting)
            yield _Record(cells, OPEN_QUOTE, line)
            continue
        yield _Record(cells, _problem(lines, cells, width), line)


def _reader(lines: Lines, delimiter: str, quoting: str) -> Iterator[list[str]]:
    return csv_rows(lines, delimiter, quoting)


def _only_first_line(lines: Lines, delimiter: str) -> list[str]:
    """Gives back all lines of this record but the first, which is read leniently."""
    first, rest = lines.taken[0], lines.taken[1:]
    lines.give_back(rest)
    cells = next(csv_rows([first], delimiter, "quoted", strict=False), [])
    return cells


def _problem(lines: Lines, cells: list[str], width: int) -> Sentence:
    if len(cells) != width and not _spare_cells_are_empty(cells, width):
        return Sentence("reading.excluded.columns", columns=len(cells), width=width)
    return UNREADABLE if lines.is_unreadable() else NOTHING


def _spare_cells_are_empty(cells: list[str], width: int) -> bool:
    return len(cells) > width and not any(cells[width:])


def _from_first_row(sample: str, dialect: Dialect, rows: list[list[str]]) -> list[list[str]]:
    """The sample's rows with the file's first row in front, even where its width differs."""
    lines = Lines(lines_of(sample), longest=LONGEST_RECORD)
    for record in _records(lines, dialect.delimiter, dialect.quoting, dialect.width):
        return [record.cells, *rows[1:]] if rows and record.cells == rows[0] else [record.cells, *rows]
    return rows


def _first_record(path: Path, encoding: str, dialect: Dialect) -> list[str]:
    with open_text(path, encoding) as file:
        lines = Lines(file, longest=LONGEST_RECORD)
        _skip_preamble(lines, dialect.delimiter, dialect.width)
        _skip_titles(lines, dialect, "yes")
        for record in _records(lines, dialect.delimiter, dialect.quoting, dialect.width):
            return record.cells
    return []
