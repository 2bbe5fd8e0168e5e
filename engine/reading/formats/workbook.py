"""Sheets of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods): values only, as far as the file shows how they look.

Formulas count as the value that was saved with them; no macro, no link and no entity is ever followed. A number
without a fraction is written without one, because a workbook does not distinguish 7 from 7.0; a text such as 007 stays.
A merged cell's value is in each of its rows. Rows with nothing in them are not counted, as blank lines of a CSV file
are not.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from engine.contract.errors import DatasetUnreadable
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions
from engine.reading.formats.chunks import Cell, Chunk, ChunkBuilder, Layout, numbered_names, unique_names
from engine.reading.formats.dialect import has_header, title_rows

MOST_BYTES = 1024**3  # of XML and other parts, unpacked
MOST_RATIO = 400  # unpacked to packed; rows that repeat reach 100
MOST_CELLS = 50_000_000  # of a sheet, empty ones between others included: they all take memory
_NO_ARCHIVE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
_SMALL = 64 * 1024 * 1024  # bytes that may be packed as tightly as they like
_BLOCK = 1024 * 1024
_PLACE = re.compile(rb'[ \t\n]r="([A-Z]{1,3})([0-9]{1,7})"')
_LONGEST_PLACE = 20  # bytes
_SNIFFED_ROWS = 1_000
_FEW_ROWS = 20  # of a sheet that may explain another one
_MANY_TIMES = 5
_OTHER = (RecoveryAction.CHOOSE_OTHER_FILE,)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


def is_workbook(path: Path, head: bytes) -> bool:
    """Whether the file that begins with `head` is a workbook: an old Excel file, or a zip archive that holds one."""
    if head.startswith(_OLD_OFFICE):
        return True
    if not head.startswith(_ZIP):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return b"opendocument.spreadsheet" in archive.read("mimetype")
    except (*_NO_ARCHIVE, OSError, KeyError, ValueError):
        return False
    return any(name.lower() in ("xl/workbook.xml", "xl/workbook.bin") for name in names)


def sheet_names(path: Path) -> tuple[str, ...]:
    """The sheets of the workbook: those that are shown first, then hidden ones."""
    with _opened(path) as book:
        return _ordered(book)


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this workbook is read; `options.part` names the sheet, else the first with a table is taken (`_sheet_of`)."""
    with _opened(path) as book:
        names = _ordered(book)
        if options.part and options.part not in names:
            raise DatasetUnreadable(
                "D14",
                Sentence("reading.d14.no_sheet", path=path.name, part=options.part),
                hint=Sentence("reading.d14.sheets", names=names[:10]),
                actions=(RecoveryAction.CHOOSE_OTHER_SHEET,),
                choices=names,
            )
        name, others = (options.part, False) if options.part else _sheet_of(path, book, names)
        rows = _first_rows(_sheet(path, book, name)) if name else []
    width = max(map(len, rows), default=0)
    titles = title_rows(_padded(rows, width), width) if options.header != "no" else 0
    rows = rows[titles:]
    header = options.header or ("yes" if has_header(rows) else "no")
    filled = msgspec.structs.replace(
        options, format="workbook", encoding="", delimiter="", quoting="", header=header, part=name
    )
    columns = unique_names(rows[0]) if rows and header == "yes" else numbered_names(width)
    notes = [Sentence("reading.note.lines_above_header", lines=titles)] if titles else []
    if others or (not options.part and name != names[0]):
        notes.insert(0, Sentence("reading.note.sheet_read", sheet=name, sheets=len(names)))
    return Layout(filled, columns, tuple(notes), parts=names)


