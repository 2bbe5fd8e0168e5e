"""Sheets of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods): values only, as far as the file tells how they look.

Formulas count as the value that was saved with them; no macro, no link and no entity is ever followed. A number
without a fraction is written without one, because a workbook does not tell 7 from 7.0; a text such as 007 stays. A
merged cell's value stands in each of its rows. Rows with nothing in them are not counted, as blank lines of a CSV file
are not.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from engine.errors import DatasetUnreadable
from engine.reading.chunks import Cell, Chunk, ChunkBuilder, Layout, numbered_names, unique_names
from engine.reading.sniffing import has_header
from engine.reading.workbook_size import NO_ARCHIVE, check_size
from engine.settings import ReadingOptions, SplitName
from engine.split_names import parts_by_split

_SNIFFED_ROWS = 1_000
_OTHER = ("Choose another file",)


def sheet_names(path: Path) -> tuple[str, ...]:
    """The sheets of the workbook: those that are shown first, then hidden ones."""
    with _opened(path) as book:
        return _ordered(book)


def sheets_by_split(path: Path) -> dict[SplitName, str]:
    """The sheets that are called train, validation and test; empty where their names do not tell."""
    return parts_by_split(sheet_names(path))


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this workbook is read; `options.part` names the sheet, else the first one with rows is taken."""
    with _opened(path) as book:
        names = _ordered(book)
        if options.part and options.part not in names:
            raise DatasetUnreadable(
                "D14",
                f"{path.name} has no sheet “{options.part}”.",
                hint=f"Its sheets are {', '.join(names[:10])}.",
                actions=("Choose another sheet",),
            )
        name, rows = "", list[list[str]]()
        for name in (options.part,) if options.part else names:
            rows = _first_rows(_sheet(path, book, name))
            if rows:
                break
    header = options.header or ("yes" if has_header(rows) else "no")
    width = max(map(len, rows), default=0)
    filled = msgspec.structs.replace(
        options, format="workbook", encoding="", delimiter="", quoting="", header=header, part=name
    )
    columns = unique_names(rows[0]) if rows and header == "yes" else numbered_names(width)
    return Layout(filled, columns, parts=names)


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the sheet, only the named columns."""
    positions = [layout.columns.index(name) for name in columns]
    builder = ChunkBuilder(columns)
    total = path.stat().st_size
    with _opened(path) as book:
        sheet = _sheet(path, book, layout.options.part)
        height = max(1, sheet.total_height)
        number = 0
        waits_for_header = layout.options.header == "yes"
        for place, cells in _filled_rows(sheet):
            if waits_for_header:
                waits_for_header = False
                continue
            number += 1
            row: list[Cell] = [cells[position] if position < len(cells) else "" for position in positions]
            builder.add(number, row)
            done = min(total, total * place // height)
            if number % 64 == 0 and builder.is_full(done):
                yield builder.take(done)
        yield builder.take(total)


def shown(value: Any) -> str:
    """A cell's value as a person sees it, as far as the file tells."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds") if value.time() != datetime.time() else value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return "" if value is None else str(value)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    try:
        check_size(path)
        with CalamineWorkbook.from_path(str(path)) as book:
            yield book
    except PasswordError as error:
        raise DatasetUnreadable(
            "D14",
            f"{path.name} is protected by a password.",
            hint="Save it without one, then choose it again.",
            actions=_OTHER,
        ) from error
    except (CalamineError, OSError, UnicodeError, ValueError, OverflowError, *NO_ARCHIVE) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: BaseException) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D14",
        f"{path.name} is a damaged workbook, or none at all.",
        hint="Open it with the program that wrote it and save it once more, or save the sheet as CSV.",
        actions=_OTHER,
        details=str(error),
    )


def _ordered(book: CalamineWorkbook) -> tuple[str, ...]:
    hidden = {one.name for one in book.sheets_metadata if one.visible != SheetVisibleEnum.Visible}
    return tuple(sorted(book.sheet_names, key=lambda name: name in hidden))


def _sheet(path: Path, book: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return book.get_sheet_by_name(name)
    except BaseException as error:  # a panic of the parser is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise _damaged(path, error) from error


def _first_rows(sheet: CalamineSheet) -> list[list[str]]:
    rows = []
    for _, cells in _filled_rows(sheet):
        rows.append(cells)
        if len(rows) >= _SNIFFED_ROWS:
            break
    width = max((len(row) for row in rows), default=0)
    while width and not any(row[width - 1] for row in rows if len(row) >= width):
        width -= 1
    return [row[:width] for row in rows]


def _filled_rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """The rows with something in them, each with its place in the sheet; merged cells count for each of their rows."""
    start = sheet.start or (0, 0)
    merged: dict[int, list[tuple[int, int]]] = {}  # first row to column and last row
    for (first, column), (last, _) in sheet.merged_cell_ranges or []:
        if last > first:
            merged.setdefault(first, []).append((column - start[1], last))
    repeated: dict[int, tuple[int, str]] = {}  # column to the last row it goes on to, and its value
    for place, values in enumerate(sheet.iter_rows(), start=start[0]):
        cells = [shown(value) for value in values]
        if any(cells):
            for column, (last, value) in list(repeated.items()):
                if place > last:
                    del repeated[column]
                elif column < len(cells) and not cells[column]:
                    cells[column] = value
            yield place, cells
        for column, last in merged.get(place, ()):
            if 0 <= column < len(cells):
                repeated[column] = (last, cells[column])
