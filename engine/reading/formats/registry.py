"""The readers of all file formats, and how a file's format is recognized from its content.

    layout = layout_of(path, ReadingOptions())
    for chunk in read(path, layout, ("text", "label")): ...

The user's file is opened for reading only. A file's suffix decides nothing.
"""

from __future__ import annotations

import codecs
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.contract.errors import DatasetUnreadable
from engine.contract.file_formats import PRODUCTS, FileFormat, file_format
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import ReadingOptions
from engine.reading.formats import (
    annotation_tools,
    arrow,
    conll,
    delimited,
    json_rows,
    json_shapes,
    marked_text,
    parquet,
    text_lines,
    workbook,
)
from engine.reading.formats.chunks import Chunk, Layout
from engine.reading.formats.rows_as_objects import RowsAsObjects
from engine.reading.formats.text_files import TextSample, encoding_of, sample_text


class Format(NamedTuple):
    """A format with the functions that read it.

    `layout_of` fills in what the options leave open; `read` yields the named columns of all rows. A format of bytes is
    recognized by `is_binary(path, first 4,096 bytes)`, one of text by `is_text`. `part_names` lists the tables of a
    file that can hold several. `rows_of` yields the rows of files that are
    copied before they are read (rows_as_objects.py).
    """

    description: FileFormat
    layout_of: Callable[[Path, ReadingOptions], Layout]
    read: Callable[[Path, Layout, tuple[str, ...]], Iterator[Chunk]]
    is_binary: Callable[[Path, bytes], bool] | None = None
    is_text: Callable[[TextSample], bool] | None = None
    part_names: Callable[[Path], tuple[str, ...]] | None = None
    rows_of: Callable[[Path, ReadingOptions], RowsAsObjects | None] | None = None


# In the order in which they are tried: delimited text is last since every text can be read as such.
FORMATS = (
    Format(
        file_format("parquet"),
        parquet.layout_of,
        parquet.read,
        is_binary=parquet.is_parquet,
        rows_of=annotation_tools.rows_of_parquet,
    ),
    Format(
        file_format("arrow"),
        arrow.layout_of,
        arrow.read,
        is_binary=arrow.is_arrow,
        rows_of=annotation_tools.rows_of_arrow,
    ),
    Format(
        file_format("workbook"),
        workbook.layout_of,
        workbook.read,
        is_binary=workbook.is_workbook,
        part_names=workbook.sheet_names,
    ),
    Format(file_format("folder"), arrow.layout_of, arrow.read),  # texts that were gathered in an Arrow file
    Format(
        file_format("spans"),
        marked_text.layout_of,
        marked_text.read,
        is_text=marked_text.is_annotated,
        rows_of=annotation_tools.rows_of,
    ),
    Format(
        file_format("jsonl"),
        json_rows.layout_of,
        json_rows.read,
        is_text=json_rows.is_json,
        rows_of=json_shapes.rows_of,
    ),
    Format(file_format("conll"), conll.layout_of, conll.read, is_text=conll.is_conll, rows_of=conll.rows_of),
    # Known by `rows_of`; `read` takes the copy of its rows.
    Format(file_format("lines"), text_lines.layout_of, text_lines.read, rows_of=text_lines.rows_of),
    Format(file_format("tsv"), delimited.layout_of, delimited.read),  # what `csv` turns out to be where there are tabs
    Format(
        file_format("csv"),
        delimited.layout_of,
        delimited.read,
        is_text=lambda sample: True,
        rows_of=delimited.rows_of,
    ),
)