def _sheet_of(path: Path, book: CalamineWorkbook, names: tuple[str, ...]) -> tuple[str, bool]:
    """The sheet that is read where none was chosen, and whether others hold tables as well.

    It is the first with a table, the first with rows where none has one.

    A table has at least two cells in most of its rows. One of a few rows, such as a key to the labels, gives way to a
    sheet with many times as many.
    """
    rows = {name: _first_rows(_sheet(path, book, name)) for name in names}
    filled = [name for name in names if rows[name]]
    tables = [name for name in filled if 2 * sum(sum(map(bool, row)) > 1 for row in rows[name]) > len(rows[name])]
    if not tables:
        return (filled or [*names])[0] if names else "", False
    largest = max(tables, key=lambda name: len(rows[name]))
    is_small = len(rows[tables[0]]) < _FEW_ROWS and len(rows[largest]) >= _MANY_TIMES * len(rows[tables[0]])
    return largest if is_small else tables[0], len(tables) > 1


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the sheet, only the named columns."""
    positions = [layout.columns.index(name) for name in columns]
    builder = ChunkBuilder(columns)
    total = path.stat().st_size
    with _opened(path) as book:
        sheet = _sheet(path, book, layout.options.part)
        height = max(1, sheet.total_height)
        number = 0
        above = 0
        if layout.options.header == "yes":
            first = _first_rows(sheet)
            width = max(map(len, first), default=0)
            above = title_rows(_padded(first, width), width) + 1
        for place, cells in _filled_rows(sheet):
            if above:
                above -= 1
                continue
            number += 1
            row: list[Cell] = [cells[position] if position < len(cells) else "" for position in positions]
            builder.add(number, row, place + 1)
            done = min(total, total * place // height)
            if builder.is_full(done):
                yield builder.take(done)
        yield builder.take(total)


def shown(value: Any) -> str:
    """A cell's value as a spreadsheet shows it, as far as the file has it."""
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
        _check_size(path)
        with CalamineWorkbook.from_path(str(path)) as book:
            yield book
    except PasswordError as error:
        raise DatasetUnreadable(
            "D14",
            Sentence("reading.d14.protected_password", path=path.name),
            hint=Sentence("reading.d14.save_without_then_choose_again"),
            actions=_OTHER,
        ) from error
    except (CalamineError, OSError, UnicodeError, ValueError, OverflowError, *_NO_ARCHIVE) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: BaseException) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D14",
        Sentence("reading.d14.damaged_workbook_none_all", path=path.name),
        hint=Sentence("reading.d14.open_program_wrote_save_once"),
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


def _padded(rows: list[list[str]], width: int) -> list[list[str]]:
    return [row + [""] * (width - len(row)) for row in rows]


def _filled_rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """The rows with something in them, each with its place in the sheet; merged cells count for each of their rows."""
    # calamine's rows begin with the first one of the sheet, its columns with the first one that is filled.
    left = (sheet.start or (0, 0))[1]
    merged: dict[int, list[tuple[int, int]]] = {}  # first row to column and last row
    for (first, column), (last, _) in sheet.merged_cell_ranges or []:
        if last > first:
            merged.setdefault(first, []).append((column - left, last))
    repeated: dict[int, tuple[int, str]] = {}  # column to the last row it continues to, and its value
    for place, values in enumerate(sheet.iter_rows()):
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


def _check_size(path: Path) -> None:
    """Raises `DatasetUnreadable` (D14) for a workbook that unpacks to far too much; one that is not zipped passes.

    A zip archive's own sizes can be wrong, so what comes out of it is counted before it is parsed.

    Raises one of `_NO_ARCHIVE` where the archive is damaged.
    """
    packed = path.stat().st_size
    unpacked = 0
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            sheet = _Extent() if "worksheets/" in member.filename else None
            for block in _blocks(path, member):
                unpacked += len(block)
                if unpacked > MOST_BYTES or (unpacked > _SMALL and unpacked > MOST_RATIO * packed):
                    raise _too_large(path, Sentence("reading.d14_what.unpacks_more_than", unpacked=unpacked))
                if sheet is not None:
                    sheet.add(block)
            if sheet is not None and sheet.rows * sheet.columns > MOST_CELLS:
                raise _too_large(
                    path, Sentence("reading.d14_what.sheet_rows_columns", rows=sheet.rows, columns=sheet.columns)
                )


class _Extent:
    """The last row and the last column that a sheet's XML names."""

    def __init__(self) -> None:
        self.rows = 0
        self.columns = 0
        self._rest = b""

    def add(self, block: bytes) -> None:
        text = self._rest + block
        self._rest = text[-_LONGEST_PLACE:]
        places = _PLACE.findall(text)
        if places:
            self.rows = max(self.rows, max(int(row) for _, row in places))
            self.columns = max(self.columns, max(map(_column, {letters for letters, _ in places})))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _blocks(path: Path, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """What comes out of the member, whatever size is written for it."""
    with path.open("rb") as file:
        file.seek(member.header_offset)
        header = file.read(30)
        if header[:4] != b"PK\x03\x04":
            raise zipfile.BadZipFile("no header")
        file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
        left = member.compress_size
        inflate = zlib.decompressobj(-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
        while left > 0:
            packed = file.read(min(_BLOCK, left))
            if not packed:
                return
            left -= len(packed)
            if inflate is None:
                yield packed
                continue
            while packed and not inflate.eof:
                yield inflate.decompress(packed, _BLOCK)
                packed = inflate.unconsumed_tail


def _too_large(path: Path, what: Sentence) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D14",
        Sentence("reading.d14.which_too_much_read_whole", path=path.name, what=what),
        hint=Sentence("reading.d14.save_sheet_csv_which_read"),
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
    )
