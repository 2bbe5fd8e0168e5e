"""JSON rows: one object per line, one array of objects, or one object that holds such an array.

A pair of a text and an object, as spaCy's examples are written, is the object with the text in it.

Numbers stay as they are written: 007 is no number, 1.0 is.

A line that is no object is an error that names it (D12); nothing is guessed.
"""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from engine.contract.errors import DatasetUnreadable
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence, from_text
from engine.contract.settings import ReadingOptions
from engine.reading.formats.chunks import BYTES_PER_CHUNK, UNREADABLE, Cell, Chunk, ChunkBuilder, Layout
from engine.reading.formats.rows_as_objects import LINE, OURS, PROBLEM, ROWS_LOOKED_AT
from engine.reading.formats.text_files import (
    LONGEST_LINE,
    UNDECODED,
    Lines,
    TextSample,
    bytes_done,
    encoding_of,
    open_text,
)

# Keys inside nested JSON objects, offered as columns: {"data": {"text": …}} has the column data.text.

_DEEPEST = 4  # levels below the row
_MOST_DOTS = 10  # of a name that are tried
_MOST = 50  # columns that one object may become; one with more is a table of its own, and stays a single column


def column_names(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The columns of these rows in the order of their appearance."""
    names: dict[str, dict[str, None]] = {}
    as_it_is: set[str] = set()
    for row in rows:
        for key, value in row.items():
            inside = names.setdefault(key, {})
            if isinstance(value, dict) and value:
                if len(inside) <= _MOST:
                    inside.update(dict.fromkeys(_leaves(key, value, _DEEPEST)))
            elif value is not None:
                as_it_is.add(key)
    found: dict[str, None] = {}
    for key, inside in names.items():
        if not inside or key in as_it_is or len(inside) > _MOST:
            found[key] = None
        if len(inside) <= _MOST:
            found.update(inside)
    return tuple(found)


def value_at(row: Mapping[str, Any], name: str) -> Any:
    """The value of a column; None where the row has none."""
    if name in row or "." not in name:
        return row.get(name)
    for outer, rest in _cut_at_dots(name):
        inside = row.get(outer)
        if isinstance(inside, dict):
            found = value_at(inside, rest)
            if found is not None:
                return found
    return None


@functools.lru_cache(maxsize=10_000)
def _cut_at_dots(name: str) -> tuple[tuple[str, str], ...]:
    """Each way to take a name for a key and what is inside it."""
    places = [place for place, letter in enumerate(name) if letter == "."][:_MOST_DOTS]
    return tuple((name[:place], name[place + 1 :]) for place in places)


def _leaves(name: str, value: Any, levels: int) -> Iterator[str]:
    if isinstance(value, dict) and value and levels:
        for key, inside in value.items():
            yield from _leaves(f"{name}.{key}", inside, levels - 1)
    else:
        yield name


_KEYS_FOR_NAMES = 1_000_000
_BLOCK = 1024 * 1024
_HEAD = 65_536  # characters
_SHOWN = 60  # characters
_SPACE = " \t\r\n"
_KEY = re.compile(r'[\s,]*"(?:[^"\\]|\\.)*"\s*:\s*')
_TEXT_AND_OBJECT = re.compile(r'\[\s*"(?:[^"\\]|\\.)*"\s*,\s*\{')
_LIST_OF_OBJECTS = re.compile(rf"\[\s*(?:\{{|{_TEXT_AND_OBJECT.pattern})")
_TOO_DEEP = re.compile(r"\[(?:\s*\[){99}")  # lists in a list that no row is in
# Numbers stay as they are written; NaN is no value, as pandas writes what is missing.
decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=lambda name: None if name == "NaN" else name)


# What JavaScript and JSON5 allow and JSON does not: names without quotation marks, comments, an assignment.
_JAVASCRIPT = re.compile(
    r"[\s\ufeff]*(?:((?://[^\n]*|/\*.*?\*/|(?:export\s+default|(?:const|let|var)\s+[\w$]+\s*=|[\w$]+(?:\.[\w$]+)+\s*=))\s*)+[\[{]"
    r"|[\[\s]*\{\s*('?)([^\W\d][\w$]*)\2\s*:\s*(?:[\"'`\[{\d-]|true\b|false\b|null\b))",
    re.DOTALL,
)


def is_javascript(text: str) -> bool:
    """Whether the text begins with rows as JavaScript or JSON5 write them, and as JSON does not."""
    return _JAVASCRIPT.match(text[:_HEAD]) is not None


def _refuse_javascript(sample: TextSample) -> None:
    """Raises `DatasetUnreadable` (D12) with the first line that is no JSON."""
    match = _JAVASCRIPT.match(sample.text[:_HEAD])
    if match is None:
        return
    place = match.start(3) if match[3] else len(sample.text) - len(sample.text.lstrip("\ufeff \t\r\n"))
    line = sample.text[:place].count("\n")
    written = sample.text.split("\n")[line].strip().lstrip("\ufeff")
    written = written if len(written) <= _SHOWN else written[:_SHOWN] + "…"
    raise DatasetUnreadable(
        "D12",
        Sentence("reading.d12.javascript", path=sample.path.name, number=line + 1, written=written),
        hint=Sentence("reading.d12.quote_names"),
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
        rows=(line + 1,),
    )


def is_json(sample: TextSample) -> bool:
    """Whether the text is JSON with rows, sound or not.

    Raises `DatasetUnreadable` (D12) for a single object, and for rows as JavaScript writes them.
    """
    _refuse_javascript(sample)
    body = sample.text.lstrip()
    rest = body[1:200].lstrip()
    if _TOO_DEEP.match(body):
        raise DatasetUnreadable(
            "D12",
            Sentence("reading.d12.nested_too_deeply", path=sample.path.name),
            hint=Sentence("reading.d12.save_rows_object_per_line"),
            actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
        )
    if body.startswith("["):
        return rest.startswith(("{", "]")) or (not rest and len(body) == 1) or begins_with_rows(body)
    if not body.startswith("{") or not rest.startswith(('"', "}")):
        return False
    first = body.splitlines()[0].strip()
    try:
        decoder.decode(first)
    except (json.JSONDecodeError, RecursionError):
        try:
            whole = decoder.decode(sample.text)
        except (json.JSONDecodeError, RecursionError):
            return True  # the reader names the line
        if isinstance(whole, dict) and not holds_document(sample.path, sample.encoding):
            raise DatasetUnreadable(
                "D12",
                Sentence("reading.d12.holds_json_object_not_list", path=sample.path.name),
                hint=Sentence("reading.d12.save_rows_object_per_line"),
                rows=(1,),
            ) from None
    return True


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this JSON file is read; its columns are the keys of the first rows, nested ones with dots."""
    encoding, note = encoding_of(path, options.encoding)
    rows = (row for row, *_ in itertools.islice(objects_of(path, encoding), ROWS_LOOKED_AT))
    names = tuple(name for name in column_names(_of_some_keys(rows)) if name not in OURS)
    filled = msgspec.structs.replace(options, format="jsonl", encoding=encoding, delimiter="", quoting="", header="yes")
    return Layout(filled, names, (note,) if note else ())


def _of_some_keys(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The first of the rows: names of columns are looked for in so many keys at the most, which takes a second."""
    keys = 0
    for row in rows:
        yield row
        keys += len(row)
        if keys >= _KEYS_FOR_NAMES:
            return


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns."""
    builder = ChunkBuilder(columns)
    done = 0
    for number, (row, readable, done, own_line) in enumerate(
        objects_of(path, layout.options.encoding, layout.options.undecodable), start=1
    ):
        line = int(row.get(LINE, own_line))
        if not readable:
            builder.leave_out(number, UNREADABLE, line)
        elif PROBLEM in row:
            builder.leave_out(number, from_text(row[PROBLEM]), line)
        else:
            builder.add(number, [cell_of(value_at(row, name)) for name in columns], line)
        if builder.is_full(done):
            yield builder.take(done)
    yield builder.take(path.stat().st_size)


def cell_of(value: Any) -> Cell:
    """A value from JSON or Parquet as a cell: text, a list of texts, or nothing."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        if all(item is None or isinstance(item, str | int | float) for item in value):
            return [str(cell_of(item) or "") for item in value]
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


class JsonObject(NamedTuple):
    """An object, whether its characters could be decoded, the bytes read so far, and its line where it has its own."""

    row: dict[str, Any]
    is_readable: bool
    bytes_done: int
    line: int = 0


def objects_of(path: Path, encoding: str, undecodable: str = "") -> Iterator[JsonObject]:
    """The objects of the file one after the other."""
    with open_text(path, encoding, undecodable) as file:
        first = file.read(1)
        while first and first in _SPACE:
            first = file.read(1)
        file.seek(0)
        if first == "[":
            text = file.read(_BLOCK)
            if not _TEXT_AND_OBJECT.match(text.lstrip()):
                yield from _array(path, file, text, text.index("[") + 1)
                return
            file.seek(0)
        text, position = _document(file) if first == "{" else ("", 0)
        if position:
            yield from _array(path, file, text, position)
        else:
            file.seek(0)
            yield from _lines(path, file)


def holds_document(path: Path, encoding: str) -> bool:
    """Whether the file is one object with a list of objects in it, such as {"data": [...]}."""
    with open_text(path, encoding) as file:
        return _document(file)[1] > 0


def _document(file: io.TextIOWrapper) -> tuple[str, int]:
    """The beginning of the file and the place behind the bracket of the first list of objects; 0 where there is none.

    Only an object with a single line of its own counts: several objects below each other are rows themselves.
    """
    text = file.read(_BLOCK)
    start = len(text) - len(text.lstrip("\ufeff" + _SPACE))
    line = text[start:].split("\n", 1)
    with contextlib.suppress(json.JSONDecodeError, RecursionError):
        if isinstance(decoder.decode(line[0].strip()), dict) and len(line) > 1 and line[1].strip():
            return text, 0
    position = start + 1
    while key := _KEY.match(text, position):
        position = key.end()
        if _LIST_OF_OBJECTS.match(text, position):
            return text, position + 1
        try:
            _, position = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            break
    return text, 0


def _lines(path: Path, file: io.TextIOWrapper) -> Iterator[JsonObject]:
    lines = Lines(file)
    done = 0
    for number, line in enumerate(lines, start=1):
        if number % 64 == 0 or len(line) > BYTES_PER_CHUNK:
            done = lines.bytes_done()
        readable = line.isascii() or not lines.is_unreadable()
        lines.taken = []
        if not line.strip():
            continue
        try:
            value = decoder.decode(line.strip())
        except json.JSONDecodeError as error:
            raise _bad_line(
                path, number, Sentence("reading.d12_why.at_character", message=error.msg, character=error.pos + 1)
            ) from error
        except RecursionError as error:
            raise _bad_line(path, number, Sentence("reading.d12_why.nested_too_deeply")) from error
        row = _row_of(value)
        if row is None:
            raise _bad_line(path, number, Sentence("reading.d12_why.no_object"))
        yield JsonObject(row, readable, done, number)


def _array(path: Path, file: io.TextIOWrapper, text: str, position: int) -> Iterator[JsonObject]:
    """The objects of the list that `text`, the file's beginning, holds from `position` on."""
    number, ended = 0, False
    while True:
        while position < len(text) and text[position] in _SPACE + ",":
            position += 1
        if position < len(text) and text[position] == "]":
            return
        try:
            value, after = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            unfinished = error.pos >= len(text) - 16 or error.msg.startswith("Unterminated")
            if ended or not unfinished:
                raise _bad_item(path, number + 1, error.msg) from error
            if len(text) - position > LONGEST_LINE:
                raise _item_too_long(path, number + 1) from error
            more = file.read(max(_BLOCK, len(text) - position))
            ended = not more
            text, position = text[position:] + more, 0
            continue
        except RecursionError as error:
            raise _bad_item(path, number + 1, Sentence("reading.d12_why.nested_too_deeply")) from error
        number += 1
        row = _row_of(value)
        if row is None:
            raise _bad_item(path, number, Sentence("reading.d12_why.no_object"))
        readable = UNDECODED.search(text, position, after) is None
        yield JsonObject(row, readable, bytes_done(file))
        position = after


def _item_too_long(path: Path, number: int) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D8",
        Sentence("reading.d8.item_too_long", number=number, path=path.name, longest=LONGEST_LINE),
        hint=Sentence("reading.d8.split_rows"),
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
        rows=(number,),
    )


def _row_of(value: Any) -> dict[str, Any] | None:
    match value:
        case dict():
            return value
        case [str() as text, dict() as further]:
            return {"text": text, **further}
    return None


def begins_with_rows(text: str) -> bool:
    """Whether this beginning of a file, spaces aside, is that of a list of rows, or of a row that is a pair."""
    return _LIST_OF_OBJECTS.match(text) is not None or _TEXT_AND_OBJECT.match(text) is not None


def _bad_line(path: Path, number: int, why: Sentence) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D12",
        Sentence("reading.d12.line_not_valid_json", number=number, path=path.name, why=why),
        hint=Sentence("reading.d12.correct_line_delete_choose_file"),
        rows=(number,),
    )


def _bad_item(path: Path, number: int, why: str) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D12",
        Sentence("reading.d12.item_list_not_valid_json", number=number, path=path.name, why=why),
        hint=Sentence("reading.d12.correct_item_delete_choose_file"),
        rows=(number,),
    )