_BY_NAME = {one.description.name: one for one in FORMATS}
_HEAD = 4096  # bytes
MOST_COLUMNS = 10_000  # of a table of texts; spreadsheets end at 16,384
_SIGNATURES = (
    (b"PK\x03\x04", Sentence("reading.d11_what.zip_archive_document_not_table")),
    (b"PK\x05\x06", Sentence("reading.d11_what.empty_zip_archive")),
    (b"\xff\xd8\xff", Sentence("reading.d11_what.jpeg_picture")),
    (b"\x89PNG", Sentence("reading.d11_what.png_picture")),
    (b"GIF8", Sentence("reading.d11_what.gif_picture")),
    (b"%PDF", Sentence("reading.d11_what.pdf_document")),
    (b"\x1f\x8b", Sentence("reading.d11_what.gzip_archive")),
    (b"BZh", Sentence("reading.d11_what.bzip2_archive")),
    (b"\xfd7zXZ", Sentence("reading.d11_what.xz_archive")),
    (b"7z\xbc\xaf", Sentence("reading.d11_what.7z_archive")),
    (b"\x28\xb5\x2f\xfd", Sentence("reading.d11_what.zstd_archive")),
    (b"Rar!", Sentence("reading.d11_what.rar_archive")),
    (b"\x93NUMPY", Sentence("reading.d11_what.numpy_array")),
    *((bytes([0x80, protocol]), Sentence("reading.d11_what.pickle")) for protocol in range(2, 6)),
    *((bytes([0x78, level]), Sentence("reading.d11_what.zlib_data")) for level in (0x9C, 0xDA)),
    (b"\x89HDF", Sentence("reading.d11_what.hdf5_file")),
    (arrow.OLD_FEATHER, Sentence("reading.d11_what.old_feather")),
    (b"SQLite format 3", Sentence("reading.d11_what.database")),
    (b"MZ", Sentence("reading.d11_what.windows_program")),
    (b"\x7fELF", Sentence("reading.d11_what.program")),
    (b"{\\rtf", Sentence("reading.d11_what.rich_text_document")),
    (b"version https://git-lfs", Sentence("reading.d11_what.placeholder_git_lfs_not_file_itself")),
)
_HINT = Sentence("reading.d11.choose_file", products=PRODUCTS)
# Texts of other programs, known from their first lines.
_FOREIGN_TEXTS = (
    (
        re.compile(r"(?:^(?:--.*|/\*.*|\s*)\n)*(?:CREATE TABLE|DROP TABLE|INSERT INTO|BEGIN TRANSACTION|SET )\b", re.I),
        Sentence("reading.d11_what.sql_dump"),
    ),
    (
        re.compile(
            r"(?:From \S+ .*\n)?(?:(?:[ \t].*|[A-Za-z][\w-]*:.*)\n)*(?:From|Subject|Date|Message-ID):.*\n"
            r"(?:(?:[ \t].*|[A-Za-z][\w-]*:.*)\n)*(?:From|Subject|Date|Message-ID):.*\n",
            re.I,
        ),
        Sentence("reading.d11_what.e_mail"),
    ),
    (re.compile(r"From \S+@\S+ .*\d{4}.*\n"), Sentence("reading.d11_what.e_mail")),
    (re.compile(r"(?:#.*\n|\s*\n)*\[{1,2}[\w.]+\]{1,2}\s*\n\w+\s*="), Sentence("reading.d11_what.configuration")),
    (re.compile(r"(?:%.*\n|\s*\n)*\\(?:documentclass|begin)\b"), Sentence("reading.d11_what.latex")),
    (re.compile(r"(?:%.*\n|\s*\n)*@relation\b", re.I), Sentence("reading.d11_what.arff_file")),
    (
        re.compile(r"(?:[+-]?\d+(?:\.\d+)?(?: \d+:[-+.\deE]+)+\s*\n){3}"),
        Sentence("reading.d11_what.numbered_features"),
    ),
    (re.compile(r"(?:WEBVTT\b.*\n|\d+\s*\n\d\d:\d\d:\d\d[,.]\d+ --> )"), Sentence("reading.d11_what.subtitles")),
)


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this file is read, with everything filled in that `options` leave open.

    Raises `DatasetUnreadable`: D20 no regular file, D10 nothing in it, D11 not what it should be, D12 bad JSON,
    D5 too many columns, D8 a line without an end, D13 damaged Parquet, D1 unknown encoding.
    """
    check_is_readable(path)
    found = _BY_NAME[options.format] if options.format else binary_format(path) or _text_format(path, options)
    layout = found.layout_of(path, msgspec.structs.replace(options, format=found.description.name))
    if not layout.columns:
        raise DatasetUnreadable(
            "D10",
            Sentence("reading.d10.no_columns", path=path.name),
            hint=_HINT,
            actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
        )
    if len(layout.columns) > MOST_COLUMNS:
        raise DatasetUnreadable(
            "D5",
            Sentence("reading.d5.too_many_columns", path=path.name, columns=len(layout.columns), most=MOST_COLUMNS),
            hint=Sentence("reading.d5.save_columns_needed"),
            actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
        )
    return layout


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns, in chunks of at most some thousand rows."""
    check_is_readable(path)
    name = layout.options.format
    assert name, "a layout names its format"
    return _BY_NAME[name].read(path, layout, columns)


