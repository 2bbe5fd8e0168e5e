"""Shapes of JSON that hold rows in another way than one object each: tables of pandas, arrays, splits, chats, intents.

    {"text": {"0": …}, "label": {"0": …}}      DataFrame.to_json(), by columns; also by index, "split" and "table"
    {"text": [ … ], "label": [ … ]}            columns as lists
    [["a text", "a label"], …]                 arrays as rows, in one list or one per line
    {"train": [ … ], "test": [ … ]}            splits
    {"features": [ … ], "rows": [{"row": …}]}  what the datasets server sends
    {"positive": ["a text", …], …}             texts by label; {"a text": "a label", …}
    {"intents": [{"tag": …, "patterns": [ … ]}]}
    {"messages": [{"role": "user", …}, …]}     a chat per row: what the user writes, and what the assistant answers
    {…}{…}                                     objects one after the other, on as many lines as they like

A shape is never guessed from a few rows of a list: what is read as one fits all of it. An object of no known shape is
refused by its keys (D12).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from engine.contract.errors import DatasetUnreadable
from engine.contract.file_formats import FormatName
from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions
from engine.reading.formats.chunks import UNREADABLE, numbered_names, unique_names
from engine.reading.formats.dialect import has_header, holds_common_name
from engine.reading.formats.json_rows import decoder, objects_of
from engine.reading.formats.marked_text import holds_marks
from engine.reading.formats.marks import from_parts, is_in_parts, with_plain_marks
from engine.reading.formats.rows_as_objects import (
    ROWS_LOOKED_AT,
    Row,
    RowsAsObjects,
    looked_at,
    unusable,
    with_all_keys,
)
from engine.reading.formats.text_files import encoding_of, open_text

_LARGEST = 256 * 1024 * 1024  # bytes of a file that is taken in as a whole
_SMALL = 16 * 1024 * 1024  # bytes of a file that is searched for gaps
_LONGEST_HEAD = 4 * 1024 * 1024  # characters
_SPACE = " \t\r\n\ufeff"
_UNDECODED = re.compile("[\udc80-\udcff]")
_SPLITS = ("train", "training", "validation", "valid", "val", "dev", "development", "test", "testing", "eval")
_EXAMPLES = (
    *("patterns", "examples", "utterances", "sentences", "texts", "phrases", "questions", "samples", "queries"),
    *("expressions", "training_phrases", "inputs"),
)
_PARTS = "data"  # where SNIPS and Dialogflow have the parts of a text
_LABEL_KEYS = ("tag", "intent", "label", "name", "class", "category", "topic")
_CHATS = ("messages", "conversations", "conversation", "contents", "dialog", "dialogue")
_SPEAKERS = {"human": "user", **dict.fromkeys(("gpt", "model", "bot", "chatbot", "ai"), "assistant")}
_PYTHON_NAME = re.compile(r"[A-Za-z_]\w*\s*=\s*(?=\[)")
_PYTHON = re.compile(r"(?:[A-Za-z_]\w*\s*=\s*)?\[\s*\(|[A-Za-z_]\w*\s*=\s*\[\s*[\[{]|\[\s*\{\s*'")
_PYTHON_LINE = re.compile(r"\{\s*'|\(\s*['\"]")
_YAML = re.compile(
    r"(?:#.*\n|---.*\n|%.*\n|\s*\n)*(?:-\s+[\"']?\w[\w .]*[\"']?:(?:\s|$)|[\"']?\w[\w .]*[\"']?:[ ]*\n\s*-\s+\S)"
)
_RASA = re.compile(r"^(?:nlu|version|rules|stories)\s*:", re.MULTILINE)
_DEEPEST_YAML = 20  # levels
_FEWEST_ITEMS = 3
_EMPTY = Sentence("reading.excluded.empty_item")
_NO_ANSWER = Sentence("reading.excluded.no_answer_in_chat")


def rows_of(path: Path, options: ReadingOptions) -> RowsAsObjects | None:
    """The rows of a JSON file in one of these shapes; None where it is no JSON, or has rows already.

    Raises `DatasetUnreadable` (D12) for an object of no known shape.
    """
    encoding, note = encoding_of(path, options.encoding)
    with open_text(path, encoding, options.undecodable) as file:
        head = _head_of(file)
    is_small = path.stat().st_size <= _SMALL
    if is_small and _are_python_lines(head):
        return _one_table(_from_python_lines(path, encoding), encoding, (note,) if note else ())
    if is_small and _YAML.match(head) and not _RASA.search(head):
        return _one_table(_from_yaml(path, encoding), encoding, (note,) if note else ())
    is_python = _PYTHON.match(head) is not None
    if not is_python and (not head.startswith(("{", "[")) or re.match(r"\[\s*[^\s\[{\"\]n]", head)):
        return None
    notes = (note,) if note else ()
    if is_python and is_small:
        return _one_table(_from_python(path, encoding), encoding, notes)
    found = _by_lines(path, encoding, head, notes)
    size = path.stat().st_size
    if found is not None or size > _LARGEST or (_are_lines(head) and not _holds_gaps(path, encoding, head, size)):
        return found
    value = _whole(path, encoding, options.undecodable)
    if value is None:
        return None
    if isinstance(value, list):
        return _one_table(_from_list(value), encoding, notes)
    tables, remarks = _from_object(value, path, is_one_line="\n" not in head.strip())
    if tables is None:
        return None
    tables = {name: with_plain_marks(rows) for name, rows in tables.items()}
    return RowsAsObjects(
        _format_of(next(iter(tables.values()))),
        {name: _again(rows) for name, rows in tables.items()},
        encoding,
        (*notes, *remarks),
    )


def _head_of(file: TextIO) -> str:
    """The beginning of the file; two lines of it, where they are not too long."""
    head = file.read(65_536)
    while head.count("\n") < 2 and len(head) < _LONGEST_HEAD and (more := file.read(len(head))):
        head += more
    return head.lstrip(_SPACE)


def _one_table(
    rows: tuple[list[Row], Sentence] | None, encoding: str, notes: tuple[Sentence, ...]
) -> RowsAsObjects | None:
    if rows is None:
        return None
    made = with_plain_marks(rows[0])
    return RowsAsObjects(_format_of(made), {"": _again(made)}, encoding, (*notes, rows[1]))


def _format_of(rows: list[Row]) -> FormatName:
    """Marked texts are read as such."""
    return "spans" if holds_marks(rows[:ROWS_LOOKED_AT]) else "jsonl"


def _again(rows: list[Row]) -> Callable[[], Iterator[Row]]:
    return lambda: iter(rows)


# ── Rows one per line, and lists that are read piece by piece ───────────────────────────────────────────────────


def _are_lines(head: str) -> bool:
    """Whether the file begins with two lines of JSON, or with a list of objects, which are read piece by piece."""
    if re.match(r"\[\s*\{", head):
        return True
    lines = [line for line in head.split("\n")[:-1] if line.strip()][:2]
    return len(lines) == 2 and all(isinstance(_value(line), dict) for line in lines)


def _holds_gaps(path: Path, encoding: str, head: str, size: int) -> bool:
    """Whether null is between the objects of a list."""
    if not head.startswith("[") or size > _SMALL:
        return False
    with open_text(path, encoding) as file:
        return re.search(r"(?:^\s*\[|\}\s*,)\s*null\s*[,\]]", file.read()) is not None


def _value(text: str) -> Any:
    try:
        return decoder.decode(text.strip().rstrip(","))
    except (json.JSONDecodeError, RecursionError):
        return None


def _by_lines(path: Path, encoding: str, head: str, notes: tuple[Sentence, ...]) -> RowsAsObjects | None:
    """Arrays on lines, chats, and lists of texts for a label, which are read row by row."""
    if _are_arrays_on_lines(head):
        rows = []
        with open_text(path, encoding) as file:
            for line in file:
                value = _value(line) if line.strip() else None
                rows += [value] if line.strip() else []
        return _one_table(_from_list(rows), encoding, notes)
    if not _are_lines(head):
        return None
    try:
        sample = list(looked_at(row for row, *_ in objects_of(path, encoding)))
    except DatasetUnreadable:
        return None  # the reader names the row
    made = _row_shape(sample)
    if made is None:
        return None
    shape, remarks = made

    def rows_again() -> Iterator[Row]:
        for row, readable, *_ in objects_of(path, encoding):
            yield from shape(row) if readable else [unusable(UNREADABLE, {"text": "", "label": ""})]

    format: FormatName = "spans" if is_in_parts(sample[0].get(_PARTS)) else "jsonl"
    return RowsAsObjects(format, {"": rows_again}, encoding, (*notes, remarks))


def _are_arrays_on_lines(head: str) -> bool:
    lines = [line for line in head.split("\n") if line.strip()]
    values = [_value(line) for line in lines[:20][: max(1, len(lines) - 1)]]
    return (
        len(lines) > 1
        and all(isinstance(value, list) and len(value) > 1 and not _holds_rows(value) for value in values)
        and not any(isinstance(item, dict) for value in values for item in value)
    )


def _holds_rows(value: list[Any]) -> bool:
    return all(isinstance(item, list | dict) for item in value)


def _row_shape(sample: Sequence[Mapping[str, Any]]) -> tuple[Callable[[Mapping[str, Any]], list[Row]], Sentence] | None:
    """How each of these rows becomes rows; None where they are rows already."""
    if not sample:
        return None
    chat = next((name for name in _CHATS if all(_is_chat(row.get(name)) for row in sample)), "")
    if chat:
        unwrap = _unwrapped(sample, chat)
        return lambda row: [_from_chat(row, chat, unwrap)], Sentence("reading.note.chats_as_rows")
    if all(is_in_parts(row.get(_PARTS)) for row in sample):
        return lambda row: [from_parts(row.get(_PARTS) or ())], Sentence("reading.note.texts_in_parts")
    texts = next((name for name in _EXAMPLES if all(_are_texts(row.get(name)) for row in sample)), "")
    if not texts and all(_are_texts(row.get("text")) for row in sample):
        items = [item for row in sample for item in row["text"]]
        texts = "text" if 2 * sum(" " in item.strip() for item in items) > len(items) else ""  # else words of one text
    label = next((name for name in _LABEL_KEYS if all(isinstance(row.get(name), str) for row in sample)), "")
    if texts and label:
        made = Sentence("reading.note.texts_of_labels", texts=texts, label=label)
        return lambda row: [{"text": text, "label": row.get(label)} for text in row.get(texts) or ()], made
    if all(set(row) >= {"row", "row_idx"} and isinstance(row["row"], dict) for row in sample):
        return lambda row: [dict(row.get("row") or {})], Sentence("reading.note.rows_of_the_server")
    return None


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


# ── Chats ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_chat(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and _turn(item) for item in value)


def _turn(item: Mapping[str, Any]) -> tuple[str, str] | None:
    """Who speaks, and what: {"role", "content"}, {"from", "value"}, {"role", "parts": [{"text"}]}."""
    role = item.get("role", item.get("from"))
    content = next((item[name] for name in ("content", "value", "parts", "text") if name in item), None)
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) if isinstance(part, dict) else str(part) for part in content)
    if not isinstance(role, str) or not (content is None or isinstance(content, str)):
        return None
    return _SPEAKERS.get(role.lower(), role.lower()), (content or "").strip()


def _from_chat(row: Mapping[str, Any], name: str, unwrap: str) -> Row:
    turns = [turn for item in row.get(name) or () if isinstance(item, dict) and (turn := _turn(item))]
    last = max((place for place, (role, _) in enumerate(turns) if role == "assistant"), default=-1)
    contents = [content for role, content in turns[: max(0, last)] if role != "system" and content]
    if last < 0 or not contents:
        return unusable(_NO_ANSWER, {"text": "", "label": ""})
    answer = turns[last][1]
    if unwrap:
        value = _value(answer)
        answer = str(value.get(unwrap, "")) if isinstance(value, dict) else answer
    return {"text": "\n".join(contents), "label": answer}


def _unwrapped(sample: Sequence[Mapping[str, Any]], name: str) -> str:
    """The one key of the answers where all are JSON objects with it alone, such as {"label": "good"}."""
    answers = [_value(str(_from_chat(row, name, "").get("label", ""))) for row in sample[:200]]
    keys = {tuple(answer) if isinstance(answer, dict) else () for answer in answers}
    (found, *others) = keys
    return found[0] if not others and len(found) == 1 else ""


# ── A list as a whole ───────────────────────────────────────────────────────────────────────────────────────────


def _whole(path: Path, encoding: str, undecodable: str) -> Any:
    """The value of the file; objects one after the other become a list; None where this is no JSON."""
    with open_text(path, encoding, undecodable) as file:
        text = file.read()
    text = text.strip(_SPACE)
    values, position = [], 0
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            return None  # the reader names the place
        values.append(value)
        while position < len(text) and text[position] in _SPACE + ",":
            position += 1
    return values[0] if len(values) == 1 else values


def _from_python(path: Path, encoding: str) -> tuple[list[Row], Sentence] | None:
    """The rows of a list as Python writes it, such as TRAIN_DATA of spaCy; read as data, never run."""
    with open_text(path, encoding) as file:
        text = _PYTHON_NAME.sub("", file.read().strip(_SPACE), count=1)
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    found = json.loads(json.dumps(value, default=str))  # tuples become lists
    return _from_list(found) if isinstance(found, list) else None


def _literal(line: str) -> Any:
    """The value of a line as Python writes it; None where it is none. Read as data, never run."""
    try:
        return ast.literal_eval(line.strip().rstrip(","))
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _are_python_lines(head: str) -> bool:
    """Whether the first two lines are a dict or a tuple as `print` writes them."""
    lines = [line for line in head.split("\n")[:-1] if line.strip()][:2]
    return len(lines) == 2 and all(
        _PYTHON_LINE.match(line.strip()) and isinstance(_literal(line), dict | tuple) for line in lines
    )


def _from_python_lines(path: Path, encoding: str) -> tuple[list[Row], Sentence] | None:
    with open_text(path, encoding) as file:
        found = [_literal(line) for line in file if line.strip(_SPACE)]
    return _from_list(json.loads(json.dumps(found, default=str)))


def _from_yaml(path: Path, encoding: str) -> tuple[list[Row], Sentence] | None:
    """The rows of a list in YAML, alone or below one key; or texts below their label. All values are texts.

    Nothing is constructed but texts, lists and objects; an alias, which can represent any amount, is not followed.
    """
    import yaml  # type: ignore[import-untyped]

    with open_text(path, encoding) as file:
        text = file.read()
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    depth = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST_YAML:
                return None
        value = yaml.load(text, Loader=loader)
    except yaml.YAMLError:
        return None
    if isinstance(value, dict):
        lists = [item for item in value.values() if isinstance(item, list)]
        if len(lists) > 1 and (found := _by_key(value)) is not None:
            return found[0], Sentence("reading.note.rows_of_yaml", rows=len(found[0]))
        value = lists[0] if len(lists) == 1 else None
    if not isinstance(value, list) or len(value) < _FEWEST_ITEMS or not all(isinstance(row, dict) for row in value):
        return None
    value = [{key: cell.strip() if isinstance(cell, str) else cell for key, cell in row.items()} for row in value]
    rows = with_all_keys(value)
    filled = sum(cell is not None for row in rows for cell in row.values())
    if 2 * filled < len(rows) * len(rows[0]):
        return None  # a list of sentences with a colon in each
    shape = _row_shape(value)
    made = rows if shape is None else [one for row in value for one in shape[0](row)]
    return made, Sentence("reading.note.rows_of_yaml", rows=len(made))


def _from_list(items: list[Any]) -> tuple[list[Row], Sentence] | None:
    """Rows of a list: of objects with gaps or one after the other, of arrays, of texts."""
    if not items:
        return None
    kept = [item for item in items if item is not None]
    if kept and all(isinstance(item, dict) for item in kept):
        shape = _row_shape(kept)
        if shape is not None:
            return [row for item in kept for row in shape[0](item)], shape[1]
        rows = [dict(item) if item is not None else unusable(_EMPTY, {}) for item in items]
        return with_all_keys(rows), Sentence("reading.note.objects_one_after_another", rows=len(rows))
    if kept and all(_is_pair(item) for item in kept):
        rows = [{"text": item[0], **item[1]} if item is not None else unusable(_EMPTY, {}) for item in items]
        return with_all_keys(rows), Sentence("reading.note.objects_one_after_another", rows=len(rows))
    if kept and all(isinstance(item, list) for item in kept):
        return _from_arrays(items)
    objects = [_value(item) for item in kept if isinstance(item, str)]
    if kept and len(objects) == len(items) and all(isinstance(item, dict) for item in objects):
        return with_all_keys(objects), Sentence("reading.note.objects_one_after_another", rows=len(objects))
    if kept and all(isinstance(item, str) for item in kept):
        rows = [{"text": item} if item is not None else unusable(_EMPTY, {"text": ""}) for item in items]
        return rows, Sentence("reading.note.list_of_texts")
    return None


def _is_pair(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], dict)


def _from_arrays(items: list[Any]) -> tuple[list[Row], Sentence] | None:
    """Rows of arrays of equal length, the first of them with the names of the columns where it looks so."""
    widths = [len(item) for item in items if item is not None]
    width = max(set(widths), key=widths.count)
    if width < 1 or widths.count(width) < 0.5 * len(widths):
        return None
    rows = [item for item in items if isinstance(item, list) and len(item) == width]
    if any(isinstance(cell, dict) for row in rows for cell in row):
        return None
    shown = [[cell if isinstance(cell, str) else json.dumps(cell) for cell in row] for row in rows[:1_000]]
    is_named = all(isinstance(cell, str) for cell in rows[0]) and has_header(shown)
    names = unique_names(shown[0]) if is_named else numbered_names(width)
    made = []
    for item in items[is_named:]:
        if item is None:
            made.append(unusable(_EMPTY, dict.fromkeys(names)))
        elif len(item) != width:
            reason = Sentence("reading.excluded.columns", columns=len(item), width=width)
            made.append(unusable(reason, dict.fromkeys(names)))
        else:
            made.append(dict(zip(names, item, strict=True)))
    return made, Sentence("reading.note.arrays_as_rows")


# ── An object as a whole ────────────────────────────────────────────────────────────────────────────────────────


def _from_object(
    value: Mapping[str, Any], path: Path, *, is_one_line: bool
) -> tuple[dict[str, list[Row]] | None, tuple[Sentence, ...]]:
    """The tables of an object by their names, and what to report; None where the reader of JSON rows takes it."""
    lists = {key: item for key, item in value.items() if isinstance(item, list) and item}
    splits = {key: rows for key, item in value.items() if key.lower() in _SPLITS and (rows := _table(item)) is not None}
    inner = value.get("rasa_nlu_data")
    if isinstance(inner, dict) and isinstance(inner.get("common_examples"), list):
        return {"": with_all_keys([dict(row) for row in inner["common_examples"] if isinstance(row, dict)])}, ()
    if len(splits) > 1 or (splits and len(splits) == len(value)):
        others = [key for key in value if key not in splits and isinstance(value[key], list | dict)]
        remarks = (Sentence("reading.note.other_keys_not_read", keys=others),) if others else ()
        return dict(splits), remarks
    if _is_server(value):
        return _from_server(value)
    objects = [item for item in value.values() if isinstance(item, dict)]
    split = [key for one in objects for key, rows in one.items() if key.lower() in _SPLITS and _table(rows) is not None]
    if len(objects) == 1 and len(split) > 1:
        return _from_object(objects[0], path, is_one_line=False)  # {"name": …, "data": {"train": [ … ], "test": [ … ]}}
    if {"columns", "data"} <= value.keys() and set(value) <= {
        "columns",
        "index",
        "data",
        "index_names",
        "column_names",
    }:
        names = unique_names(list(map(str, value["columns"])))
        rows = [dict(zip(names, row, strict=False)) for row in value["data"] if isinstance(row, list)]
        return {"": with_all_keys(rows)}, (Sentence("reading.note.pandas_table"),)
    table = _from_columns(value) or _by_key(value)
    if table is not None:
        return {"": table[0]}, (table[1],)
    holders = {key: items for key, items in lists.items() if _holds_rows(items) or _is_pair(items[0])}
    if len(holders) == 1 or (holders and "data" in holders):
        key = next(iter(holders)) if len(holders) == 1 else "data"
        if any(isinstance(item, dict) and "qas" in str(item.get("paragraphs", "")) for item in holders[key][:3]):
            raise _refused(path, Sentence("reading.d12.question_answering", path=path.name))
        made = _from_list(holders[key])
        if made is None:
            raise _unknown(path, value)
        same = all(isinstance(item, dict) for item in holders[key]) and _row_shape(holders[key]) is None
        return (None, ()) if same and _is_first(value, key) else ({"": made[0]}, (made[1],))
    if len(holders) > 1:
        texts = [key for key, items in holders.items() if all(isinstance(one, dict) and "text" in one for one in items)]
        if len(texts) == 1 and (made := _from_list(holders[texts[0]])) is not None:
            others = [key for key in holders if key != texts[0]]
            return {"": made[0]}, (Sentence("reading.note.other_keys_not_read", keys=others),)
        raise _refused(path, Sentence("reading.d12.several_lists", path=path.name, keys=list(holders)[:8]))
    if is_one_line and not any(isinstance(item, dict) for item in value.values()):
        return None, ()  # a file of one row
    raise _unknown(path, value)


def _is_first(value: Mapping[str, Any], key: str) -> bool:
    """Whether the reader of JSON rows, which takes the first list of objects, would take this one."""
    return (
        next((name for name, item in value.items() if isinstance(item, list) and item and _holds_rows(item)), "") == key
    )


def _table(value: Any) -> list[Row] | None:
    """The rows of a split: a list, or an object of columns."""
    if isinstance(value, list):
        if value and all(isinstance(item, dict) for item in value) and _row_shape(value) is None:
            return with_all_keys([dict(item) for item in value])
        made = _from_list(value)
        return made[0] if made is not None else None
    if isinstance(value, dict):
        columns = _from_columns(value) or _by_key(value)
        return columns[0] if columns is not None else None
    return None


def _is_server(value: Mapping[str, Any]) -> bool:
    rows = value.get("rows")
    return isinstance(rows, list) and bool(rows) and all(isinstance(row, dict) and "row" in row for row in rows)


def _from_server(value: Mapping[str, Any]) -> tuple[dict[str, list[Row]], tuple[Sentence, ...]]:
    """The rows that the datasets server sends, class numbers by their names."""
    names: dict[str, list[str]] = {}
    for feature in value.get("features") or ():
        kind = feature.get("type") or {} if isinstance(feature, dict) else {}
        kind = kind.get("feature", kind) if isinstance(kind, dict) else {}
        if isinstance(kind, dict) and kind.get("_type") == "ClassLabel":
            names[str(feature.get("name"))] = [str(name) for name in kind.get("names") or ()]
    rows = [{key: _named(cell, names.get(key, [])) for key, cell in row["row"].items()} for row in value["rows"]]
    total = str(value.get("num_rows_total", ""))
    remarks = [Sentence("reading.note.rows_of_the_server")]
    if total.isdigit() and int(total) > len(rows):
        remarks.append(Sentence("reading.note.part_of_the_rows", rows=len(rows), total=int(total)))
    return {"": with_all_keys(rows)}, tuple(remarks)


def _named(cell: Any, names: list[str]) -> Any:
    if isinstance(cell, list):
        return [_named(item, names) for item in cell]
    number = str(cell)
    return names[int(number)] if names and number.isdigit() and int(number) < len(names) else cell


def _from_columns(value: Mapping[str, Any]) -> tuple[list[Row], Sentence] | None:
    """Columns as lists of one length, or as objects with the same keys; and objects by row with the same keys."""
    inner = list(value.values())
    if len(value) > 1 and all(isinstance(column, list) for column in inner):
        if len({len(column) for column in inner}) != 1 or not inner[0] or any(_holds_objects(one) for one in inner):
            return None
        if all(map(_are_texts, inner)) and not holds_common_name(value):
            return None  # texts by label
        rows = [dict(zip(value, cells, strict=True)) for cells in zip(*inner, strict=True)]
        return rows, Sentence("reading.note.columns_as_lists")
    if not value or not all(isinstance(column, dict) and column for column in inner):
        return None
    keys = dict.fromkeys(key for column in inner for key in column)
    if any(isinstance(cell, dict) for column in inner for cell in column.values()):
        return None
    if sum(len(column) for column in inner) < 0.8 * len(keys) * len(inner):
        return None
    by_column = all(key.isdigit() for key in keys) or (
        not all(key.isdigit() for key in value) and len(keys) > len(value)
    )
    if by_column:
        rows = [{name: column.get(key) for name, column in value.items()} for key in keys]
    elif len(value) > 1 or all(key.isdigit() for key in value):
        rows = with_all_keys([dict(row) for row in inner])
    else:
        return None
    return rows, Sentence("reading.note.pandas_table")


def _holds_objects(column: list[Any]) -> bool:
    return any(
        isinstance(item, dict) or (isinstance(item, list) and any(isinstance(one, dict) for one in item))
        for item in column
    )


def _by_key(value: Mapping[str, Any]) -> tuple[list[Row], Sentence] | None:
    """Texts by their label, or a label by its text."""
    if len(value) > 1 and all(_are_texts(item) and item for item in value.values()):
        rows = [{"text": text, "label": label} for label, texts in value.items() for text in texts]
        return rows, Sentence("reading.note.texts_by_label")
    cells = list(value.values())
    spaced = sum(" " in key.strip() for key in value)
    are_labels = all(isinstance(cell, str) for cell in cells) and len(set(map(str, cells))) <= len(value) / 2
    if len(value) >= 10 and are_labels and spaced >= 0.8 * len(value):
        return [{"text": key, "label": cell} for key, cell in value.items()], Sentence("reading.note.label_by_text")
    return None


def _unknown(path: Path, value: Mapping[str, Any]) -> DatasetUnreadable:
    keys = [key if len(key) <= 40 else f"{key[:40]}…" for key in list(value)[:8]]
    return _refused(path, Sentence("reading.d12.unknown_shape", path=path.name, keys=keys))


def _refused(path: Path, message: Sentence) -> DatasetUnreadable:
    return DatasetUnreadable("D12", message, hint=Sentence("reading.d12.save_rows_object_per_line"), rows=(1,))
