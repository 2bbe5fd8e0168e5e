"""Rows from annotation tools: a text and marked stretches of its characters, read as words and tags.

    doccano        {"text": …, "label": [[start, end, name], …]}, also called labels or entities
    spaCy, Prodigy {"text": …, "spans": [{"start": …, "end": …, "label": …}, …]}

Places are counted in characters, with exclusive ends. Where the words of the file show that they are counted in another
way, or a copy of the marked text beside a mark does, they are counted anew.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, assert_never

import msgspec

from engine.contract.sentences import NOTHING, Sentence, from_text
from engine.contract.settings import Offsets, ReadingOptions
from engine.reading.formats.chunks import UNREADABLE, Cell, Chunk, ChunkBuilder, Conversion, Layout, Marked
from engine.reading.formats.json_rows import cell_of, is_json, objects_of
from engine.reading.formats.rows_as_objects import LINE, OURS, PROBLEM, looked_at
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
NOT_FOUND = Sentence("reading.conversion.not_found")
NO_LABEL = Sentence("reading.conversion.no_label")
DIFFERS = Sentence("reading.conversion.differs")
LONGEST_TEXT = 2_000_000  # characters; each of its words becomes a row of a list
TOO_LONG = Sentence("reading.excluded.marked_text_too_long", longest=LONGEST_TEXT)
_OUTSIDE = "O"


class Mark(NamedTuple):
    """Characters [start, end) of a text and what they are called; a negative start: they could not be understood.

    `is_certain` where the file's own copy of the marked text lies there, `differs` where that copy is another text;
    `missing` is that copy where it is nowhere in the text.
    """

    start: int
    end: int
    label: str
    is_certain: bool = False
    differs: bool = False
    missing: str = ""


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
    """The words of the text with the tags that the marks represent; the same mark twice counts once."""
    conversions: list[Conversion] = []
    kept: list[Mark] = []
    for mark in sorted(dict.fromkeys(marks), key=lambda mark: (mark.start - mark.end, mark.start)):
        if not mark.label:
            conversions.append(Conversion(_quoted(text, mark), "", NO_LABEL))
            continue
        if mark.missing:
            conversions.append(Conversion(f"{mark.label}: {mark.missing}", "", NOT_FOUND))
            continue
        if not 0 <= mark.start < mark.end <= len(text):
            conversions.append(Conversion(_quoted(text, mark), "", NO_WORD))
            continue
        start, end = whole_clusters(text, mark.start, mark.end)
        if start == end:
            conversions.append(Conversion(_quoted(text, mark), "", NO_WORD))
        elif any(start < other.end and other.start < end for other in kept):
            conversions.append(Conversion(_quoted(text, mark), "", OVERLAPS))
        else:
            whole = mark._replace(start=start, end=end)
            kept.append(whole)
            if start < mark.start or end > mark.end:
                conversions.append(Conversion(_quoted(text, mark), _quoted(text, whole), WIDENED))
            elif mark.differs:
                conversions.append(Conversion(_quoted(text, mark), _quoted(text, whole), DIFFERS))
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


def _quoted(text: str, mark: Mark) -> str:
    covered = text[mark.start : mark.end] if 0 <= mark.start < mark.end else ""
    return f"{mark.label or 'no label'}: {covered if covered.strip() else 'nothing'}"


TEXT, TOKENS, TAGS = "text", "tokens", "tags"
HOLDERS = ("spans", "entities", "labels", "label")
_OF_THE_TOOL = {*HOLDERS, TEXT, TOKENS, TAGS, "id", "answer", "comments", "Comments", "meta", "relations", "data"}
_ANNOTATED = "annotation_id"  # Label Studio leaves out the marks of a task that was annotated and has none
_PLACES = ({"start", "end"}, {"start_offset", "end_offset"})
REJECTED = {
    "reject": Sentence("reading.excluded.rejected"),
    "ignore": Sentence("reading.excluded.skipped"),
}
_NOTE = Sentence("reading.note.marks_read_as_tags")
_NO_MARKS = Sentence("reading.excluded.no_marks")
ALL_CANCELLED = Sentence("reading.excluded.all_cancelled")


class Annotated(NamedTuple):
    """A text, its marks, and why the row cannot be used, or an empty string."""

    text: str
    marks: tuple[Mark, ...]
    problem: Sentence = NOTHING


def is_annotated(sample: TextSample) -> bool:
    """Whether the text is JSON and one of its first rows marks characters of its own text."""
    if not is_json(sample):
        return False
    return holds_marks(looked_at(row for row, *_ in objects_of(sample.path, sample.encoding)))


def holds_marks(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Whether one of these rows marks characters of its own text."""
    found = map(annotated, rows)
    return any(0 <= mark.start <= mark.end and mark.label for row in found if row is not None for mark in row.marks)


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this file is read: text, tokens, tags, and further keys with text of the first rows."""
    encoding, note = encoding_of(path, options.encoding)
    names = dict.fromkeys((TEXT, TOKENS, TAGS))
    rows = list(looked_at(row for row, *_ in objects_of(path, encoding)))
    for row in rows:
        names.update(dict.fromkeys(name for name, value in _further(row).items() if isinstance(value, str)))
    counted = counting_of([found for row in rows if (found := annotated(row)) is not None and not found.problem])
    filled = msgspec.structs.replace(
        options,
        format="spans",
        encoding=encoding,
        delimiter="",
        quoting="",
        header="yes",
        offsets=options.offsets or counted.offsets,
    )
    notes = [note] if note else []
    if not options.offsets and counted.note:
        notes.append(counted.note)
    return Layout(filled, tuple(names), (*notes, _NOTE))


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the file, only the named columns, and what became of their entities."""
    builder = ChunkBuilder(columns)
    offsets = layout.options.offsets or "characters"
    rows = objects_of(path, layout.options.encoding, layout.options.undecodable)
    for number, (row, readable, done, own_line) in enumerate(rows, start=1):
        found = annotated(row, offsets)
        line = int(row.get(LINE, own_line))
        if not readable:
            builder.leave_out(number, UNREADABLE, line)
        elif found is not None and len(found.text) > LONGEST_TEXT:
            builder.leave_out(number, TOO_LONG, line)
        elif PROBLEM in row:
            builder.leave_out(number, from_text(row[PROBLEM]), line)
        elif found is None or found.problem:
            builder.leave_out(number, found.problem if found is not None else _NO_MARKS, line)
        else:
            tagged = words_and_tags(found.text, found.marks)
            own: dict[str, Cell] = {TEXT: found.text, TOKENS: tagged.words, TAGS: tagged.tags}
            further = _further(row)
            builder.add(number, [own[name] if name in own else cell_of(further.get(name)) for name in columns], line)
            builder.write(number, found.text)
            builder.mark(
                number, Marked(len(set(found.marks)), tagged.conversions, tagged.begin_inside, tagged.end_inside)
            )
        if builder.is_full(done):
            yield builder.take(done)
    yield builder.take(path.stat().st_size)


