"""How a delimited text is written: what separates its columns, whether quotation marks enclose cells, whether it has
a header. Found by reading a sample in every way and comparing how well the rows agree on the number of columns.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from engine.reading.formats.text_files import lines_of

DELIMITERS = ("\t", ",", ";", "|")
LONGEST_FIELD = 2**31 - 1  # characters; what csv takes on every system
MOST_TITLES = 12
_SAMPLE_ROWS = 5_000
_ENCLOSED_LINES = 0.8  # of a text whose cells are between apostrophes; a cell may hold line ends
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*%?\s*")
_COMMON_NAMES = frozenset(
    """
text sentence sentences label labels class category categories intent topic title body content comment
review message tweet question query utterance target sentiment emotion source id idx index name
description subject date tokens tags words score rating stars lang language split phrase document
headline premise hypothesis sentence1 sentence2 sentence_1 sentence_2 coarse_label fine_label y x
""".split()
)


class Dialect(NamedTuple):
    """One way to read a delimited text, and how well it fits the sample: 1.0 when all rows have `width` cells."""

    delimiter: str
    quoting: str  # quoted, escaped, single, plain
    width: int
    agreement: float


@lru_cache(maxsize=4)  # a preview asks several times for each of its files
def sniff(sample: str, *, delimiter: str = "", quoting: str = "") -> Dialect:
    """The dialect in which the sample's rows agree best; what is given is taken as it is."""
    delimiters = [delimiter] if delimiter else [one for one in DELIMITERS if one in sample] or [","]
    best = [_best_quoting(sample, one, quoting) for one in delimiters]
    several = [dialect for dialect in best if dialect.width > 1]
    if not several:
        return best[0]
    # A split that hardly any row agrees on is no split.
    top = max(dialect.agreement for dialect in several)
    near = [dialect for dialect in several if dialect.agreement >= top - 0.005]
    if '"' in sample:
        near = [dialect for dialect in near if not _tears_cells(sample, dialect)] or near
    return max(near, key=lambda dialect: (dialect.width, -DELIMITERS.index(dialect.delimiter)) if not delimiter else ())


_ESCAPED = re.compile(r'\\(\\(?=")|")')


def csv_rows(lines: Iterable[str], delimiter: str, quoting: str, *, strict: bool = True) -> Iterator[list[str]]:
    """The rows of delimited text.

    Of "escaped" quotation marks, \\" is one inside a cell, as MySQL and Spark write; "single" ones are apostrophes.
    """
    csv.field_size_limit(LONGEST_FIELD)  # of the whole process, where a library may have set it back
    if quoting == "escaped":
        lines = (_ESCAPED.sub(_doubled, line) if "\\" in line else line for line in lines)
    if quoting == "plain":
        return csv.reader(lines, delimiter=delimiter, strict=strict, quoting=csv.QUOTE_NONE)
    if quoting == "single":
        return csv.reader(lines, delimiter=delimiter, strict=strict, quotechar="'")
    return csv.reader(lines, delimiter=delimiter, strict=strict)


def _doubled(match: re.Match[str]) -> str:
    return '""' if match[1] == '"' else "\\"


def has_header(rows: list[list[str]]) -> bool:
    """Whether the first of these rows looks like names and not like the rows below it."""
    if not rows:
        return False
    first = [cell.strip() for cell in rows[0]]
    # Joined files have their header several times.
    rest = [row for row in rows[1:1_000] if [cell.strip() for cell in row] != first]
    names = [cell.casefold() for cell in first]
    if not any(names) or any(_NUMBER.fullmatch(name) for name in names if name):
        return False
    comes_again = 0  # the most rows that repeat a value of the first one, in a column of few values: a class
    is_above_classes = False
    for position, cell in enumerate(first):
        below = Counter(row[position].strip() for row in rest if position < len(row))
        if not cell:
            continue
        if len(below) < max(2, len(rest) / 2):
            comes_again = max(comes_again, below[cell])
        is_class = 1 < len(below) <= len(rest) / 5 and min(below.values()) > 1 and "" not in below
        is_above_classes |= is_class and not below[cell]  # each value comes again below, only this one does not
    if holds_common_name(names) and comes_again < 2 and all(len(name) <= 60 for name in names):
        return True
    filled = [name for name in names if name]
    if comes_again or any(len(name) > 60 for name in names) or len(set(filled)) < len(filled):
        return False
    if is_above_classes:
        return True
    for position in range(len(first)):
        cells = [row[position] for row in rest if position < len(row) and row[position].strip()]
        if cells and sum(bool(_NUMBER.fullmatch(cell)) for cell in cells) > 0.9 * len(cells):
            return True  # a word above numbers
    longest = max((sum(map(len, column)) / len(column) for column in zip(*rest, strict=False)), default=0.0)
    return bool(rest) and max(map(len, first)) <= 30 and longest > 2 * max(map(len, first))


def title_rows(rows: Sequence[Sequence[str]], width: int) -> int:
    """How many rows are above the header: titles, dates and empty rows, each with one cell filled at most, and a row
    with names of groups of columns.

    0 where what follows them is no header, or where there are more than a title and its notes.
    """
    for number, row in enumerate(rows[: MOST_TITLES + 1] if width > 1 else []):
        filled = sum(bool(cell.strip()) for cell in row)
        if filled > 1 and len(row) != width:
            return 0
        if _groups_columns(row, rows[number + 1 :]):
            continue
        if filled > 1:
            return number if number and has_header([list(one) for one in rows[number:] if len(one) == width]) else 0
    return 0


