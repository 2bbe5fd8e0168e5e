"""Texts of which each line is a row, without columns: alone, behind a label, or with a tag at each word.

    One text per line.
    __label__good Great lamp                fastText, with one label or several
    DESC:manner How did serfdom develop ?   a label and a text
    Anna/B-PER lives/O in/O Graz/B-LOC      words with tags, joined by / _ or |
    <PER>Anna</PER> lives in <LOC>Graz</LOC>    marks in the text; also <START:PER> Anna <END>, [Anna](PER), {Anna:PER}
    1 ::: Title ::: drama ::: What happens      columns separated by several signs
    ## intent:greet                             sections with the texts of an intent: Rasa in Markdown and YAML, .lu
    - hello
    (3 (2 It) (4 works))                        trees with a label at each node, as of the Stanford Sentiment Treebank
    123|t|A title                               documents of PubTator, with their abstracts and marks
    123<tab>2<tab>7<tab>title<tab>Disease

    id   text                label                  columns at the same places in every line (fixed_width.py)

Each form is taken only where nearly all lines have it; delimited text and CoNLL come first.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions
from engine.reading.formats import fixed_width, json_rows
from engine.reading.formats.chunks import UNREADABLE, Chunk, Layout, numbered_names, unique_names
from engine.reading.formats.conll import is_conll
from engine.reading.formats.delimited import QUOTED_NAMES
from engine.reading.formats.dialect import Dialect, has_header, holds_common_name, sniff
from engine.reading.formats.rows_as_objects import Row, RowsAsObjects, at_line, unusable
from engine.reading.formats.text_files import Lines, TextSample, encoding_of, lines_of, open_text, sample_text

_NEARLY_ALL = 0.95
_LINES_LOOKED_AT = 5_000
_FEWEST = 5  # lines that allow a judgement
_FEWEST_LABELLED = 20

_NO_LABEL = Sentence("reading.excluded.no_label_in_line")
_SEVERAL = Sentence("reading.excluded.several_labels_in_line")
_NO_TAG = Sentence("reading.excluded.word_without_tag_in_line")


class _Form(NamedTuple):
    """A form of lines: what a line becomes, and what to report."""

    row_of: Callable[[str], Row]
    note: Sentence
    is_marked: bool = False
    above: int = 0  # lines above the rows


def rows_of(path: Path, options: ReadingOptions) -> RowsAsObjects | None:
    """The rows of a file of such lines; None where it is another file. `options.format` "lines" takes any text."""
    if (table := fixed_width.rows_of(path, options)) is not None:
        return table
    encoding, note = encoding_of(path, options.encoding)
    sample = sample_text(path, encoding)
    lines = [line.strip() for line in itertools.islice(lines_of(sample), _LINES_LOOKED_AT) if line.strip()]
    if _is_pubtator(lines):

        def rows_of_documents() -> Iterator[Row]:
            with open_text(path, encoding, options.undecodable) as file:
                yield from _documents(file)

        remark = Sentence("reading.note.documents_of_pubtator")
        return RowsAsObjects("spans", {"": rows_of_documents}, encoding, (note, remark) if note else (remark,))
    if not lines or _is_something_else(TextSample(path, encoding, sample), lines):
        return None
    intents = _sections(lines)
    if intents is not None:

        def rows_of_sections() -> Iterator[Row]:
            with open_text(path, encoding, options.undecodable) as file:
                yield from intents(file)

        remark = Sentence("reading.note.sections_are_labels")
        return RowsAsObjects("spans", {"": rows_of_sections}, encoding, (note, remark) if note else (remark,))
    form = next((form for find in _FORMS if (form := find(lines)) is not None), None)
    is_table = form is None or form.note.id == _LABELLED
    is_labelled = form is not None and is_table
    is_sure = options.format == "lines" or not is_table
    if not is_sure and (len(lines) < _FEWEST or not _is_prose(sample, lines, without_signs=is_labelled)):
        return None
    if form is None:
        above = int(holds_common_name([lines[0]]) and " " not in lines[0])
        form = _Form(_text_alone, Sentence("reading.note.text_per_line"))
    else:
        above = form.above

    def rows_again() -> Iterator[Row]:
        columns = dict.fromkeys(form.row_of(lines[-1]))
        with open_text(path, encoding, options.undecodable) as file:
            read = Lines(file)
            for number, (line, is_unreadable) in enumerate(read.filled()):
                if number >= above:
                    plain = line.strip().lstrip("\ufeff")
                    row = unusable(UNREADABLE, columns) if is_unreadable else form.row_of(plain)
                    yield at_line(row, read.number)

    notes = (note, form.note) if note else (form.note,)
    return RowsAsObjects("spans" if form.is_marked else "lines", {"": rows_again}, encoding, notes)


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How the copy of the rows is read."""
    layout = json_rows.layout_of(path, options)
    return layout._replace(options=msgspec.structs.replace(layout.options, format="lines"))


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The rows of the copy, only the named columns."""
    return json_rows.read(path, layout, columns)


def _is_something_else(sample: TextSample, lines: Sequence[str]) -> bool:
    """Whether this is JSON, a page, CoNLL, or a table by its first line."""
    beginning = sample.text.lstrip("\ufeff \t\r\n")[:200].casefold()
    if _BEGINS_WITH_A_MARK.match(beginning):
        return False
    if json_rows.is_javascript(sample.text):
        return True
    if beginning.startswith(("{", "<!doctype", "<html", "<?xml", "<svg", "-docstart-", "#format=webanno")):
        return True
    if re.match(r"\[\s*[\[{\"]", beginning):
        return True
    if len(lines) > 1 and _RULE.fullmatch(lines[1]):
        return False
    first = next((line for line in lines if not line.startswith("#")), lines[0])  # comments may be above a table
    if QUOTED_NAMES.fullmatch(first):
        return True  # as R writes a table
    head = next(
        (cells for sign in "\t,;|" if len(cells := first.split(sign)) > 1 and all(len(cell) < 40 for cell in cells)),
        [],
    )
    return holds_common_name(cell.strip("\"' ") for cell in head) or is_conll(sample)


# ── A text, and a label before it ───────────────────────────────────────────────────────────────────────────────

_LABELLED = "reading.note.label_before_text"
_FASTTEXT = re.compile(r"(?:(?<=\s)|^)[\"']?__label__(\S+?)[\"']?(?=[\s,;]|$)[,;]?")
# Words that many sentences begin with are no labels.
_BEGINNINGS = frozenset(
    """
