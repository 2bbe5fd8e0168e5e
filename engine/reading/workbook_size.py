"""Whether a zipped workbook is as large as it says: what comes out of it is counted before a parser sees it."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from engine.errors import DatasetUnreadable
from engine.words import size

MOST_BYTES = 1024**3  # of XML and other parts, unpacked
MOST_RATIO = 400  # unpacked to packed; rows that repeat reach 100
MOST_CELLS = 50_000_000  # of a sheet, empty ones between others included: they all take memory
NO_ARCHIVE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)
_SMALL = 64 * 1024 * 1024  # bytes that may be packed as tightly as they like
_BLOCK = 1024 * 1024
_PLACE = re.compile(rb'[ \t\n]r="([A-Z]{1,3})([0-9]{1,7})"')
_LONGEST_PLACE = 20  # bytes


def check_size(path: Path) -> None:
    """Raises `DatasetUnreadable` (D14) for a workbook that is a bomb; one that is not zipped passes.

    Raises one of `NO_ARCHIVE` where the archive is damaged.
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
                    raise _too_large(path, f"unpacks to more than {size(unpacked)}")
                if sheet is not None:
                    sheet.add(block)
            if sheet is not None and sheet.rows * sheet.columns > MOST_CELLS:
                raise _too_large(path, f"has a sheet of {sheet.rows:,} rows and {sheet.columns:,} columns")


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
    """What comes out of the member, whatever size it says it has."""
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


def _too_large(path: Path, what: str) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D14",
        f"{path.name} {what}, which is too much to be read as a whole.",
        hint="Save the sheet as CSV, which is read piece by piece.",
        actions=("Choose another file",),
    )