def _groups_columns(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row with gaps is above a row without any that holds more of the names that columns often have."""
    if not below or len(below[0]) != len(row) or all(map(str.strip, row)) or not all(map(str.strip, below[0])):
        return False
    common, under = (sum(holds_common_name([cell]) for cell in cells) for cells in (row, below[0]))
    return under > max(1, common) and len(set(below[0])) == len(below[0])


def holds_common_name(names: Iterable[str]) -> bool:
    """Whether one of these is what columns are often called."""
    return not _COMMON_NAMES.isdisjoint(name.strip().casefold() for name in names)


def looks_like_number(cell: str) -> bool:
    """Whether the cell is a number as people write it."""
    return _NUMBER.fullmatch(cell) is not None


def sample_rows(sample: str, dialect: Dialect) -> list[list[str]]:
    """The sample's rows that have as many cells as in the dialect, blank lines excluded."""
    rows = []
    for cells in _parse(sample, dialect.delimiter, dialect.quoting):
        if cells is not None and len(cells) == dialect.width:
            rows.append(cells)
    return rows


def _best_quoting(sample: str, delimiter: str, quoting: str) -> Dialect:
    if quoting:
        return _measure(sample, delimiter, quoting)
    plain, quoted = _measure(sample, delimiter, "plain"), _measure(sample, delimiter, "quoted")
    if '"' not in sample:
        single = _measure(sample, delimiter, "single") if _apostrophes_enclose(sample, delimiter) else quoted
        return single if single.width > 1 and single.agreement >= quoted.agreement else quoted
    if '\\"' in sample:
        escaped = _measure(sample, delimiter, "escaped")
        if escaped.width > 1 and escaped.agreement > max(plain.agreement, quoted.agreement, 0.5):
            return escaped
    if quoted.width > 1 and plain.width > 1 and abs(quoted.agreement - plain.agreement) < 1e-9:
        # Other widths: plain takes a cell such as "late, and wet" apart, in every row.
        return quoted if quoted.width != plain.width or _quotes_enclose(sample, plain) else plain
    if quoted.width > 1 and plain.width == 1:
        return quoted
    if plain.width > 1 and quoted.width == 1:
        return plain
    return max(plain, quoted, key=lambda dialect: (dialect.agreement, dialect.quoting == "quoted"))


def _apostrophes_enclose(sample: str, delimiter: str) -> bool:
    """Whether nearly every line below the first has a cell between apostrophes, each of which inside is doubled."""
    lines = sample.splitlines()[1:_SAMPLE_ROWS]
    sign = re.escape(delimiter)
    cell = re.compile(rf"(?:^|{sign})'(?:[^']|'')+'(?={sign}|$)")
    return sum(cell.search(line) is not None for line in lines) > _ENCLOSED_LINES * max(1, len(lines))


def _measure(sample: str, delimiter: str, quoting: str) -> Dialect:
    widths: Counter[int] = Counter()
    for cells in _parse(sample, delimiter, quoting):
        widths[-1 if cells is None else len(cells)] += 1
    total = sum(widths.values())
    sound = Counter({width: count for width, count in widths.items() if width > 0})
    if not sound:
        return Dialect(delimiter, quoting, 1, 0.0)
    width, count = max(sound.items(), key=lambda item: (item[1], item[0]))
    return Dialect(delimiter, quoting, width, count / total)


def _parse(sample: str, delimiter: str, quoting: str) -> Iterator[list[str] | None]:
    """The sample's rows; None for a row whose quotation marks do not close as they should."""
    lines = lines_of(sample)
    seen = 0
    while seen < _SAMPLE_ROWS:
        reader = csv_rows(lines, delimiter, quoting)
        try:
            for cells in reader:
                if cells:
                    seen += 1
                    yield cells
                if seen >= _SAMPLE_ROWS:
                    return
            return
        except csv.Error:
            seen += 1
            yield None


def _tears_cells(sample: str, dialect: Dialect) -> bool:
    """Whether most rows have a cell with half a pair of quotation marks: the delimiter parts enclosed cells."""
    rows = sample_rows(sample, dialect)
    return 2 * sum(any(cell.count('"') % 2 for cell in row) for row in rows) > len(rows)


def _quotes_enclose(sample: str, plain: Dialect) -> bool:
    """Whether quotation marks enclose cells, where reading with and without them gives the same columns."""
    rows = sample_rows(sample, plain)
    for position in range(plain.width):
        cells = [row[position] for row in rows]
        marked = [cell for cell in cells if '"' in cell]
        if not marked:
            continue
        enclosed = [cell for cell in marked if len(cell) > 1 and cell[0] == cell[-1] == '"']
        if len(enclosed) < len(marked):
            return False  # whoever encloses cells encloses each that holds a mark
        if any('""' in cell[1:-1] for cell in enclosed) or len(enclosed) >= 0.9 * len(cells):
            return True
    return plain.delimiter != "\t"
