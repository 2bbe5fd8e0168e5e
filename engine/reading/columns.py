"""What the columns of a file hold, counted row by row in bounded memory: texts, few values again and again, numbers.

Which part a column plays is guessed from this in engine/tasks/guesses.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from engine.contract.text_parsing import YES, number_in, split_of
from engine.reading.formats.chunks import Cell
from engine.reading.formats.dialect import looks_like_number
from engine.reading.formats.marks import read_literal

# Lists that are text in a cell, as tables saved from Python hold them; read as data, never run.
#
# ["Anna", "lives"]   JSON, and the same with single quotes, as Python prints lists
# ['Anna' 'lives']    as NumPy prints them; [1 0 0] for numbers
# [B-PER, O]          without quotes

_LONGEST = 100_000  # characters
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_NUMBERS = re.compile(r"\[\s*[-+.\deE]+(?:\s+[-+.\deE]+)*\s*\]")
_UNQUOTED = re.compile(r"""\[\s*[^\s\[\]'",]+(?:\s*,\s*[^\s\[\]'",]+)+\s*\]""")


def written_list(cell: str) -> list[str] | None:
    """The items of the list that a cell of text represents, numbers as they are written; None where it is no list."""
    text = cell.strip()
    if not (text.startswith("[") and text.endswith("]")) or len(text) > _LONGEST:
        return None
    if not text[1:-1].strip():
        return []
    quoted = _QUOTED.findall(text)
    if quoted and not _QUOTED.sub("", text[1:-1]).strip():  # Python would join these to a single text
        parts = [_value_of(part) for part in quoted]
        return None if any(part is None for part in parts) else [str(part) for part in parts]
    if _NUMBERS.fullmatch(text):
        return text[1:-1].split()
    if _UNQUOTED.fullmatch(text):
        return [part.strip() for part in text[1:-1].split(",")]
    value = _value_of(text)
    if isinstance(value, list) and all(item is None or isinstance(item, str | int | float) for item in value):
        return ["" if item is None else str(item) for item in value]
    return None


def _value_of(text: str) -> object:
    return read_literal(text, from_json=_from_json)


def _from_json(text: str) -> object:
    return json.loads(text, parse_int=str, parse_float=str)


COUNTED_VALUES = 20_000
_LONGEST_VALUE = 200  # characters of a value that is counted
_MOST_NUMBERED_LABELS = 50
_MOST_LABELS = 2_000
_LONGEST_LABEL = 60  # characters
_FEWEST_PAIRS = 20  # cells: of so many decimals with one digit, 88 % of the time one has 3,3 or the like
_DELIMITERS = ("|", ";", ",", "#")
_SPLIT_NAMES = frozenset({"split", "splits", "partition", "subset", "set", "usage", "fold", "data_split"})
_MOST_SPLIT_VALUES = 6
_TAG = r"(?:[OoBI]|[BIESLUMbi]-\S+|[BIESLUbi]_\S+)"
_ONE_TAG = re.compile(_TAG)
_TAGS = re.compile(rf"{_TAG}(?:\s+{_TAG})*")
_FRACTION = re.compile(r"[.,]\d*[1-9]")
_YES_NO = {"0", "1", "0.0", "1.0", "true", "false"}
_UNKNOWN = {"-1", "-1.0"}  # in columns of 0 and 1, as the test rows of several published data sets have it
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]\d.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?:[T ]\d.*)?|\d{1,2}:\d{2}(?::\d{2})?"
)
_MARKUP = re.compile(r"\s*<[!/]?[a-z][^<>]*>.*>\s*", re.IGNORECASE | re.DOTALL)
_FEWEST_RISING = 20  # numbers
_SAME_STEP = 1e-6  # of a step
_COMPARED_CELLS = 400  # the first ones, kept to be compared with those of another column
_LONGEST_COMPARED = 500  # characters
_NEARLY_ALL = 0.9  # of the cells