def annotated(row: Mapping[str, Any], offsets: Offsets = "characters") -> Annotated | None:
    """The text of a row and its marks; None where the row is of none of the known forms."""
    text = row.get(TEXT, row.get("data"))
    holders = [name for name in HOLDERS if is_marks(row.get(name))]
    holder = next((name for name in holders if row[name]), "".join(holders[:1]))
    if not isinstance(text, str) or not (holder or _ANNOTATED in row):
        return None
    if not holder:
        return Annotated(text, ())
    problem = REJECTED.get(str(row.get("answer", "")), NOTHING)
    return Annotated(text, tuple(mark for item in row[holder] for mark in _marks(item, text, offsets)), problem)


def is_marks(value: Any) -> bool:
    return isinstance(value, list) and all(map(_could_be_mark, value))


def _could_be_mark(item: Any) -> bool:
    if isinstance(item, list):
        return len(item) == 3
    return isinstance(item, dict) and any(names <= item.keys() for names in _PLACES)


def _marks(item: Any, text: str, offsets: Offsets) -> list[Mark]:
    """A mark for each label of the item; what cannot be understood gets the place −1, which no text has."""
    if isinstance(item, list):
        return [in_characters(Mark(_place(item[0]), _place(item[1]), str(item[2] or "").strip()), text, offsets)]
    labels = item.get("labels")
    if not (isinstance(labels, list) and labels):
        labels = [item.get("label", item.get("entity"))]
    start, end = _place(item.get("start", item.get("start_offset"))), _place(item.get("end", item.get("end_offset")))
    return [_marked(Mark(start, end, str(label or "").strip()), text, offsets, item.get(TEXT)) for label in labels]


def _marked(raw: Mark, text: str, offsets: Offsets, written: Any) -> Mark:
    """The mark in characters, where `written` is the file's copy of its text."""
    if not isinstance(written, str):
        return in_characters(raw, text, offsets)
    if raw.start < 0 and written not in text:
        return raw._replace(missing=written)
    for one in (offsets, *_COUNTINGS):
        mark = in_characters(raw, text, one)
        if 0 <= mark.start < mark.end and text[mark.start : mark.end] == written:
            return mark._replace(is_certain=True)
    return in_characters(raw, text, offsets)._replace(differs=bool(written.strip()))


