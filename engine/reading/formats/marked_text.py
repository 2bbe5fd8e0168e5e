"""Rows from annotation tools: a text and marked stretches of its characters, read as words and tags.

    doccano        {"text": …, "label": [[start, end, name], …]}, also called labels or entities
    spaCy, Prodigy {"text": …, "spans": [{"start": …, "end": …, "label": …}, …]}
    Label Studio   {"data": {"text": …}, "annotations": [{"result": [{"value": …}, …]}]} with start, end and labels

Ends are exclusive. Label Studio counts as browsers do; where its own copy of the marked text shows it, its places are
counted anew in characters. Of several annotations of a task the first that was not cancelled is read.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import ReadingOptions
from engine.reading.formats.chunks import UNREADABLE, Cell, Chunk, ChunkBuilder, Conversion, Layout, Marked
from engine.reading.formats.json_rows import cell_of, is_json, objects_of
from engine.reading.formats.text_files import TextSample, encoding_of
from engine.reading.formats.words import is_inside_word, places_of_words, whole_clusters

# Marked stretches of characters become words with IOB2 tags; what cannot be kept as it was marked is reported.
#
# Where a mark begins or ends inside a word, the word is parted there. Only a mark that ends between a letter and its
# marks is widened. Where two marks claim the same characters, the longer one stays (of equally long ones the first);
# the other is excluded, as is one that covers nothing to be seen.

WIDENED = Sentence("reading.conversion.widened")
OVERLAPS = Sentence("reading.conversion.overlaps")
NO_WORD = Sentence("reading.conversion.no_word")
NO_LABEL = Sentence("reading.conversion.no_label")
_OUTSIDE = "O"


class Mark(NamedTuple):
    """Characters [start, end) of a text and what they are called; a negative start: they could not be understood."""

    start: int
    end: int
    label: str


class Tagged(NamedTuple):
    """A text as words with one tag each, the marks that did not stay as they were, and how many lie inside words.

    `begin_inside` and `end_inside` count marks with a letter of the same word before or behind them.
    """

    words: list[str]
    tags: list[str]
    conversions: tuple[Conversion, ...]
    begin_inside: int = 0
    end_inside: int = 0


def words_and_tags(text: str, marks: Sequence[Mark]) -> Tagged:
    """The words of the text with the tags that the marks stand for; the same mark twice counts once."""
    conversions: list[Conversion] = []
    kept: list[Mark] = []
    for mark in sorted(dict.fromkeys(marks), key=lambda mark: (mark.start - mark.end, mark.start)):
        if not mark.label:
            conversions.append(Conversion(_told(text, mark), "", NO_LABEL))
            continue
        if not 0 <= mark.start < mark.end <= len(text):
            conversions.append(Conversion(_told(text, mark), "", NO_WORD))
            continue
        start, end = whole_clusters(text, mark.start, mark.end)
        if start == end:
            conversions.append(Conversion(_told(text, mark), "", NO_WORD))
        elif any(start < other.end and other.start < end for other in kept):
            conversions.append(Conversion(_told(text, mark), "", OVERLAPS))
        else:
            whole = mark._replace(start=start, end=end)
            kept.append(whole)
            if start < mark.start or end > mark.end:
                conversions.append(Conversion(_told(text, mark), _told(text, whole), WIDENED))
    places = places_of_words(text, (border for mark in kept for border in (mark.start, mark.end)))
    tags = [_OUTSIDE] * len(places)
    starts = [start for start, _ in places]
    for mark in kept:
        first, after = bisect_left(starts, mark.start), bisect_left(starts, mark.end)
        tags[first:after] = ["B-" + mark.label, *["I-" + mark.label] * (after - first - 1)]
    return Tagged(
        [text[start:end] for start, end in places],
        tags,
        tuple(conversions),
        sum(is_inside_word(text, mark.start) for mark in kept),
        sum(is_inside_word(text, mark.end) for mark in kept),
    )


def _told(text: str, mark: Mark) -> str:
    covered = text[mark.start : mark.end] if 0 <= mark.start < mark.end else ""
    return f"{mark.label or 'no label'}: {covered if covered.strip() else 'nothing'}"


TEXT, TOKENS, TAGS = "text", "tokens", "tags"
_ROWS_LOOKED_AT = 2_000
_HOLDERS = ("spans", "entities", "labels", "label")
_OF_THE_TOOL = {*_HOLDERS, TEXT, TOKENS, TAGS, "id", "answer", "comments", "Comments", "meta", "relations", "data"}
_PLACES = ({"start", "end"}, {"start_offset", "end_offset"})
_REJECTED = {
    "reject": Sentence("reading.excluded.rejected"),
    "ignore": Sentence("reading.excluded.skipped"),
}
_NOTE = Sentence("reading.note.marks_read_as_tags")
_NO_MARKS = Sentence("reading.excluded.no_marks")
_ALL_CANCELLED = Sentence("reading.excluded.all_cancelled")


class Annotated(NamedTuple):
    """A text, its marks, and why the row cannot be used, or an empty string."""

    text: str
    marks: tuple[Mark, ...]
    problem: Sentence = NOTHING


def is_annotated(sample: TextSample) -> bool:
    """Whether the text is JSON and one of its first rows marks characters of its own text."""
    if not is_json(sample):
        return False
    rows = itertools.islice(objects_of(sample.path, sample.encoding), _ROWS_LOOKED_AT)
    found = (annotated(row) for row, _, _ in rows)
    return any(0 <= mark.start < mark.end and mark.label for row in found if row is not None for mark in row.marks)


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this file is read: text, tokens, tags, and further keys with text of the first rows."""
    encoding, note = encoding_of(path, options.encoding)
    names = dict.fromkeys((TEXT, TOKENS, TAGS))
    for row, _, _ in itertools.islice(objects_of(path, encoding), _ROWS_LOOKED_AT):
        names.update(dict.fromkeys(name for name, value in _further(row).items() if isinstance(value, str)))
    filled = msgspec.structs.replace(options, format="spans", encoding=encoding, delimiter="", quoting="", header="yes")
    return Layout(filled, tuple(names), (note, _NOTE) if note else (_NOTE,))


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns, and what became of their entities."""
    builder = ChunkBuilder(columns)
    rows = objects_of(path, layout.options.encoding, layout.options.undecodable)
    for number, (row, readable, done) in enumerate(rows, start=1):
        found = annotated(row)
        if not readable:
            builder.leave_out(number, UNREADABLE)
        elif found is None or found.problem:
            builder.leave_out(number, found.problem if found is not None else _NO_MARKS)
        else:
            tagged = words_and_tags(found.text, found.marks)
            own: dict[str, Cell] = {TEXT: found.text, TOKENS: tagged.words, TAGS: tagged.tags}
            further = _further(row)
            builder.add(number, [own[name] if name in own else cell_of(further.get(name)) for name in columns])
            builder.write(number, found.text)
            builder.mark(
                number, Marked(len(set(found.marks)), tagged.conversions, tagged.begin_inside, tagged.end_inside)
            )
        if number % 64 == 0 and builder.is_full(done):
            yield builder.take(done)
    yield builder.take(path.stat().st_size)


def annotated(row: Mapping[str, Any]) -> Annotated | None:
    """The text of a row and its marks; None where the row is of none of the known forms."""
    data, annotations = row.get("data"), row.get("annotations", row.get("completions"))
    if isinstance(data, dict) and isinstance(annotations, list):
        return _label_studio(data, annotations)
    text = row.get(TEXT, data)
    holders = [name for name in _HOLDERS if _is_marks(row.get(name))]
    holder = next((name for name in holders if row[name]), "".join(holders[:1]))
    if not isinstance(text, str) or not holder:
        return None
    problem = _REJECTED.get(str(row.get("answer", "")), NOTHING)
    return Annotated(text, tuple(_mark(item, text) for item in row[holder]), problem)


def _label_studio(data: Mapping[str, Any], annotations: list[Any]) -> Annotated | None:
    texts = [data[TEXT]] if TEXT in data else [value for value in data.values() if isinstance(value, str)]
    if len(texts) != 1 or not isinstance(texts[0], str):
        return None
    kept = [one for one in annotations if isinstance(one, dict) and not one.get("was_cancelled")]
    if not kept:
        return Annotated(texts[0], (), _ALL_CANCELLED)
    result = kept[0].get("result")
    values = [item.get("value") for item in result if isinstance(item, dict)] if isinstance(result, list) else []
    marks = [value for value in values if isinstance(value, dict) and {"start", "end"} <= value.keys()]
    return Annotated(texts[0], tuple(_mark(value, texts[0]) for value in marks))


def _is_marks(value: Any) -> bool:
    return isinstance(value, list) and all(map(_could_be_mark, value))


def _could_be_mark(item: Any) -> bool:
    if isinstance(item, list):
        return len(item) == 3
    return isinstance(item, dict) and any(names <= item.keys() for names in _PLACES)


def _mark(item: Any, text: str) -> Mark:
    """One mark; what cannot be understood gets the place −1, which no text has."""
    if isinstance(item, list):
        return Mark(_place(item[0]), _place(item[1]), str(item[2] or "").strip())
    start = _place(item.get("start", item.get("start_offset")))
    end = _place(item.get("end", item.get("end_offset")))
    names = item.get("labels")
    label = names[0] if isinstance(names, list) and names else item.get("label", item.get("entity"))
    written = item.get(TEXT)
    if isinstance(written, str) and text[max(0, start) : max(0, end)] != written:
        start, end = _in_characters(text, start, end, written)
    return Mark(start, end, str(label or "").strip())


def _place(value: Any) -> int:
    """A whole number as JSON or a text holds it; −1 for everything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1


def _in_characters(text: str, start: int, end: int, written: str) -> tuple[int, int]:
    """Places counted in UTF-16 units as places in characters, where the text there is the one that was written."""
    units = text.encode("utf-16-le", "surrogatepass")
    before = units[: 2 * max(0, start)].decode("utf-16-le", "replace")
    if units[2 * max(0, start) : 2 * max(0, end)].decode("utf-16-le", "replace") == written:
        return len(before), len(before) + len(written)
    return start, end


def _further(row: Mapping[str, Any]) -> dict[str, Any]:
    data = row.get("data")
    held = data if isinstance(data, dict) else row
    return {name: value for name, value in held.items() if name not in _OF_THE_TOOL and not name.startswith("_")}