class ColumnSurvey:
    """Counts what one column holds, row by row, in bounded memory."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: Counter[str] = Counter()  # cells, or the items of lists; at most COUNTED_VALUES different ones
        self.cells = 0  # that are not empty
        self._rows = 0
        self._lists = 0
        self._items = 0
        self._characters = 0
        self._numbers = 0
        self._spaced = 0
        self._objects = 0
        self._decimals = 0
        self._fractions = 0  # numbers with a digit other than 0 behind the sign
        self._links = 0
        self._dates = 0
        self._markup = 0
        self._number_sign: str | None = None  # `delimiter` of numbers, once it was looked for
        self.first: list[str] = []  # the first cells, shortened; an empty text for an empty one or a list
        self._lengths: list[int] = []  # of the first lists
        self._ones: Counter[int] = Counter()  # lists with a 1 at this position, from 1
        self._marks = 0  # lists of 0 and 1 alone
        self._words: list[int] = []  # in the first cells that are no lists
        self._tag_sequences = self._prefixed_tags = 0  # cells

    def add(self, cells: Iterable[Cell]) -> None:
        """More cells of this column."""
        self._number_sign = None
        for cell in cells:
            self._rows += 1
            if len(self.first) < _COMPARED_CELLS:
                self.first.append(cell[:_LONGEST_COMPARED] if isinstance(cell, str) else "")
            if not cell:
                continue
            self.cells += 1
            items = cell if isinstance(cell, list) else written_list(cell) if cell[0] == "[" else None
            if items and all(item.startswith("{") and item.endswith("}") for item in items):
                self._objects += 1  # a list of objects is no list of words
                self._characters += sum(map(len, items))
                self._count(" ".join(items))
            elif items is not None:
                self._lists += 1
                self._items += len(items)
                self._characters += sum(map(len, items)) + len(items)
                if len(self._lengths) < 1_000:
                    self._lengths.append(len(items))
                self._count_positions(items)
                for item in items:
                    self._count(item)
            elif isinstance(cell, str):
                self._characters += len(cell)
                self._numbers += looks_like_number(cell) if len(cell) < 40 else 0
                self._spaced += " " in cell
                if "." in cell or "," in cell:
                    self._decimals += 1
                    self._fractions += len(cell) < 40 and _FRACTION.search(cell) is not None
                self._objects += cell.startswith(("{", "[{")) and cell.endswith(("}", "}]"))
                self._links += cell.startswith(("http", "HTTP", "www.")) and _LINK.fullmatch(cell.strip()) is not None
                self._dates += cell[0].isdigit() and len(cell) < 40 and _DATE.fullmatch(cell.strip()) is not None
                self._markup += "<" in cell and _MARKUP.fullmatch(cell) is not None
                if len(self._words) < 1_000:
                    self._words.append(len(cell.split()))
                if _TAGS.fullmatch(cell.strip()):
                    self._tag_sequences += 1
                    self._prefixed_tags += not {"O", "o"}.issuperset(cell.split())
                self._count(cell.strip())

    @property
    def distinct(self) -> int:
        """Different values, at most COUNTED_VALUES."""
        return len(self.values)

    @property
    def items(self) -> int:
        """What is in all lists together."""
        return self._items

    @property
    def mean_characters(self) -> float:
        """Of the cells that are not empty."""
        return self._characters / self.cells if self.cells else 0.0

    @property
    def is_list(self) -> bool:
        """Whether the column holds lists of words, or texts that represent such lists."""
        return self._lists > self.cells / 2

    @property
    def is_tag_sequence(self) -> bool:
        """Whether the cells are tags in a scheme with spaces between them, one for each word of another column."""
        joined = self._tag_sequences > 0.95 * self.cells and self._prefixed_tags > 0
        return not self.is_list and joined and sum(self._words) > 2 * len(self._words)

    @property
    def is_list_of_numbers(self) -> bool:
        """Whether the lists hold numbers, and not 0 and 1 for each label."""
        return self.is_list and not self.is_multi_hot and all(map(looks_like_number, self.values))

    @property
    def is_tag_scheme(self) -> bool:
        """Whether the lists hold O and tags with a prefix, such as B-PER."""
        tags = sum(count for value, count in self.values.items() if _ONE_TAG.fullmatch(value))
        return self.is_list and tags >= 0.95 * sum(self.values.values()) > 0 and self.distinct > 1

    @property
    def holds_single_tags(self) -> bool:
        """Whether each cell is O or a tag with a prefix, such as B-PER: tables with a word in each row have such."""
        tags = sum(count for value, count in self.values.items() if _ONE_TAG.fullmatch(value))
        prefixed = any(len(value) > 2 and _ONE_TAG.fullmatch(value) for value in self.values)
        return not self.is_list and prefixed and tags >= 0.95 * self.cells > 0 and self.values["O"] > 0

    @property
    def is_number(self) -> bool:
        """Whether nearly all cells are numbers, and these are no lists of numbered labels such as 0,4."""
        return not self.is_list and self._numbers > 0.95 * self.cells > 0 and not self._sign_of_numbers()

    @property
    def is_constant(self) -> bool:
        """Whether every one of several cells is the same."""
        if self.distinct != 1 or self.cells <= 2:
            return False
        return self.mean_characters <= _LONGEST_VALUE or len({cell for cell in self.first if cell}) == 1

    @property
    def is_link(self) -> bool:
        """Whether nearly all cells are addresses on the web."""
        return self._links > _NEARLY_ALL * self.cells > 0

    @property
    def is_date(self) -> bool:
        """Whether nearly all cells are dates or times."""
        return self._dates > _NEARLY_ALL * self.cells > 0

    @property
    def is_prose(self) -> bool:
        """Whether most cells are of several words."""
        return not self.is_list and self._spaced > self.cells / 2

    @property
    def is_markup(self) -> bool:
        """Whether nearly all cells are HTML."""
        return self._markup > _NEARLY_ALL * self.cells > 0

    @property
    def is_object(self) -> bool:
        """Whether the cells are nested JSON objects."""
        return not self.is_list and self._objects > self.cells / 2

    @property
    def could_be_label(self) -> bool:
        """Whether few short values come again and again."""
        if self.is_list or not self.cells or self.mean_characters > _LONGEST_LABEL:
            return False
        most = _MOST_NUMBERED_LABELS if self.is_number else _MOST_LABELS
        return not self.is_object and self.distinct <= max(2, min(most, self.cells // 2))

    @property
    def is_yes_no(self) -> bool:
        """Whether every cell is 0 or 1, and not all of them are empty."""
        return not self.is_list and 0 < self.distinct <= 4 and {value.casefold() for value in self.values} <= _YES_NO

    @property
    def is_yes_no_or_unknown(self) -> bool:
        """Whether every cell is 0 or 1, or −1 where that is not known."""
        values = {value.casefold() for value in self.values}
        return not self.is_list and bool(values & _YES_NO) and bool(values & _UNKNOWN) and values <= _YES_NO | _UNKNOWN

    @property
    def is_marked(self) -> bool:
        """Whether every cell is the same mark that means yes, such as x, or empty."""
        marks = {value.casefold() for value in self.values}
        return not self.is_list and len(marks) == 1 and marks <= set(YES) and 0 < self.cells < self._rows

    @property
    def is_multi_hot(self) -> bool:
        """Whether the cells are lists of equal length that hold a 0 or a 1 for each label."""
        lengths = set(self._lengths)
        return self.is_list and len(lengths) == 1 and max(lengths) > 1 and self._marks == self._lists

    @property
    def is_measured(self) -> bool:
        """Whether the cells are numbers that are no classes: with a decimal point, or many different ones."""
        if not self.is_number or self.distinct < 3:
            return False
        return self._decimals > self.cells / 2 or not (self.could_be_label or self.is_identifier)

    @property
    def holds_fractions(self) -> bool:
        """Whether these are numbers, many of them with a fraction, as no classes are."""
        return self.is_number and self.distinct > 2 and self._fractions > 0.3 * self.cells

    @property
    def is_split(self) -> bool:
        """Whether the column gives for each row whether it is for training, validation or test."""
        if self.is_list or plain_name(self.name) not in _SPLIT_NAMES or not 1 < self.distinct <= _MOST_SPLIT_VALUES:
            return False
        splits = {split_of(value) for value in self.values}
        return None not in splits and "train" in splits and len(splits) > 1

    @property
    def is_label_list(self) -> bool:
        """Whether the cells are lists in which few short values come again and again."""
        return (
            self.is_list
            and self.distinct <= min(_MOST_LABELS, max(2, self._items // 2))
            and self._characters <= _LONGEST_LABEL * max(1, self._items)
        )

    @property
    def delimiter(self) -> str:
        """The sign that is between several labels in one cell, or an empty string."""
        if self.is_list or self.is_object or self.is_number:
            return ""
        return self._sign_of_numbers() or next((sign for sign in _DELIMITERS if self._is_joined_by(sign)), "")

    @property
    def holds_several_labels(self) -> bool:
        """Whether cells with several labels are the likely reading, whatever the column is called.

        The number of parts differs from cell to cell, and most parts occur in other cells too. Names of classes such as
        "animal|dog" or "Health, beauty" are not taken apart.
        """
        sign = self.delimiter
        if not sign or self.mean_characters > _LONGEST_LABEL:
            return False
        if sign == self._sign_of_numbers():
            return True
        parts = {value: [part.strip() for part in value.split(sign) if part.strip()] for value in self.values}
        if len({len(found) for found in parts.values()}) < 2:
            return False
        cells_with = Counter(part for found in parts.values() for part in set(found))
        joined = [(part, self.values[value]) for value, found in parts.items() if len(found) > 1 for part in found]
        elsewhere = sum(count for part, count in joined if cells_with[part] > 1)
        return elsewhere > 0.6 * sum(count for _, count in joined)

    @property
    def may_hold_several_numbers(self) -> bool:
        """Whether cells such as 3,0 may be decimals as well as the numbers of two labels, in no order.

        One label is not in a cell twice, and all of them come first as well as second; of decimals with one digit a
        tenth has the same figure on both sides.
        """
        if self.is_list or self.delimiter:
            return False
        joined = {value: [part.strip() for part in value.split(",")] for value in self.values if "," in value}
        parts = [*joined.values(), *([value] for value in self.values if value not in joined)]
        if not all(part.isdecimal() and str(int(part)) == part for found in parts for part in found):
            return False
        if any(len(found) != 2 or found[0] == found[1] for found in joined.values()):
            return False
        first, second = ({found[place] for found in joined.values()} for place in (0, 1))
        cells = sum(self.values[value] for value in joined)
        return cells >= _FEWEST_PAIRS and len(second) > 2 and second <= first | (self.values.keys() - joined.keys())

    def label_counts(self) -> dict[str, int]:
        """How often each label is in this column, cells with several of them taken apart."""
        if self.is_multi_hot:
            return {name_at(self.name, position): self._ones[position] for position in range(1, self._lengths[0] + 1)}
        if self.is_tag_sequence:
            return dict(_parts(self.values, " "))
        sign = self.delimiter
        if not sign:
            return dict(self.values)
        return dict(_parts(self.values, sign))

    @property
    def is_identifier(self) -> bool:
        """Whether every cell is another short word."""
        unique = self.distinct >= min(self.cells, COUNTED_VALUES) > 5
        measured = self.is_number and self._decimals > self.cells / 2
        return (
            not self.is_list
            and not measured
            and unique
            and self.mean_characters <= 40
            and self._spaced < 0.05 * self.cells
        )

    @property
    def counts_up(self) -> bool:
        """Whether the numbers rise by the same step from each row to the next: numbers of rows, also as shares in %."""
        steps = self._steps()
        first = next(steps, 0.0)
        return first > 0 and self._may_rise() and all(abs(step - first) <= _SAME_STEP * first for step in steps)

    @property
    def rises(self) -> bool:
        """Whether each number is higher than the one before it."""
        return self._may_rise() and all(step > 0 for step in self._steps())

    def _may_rise(self) -> bool:
        return (
            self.is_number
            and self.cells == self._rows >= _FEWEST_RISING
            and self.distinct == min(self.cells, COUNTED_VALUES)
        )

    def _steps(self) -> Iterator[float]:
        """The differences between the first cells, read as numbers; NaN where one is none."""
        return (other - one for one, other in itertools.pairwise(map(number_in, self.first)))

    def lists_match(self, other: ColumnSurvey) -> bool:
        """Whether both columns hold lists, and these have the same lengths."""
        return self._lengths == other._lengths != []

    def _count_positions(self, items: list[str]) -> None:
        if not items or not {item.casefold() for item in items} <= _YES_NO:
            return
        self._marks += 1
        for position, item in enumerate(items, start=1):
            if item.casefold() in YES:
                self._ones[position] += 1

    def _sign_of_numbers(self) -> str:
        """The separator of the numbers of labels in one cell, such as 0,4; an empty string where there is none."""
        if self._number_sign is None:
            self._number_sign = "" if self.is_list else _sign_between_numbers(self.values)
        return self._number_sign

    def words_match(self, other: ColumnSurvey) -> bool:
        """Whether nearly all cells have as many words, with spaces between them, as those of the other or its lists."""
        counts = other._lengths if other.is_list else other._words
        equal = sum(one == two for one, two in zip(self._words, counts, strict=False))
        return len(self._words) == len(counts) and equal >= 0.95 * len(self._words) > 0

    def _count(self, value: str) -> None:
        value = value[:_LONGEST_VALUE]
        if value in self.values or len(self.values) < COUNTED_VALUES:
            self.values[value] += 1

    def _is_joined_by(self, sign: str) -> bool:
        joined = sum(count for value, count in self.values.items() if sign in value)
        if joined < 0.02 * self.cells or not joined:
            return False
        if sign == "#" and not self._parts_stand_alone(sign):
            return False  # C# and F# are languages
        parts = _parts(self.values, sign)
        most = min(_MOST_LABELS, max(2, sum(parts.values()) // 2))
        return 0 < len(parts) <= most and max(map(len, parts)) <= _LONGEST_LABEL

    def _parts_stand_alone(self, sign: str) -> bool:
        """Whether the parts of joined cells are no empty ones, and most of them are cells of their own."""
        parts = [part.strip() for value in self.values if sign in value for part in value.split(sign)]
        return all(parts) and sum(part in self.values for part in parts) > 0.5 * len(parts)


def plain_name(name: str) -> str:
    """A column's name in lower case, its words apart by underscores."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\s\-.]+", "_", apart).casefold()