def rows_as_objects(path: Path, options: ReadingOptions) -> RowsAsObjects | None:
    """The rows of a file that has to be written anew before it is read; None for all others."""
    if options.format not in ("", *(one.description.name for one in FORMATS if one.rows_of is not None)):
        return None
    check_is_readable(path)
    head = _head_of(path)
    binary = binary_format(path)
    if binary is None and (any(head.startswith(signature) for signature, _ in _SIGNATURES) or _foreign_text(head)):
        return None
    tried = [one for one in FORMATS if one.is_binary is None] if binary is None else [binary]
    if options.delimiter and not options.format:  # who chooses what separates the columns has some
        tried = [one for one in tried if one.description.name != "lines"]
    for one in tried:
        found = one.rows_of(path, options) if one.rows_of is not None else None
        if found is not None and options.format in ("", found.format):
            return found
    return None


def binary_format(path: Path) -> Format | None:
    """The format of a file that is no text, recognized by its first bytes; None for text and for unknown files."""
    head = _head_of(path)
    return next((one for one in FORMATS if one.is_binary is not None and one.is_binary(path, head)), None)


def check_is_readable(path: Path) -> None:
    """Raises `DatasetUnreadable` where there is no regular file with something in it that may be read."""
    name = path.name or str(path)
    if "://" in str(path) or str(path).startswith(("http:/", "https:/")):
        raise DatasetUnreadable(
            "D11",
            Sentence("reading.d11.address", path=path),
            hint=Sentence("reading.d11.download_file_first", hint=_HINT),
        )
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DatasetUnreadable(
                "D11",
                Sentence("reading.d11.folder", name=name),
                hint=_HINT,
                actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
            )
        if not stat.S_ISREG(status.st_mode):
            raise DatasetUnreadable("D20", Sentence("reading.d20.not_regular_file", name=name), hint=_HINT)
        with path.open("rb") as file:
            file.read(1)
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        raise DatasetUnreadable(
            "D20",
            Sentence("reading.d20.not_there", name=name)
            if missing
            else Sentence("reading.d20.cannot_opened", name=name),
            hint=Sentence("reading.d20.check_whether_moved_renamed")
            if missing
            else Sentence("reading.d20.check_whether_you_may_read"),
            actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
            details=str(error),
        ) from error
    if status.st_size == 0:
        raise DatasetUnreadable(
            "D10",
            Sentence("reading.d10.empty", name=name),
            hint=Sentence("reading.d10.choose_file_rows"),
            actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
        )


def _text_format(path: Path, options: ReadingOptions) -> Format:
    """The format of a text; raises `DatasetUnreadable` for everything that holds no rows of text."""
    head = _head_of(path)
    for signature, what in _SIGNATURES:
        if head.startswith(signature) and not (signature == b"MZ" and b"\0" not in head):
            raise _is_no_rows(path, what)
    if head[257:262] == b"ustar":
        raise _is_no_rows(path, Sentence("reading.d11_what.tar_archive"))
    foreign = _foreign_text(head)
    if foreign:
        raise _is_no_rows(path, foreign)
    encoding, _ = encoding_of(path, options.encoding)
    text = sample_text(path, encoding)
    beginning = text.lstrip()[:2_000]
    if not beginning:
        raise DatasetUnreadable(
            "D10",
            Sentence("reading.d10.holds_nothing_but_spaces", path=path.name),
            hint=Sentence("reading.d10.choose_file_rows"),
            actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
        )
    if beginning[:200].casefold().startswith(("<!doctype html", "<html", "<?xml", "<svg")):
        raise _is_no_rows(path, Sentence("reading.d11_what.web_page_xml_not_rows"))
    odd = sum(letter < " " and letter not in "\t\r\n\f\x0b" for letter in text[:20_000])
    if odd > 0.05 * len(text[:20_000]):
        raise _is_no_rows(path, Sentence("reading.d11_what.binary_data_not_text"))
    sample = TextSample(path, encoding, text)
    found = next(one for one in FORMATS if one.is_text is not None and one.is_text(sample))
    if found.description.name == "conll" and options.delimiter not in ("", "\t", " "):
        return _BY_NAME["csv"]  # words have no other sign between their columns
    return found


def _foreign_text(head: bytes) -> Sentence:
    """What kind of other program's text begins so, or an empty sentence."""
    encoding = "utf-16" if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8"
    text = head.decode(encoding, "replace").lstrip("\ufeff").replace("\r\n", "\n")
    return next((what for pattern, what in _FOREIGN_TEXTS if pattern.match(text)), NOTHING)


def _head_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _is_no_rows(path: Path, what: Sentence) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D11",
        Sentence("reading.d11.is", path=path.name, what=what),
        hint=_HINT,
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
    )
