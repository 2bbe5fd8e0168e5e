"""CoNLL files: one word and its tags per line, an empty line between sentences. A row is a sentence.

Which column holds the words and which the tags is found from what they hold: numbers of words, words, tags in a
scheme (`_names_of`). Columns are separated by tabs, or by spaces, where tabs count as spaces; no other space does. A
sentence with a line of another width is excluded; nothing is filled up. CoNLL-U, the format of Universal
Dependencies, is known by its ten columns that begin with a number; its ranges ("3-4") and empty words ("8.1") are no
words of the sentence.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import ReadingOptions
from engine.contract.text_parsing import CONLL_COMMENT, CONLLU, joined_words
from engine.reading.formats.chunks import UNREADABLE, Cell, Chunk, ChunkBuilder, Layout, unique_names
from engine.reading.formats.dialect import csv_rows
from engine.reading.formats.rows_as_objects import Row, RowsAsObjects, at_line, unusable
from engine.reading.formats.text_files import Lines, TextSample, encoding_of, lines_of, open_text, sample_text

LONGEST_SENTENCE = 100_000  # words; where no line is empty, a file is one sentence
TOO_LONG = Sentence("reading.excluded.sentence_too_long", longest=LONGEST_SENTENCE)
_START = "-DOCSTART-"
_COMMENT = re.compile(CONLL_COMMENT)
_TAG = re.compile(r"[OoBI]|[BIESLUMbi]-\S.*|[BIESLUbi][_ ]\S.*")
_OUTSIDE = ("O", "o")
_SIGNS = ",;|\t"  # between the columns of other tables
_LINES_LOOKED_AT = 20_000
_TEXTS_KEPT = 4  # the samples of a training, validation and test file, and one more
_WORD_NUMBER = re.compile(r"[0-9]{1,9}")
_NO_SPACE = "SpaceAfter=No"  # in the column MISC
_ANY_NUMBER = re.compile(r"[0-9]{1,9}(?:[-.][0-9]{1,9})?")


_DOCUMENT = "#begin document"
_FEWEST_OF_2012 = 12  # columns; one for each predicate of the sentence comes before the last
_WORD, _PART_OF_SPEECH, _ENTITY = 3, 4, 10  # their places


def rows_of(path: Path, options: ReadingOptions) -> RowsAsObjects | None:
    """The sentences of a file of CoNLL-2012, whose lines have another width in each; None for every other file."""
    encoding, note = encoding_of(path, options.encoding)
    first = next((line for line in lines_of(sample_text(path, encoding)) if line.strip()), "")
    if not first.startswith(_DOCUMENT):
        return _delimited(path, options, encoding, note) or _below_names(path, options, encoding, note)

    def rows() -> Iterator[Row]:
        columns: Row = {"tokens": [], "pos": [], "tags": []}
        with open_text(path, encoding, options.undecodable) as file:
            lines = Lines(file)
            words: list[list[str]] = []
            problem, start = NOTHING, 0
            for line in itertools.chain(lines, ("",)):
                unreadable = not line.isascii() and lines.is_unreadable()
                lines.taken = []
                cells = line.split()
                if cells and not line.startswith("#"):
                    if len(cells) < _FEWEST_OF_2012:
                        problem = problem or Sentence(
                            "reading.excluded.line_columns", columns=len(cells), width=_FEWEST_OF_2012
                        )
                    problem = problem or (UNREADABLE if unreadable else NOTHING)
                    start = start if words else lines.number
                    words.append(cells)
                elif words:
                    yield at_line(unusable(problem, columns) if problem else _sentence_of_2012(words), start)
                    words, problem = [], NOTHING

    notes = (note, Sentence("reading.note.conll_2012")) if note else (Sentence("reading.note.conll_2012"),)
    return RowsAsObjects("jsonl", {"": rows}, encoding, notes)


_WORD_NAMES = frozenset({"word", "words", "token", "tokens", "form"})
_TAG_NAMES = frozenset({"tag", "tags", "ner", "ner_tag", "ner_tags", "label", "labels", "entity", "pos", "upos", "iob"})


def _below_names(path: Path, options: ReadingOptions, encoding: str, note: Sentence) -> RowsAsObjects | None:
    """The sentences of a file whose first line names its columns; None for every other file.

    They are copied, so that the names are a word with a tag neither here nor in the script of a run.
    """
    text = sample_text(path, encoding)
    first = next((line for line in lines_of(text) if line.strip()), "").split()
    if len(first) < 2 or not _TAG_NAMES.intersection(map(str.casefold, first)) or not _holds_tagged_words(text):
        return None
    lines = _without_comments(itertools.islice(lines_of(text), _LINES_LOOKED_AT))
    delimiter, width = _shape(lines)
    rows = [cells for line in lines if line.strip() and len(cells := _cells(line, delimiter)) == width]
    names = list(_names_of(rows[1:], width)) if len(rows) > 1 and rows[0] == first else []
    words, tags = (next((n for n, name in enumerate(names) if name.startswith(kind)), 0) for kind in ("tokens", "tags"))
    written = [cell.casefold() for cell in first]
    if words == tags or written[words] not in _WORD_NAMES or written[tags] not in _TAG_NAMES:
        return None
    if not any(not line.strip() for line in lines[1:-1]):
        return None  # a table with the number of the sentence in a column
    columns = list(unique_names(first))
    columns[words], columns[tags] = "tokens", "tags"

    def rows_again() -> Iterator[Row]:
        with open_text(path, encoding, options.undecodable) as file:
            is_first = True
            for cells, problem, line in _sentences(Lines(file), delimiter, width, False):
                sentence = cells[1:] if is_first else cells
                is_first = False
                if problem:
                    yield at_line(unusable(problem, {name: [] for name in columns}), line)
                elif sentence:
                    yield at_line({name: [row[n] for row in sentence] for n, name in enumerate(columns)}, line)

    return RowsAsObjects("jsonl", {"": rows_again}, encoding, (note,) if note else ())


_OTHER_SIGNS = ",;|"
_FEWEST_SENTENCES = 3


def _delimited(path: Path, options: ReadingOptions, encoding: str, note: Sentence) -> RowsAsObjects | None:
    """Words with their tags in delimited text, where empty lines part the sentences; None for every other file."""
    sample = list(itertools.islice(lines_of(sample_text(path, encoding)), _LINES_LOOKED_AT))
    for sign in (options.delimiter,) if options.delimiter else _OTHER_SIGNS:
        if sign not in _OTHER_SIGNS:
            continue
        cells = [_delimited_cells(line, sign) for line in "".join(sample).strip("\r\n").splitlines()]
        written = [row for row in cells if row]
        width = max(Counter(map(len, written)).items(), key=lambda item: item[1])[0] if written else 0
        rows = [row for row in written if len(row) == width]
        blank = sum(not row and bool(before) for before, row in itertools.pairwise(cells))
        if width < 2 or blank + 1 < _FEWEST_SENTENCES or len(rows) < 0.95 * len(written):
            continue
        if not any(_is_scheme(rows, column) for column in range(width)):
            continue
        names = _names_of(rows, width)
        words, tags = (next(n for n, name in enumerate(names) if name.startswith(kind)) for kind in ("tokens", "tags"))
        above = int(_TAG.fullmatch(rows[0][tags]) is None)

        def rows_again(
            sign: str = sign, width: int = width, words: int = words, tags: int = tags, above: int = above
        ) -> Iterator[Row]:
            problem, found, start = NOTHING, list[list[str]](), 0
            with open_text(path, encoding, options.undecodable) as file:
                lines = Lines(file)
                for line in itertools.chain(itertools.islice(lines, above, None), ("",)):
                    if not line.isascii() and lines.is_unreadable():
                        problem = problem or UNREADABLE
                    lines.taken = []
                    cells = _delimited_cells(line, sign)
                    if cells:
                        start = start if found else lines.number
                        found.append(cells)
                        if len(cells) != width:
                            reason = Sentence("reading.excluded.line_columns", columns=len(cells), width=width)
                            problem = problem or reason
                    elif found:
                        if problem:
                            yield at_line(unusable(problem, {"tokens": [], "tags": []}), start)
                        else:
                            tagged: Row = {
                                "tokens": [row[words] for row in found],
                                "tags": [row[tags] for row in found],
                            }
                            yield at_line(tagged, start)
                        problem, found = NOTHING, []

        remark = Sentence("reading.note.words_with_a_delimiter", sign=sign)
        return RowsAsObjects("jsonl", {"": rows_again}, encoding, (note, remark) if note else (remark,))
    return None


def _delimited_cells(line: str, sign: str) -> list[str]:
    """The cells of a line; none where it is empty or holds delimiters alone."""
    cells = next(csv_rows([line.strip("\r\n")], sign, "quoted", strict=False), [])
    return [cell.strip() for cell in cells] if any(map(str.strip, cells)) else []


def _sentence_of_2012(words: list[list[str]]) -> Row:
    """Entities are written with brackets there: (PER*, *, *) and (LOC) for one of a single word."""
    tags, open_type = [], ""
    for cells in words:
        written = cells[_ENTITY]
        begun = written.partition("(")[2].strip("*()") if "(" in written else ""
        tags.append(f"B-{begun}" if begun else f"I-{open_type}" if open_type else "O")
        open_type = "" if ")" in written else begun or open_type
    return {
        "tokens": [cells[_WORD] for cells in words],
        "pos": [cells[_PART_OF_SPEECH] for cells in words],
        "tags": tags,
    }


def is_conll(sample: TextSample) -> bool:
    """Whether the text is written one word per line with tags behind the words."""
    return _holds_tagged_words(sample.text)


@lru_cache(maxsize=_TEXTS_KEPT)  # a preview asks several times for each of its files
def _holds_tagged_words(text: str) -> bool:
    lines = list(itertools.islice(lines_of(text), _LINES_LOOKED_AT))
    if any(line.startswith(_START) for line in lines[:5]):
        return True
    lines = _without_comments("".join(lines).strip("\r\n").splitlines(keepends=True))
    delimiter, width = _shape(lines)
    if width < 2:
        return False
    blank = sum(not line.strip() for line in lines)
    rows = [cells for line in lines if line.strip() and len(cells := _cells(line, delimiter)) == width]
    written = sum(bool(line.strip()) for line in lines)
    if len(rows) < 0.9 * written:
        return False
    if delimiter == "\t" and _is_conllu(rows):
        return True
    if any(_is_scheme(rows, column) for column in range(width)):
        return blank > 0 or len(rows) < 200
    signs = {sign: sum(sign in line for line in lines) for sign in _SIGNS if sign != delimiter}
    if any(number >= 0.9 * written for number in signs.values()):
        return False  # a table of texts with the same number of words
    single = sum(" " not in cells[0] for cells in rows)
    return blank >= 2 and single >= 0.95 * len(rows) and len({cells[-1] for cells in rows}) <= 100


def layout_of(path: Path, options: ReadingOptions) -> Layout:
    """How this CoNLL file is read."""
    encoding, note = encoding_of(path, options.encoding)
    lines = _without_comments(itertools.islice(lines_of(sample_text(path, encoding)), _LINES_LOOKED_AT))
    delimiter, width = _shape(lines)
    if options.delimiter in ("\t", " "):
        delimiter = options.delimiter
        width = _common_width(lines, delimiter)
    width = max(2, width)  # lines of words alone are no rows, and each sentence is excluded for them
    filled = msgspec.structs.replace(
        options, format="conll", encoding=encoding, delimiter=delimiter, quoting="plain", header="no"
    )
    rows = [cells for line in lines if line.strip() and len(cells := _cells(line, delimiter)) == width]
    names = CONLLU if delimiter == "\t" and _is_conllu(rows) else _names_of(rows, width)
    return Layout(filled, names, (note,) if note else ())


def read(path: Path, layout: Layout, columns: tuple[str, ...]) -> Iterator[Chunk]:
    """The sentences of the file, only the named columns."""
    width, delimiter = len(layout.columns), layout.options.delimiter
    positions = [layout.columns.index(name) for name in columns]
    numbered = layout.columns == CONLLU
    builder = ChunkBuilder(columns)
    with open_text(path, layout.options.encoding, layout.options.undecodable) as file:
        lines = Lines(file)
        for number, (rows, problem, line) in enumerate(_sentences(lines, delimiter, width, numbered), start=1):
            if problem:
                builder.leave_out(number, problem, line)
            else:
                words = [cells for cells in rows if not numbered or _WORD_NUMBER.fullmatch(cells[0])]
                sentence: list[Cell] = [[word[position] for word in words] for position in positions]
                builder.add(number, sentence, line)
                if numbered:
                    builder.write(number, _text_of(rows))
            if number % 64 == 0 and builder.is_full(lines.bytes_done()):
                yield builder.take(lines.bytes_done())
        yield builder.take(lines.bytes_done())


def _text_of(rows: list[list[str]]) -> str:
    """The text of a sentence of CoNLL-U.

    No space follows a word with `SpaceAfter=No`; the words of a range are together where the range is written as they
    are ("don't": do, n't), and apart where it is not ("zum": zu, dem).
    """
    forms = {int(cells[0]): cells[1] for cells in rows if _WORD_NUMBER.fullmatch(cells[0])}
    glued = {int(cells[0]) for cells in rows if _WORD_NUMBER.fullmatch(cells[0]) and _NO_SPACE in cells[-1].split("|")}
    for cells in rows:
        if "-" in cells[0]:
            first, last = map(int, cells[0].split("-"))
            inside = range(first, min(last, first + LONGEST_SENTENCE))
            if "".join(forms.get(number, "") for number in (*inside, last)) == cells[1]:
                glued.update(inside)
            if _NO_SPACE in cells[-1].split("|"):
                glued.add(last)
    return joined_words(list(forms.values()), {place for place, number in enumerate(forms) if number in glued})


def _sentences(
    lines: Lines, delimiter: str, width: int, numbered: bool
) -> Iterator[tuple[list[list[str]], Sentence, int]]:
    """The lines of each sentence, those of ranges among them, why it cannot be used, and where it begins."""
    words: list[list[str]] = []
    problem, start = NOTHING, 0
    for line in lines:
        unreadable = not line.isascii() and lines.is_unreadable()
        lines.taken = []
        if not line.strip() or line.startswith(_START):
            if words or problem:
                yield words, problem, start
            words, problem = [], NOTHING
            continue
        cells = _cells(line, delimiter)
        if line.startswith("#") and (len(cells) != width or _COMMENT.match(line)):
            continue
        if not words and not problem:
            start = lines.number
        if unreadable:
            problem = problem or UNREADABLE
        elif len(cells) != width:
            problem = problem or Sentence("reading.excluded.line_columns", columns=len(cells), width=width)
        elif not numbered or _ANY_NUMBER.fullmatch(cells[0]):
            words.append(cells)
            if len(words) > LONGEST_SENTENCE:
                words, problem = [], TOO_LONG
                lines.pass_over(_START)
        else:
            problem = problem or Sentence("reading.excluded.line_without_number")
    if words or problem:
        yield words, problem, start


def _cells(line: str, delimiter: str) -> list[str]:
    if delimiter == " ":
        return [cell for cell in line.strip("\r\n").replace("\t", " ").split(" ") if cell]
    cells = [cell.strip(" \r\n") for cell in line.rstrip("\r\n").split("\t")]
    while len(cells) > 2 and not cells[-1]:
        cells.pop()
    return cells


def _without_comments(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if not _COMMENT.match(line)]


def _is_conllu(rows: list[list[str]]) -> bool:
    """Whether there are ten columns that begin with the number of the word, and the seventh is that of another word.

    A table of ten columns that begins with a number, as STS-B has in GLUE, is none.
    """
    numbered = sum(
        len(cells) == len(CONLLU)
        and _ANY_NUMBER.fullmatch(cells[0]) is not None
        and (cells[6] == "_" or _WORD_NUMBER.fullmatch(cells[6]) is not None)
        for cells in rows
    )
    return bool(rows) and numbered >= 0.95 * len(rows) and sum(cells[0] == "1" for cells in rows) * 100 >= len(rows)


def _shape(lines: list[str]) -> tuple[str, int]:
    """What separates the columns, and how many most lines have; spaces only where tabs leave many lines apart."""
    written = [line for line in lines if line.strip()]
    by_space: int | None = None
    if any("\t" in line for line in written):
        tabs = _widths(written, "\t")
        by_tab = _most_common(written, tabs)
        if by_tab > 1:
            fitting = tabs.count(by_tab)
            if fitting >= 0.9 * len(written):
                return "\t", by_tab
            spaces = _widths(written, " ")
            by_space = _most_common(written, spaces)
            if fitting >= spaces.count(by_space):
                return "\t", by_tab
    return " ", _most_common(written, _widths(written, " ")) if by_space is None else by_space


def _common_width(lines: list[str], delimiter: str) -> int:
    written = [line for line in lines if line.strip()]
    return _most_common(written, _widths(written, delimiter))


def _widths(written: list[str], delimiter: str) -> list[int]:
    return [len(_cells(line, delimiter)) for line in written]


def _most_common(written: list[str], widths: list[int]) -> int:
    """How many columns most lines have, the larger number where as many lines have either."""
    counts = Counter(width for line, width in zip(written, widths, strict=True) if not line.startswith(_START))
    return max(counts.items(), key=lambda item: (item[1], item[0]))[0] if counts else 0


# What the columns hold. Names keep the place of a column, since the script of a run finds it by its name: "tokens" is
# the first column and "tags" the last one, "tags 3" the third.


def _names_of(rows: list[list[str]], width: int) -> tuple[str, ...]:
    names = [f"column {number}" for number in range(1, width + 1)]
    schemes = [column for column in range(width) if _is_scheme(rows, column)]
    others = [column for column in range(width) if column not in schemes]
    words = next((column for column in others if not _is_counted(rows, column)), 0)
    tags = _outer(rows, schemes) if schemes else max(others[-1:] or [width - 1], default=width - 1)
    if words == tags:
        words, tags = 0, width - 1
    names[words] = "tokens" if words == 0 else f"tokens {words + 1}"
    names[tags] = "tags" if tags == width - 1 else f"tags {tags + 1}"
    return tuple(names)


def _is_scheme(rows: list[list[str]], column: int) -> bool:
    """Whether nearly all cells are tags with a prefix, or O."""
    cells = [row[column] for row in rows]
    tagged = sum(_TAG.fullmatch(cell) is not None for cell in cells)
    several = len(set(cells)) > 1  # the word “I” in each line of a template is no tag
    return several and tagged >= 0.95 * len(cells) and any(cell not in _OUTSIDE for cell in cells)


def _is_counted(rows: list[list[str]], column: int) -> bool:
    """Whether the cells number the words of a sentence or the sentences, or are the same thing line after line."""
    cells = [row[column] for row in rows]
    numbers = [int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 9 else -1 for cell in cells]
    following = sum(after in (0, 1, before, before + 1) for before, after in itertools.pairwise(numbers) if after >= 0)
    repeated = sum(after == before for before, after in itertools.pairwise(cells))
    return len(rows) > 1 and max(following, repeated) >= 0.9 * (len(rows) - 1)


# Types of chunks (CoNLL-2000), which are in a column before the entities of CoNLL-2003 and are not what is learned.
_CHUNKS = frozenset({"NP", "VP", "PP", "ADVP", "ADJP", "SBAR", "PRT", "CONJP", "INTJ", "LST", "UCP", "NC", "VC", "PC"})
_MOST_IN_ENTITIES = 0.5  # of the words; most words are in chunks


def _outer(rows: list[list[str]], schemes: list[int]) -> int:
    """The column with the tags to learn: the last in a scheme, or one before it whose entities hold those of the last.

    Beside the entities of CoNLL-2003 are chunks, which hold them too; beside those of GermEval nested ones.
    """
    last = schemes[-1]
    nested = [place for place, row in enumerate(rows) if row[last] not in _OUTSIDE]
    for column in schemes[:-1]:
        marked = [row[column] not in _OUTSIDE for row in rows]
        types = {row[column][2:] for row in rows} - {""}
        if types <= _CHUNKS or sum(marked) <= len(nested):
            continue
        own = {rows[place][last][2:] for place in nested}
        are_few = sum(marked) < _MOST_IN_ENTITIES * len(rows)
        if own and len(own & types) >= 0.5 * len(own):
            return column
        if are_few and all(marked[place] for place in nested):
            return column
    return last