def name_at(column: str, position: int) -> str:
    """The name of the label that has this position, from 1, in a column's lists of 0 and 1."""
    return f"{column} {position}"


def _sign_between_numbers(values: Counter[str]) -> str:
    """The separator of whole numbers in one cell that are labels; 8,20 may also be a decimal, and 1,234 a thousand.

    Labels rise within a cell, have no zero before them, and most of those behind a comma are alone or first elsewhere.
    """
    for sign in _DELIMITERS:
        joined = {value: [part.strip() for part in value.split(sign)] for value in values if sign in value}
        if not joined or not all(
            part.isdecimal() and len(part) < 5
            for value in values
            for part in joined.get(value, (value.removesuffix(".0"),))
        ):
            continue
        if any(part != "0" and part.startswith("0") for parts in joined.values() for part in parts):
            return ""
        behind = Counter[str]()
        known = values.keys() | {parts[0] for parts in joined.values()}
        for value, parts in joined.items():
            for part in parts[1:]:
                behind[part] += values[value]
        rising = sum(
            values[value]
            for value, parts in joined.items()
            if all(int(one) < int(other) for one, other in itertools.pairwise(parts))
        )
        if sign != "," or max(map(len, joined.values())) > 2:
            is_thousands = sign == "," and all(len(part) == 3 for part in behind)
            return "" if is_thousands else sign
        highest = max(behind, key=int)  # is never first where all cells hold two
        alone = sum(count for part, count in behind.items() if part in known or part == highest)
        many = sum(behind.values())
        return sign if len(behind) > 1 and alone >= 0.8 * many and rising >= 0.95 * many else ""
    return ""


def _parts(values: Counter[str], sign: str) -> Counter[str]:
    parts: Counter[str] = Counter()
    for value, count in values.items():
        for part in value.split(sign):
            if part.strip():
                parts[part.strip()] += count
    return parts
