"""The door of the reading room: what a file is, how it is read, and its rows chunk by chunk.

    layout = layout_of(path, ReadingOptions())
    for chunk in read(path, layout, ("text", "label")): ...

The user's file is opened for reading only. What a file is follows from its content, never from its name.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.contract.errors import DatasetUnreadable
from engine.contract.settings import ReadingOptions
from engine.reading.formats import annotations as annotated_rows
from engine.reading.formats import arrow as arrow_rows
from engine.reading.formats import conll as conll_rows
from engine.reading.formats import delimited, json_rows
from engine.reading.formats import parquet as parquet_rows
from engine.reading.formats import workbook as workbook_rows
from engine.reading.formats.chunks import Chunk, Layout
from engine.reading.formats.text_files import encoding_of, sample_text
from engine.reading.sources import archives

_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive or a document, not a table"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"Rar!", "a RAR archive"),
    (arrow_rows.OLD_FEATHER, "a Feather file of the first version"),
    (b"SQLite format 3", "a database"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "a rich text document"),
    (b"version https://git-lfs", "a placeholder of Git LFS, not the file itself"),
)
_KINDS = "Choose a CSV, TSV, JSON, Parquet, Arrow, Excel or CoNLL file."
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


class _Reader(NamedTuple):
    layout_of: Callable[[Path, ReadingOptions], Layout]
    read: Callable[[Path, Layout, tuple[str, ...]], Iterator[Chunk]]


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this file is read, with everything filled in that `options` leave open.

    Raises `DatasetUnreadable`: D20 no regular file, D10 nothing in it, D11 not what it should be, D12 bad JSON,
    D13 damaged Parquet, D1 unknown encoding.
    """
    check_is_readable(path)
    found = options.format or _format_of(path, options)
    layout = _reader(found).layout_of(path, msgspec.structs.replace(options, format=found))
    if not layout.columns:
        raise DatasetUnreadable("D10", f"{path.name} has no columns.", hint=_KINDS, actions=("Choose another file",))
    return layout


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns, in chunks of at most some thousand rows."""
    check_is_readable(path)
    return _reader(layout.options.format).read(path, layout, columns)


def check_is_readable(path: Path) -> None:
    """Raises `DatasetUnreadable` where there is no regular file with something in it that may be read."""
    name = path.name or str(path)
    if "://" in str(path) or str(path).startswith(("http:/", "https:/")):
        raise DatasetUnreadable("D11", f"{path} is an address.", hint=f"Download the file first. {_KINDS}")
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DatasetUnreadable("D11", f"{name} is a folder.", hint=_KINDS, actions=("Choose another file",))
        if not stat.S_ISREG(status.st_mode):
            raise DatasetUnreadable("D20", f"{name} is not a regular file.", hint=_KINDS)
        with path.open("rb") as file:
            file.read(1)
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        raise DatasetUnreadable(
            "D20",
            f"{name} is not there." if missing else f"{name} cannot be opened.",
            hint="Check whether it was moved or renamed." if missing else "Check whether you may read it.",
            actions=("Choose another file",),
            details=str(error),
        ) from error
    if status.st_size == 0:
        raise DatasetUnreadable(
            "D10", f"{name} is empty.", hint="Choose a file with rows.", actions=("Choose another file",)
        )


def _reader(name: str) -> _Reader:
    match name:
        case "parquet":
            return _Reader(parquet_rows.layout_of, parquet_rows.read)
        case "jsonl":
            return _Reader(json_rows.layout_of, json_rows.read)
        case "arrow" | "folder":
            return _Reader(arrow_rows.layout_of, arrow_rows.read)
        case "workbook":
            return _Reader(workbook_rows.layout_of, workbook_rows.read)
        case "spans":
            return _Reader(annotated_rows.layout_of, annotated_rows.read)
        case "conll":
            return _Reader(conll_rows.layout_of, conll_rows.read)
    return _Reader(delimited.layout_of, delimited.read)


def _format_of(path: Path, options: ReadingOptions) -> str:
    """csv, jsonl, spans, parquet, arrow, workbook or conll; csv stands for every delimiter."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(b"PAR1"):
        return "parquet"
    if arrow_rows.is_arrow(path, head):
        return "arrow"
    if head.startswith(_OLD_OFFICE) or (archives.is_zip(path) and archives.is_workbook(path)):
        return "workbook"
    for signature, description in _SIGNATURES:
        if head.startswith(signature) and not (signature == b"MZ" and b"\0" not in head):
            raise _not_what_it_should_be(path, description)
    encoding, _ = encoding_of(path, options.encoding)
    text = sample_text(path, encoding)
    beginning = text.lstrip()[:2_000]
    if not beginning:
        raise DatasetUnreadable(
            "D10",
            f"{path.name} holds nothing but spaces.",
            hint="Choose a file with rows.",
            actions=("Choose another file",),
        )
    if beginning[:200].casefold().startswith(("<!doctype html", "<html", "<?xml", "<svg")):
        raise _not_what_it_should_be(path, "a web page or XML, not rows")
    odd = sum(letter < " " and letter not in "\t\r\n\f\x0b" for letter in text[:20_000])
    if odd > 0.05 * len(text[:20_000]):
        raise _not_what_it_should_be(path, "binary data, not text")
    if _is_json(path, text, encoding):
        return "spans" if annotated_rows.looks_annotated(path, encoding) else "jsonl"
    return "conll" if conll_rows.looks_like_conll(text) else "csv"


def _is_json(path: Path, text: str, encoding: str) -> bool:
    body = text.lstrip()
    rest = body[1:200].lstrip()
    if body.startswith("["):
        return rest.startswith(("{", "]")) or (not rest and len(body) == 1) or json_rows.begins_with_rows(body)
    if not body.startswith("{") or not rest.startswith(('"', "}")):
        return False
    first = body.splitlines()[0].strip()
    try:
        json.loads(first)
    except (json.JSONDecodeError, RecursionError):
        try:
            whole = json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            return True  # the reader names the line
        if isinstance(whole, dict) and not json_rows.holds_document(path, encoding):
            raise DatasetUnreadable(
                "D12",
                f"{path.name} holds one JSON object, not a list of rows.",
                hint="Save the rows as one object per line, or as a list in square brackets.",
                rows=(1,),
            ) from None
    return True


def _not_what_it_should_be(path: Path, description: str) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D11",
        f"{path.name} is {description}.",
        hint=_KINDS,
        actions=("Choose another file",),
    )