a about all an and any are as at but by can did do does for from had has have he her his how i if in is it its let may
my no not now of on one or our please she so some that the their then there these they this to was we were what when
where which who whom whose why will with would you your der die das ein eine le la les el los un une il
""".split()
)


def _text_alone(line: str) -> Row:
    return {"text": line}


def _fasttext(lines: Sequence[str]) -> _Form | None:
    """Labels that begin with __label__, before or behind the text."""
    found = [_FASTTEXT.findall(line) for line in lines]
    if sum(map(bool, found)) < _NEARLY_ALL * len(lines):
        return None
    several = any(len(labels) > 1 for labels in found)

    def row_of(line: str) -> Row:
        labels = _FASTTEXT.findall(line)
        text = _FASTTEXT.sub(" ", line).strip(" \t,;")
        if len(text) > 1 and text[0] == text[-1] == '"' and '"' not in text[1:-1].replace('""', ""):
            text = text[1:-1].replace('""', '"')
        row: Row = {"text": text, "labels": labels} if several else {"text": text, "label": "".join(labels[:1])}
        if len(labels) == 1 or (several and labels):
            return row
        return unusable(_SEVERAL if labels else _NO_LABEL, row)

    return _Form(row_of, Sentence("reading.note.fasttext"))


def _labelled(lines: Sequence[str]) -> _Form | None:
    """A label from a small set, then a space and the text.

    The labels begin lines again and again and occur nowhere else, and are no words that sentences begin with.
    """
    parts = [line.split(None, 1) for line in lines]
    if len(lines) < _FEWEST_LABELLED or sum(len(part) == 2 for part in parts) < _NEARLY_ALL * len(lines):
        return None
    firsts = Counter(part[0] for part in parts)
    rare = sum(1 for count in firsts.values() if count == 1)
    if not 2 <= len(firsts) <= max(2, min(200, len(lines) // 5)) or rare > 0.2 * len(firsts):
        return None
    plain = {first.casefold() for first in firsts}
    if plain & _BEGINNINGS or any(
        first.startswith(("-", "*", "•", "<", "[", "(", "'", '"', "@", "%")) for first in firsts
    ):
        return None
    elsewhere = sum(word.casefold() in plain for part in parts if len(part) == 2 for word in part[1].split())
    if elsewhere > 0.05 * len(lines):
        return None

    def row_of(line: str) -> Row:
        label, *text = line.split(None, 1)
        row: Row = {"text": "".join(text), "label": label}
        return row if text else unusable(_NO_LABEL, row)

    return _Form(
        row_of, Sentence("reading.note.label_before_text", labels=[label for label, _ in firsts.most_common(3)])
    )


# ── Words with tags ─────────────────────────────────────────────────────────────────────────────────────────────


def _tagged(lines: Sequence[str]) -> _Form | None:
    """Words with a tag behind each: word/TAG, word_TAG or word|TAG."""
    for sign in "/|_":
        words = [word for line in lines for word in line.split()]
        pairs = [(word, tag) for word, found, tag in (one.rpartition(sign) for one in words) if found and word and tag]
        tags = Counter(tag for _, tag in pairs)
        if len(words) < 2 * len(lines):
            return None  # a table, of which a line is no sentence
        if len(pairs) < _NEARLY_ALL * len(words) or not 2 <= len(tags) <= max(2, min(200, len(pairs) // 4)):
            continue

        def row_of(line: str, sign: str = sign) -> Row:
            pairs = [word.rpartition(sign) for word in line.split()]
            row: Row = {"tokens": [word for word, _, _ in pairs], "tags": [tag for _, _, tag in pairs]}
            return row if all(word and tag for word, _, tag in pairs) else unusable(_NO_TAG, row)

        return _Form(row_of, Sentence("reading.note.tag_at_each_word", sign=sign))
    return None


_HTML = frozenset(
    """
