"""Marks of characters as tools write them, by many names, made plain: start, end, one label each.

[0, 4, "PER"]                                              a list; also with the text in it
{"start": 0, "end": 4, "label": "PER"}                     also start_offset, begin, start_char, BeginOffset, …
{"offset": 0, "length": 4, "category": "PER"}              a length in the place of an end
{"startPos": 0, "endPos": 3, "entity": "PER"}              LUIS, whose ends are those of the last character
[{"text": "to "}, {"text": "Graz", "entity": "city"}]      a text in parts, as SNIPS and Dialogflow write it
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from engine.reading.formats.marked_text import HOLDERS, TEXT, Mark, in_characters, is_marks
from engine.reading.formats.rows_as_objects import Row

SPANS = "spans"
_PLACES = (
    ("start", "end"),
    ("start_offset", "end_offset"),
    ("begin", "end"),
    ("start_char", "end_char"),
    ("char_start", "char_end"),
    ("start_index", "end_index"),
    ("start_idx", "end_idx"),
    ("startIndex", "endIndex"),
    ("startOffset", "endOffset"),
    ("beginOffset", "endOffset"),
    ("BeginOffset", "EndOffset"),
    ("begin_offset", "end_offset"),
    ("offset_start", "offset_end"),
    ("offset_begin", "offset_end"),
    ("from", "to"),
)
_INCLUSIVE = ("startPos", "endPos")
_LENGTHS = (("offset", "length"), ("start", "length"), ("begin", "length"), ("start", "len"))
_LABELS = (
    *("labels", "hypertextlabels", "paragraphlabels", "label", "entity", "tag", "type", "entity_group", "category"),
    *("class", "entity_type", "entityType", "Type", "label_", "ner", "kind", "name"),
)
_PLAIN_LABELS = frozenset({"label", "labels", "entity"})
_USUAL_HOLDERS = (*HOLDERS[:2], "ents", "ner", "annotations", "marks", *HOLDERS[2:])
_NEARLY_ALL = 0.95
_OPENING = ("[", "{", "(")
_PART_LABELS = ("entity", "slot_name", "slot", "alias", "label")
_PART_KEYS = frozenset({TEXT, *_PART_LABELS, "meta", "userDefined", "type"})


def holder_of(columns: Mapping[str, Sequence[Any]]) -> str:
    """The column whose cells are lists of marks; of several that of a usual name, an empty string where none is it."""
    holders = [name for name, cells in columns.items() if _hold_marks(cells)]
    usual = [name for name in _USUAL_HOLDERS if name in holders]
    return holders[0] if len(holders) == 1 else usual[0] if usual else ""


def _hold_marks(values: Sequence[Any]) -> bool:
    """Whether these cells are lists of marks, some of them with one, and all others empty."""
    lists = [listed(value) for value in values if value not in (None, "", "nan")]
    found = [value for value in lists if value is not None]
    marks = [mark for value in found for mark in value]
    are_marks = all(map(_could_be_mark, marks)) and any(map(_is_sound, marks))
    return bool(marks) and len(found) >= _NEARLY_ALL * len(lists) and are_marks


def _could_be_mark(item: Any) -> bool:
    if isinstance(item, list):
        return 3 <= len(item) <= 5
    return isinstance(item, dict) and any(set(names) <= item.keys() for names in (*_PLACES, _INCLUSIVE, *_LENGTHS))


def are_plain(value: Any) -> bool:
    """Whether the reader of marked texts takes these marks as they are."""
    return is_marks(value) and all(isinstance(mark, list) or _PLAIN_LABELS & mark.keys() for mark in value)


def _is_sound(mark: Any) -> bool:
    start, end = ends_of(mark)
    return 0 <= start <= end and bool(_labels_of(mark))


def listed(value: Any) -> list[Any] | None:
    """The list that a value is, or that a text represents as JSON or Python write it; tuples become lists."""
    value = value_written(value)
    if isinstance(value, dict) and len(value) == 1 and isinstance(next(iter(value.values())), list):
        value = next(iter(value.values()))  # {"entities": [(0, 4, "PER")]}
    if not isinstance(value, list | tuple):
        return None
    return [list(item) if isinstance(item, tuple) else item for item in value]


def value_written(value: Any) -> Any:
    """The list or object that a text represents as JSON or Python write it; everything else as it is."""
    return read_literal(value, value) if isinstance(value, str) and value[:1] in _OPENING else value


def read_literal(text: str, otherwise: object = None, *, from_json: Callable[[str], object] = json.loads) -> Any:
    """The value that a text is as JSON or Python write it; `otherwise` where it is neither."""
    for read in (from_json, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return otherwise


def _may_be_list(value: Any) -> bool:
    return isinstance(value, list | tuple | dict) or (isinstance(value, str) and value[:1] in _OPENING)


def ends_of(mark: Any) -> tuple[int, int]:
    """Where the mark begins and, exclusively, ends, as it is counted in the file; −1 twice where it has none."""
    if isinstance(mark, list):
        places = [item for item in mark if _is_place(item)]
        return (int(places[0]), int(places[1])) if len(places) == 2 else (-1, -1)
    for first, last in (*_PLACES, _INCLUSIVE):
        start, end = mark.get(first), mark.get(last)
        if _is_place(start) and _is_place(end):
            return int(start), int(end) + (first == _INCLUSIVE[0])
    for first, length in _LENGTHS:
        start, size = mark.get(first), mark.get(length)
        if _is_place(start) and _is_place(size):
            return int(start), int(start) + int(size)
    return -1, -1


def _is_place(value: Any) -> bool:
    text = str(value)
    return text.isascii() and text.isdigit() and len(text) < 12


def _labels_of(mark: Any) -> list[str]:
    if isinstance(mark, list):
        texts = [str(item) for item in mark if not _is_place(item)]
        return texts[-1:] if len(mark) > 3 else texts
    for name in _LABELS:
        value = mark.get(name)
        if isinstance(value, list) and value:
            return [str(item) for item in value]
        if isinstance(value, str) and value:
            return [value]
    return []


def plain_marks(marks: Iterable[Any]) -> list[Row]:
    """Marks with start, end, one label each and the copy of their text where there is one."""
    made = []
    for mark in marks:
        start, end = ends_of(mark)
        copy = {TEXT: mark[TEXT]} if isinstance(mark, dict) and isinstance(mark.get(TEXT), str) else {}
        made += [{"start": start, "end": end, "label": label, **copy} for label in _labels_of(mark) or [""]]
    return made


def text_of_marks(sample: Sequence[Row], columns: Mapping[str, Sequence[Any]], holder: str) -> str:
    """The column that the marks lie in: the one with the copies of marked texts, else `text`, else the longest."""
    marks = [plain_marks(listed(row.get(holder)) or []) for row in sample]
    best, best_rank = "", (-1, -1, -1.0)
    for name, values in columns.items():
        texts = [value if isinstance(value, str) else "" for value in values]
        if name == holder or not any(texts):
            continue
        copies = sum(_has_copy(text, mark) for text, own in zip(texts, marks, strict=True) for mark in own)
        inside = all(int(mark["end"]) <= 2 * len(text) for text, own in zip(texts, marks, strict=True) for mark in own)
        rank = (copies, int(name.casefold() in (TEXT, "sentence", "content")), sum(map(len, texts)) / len(texts))
        if inside and rank > best_rank:
            best, best_rank = name, rank
    return best


def _has_copy(text: str, mark: Row) -> bool:
    written = mark.get(TEXT)
    if not isinstance(written, str) or not written:
        return False
    raw = Mark(int(mark["start"]), int(mark["end"]), "")
    return any(
        text[found.start : found.end] == written
        for found in (in_characters(raw, text, "characters"), in_characters(raw, text, "utf-16"))
    )


def with_plain_marks(rows: list[Row]) -> list[Row]:
    """The rows with their marks made plain, where one of their columns holds some."""
    # Of a thousand keys for each of a million rows most hold no list, and are not gathered.
    with_lists = dict.fromkeys(name for row in rows for name, value in row.items() if _may_be_list(value))
    holder = holder_of({name: [row.get(name) for row in rows] for name in with_lists})
    if not holder:
        return rows
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    text = text_of_marks(rows, columns, holder)
    if not text:
        return rows
    others = [{name: row[name] for name in row if name not in (holder, text)} for row in rows]
    marks = [plain_marks(listed(row.get(holder)) or []) for row in rows]
    return [{TEXT: row.get(text), **other, SPANS: own} for row, other, own in zip(rows, others, marks, strict=True)]


def is_in_parts(value: Any) -> bool:
    """Whether this is a text in parts, some of which may be named."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(part, dict) and isinstance(part.get(TEXT), str) for part in value)
        and all(part.keys() <= _PART_KEYS for part in value)
    )


def from_parts(parts: Iterable[Mapping[str, Any]]) -> Row:
    """The text that the parts make, and a mark for each that has a name."""
    text, marks = "", list[Row]()
    for part in parts:
        label = next((str(part[name]) for name in _PART_LABELS if part.get(name)), "")
        start, text = len(text), text + str(part[TEXT])
        if label:
            marks.append({"start": start, "end": len(text), "label": label})
    return {TEXT: text, SPANS: marks}
