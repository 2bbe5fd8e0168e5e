"""Exports of annotation tools that are no marked texts as they are: they become these, or rows with labels.

Label Studio   full JSON with marks, hypertext or choices, by whatever name; JSON-MIN; CSV with marks in a cell
Prodigy        a label that was accepted or rejected; choices
DataTurks      {"content": …, "annotation": [{"label": […], "points": [{"start": …, "end": …}]}]}, ends inclusive
spaCy 2        {"paragraphs": [{"raw": …, "sentences": [{"tokens": [{"orth": …, "ner": …}]}]}]}
WebAnno TSV 3  #FORMAT=WebAnno TSV 3.2
any tool       a text and a list of marks in another column, also in cells of CSV and in Parquet
               (or words with their types)
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec

from engine.contract.errors import DatasetUnreadable
from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions
from engine.reading.formats import delimited
from engine.reading.formats.arrow import batches_of
from engine.reading.formats.chunks import UNREADABLE
from engine.reading.formats.json_rows import objects_of
from engine.reading.formats.listed_words import Listed, spans_of, words_beside_a_text
from engine.reading.formats.marked_text import (
    ALL_CANCELLED,
    HOLDERS,
    REJECTED,
    TEXT,
    Mark,
    in_characters,
)
from engine.reading.formats.marks import SPANS, are_plain, ends_of, holder_of, listed, plain_marks, text_of_marks
from engine.reading.formats.rows_as_objects import (
    OURS,
    PROBLEM,
    ROWS_LOOKED_AT,
    Row,
    RowsAsObjects,
    at_line,
    looked_at,
    unusable,
)
from engine.reading.formats.text_files import encoding_of, open_text, sample_text

_NO_LABEL = "not {label}"
_CELL = re.compile(r"""\[|\{\s*["']""")  # may be a list or an object

Rows = Callable[[], Iterator[tuple[Row, bool]]]  # rows and whether their characters could be decoded


def rows_of(path: Path, options: ReadingOptions) -> RowsAsObjects | None:
    """The rows of an export; None where the file is none, or is read as it is.

    Raises `DatasetUnreadable` (D12) for an export of Label Studio with neither marks nor choices.
    """
    encoding, note = encoding_of(path, options.encoding)
    notes = (note,) if note else ()
    with open_text(path, encoding, options.undecodable) as file:
        head = file.read(4_096).lstrip("\ufeff \t\r\n")
    if head.startswith("#FORMAT=WebAnno TSV 3"):
        remarks = Sentence("reading.note.webanno")
        return RowsAsObjects("spans", {"": lambda: _webanno(path, encoding)}, encoding, (*notes, remarks))
    if head.startswith(("{", "[")):

        def rows() -> Iterator[tuple[Row, bool]]:
            for row, readable, *_ in objects_of(path, encoding, options.undecodable):
                yield row, readable

        try:
            sample = list(looked_at(row for row, _ in rows()))
        except DatasetUnreadable as error:
            if error.id == "D8":  # seconds were spent on an endless item, which no reader takes
                raise
            return None  # another reader names the place
        return _of_objects(path, rows, sample, encoding, notes)
    if options.format in ("", "spans") and _CELL.search(sample_text(path, encoding)[:200_000]):
        return _of_cells(path, options, encoding, notes)
    return None


def rows_of_parquet(path: Path, options: ReadingOptions) -> RowsAsObjects | None:
    """The rows of a Parquet file with a text and a list of marks; None for every other."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def batches() -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(path) as file:
            yield pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
            yield from file.iter_batches(batch_size=ROWS_LOOKED_AT)

    return _of_batches(batches)


def rows_of_arrow(path: Path, options: ReadingOptions) -> RowsAsObjects | None:
    """The rows of an Arrow file with a text and a list of marks; None for every other."""
    return _of_batches(lambda: batches_of(path))


def _of_batches(batches: Callable[[], Iterator[Any]]) -> RowsAsObjects | None:
    """The rows of these batches, the first of which is empty, where they have a text and a list of marks."""
    import pyarrow as pa

    try:
        kinds = next(batches()).schema.types
        if not any(pa.types.is_list(kind) and pa.types.is_struct(kind.value_type) for kind in kinds):
            return None
        sample = list(looked_at(row for batch in batches() for row in batch.to_pylist()))
    except (pa.ArrowException, OSError, DatasetUnreadable, ValueError, OverflowError):  # of texts and of dates
        return None  # the reader reports what is damaged

    def rows() -> Iterator[tuple[Row, bool]]:
        for batch in batches():
            yield from ((row, True) for row in batch.to_pylist())

    return _by_any_name(rows, sample, "utf-8", (), has_reader=False)


def _of_objects(
    path: Path, rows: Rows, sample: list[Row], encoding: str, notes: tuple[Sentence, ...]
) -> RowsAsObjects | None:
    if not sample:
        return None
    if all(_is_label_studio(row) for row in sample):
        return _label_studio(path, rows, sample, encoding, notes)
    if all({"content", "annotation"} <= row.keys() for row in sample):
        return _converted(rows, _from_dataturks, "spans" if _dataturks_marks(sample) else "jsonl", encoding, notes)
    if all(isinstance(row.get("paragraphs"), list) for row in sample) and any(_spacy(row) for row in sample):
        remarks = (*notes, Sentence("reading.note.spacy_sentences"))
        return RowsAsObjects(
            "jsonl", {"": lambda: (one for row, _ in rows() for one in _spacy(row))}, encoding, remarks
        )
    if all("answer" in row for row in sample) and {str(row["answer"]) for row in sample} <= {"accept", *REJECTED}:
        return _prodigy(rows, sample, encoding, notes)
    return _by_any_name(rows, sample, encoding, notes, has_reader=True)


def _converted(
    rows: Rows, convert: Callable[[Row], Row], format: Any, encoding: str, notes: tuple[Sentence, ...]
) -> RowsAsObjects:
    def made() -> Iterator[Row]:
        for row, readable in rows():
            one = convert(row)
            yield one if readable else unusable(UNREADABLE, one)

    return RowsAsObjects(format, {"": made}, encoding, notes)


# ── A text and marks by any name ────────────────────────────────────────────────────────────────────────────────


def _by_any_name(
    rows: Rows, sample: Sequence[Row], encoding: str, notes: tuple[Sentence, ...], *, has_reader: bool
) -> RowsAsObjects | None:
    """Rows with a text and a list of marks in columns of any name.

    None where there are none, and where the reader of marked texts, if there is one for the file, has both names.
    """
    choices = {name for row in sample for name, value in row.items() if _choices_in(value) is not None}
    names = dict.fromkeys(name for row in sample for name in row if name not in choices)
    columns = {name: [row.get(name) for row in sample] for name in names}
    holder = holder_of(columns)
    if not holder and (listed_words := words_beside_a_text(sample)) is not None:
        return _with_words_found(rows, listed_words, encoding, notes)
    if not holder:
        if choices:
            return _converted(rows, lambda row: _with_choices(row, choices), "jsonl", encoding, notes)
        return None
    text = text_of_marks(sample, columns, holder)
    is_read_so = has_reader and all(value is None or are_plain(value) for value in columns[holder])
    if not text or (is_read_so and text == TEXT and holder in HOLDERS):
        return None

    def convert(row: Row) -> Row:
        others = {name: value for name, value in row.items() if name not in (holder, text, TEXT, "tokens", "tags")}
        written = row.get(text)
        made: Row = {TEXT: written if isinstance(written, str) else "", **_with_choices(others, choices)}
        made[SPANS] = plain_marks(listed(row.get(holder)) or [])
        return {**made, **{name: row[name] for name in OURS if name in row}}

    return _converted(rows, convert, "spans", encoding, notes)


def _with_words_found(rows: Rows, found: Listed, encoding: str, notes: tuple[Sentence, ...]) -> RowsAsObjects:
    """Rows with their entities as words, each looked for in the text."""

    def convert(row: Row) -> Row:
        others = {name: row[name] for name in row if name not in (found.holder, found.text, TEXT, "tokens", "tags")}
        written = row.get(found.text)
        text = written if isinstance(written, str) else ""
        return {TEXT: text, **others, SPANS: spans_of(text, found.pairs_of(row.get(found.holder)))}

    return _converted(
        rows, convert, "spans", encoding, (*notes, Sentence("reading.note.words_found", words=found.holder))
    )


# ── Cells of delimited text ─────────────────────────────────────────────────────────────────────────────────────


def _of_cells(path: Path, options: ReadingOptions, encoding: str, notes: tuple[Sentence, ...]) -> RowsAsObjects | None:
    """Delimited text with a list of marks in a cell."""
    plain = msgspec.structs.replace(options, format="", part="", offsets="")
    layout = delimited.layout_of(path, plain)
    if len(layout.columns) < 2:
        return None

    def rows() -> Iterator[tuple[Row, bool]]:
        for chunk in delimited.read(path, layout, layout.columns):
            made = dict(zip(chunk.numbers, zip(*chunk.columns.values(), strict=True), strict=True))
            reasons = dict(chunk.excluded)
            for number in sorted([*made, *reasons]):
                if number in made:
                    row: Row = dict(zip(layout.columns, made[number], strict=True))
                else:
                    row = unusable(reasons[number], dict.fromkeys(layout.columns))
                yield at_line(row, chunk.lines[number]), True

    sample = list(looked_at(row for row, _ in rows()))
    usable = [row for row in sample if PROBLEM not in row]
    return _by_any_name(rows, usable, encoding, notes, has_reader=False)


# ── Label Studio ────────────────────────────────────────────────────────────────────────────────────────────────


def _is_label_studio(row: Row) -> bool:
    kinds = (row.get(name) for name in ("annotations", "completions", "predictions"))
    return isinstance(row.get("data"), dict) and any(isinstance(kind, list) for kind in kinds)


def _label_studio(
    path: Path, rows: Rows, sample: list[Row], encoding: str, notes: tuple[Sentence, ...]
) -> RowsAsObjects:
    kinds: tuple[str, ...] = ("annotations", "completions")
    if not any(_results(row, kinds) is not None for row in sample):
        kinds = ("predictions",)
        notes = (*notes, Sentence("reading.note.predictions_read"))
    results = [_results(row, kinds) or [] for row in sample]
    has_marks = any(_is_region(item) for items in results for item in items)
    controls = Counter(item["from_name"] for items in results for item in items if _choice(item) is not None)
    several = {item["from_name"] for items in results for item in items if len(_choice(item) or ()) > 1}
    if not has_marks and not controls and any(results):
        types = sorted({str(item.get("type")) for items in results for item in items})
        raise DatasetUnreadable(
            "D12",
            Sentence("reading.d12.label_studio", path=path.name, types=types[:6]),
            hint=Sentence("reading.d12.label_studio_hint"),
            rows=(1,),
        )
    is_html = any("hypertextlabels" in (item.get("value") or {}) for items in results for item in items)
    names = dict.fromkeys(name for row in sample for name in row["data"])
    shown = [
        {**{name: _shown_text(row["data"].get(name), is_html) for name in names}, SPANS: _regions(items)}
        for row, items in zip(sample, results, strict=True)
    ]
    text = text_of_marks(shown, {name: [row[name] for row in shown] for name in names}, SPANS) if has_marks else ""

    def convert(row: Row) -> Row:
        items = _results(row, kinds)
        given = row.get("data")
        data: Row = given if isinstance(given, dict) else {}
        made: Row = {name: value for name, value in data.items() if isinstance(value, str | int | float | None)}
        for name in controls:
            chosen = [label for item in items or () if item.get("from_name") == name for label in _choice(item) or ()]
            made[name] = chosen if name in several else "".join(chosen[:1])
        if has_marks:
            made.pop(text, None)
            made = {TEXT: _shown_text(data.get(text), is_html), **made, SPANS: _regions(items or [])}
        return unusable(ALL_CANCELLED, made) if items is None else made

    return _converted(rows, convert, "spans" if has_marks else "jsonl", encoding, notes)


def _results(row: Row, kinds: Sequence[str]) -> list[Row] | None:
    """What the first annotation that was not cancelled holds; None where there is none."""
    for kind in kinds:
        for one in row.get(kind) or ():
            if isinstance(one, dict) and not one.get("was_cancelled") and isinstance(one.get("result"), list):
                return [
                    item for item in one["result"] if isinstance(item, dict) and isinstance(item.get("value"), dict)
                ]
    return None


def _is_region(item: Row) -> bool:
    value = item["value"]
    return any(name in value for name in ("labels", "hypertextlabels", "paragraphlabels")) and "end" in value


def _regions(items: Iterable[Row]) -> list[Row]:
    marks = []
    for item in items:
        if _is_region(item):
            value = dict(item["value"])
            places = value.get("globalOffsets")
            if isinstance(places, dict):
                value |= {"start": places.get("start"), "end": places.get("end")}
            marks.append(value)
    return plain_marks(marks)


def _choice(item: Row) -> list[str] | None:
    """What was chosen for the whole task; None for what is no choice."""
    value = item["value"]
    if "start" in value or "from_name" not in item:
        return None
    if isinstance(value.get("choices"), list):
        return [str(choice) for choice in value["choices"]]
    if isinstance(value.get("taxonomy"), list):
        return [" / ".join(map(str, one)) if isinstance(one, list) else str(one) for one in value["taxonomy"]]
    for name in ("rating", "number", "selected"):
        if name in value:
            return [str(value[name])]
    return None


class _TextContent(HTMLParser):
    """What a browser calls the text content of a page: all texts, one after the other."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _shown_text(value: Any, is_html: bool) -> str:
    if not isinstance(value, str):
        return ""
    if not is_html or "<" not in value:
        return value
    parser = _TextContent()
    parser.feed(value)
    parser.close()
    return "".join(parser.texts)


def _choices_in(value: Any) -> list[str] | None:
    """What JSON-MIN writes for several choices: {"choices": […]}; None for everything else."""
    if isinstance(value, str) and value.startswith('{"choices"'):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, dict) and set(value) == {"choices"} and isinstance(value["choices"], list):
        return [str(choice) for choice in value["choices"]]
    return None


def _with_choices(row: Row, names: Iterable[str]) -> Row:
    """The row with lists where several choices are possible, also where one was made."""
    made = dict(row)
    for name in names:
        value = row.get(name)
        chosen = _choices_in(value)
        made[name] = chosen if chosen is not None else [] if value in (None, "") else [str(value)]
    return made


# ── Prodigy, DataTurks, spaCy 2 ─────────────────────────────────────────────────────────────────────────────────


def _prodigy(rows: Rows, sample: list[Row], encoding: str, notes: tuple[Sentence, ...]) -> RowsAsObjects | None:
    if any(isinstance(row.get(SPANS), list) and row[SPANS] for row in sample):
        return None  # marked texts
    if all(isinstance(row.get("accept"), list) for row in sample):
        several = any(len(row["accept"]) > 1 for row in sample)

        def chosen(row: Row) -> Row:
            given = [str(label) for label in row.get("accept") or ()]
            made = {TEXT: row.get(TEXT), **({"labels": given} if several else {"label": "".join(given[:1])})}
            reason = REJECTED.get(str(row.get("answer")))
            return unusable(reason, made) if reason else made

        return _converted(rows, chosen, "jsonl", encoding, notes)
    if not all(isinstance(row.get("label"), str) for row in sample):
        return None
    labels = {str(row["label"]) for row in sample}
    is_rejected = any(row["answer"] == "reject" for row in sample)
    only = labels.pop() if len(labels) == 1 and is_rejected else ""
    if only:
        notes = (*notes, Sentence("reading.note.rejected_is_a_class", label=only))

    def labelled(row: Row) -> Row:
        made: Row = {TEXT: row.get(TEXT), "label": str(row.get("label") or "")}
        answer = str(row.get("answer"))
        if only and answer == "reject":
            return {**made, "label": _NO_LABEL.format(label=only)}
        reason = REJECTED.get(answer)
        return unusable(reason, made) if reason else made

    return _converted(rows, labelled, "jsonl", encoding, notes)


def _dataturks_marks(sample: Sequence[Row]) -> bool:
    return any(isinstance(row["annotation"], list) for row in sample)


def _from_dataturks(row: Row) -> Row:
    """The ends of its places are those of the last character."""
    given = row.get("annotation")
    if isinstance(given, dict):
        labels = [str(label) for label in given.get("labels") or ()]
        return {TEXT: row.get("content") or "", "label": "".join(labels[:1])}
    marks: list[Row] = []
    for one in given or ():
        labels = one.get("label") if isinstance(one.get("label"), list) else [one.get("label")]
        for point in one.get("points") or ():
            start, end = ends_of(point)
            copy = {TEXT: point[TEXT]} if isinstance(point.get(TEXT), str) else {}
            marks += [{"start": start, "end": end + 1, "label": str(label or ""), **copy} for label in labels]
    return {TEXT: row.get("content") or "", SPANS: marks}


def _spacy(row: Row) -> list[Row]:
    """The sentences of a document, or its texts where they have categories and no entities."""
    made: list[Row] = []
    for paragraph in row.get("paragraphs") or ():
        if not isinstance(paragraph, dict):
            continue
        found = []
        for sentence in paragraph.get("sentences") or ():
            tokens = [token for token in sentence.get("tokens") or () if isinstance(token, dict) and "orth" in token]
            tags = [str(token.get("ner", "-")) for token in tokens]
            parts = [str(token.get("tag", "-")) for token in tokens]
            if tokens:
                given = ["O" if tag in ("-", "") else tag for tag in (parts if set(tags) <= {"-"} else tags)]
                found.append({"tokens": [str(token["orth"]) for token in tokens], "tags": given})
        cats = [str(one.get("label")) for one in paragraph.get("cats") or () if float(one.get("value") or 0) > 0.5]
        if cats and not any(tag != "O" for sentence in found for tag in sentence["tags"]):
            made.append(
                {TEXT: paragraph.get("raw") or "", "label": cats[0]}
                if len(cats) == 1
                else {TEXT: paragraph.get("raw") or "", "label": cats}
            )
        else:
            made += found
    return made


# ── WebAnno TSV 3 ───────────────────────────────────────────────────────────────────────────────────────────────

_UNIT = re.compile(r"\d+-\d+(?:\.\d+)?\t(\d+)-(\d+)\t")
_VALUE = re.compile(r"(.*?)(?:\[(\d+)\])?$", re.DOTALL)


def _webanno(path: Path, encoding: str) -> Iterator[Row]:
    """A row for each sentence, with the values of the layer that most of them have as marks."""
    column = _webanno_column(path, encoding)
    text = ""
    units: list[list[str]] = []
    with open_text(path, encoding) as file:
        for line in itertools.chain(file, ("\n",)):
            line = line.rstrip("\r\n")
            if line.startswith("#Text="):
                text = f"{text}\n{line[6:]}" if text and not units else line[6:]
            elif _UNIT.match(line):
                units.append(line.split("\t"))
            elif not line.strip() and units:
                yield _webanno_row(_unescaped(text), units, column)
                text, units = "", []


def _unescaped(text: str) -> str:
    return re.sub(
        r"\\([\\\[\]|_\->;*tnr])", lambda match: {"t": "\t", "n": "\n", "r": "\r"}.get(match[1], match[1]), text
    )


def _webanno_column(path: Path, encoding: str) -> int:
    """The column with the values to learn: of named entities where there are some, else the fullest one."""
    names: list[str] = []
    filled: Counter[int] = Counter()
    with open_text(path, encoding) as file:
        for line in itertools.islice(file, 50_000):
            layer = re.match(r"#T_[A-Z]+=([^|\s]*)((?:\|[^|\r\n]*)*)", line)
            if layer:
                names += [f"{layer[1]}|{feature}" for feature in layer[2].split("|")[1:]]
            elif _UNIT.match(line):
                cells = line.rstrip("\r\n").split("\t")[3:]
                filled.update(place for place, cell in enumerate(cells) if cell not in ("_", "", "*"))
    named = [
        place for place, name in enumerate(names) if "NamedEntity" in name and name.endswith("|value") and filled[place]
    ]
    usual = [place for place in filled if place < len(names) and not names[place].endswith("|identifier")]
    best = named or sorted(usual or filled, key=lambda place: -filled[place])
    return 3 + best[0] if best else 3


def _webanno_row(text: str, units: list[list[str]], column: int) -> Row:
    first = int(units[0][1].split("-")[0])
    base = len(text[: max(0, text.find(_unescaped(units[0][2])))].encode("utf-16-le")) // 2
    marks: dict[tuple[str, str], list[int]] = {}
    for number, unit in enumerate(units):
        start, end = (int(place) - first + base for place in unit[1].split("-"))
        for value in (unit[column] if len(unit) > column else "_").split("|"):
            match = _VALUE.fullmatch(value)
            label, key = (match[1], match[2] or f"unit {number}") if match else (value, f"unit {number}")
            if label in ("_", "", "*"):
                continue
            place = marks.setdefault((label, key), [start, end])
            place[1] = max(place[1], end)
    spans = []
    for (label, _), (start, end) in marks.items():
        mark = in_characters(Mark(start, end, _unescaped(label)), text, "utf-16")
        spans.append({"start": mark.start, "end": mark.end, "label": mark.label})
    return {TEXT: text, SPANS: spans}


# ── brat ────────────────────────────────────────────────────────────────────────────────────────────────────────

_BRAT = re.compile(r"T\d+\t(\S+) (\d+ \d+(?:;\d+ \d+)*)(?:\t(.*))?$")


def brat_rows(documents: Iterable[tuple[Path, Path]]) -> Iterator[Row]:
    """A row for each line of the documents, pairs of a text and its marks; lines that a mark joins are one row."""
    for text_path, marks_path in documents:
        encoding, _ = encoding_of(text_path, "")
        with open_text(text_path, encoding, "replace") as file:
            text = file.read().removeprefix("\ufeff")
        marks = []
        with open_text(marks_path, encoding_of(marks_path, "")[0], "replace") as file:
            for line in file:
                match = _BRAT.match(line.rstrip("\r\n"))
                if match:
                    parts = [tuple(map(int, part.split())) for part in match[2].split(";")]
                    # A mark of several stretches cannot be tags of words: it is read as nothing, and so reported.
                    start, end = parts[0] if len(parts) == 1 else (parts[0][0], parts[0][0])
                    copy = {TEXT: match[3]} if match[3] and len(parts) == 1 else {}
                    marks.append({"start": start, "end": end, "label": match[1], **copy})
        yield from _by_line(text, marks)


def _by_line(text: str, marks: list[Row]) -> Iterator[Row]:
    start = 0
    for end in (*(match.start() for match in re.finditer("\n", text)), len(text)):
        if any(mark["start"] <= end < mark["end"] for mark in marks) and end < len(text):
            continue
        own = [mark for mark in marks if start <= mark["start"] <= end]
        if text[start:end].strip() or own:
            moved = [{**mark, "start": mark["start"] - start, "end": mark["end"] - start} for mark in own]
            yield {TEXT: text[start:end].rstrip("\r"), SPANS: moved}
        start = end + 1