def _place(value: Any) -> int:
    """A whole number as JSON or a text holds it; −1 for everything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1


# How places are counted. Browsers, Java and C# count units of UTF-16, of which an emoji has two; Go and Rust bytes of
# UTF-8; and some tools name the last character of a mark where the others name the one behind it.

_COUNTINGS: tuple[Offsets, ...] = ("characters", "utf-16", "characters-inclusive", "utf-16-inclusive", "utf-8")
_FITS = 0.9  # share of the marks in question that lie on word borders in the right counting
_FEWEST_INCLUSIVE = 3  # marks that allow a judgement


class Counting(NamedTuple):
    """How the places of a file are counted, and what to report where it is not by characters with exclusive ends."""

    offsets: Offsets
    note: Sentence = NOTHING


def counting_of(rows: Sequence[Annotated]) -> Counting:
    """The way of counting in which marks, read as characters in `rows`, lie on word borders.

    Only marks count that are at other places in the two ways, and that have no copy of their text beside them.
    """
    fits: dict[Offsets, int] = dict.fromkeys(_COUNTINGS, 0)
    fits_as_characters: dict[Offsets, int] = dict.fromkeys(_COUNTINGS, 0)
    moved: dict[Offsets, int] = dict.fromkeys(_COUNTINGS, 0)
    empty = at_end = 0
    for row in rows:
        marks = [mark for mark in row.marks if not mark.is_certain and mark.start >= 0]
        if not marks:
            continue
        places = places_of_words(row.text)
        starts, ends = {start for start, _ in places}, {end for _, end in places}
        for mark in marks:
            fits_now = _lies_on(mark, row.text, starts, ends)
            empty += mark.start == mark.end
            at_end += mark.end >= len(row.text)
            for offsets in _COUNTINGS:
                other = in_characters(mark, row.text, offsets)
                if (other.start, other.end) != (mark.start, mark.end):
                    moved[offsets] += 1
                    fits[offsets] += _lies_on(other, row.text, starts, ends)
                    fits_as_characters[offsets] += fits_now
    for offsets in _COUNTINGS[1:]:
        few = _FEWEST_INCLUSIVE if offsets.endswith("inclusive") else 1
        if moved[offsets] < few or fits[offsets] < _FITS * moved[offsets]:
            continue
        is_unspaced = offsets.endswith("inclusive") and empty >= 2 and not at_end  # every border fits there
        if fits_as_characters[offsets] < 0.5 * moved[offsets] or is_unspaced:
            return Counting(offsets, _note(offsets, fits[offsets], moved[offsets], fits_as_characters[offsets]))
    return Counting("characters")


def _note(offsets: Offsets, fit: int, marks: int, before: int) -> Sentence:
    match offsets:
        case "utf-16":
            return Sentence("reading.note.offsets_utf_16", fit=fit, marks=marks, before=before)
        case "characters-inclusive":
            return Sentence("reading.note.offsets_characters_inclusive", fit=fit, marks=marks, before=before)
        case "utf-16-inclusive":
            return Sentence("reading.note.offsets_utf_16_inclusive", fit=fit, marks=marks, before=before)
        case "utf-8":
            return Sentence("reading.note.offsets_utf_8", fit=fit, marks=marks, before=before)
        case "characters":
            raise ValueError("characters need no note")
    assert_never(offsets)


def _lies_on(mark: Mark, text: str, starts: set[int], ends: set[int]) -> bool:
    """Whether a mark lies on word borders, spaces at its edges aside."""
    if not 0 <= mark.start < mark.end <= len(text):
        return False
    start, end = whole_clusters(text, mark.start, mark.end)
    return start < end and start in starts and end in ends


def in_characters(mark: Mark, text: str, offsets: Offsets) -> Mark:
    """A mark at places counted in another way as one at places in characters; ends are exclusive."""
    start, end = mark.start, mark.end
    if start < 0 or end < 0:
        return mark
    if offsets.endswith("inclusive"):
        end += 1
    if offsets.startswith("utf") and not text.isascii():
        encoding = "utf-8" if offsets == "utf-8" else "utf-16-le"
        width = 1 if offsets == "utf-8" else 2
        units = text.encode(encoding, "surrogatepass")
        if width * end > len(units):
            return mark._replace(start=start, end=len(text) + 1)  # in no text
        start = len(units[: width * start].decode(encoding, "ignore"))
        end = len(units[: width * end].decode(encoding, "ignore"))
    return mark._replace(start=start, end=end)


def _further(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = (item for item in row.items() if item[0] not in _OF_THE_TOOL and item[0] not in OURS)
    return {name: value for name, value in kept if not name.startswith("_")}