a abbr b big blockquote body br center code dd div dl dt em font footer form h1 h2 h3 h4 h5 h6 head header hr html i img
input li link meta nav ol option p pre s script section small span strike strong style sub sup table tbody td th thead
title tr tt u ul
""".split()
)
_ELEMENT = re.compile(r"<(/?)([A-Za-z][\w.:-]*)((?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*>")
_TYPE = re.compile(r"(?:type|label|class|tag|category)\s*=\s*[\"']([^\"']*)", re.IGNORECASE)
_OPEN_NLP = re.compile(r"<START(?::([^>\s]+))?>\s?(.*?)\s?<END>")
_BRACKETS = re.compile(r"\[([^\[\]]+)\]\(([A-Za-z_][\w.:-]*)\)")


# A mark of two parts, one of which is the type: the part of which there are fewer different ones.
_TWO_PARTS = {
    "{…:…}": re.compile(r"\{\{?([^{}\"]+)[:|]([^{}:|\"]+)\}?\}"),
    "[…|…]": re.compile(r"\[\[?([^\[\]|]+)\|\|?([^\[\]|]+)\]\]?"),
    "[…]{…}": re.compile(r"\[([^\[\]]+)\] ?\{([^{}]+)\}"),
    "[…][…]": re.compile(r"\[([^\[\]]+)\]\[([^\[\]]+)\]"),
    "[… …]": re.compile(r"\[([A-Z][A-Z_]+):? +([^\[\]]+)\]"),
}
_TYPE_NAME = re.compile(r"[^\W\d][\w.-]*")
_BEGINS_WITH_A_MARK = re.compile(r"\{\{?[^{}\"'\n]+[:|][^{}\"'\n:|]+\}|\[\[[^\[\]\"'\n]+\|\|?[^\[\]\"'\n|]+\]\]")


def form_of_marks(texts: Iterable[str]) -> str:
    """The form of marks written into these texts, such as {…:…}; an empty string where there are none."""
    form = _marked([text for text in texts if text])
    return str(form.note.values["form"]) if form is not None else ""


def _marked(lines: Sequence[str]) -> _Form | None:
    """Marks written into the text."""
    in_two_parts = [
        (made, name) for name, mark in _TWO_PARTS.items() if (made := _of_two_parts(mark, lines)) is not None
    ]
    known = [(_open_nlp, "<START:…> <END>"), (_elements, "<…> </…>"), (_brackets, "[…](…)")]
    for marks_in, name in (*known, *in_two_parts):
        found = [marks_in(line) for line in lines]
        marked = sum(bool(marks) for _, marks in found)
        labels = {mark["label"] for _, marks in found for mark in marks}
        if marked >= max(2, 0.2 * len(lines)) and len(labels) <= max(2, min(100, marked // 2)):

            def row_of(line: str, marks_in: Callable[[str], tuple[str, list[Row]]] = marks_in) -> Row:
                text, marks = marks_in(line)
                return {"text": text, "spans": marks}

            return _Form(row_of, Sentence("reading.note.marks_in_the_text", form=name), is_marked=True)
    return None


def _elements(line: str) -> tuple[str, list[Row]]:
    """The text without <PER>…</PER>, and the marks; an element that is not closed stays in the text."""
    text, at = "", 0
    opened: list[tuple[str, str, int]] = []
    marks: list[Row] = []
    closing = Counter(match[2] for match in _ELEMENT.finditer(line) if match[1])
    for match in _ELEMENT.finditer(line):
        is_end, name = bool(match[1]), match[2]
        if name.casefold() in _HTML or (not is_end and not closing[name]):
            continue
        if is_end and name not in [one[0] for one in opened]:
            continue
        text, at = text + line[at : match.start()], match.end()
        if is_end:
            place = max(number for number, one in enumerate(opened) if one[0] == name)
            _, label, start = opened.pop(place)
            marks.append({"start": start, "end": len(text), "label": label})
        else:
            closing[name] -= 1
            kind = _TYPE.search(match[3] or "")
            opened.append((name, kind[1] if kind else name, len(text)))
    return text + line[at:], sorted(marks, key=lambda mark: int(mark["start"]))


def _open_nlp(line: str) -> tuple[str, list[Row]]:
    return _replaced(line, _OPEN_NLP, lambda match: (match[2], match[1] or "entity"))


def _brackets(line: str) -> tuple[str, list[Row]]:
    return _replaced(line, _BRACKETS, lambda match: (match[1], match[2]))


def _of_two_parts(mark: re.Pattern[str], lines: Sequence[str]) -> Callable[[str], tuple[str, list[Row]]] | None:
    """How marks of this form are read; None where it is open which part is the type, or where all have the same one."""
    parts = [[part.strip() for part in match.groups()] for line in lines for match in mark.finditer(line)]
    one, other = ({found[place] for found in parts} for place in (0, 1))
    if len(one) == len(other):
        return None
    place = int(len(other) < len(one))
    if len((one, other)[place]) < 2 or not all(map(_TYPE_NAME.fullmatch, (one, other)[place])):
        return None
    return lambda line: _replaced(line, mark, lambda match: (match[2 - place].strip(), match[1 + place].strip()))


def _replaced(
    line: str, pattern: re.Pattern[str], parts: Callable[[re.Match[str]], tuple[str, str]]
) -> tuple[str, list[Row]]:
    text, at = "", 0
    marks: list[Row] = []
    for match in pattern.finditer(line):
        covered, label = parts(match)
        text, at = text + line[at : match.start()], match.end()
        marks.append({"start": len(text), "end": len(text) + len(covered), "label": label})
        text += covered
    return text + line[at:], marks


# ── Columns separated by several signs, and sections ────────────────────────────────────────────────────────────

_SEVERAL_SIGNS = (":::", "|||", "@@@", "###", "+++$+++", "::", "~", "^", "¦")


def _separated(lines: Sequence[str]) -> _Form | None:
    """Columns with several signs between them, or a rare one, as many in nearly all lines."""
    for sign in _SEVERAL_SIGNS:
        counts = Counter(line.count(sign) for line in lines)
        number, fitting = counts.most_common(1)[0]
        if not number or fitting < _NEARLY_ALL * len(lines) or len(lines) < _FEWEST:
            continue
        rows = [cells for line in lines[:1_000] if len(cells := _cells(line, sign)) == number + 1]
        is_named = _cells(lines[0], sign) == rows[0] and has_header(rows)
        names = unique_names(rows[0]) if is_named else numbered_names(number + 1)

        def row_of(line: str, sign: str = sign, names: tuple[str, ...] = names) -> Row:
            cells = _cells(line, sign)
            if len(cells) == len(names):
                return dict(zip(names, cells, strict=True))
            reason = Sentence("reading.excluded.columns", columns=len(cells), width=len(names))
            return unusable(reason, dict.fromkeys(names))

        return _Form(row_of, Sentence("reading.note.several_signs_separate", sign=sign), above=int(is_named))
    return None


_RULE = re.compile(r"\|?(?:\s*:?-{3,}:?\s*\|)+(?:\s*:?-{3,}:?\s*)?")


def _markdown(lines: Sequence[str]) -> _Form | None:
    """A table of Markdown: names, a line of hyphens, rows."""
    if len(lines) < 3 or not _RULE.fullmatch(lines[1]):
        return None
    names = unique_names(_cells_of_markdown(lines[0]))

    def row_of(line: str) -> Row:
        cells = _cells_of_markdown(line)
        if len(cells) == len(names):
            return dict(zip(names, cells, strict=True))
        return unusable(
            Sentence("reading.excluded.columns", columns=len(cells), width=len(names)), dict.fromkeys(names)
        )

    return _Form(row_of, Sentence("reading.note.markdown_table"), above=2)


def _cells_of_markdown(line: str) -> list[str]:
    inside = line.strip().removeprefix("|")
    inside = inside[:-1] if inside.endswith("|") and not inside.endswith("\\|") else inside
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inside)]


def _atis(lines: Sequence[str]) -> _Form | None:
    """BOS words EOS, a tab, and as many tags, of which the last one is the intent."""
    parts = [line.split("\t") for line in lines]
    if not all(len(part) == 2 and part[0].startswith("BOS ") for part in parts):
        return None

    def row_of(line: str) -> Row:
        text, _, tags = line.partition("\t")
        words, marks = text.split()[1:-1], tags.split()
        row: Row = {"text": " ".join(words), "tokens": words, "tags": marks[1:-1], "intent": "".join(marks[-1:])}
        return row if len(marks) == len(words) + 2 else unusable(_NO_TAG, row)

    return _Form(row_of, Sentence("reading.note.atis_lines"))


def _cells(line: str, sign: str) -> list[str]:
    return [cell.strip() for cell in line.split(sign)]


_HEADING = re.compile(r"#{1,3}\s+(?:intent\s*:\s*)?(\S.*)")
_OTHER_HEADING = re.compile(r"#{1,3}\s+(?:synonym|regex|lookup|prebuilt)\s*:")
_YAML_INTENT = re.compile(r"-\s*intent\s*:\s*[\"']?([^\"'#]+)")
_YAML_OTHER = re.compile(r"-\s*(?:synonym|regex|lookup|rule|story)\s*:")
_ITEM = re.compile(r"[-*]\s+(\S.*)")
_NO_ITEM = re.compile(r"<!--|>|version\s*:|nlu\s*:|examples\s*:|@|\$|---")
_RASA_MARK = re.compile(r"\[([^\[\]]+)\](?:\(([\w.:-]+)(?:[^()]*)\)|\{[^{}]*\"entity\"\s*:\s*\"([^\"]+)\"[^{}]*\})")


def _sections(lines: Sequence[str]) -> Callable[[Iterable[str]], Iterator[Row]] | None:
    """How the lines become rows where headings with intents part lists of texts."""
    is_yaml = sum(map(bool, map(_YAML_INTENT.match, lines))) > 1 and any(line.startswith("examples") for line in lines)
    heading, other = (_YAML_INTENT, _YAML_OTHER) if is_yaml else (_HEADING, _OTHER_HEADING)
    headings = sum(heading.match(line) is not None for line in lines)
    items = sum(_ITEM.match(line) is not None for line in lines)
    skipped = sum(_NO_ITEM.match(line) is not None for line in lines)
    is_list = headings > 1 and items >= 2 * headings
    if not is_list or (not is_yaml and headings + items + skipped < _NEARLY_ALL * len(lines)):
        return None

    def rows(read: Iterable[str]) -> Iterator[Row]:
        intent = ""
        for number, line in enumerate(map(str.strip, read), start=1):
            found = heading.match(line)
            if other.match(line):
                intent = ""
            elif found:
                intent = found[1].strip()
            elif intent and (item := _ITEM.match(line)):
                text, marks = _replaced(item[1], _RASA_MARK, lambda match: (match[1], match[2] or match[3]))
                yield at_line({"text": text, "intent": intent, "spans": marks}, number)

    return rows


_NODE = re.compile(r"\((\S+)\s+([^()\s]+)\)")
_ROOT = re.compile(r"\(\s*([^\s()]+)\s+[^\s].*\)")
_BRACKETS_OF_TREES = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}"}


def _trees(lines: Sequence[str]) -> _Form | None:
    """A tree in brackets with a label at each node; the label of the whole sentence is learned.

    Where all roots are alike, as in trees of grammar, they are no labels.
    """
    roots = [match[1] for line in lines if (match := _ROOT.fullmatch(line)) and line.count("(") == line.count(")")]
    if len(lines) < _FEWEST or len(roots) < _NEARLY_ALL * len(lines) or not 2 <= len(set(roots)) <= 20:
        return None

    def row_of(line: str) -> Row:
        match = _ROOT.fullmatch(line)
        words = [_BRACKETS_OF_TREES.get(word, word) for _, word in _NODE.findall(line)]
        row: Row = {"text": " ".join(words), "label": match[1] if match else ""}
        return row if match and words and line.count("(") == line.count(")") else unusable(_NO_LABEL, row)

    return _Form(row_of, Sentence("reading.note.trees_with_labels"))


_OF_DOCUMENT = re.compile(r"([^\s|]+)\|([ta])\|(.*)")
_PLACE = re.compile(r"[^\s|]+\t(\d+)\t(\d+)\t([^\t]*)\t([^\t]+)(?:\t.*)?")
_RELATION = re.compile(r"[^\s|]+\t[^\t]+\t[^\t]+\t[^\t]+(?:\t.*)?")


def _is_pubtator(lines: Sequence[str]) -> bool:
    """Whether these are titles, abstracts and marks by the number of their document."""
    titles = sum(match[2] == "t" for line in lines if (match := _OF_DOCUMENT.fullmatch(line)))
    fitting = sum(any(pattern.fullmatch(line) for pattern in (_OF_DOCUMENT, _PLACE, _RELATION)) for line in lines)
    marks = any(_PLACE.fullmatch(line) for line in lines)
    return titles > 0 and marks and fitting >= _NEARLY_ALL * len(lines)


def _documents(read: Iterable[str]) -> Iterator[Row]:
    """A row for each document: places are counted from its title on, with one character before the abstract."""
    name, texts, marks, start = "", dict[str, str](), list[Row](), 0
    for number, line in enumerate(itertools.chain(read, ("",)), start=1):
        written = line.strip("\r\n").lstrip("\ufeff")
        found = _OF_DOCUMENT.fullmatch(written)
        if texts and (not written.strip() or (found and found[1] != name)):
            yield at_line({"text": f"{texts.get('t', '')} {texts.get('a', '')}".rstrip(), "spans": marks}, start)
            texts, marks = {}, []
        if found:
            start = start if texts else number
            name, texts[found[2]] = found[1], found[3]
        elif texts and (place := _PLACE.fullmatch(written)):
            first, after, text, label = place.groups()
            marks.append({"start": int(first), "end": int(after), "label": label.strip(), "text": text})


_CHAT = re.compile(
    r"[\u200e\u200f]*\[?(\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}:\d{2}(?::\d{2})?(?:[\s\u202f][APap]\.?[Mm]\.?)?)"
    r"(?:\]| -) ([^:]{1,60}): (.*)"
)


def _chat(lines: Sequence[str]) -> _Form | None:
    """What WhatsApp exports: a date and a time, who writes, and the text."""
    found = [match for line in lines if (match := _CHAT.fullmatch(line))]
    if len(lines) < _FEWEST or len(found) < 0.5 * len(lines) or not _CHAT.fullmatch(lines[-1]):
        return None

    def row_of(line: str) -> Row:
        match = _CHAT.fullmatch(line)
        row: Row = {"time": match[1], "sender": match[2], "text": match[3]} if match else {}
        empty: Row = {"time": "", "sender": "", "text": ""}
        return row if match else unusable(Sentence("reading.excluded.no_message_in_line"), empty)

    return _Form(row_of, Sentence("reading.note.chat_lines"))


_FORMS = (_chat, _fasttext, _markdown, _atis, _separated, _trees, _tagged, _marked, _labelled)


# ── Texts, and no table ─────────────────────────────────────────────────────────────────────────────────────────


def _is_prose(sample: str, lines: Sequence[str], *, without_signs: bool) -> bool:
    """Whether no delimiter parts the lines into equal columns, and none are enclosed.

    Lines without any delimiter are a table of one column, which reads the same, unless they are taken `without_signs`.
    """
    enclosed = sum(line.startswith('"') and line.endswith('"') for line in lines)
    if enclosed > 0.5 * len(lines) or sum("\t" in line for line in lines) > 0.5 * len(lines):
        return False  # nobody writes sentences with tabs: a table, some of whose rows are longer
    found: Dialect = sniff(sample)
    spaced = sum(" " in line for line in lines)
    signs = any(sign in line for line in lines for sign in "\t,;|")
    return (signs or without_signs) and spaced >= 0.5 * len(lines) and (found.width == 1 or found.agreement < 0.9)
