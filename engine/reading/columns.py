"""What the columns of a file hold, counted row by row in bounded memory: texts, few values again and again, numbers.

Which part a column plays is guessed from this in engine/tasks/guesses.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable

from engine.reading.formats.chunks import Cell
from engine.reading.formats.dialect import looks_like_number

# Lists that stand as text in a cell, as tables saved from Python hold them; read as data, never run.
#
# ["Anna", "lives"]   JSON, and the same with single quotes, as Python prints lists
# ['Anna' 'lives']    as NumPy prints them; [1 0 0] for numbers
# [B-PER, O]          without quotes

_LONGEST = 100_000  # characters
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_NUMBERS = re.compile(r"\[\s*[-+.\deE]+(?:\s+[-+.\deE]+)*\s*\]")
_UNQUOTED = re.compile(r"""\[\s*[^\s\[\]'",]+(?:\s*,\s*[^\s\[\]'",]+)+\s*\]""")


def written_list(cell: str) -> list[str] | None:
    """The items of the list that a cell of text stands for, numbers as they are written; None where it is no list."""
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
    for read in (_from_json, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def _from_json(text: str) -> object:
    return json.loads(text, parse_int=str, parse_float=str)


COUNTED_VALUES = 20_000
_LONGEST_VALUE = 200  # characters of a value that is counted
_MOST_NUMBERED_LABELS = 50
_MOST_LABELS = 2_000
_LONGEST_LABEL = 60  # characters
_DELIMITERS = ("|", ";", ",")
_YES_NO = {"0", "1", "0.0", "1.0", "true", "false"}


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
        self._lengths: list[int] = []  # of the first lists

    def add(self, cells: Iterable[Cell]) -> None:
        """More cells of this column."""
        for cell in cells:
            self._rows += 1
            if not cell:
                continue
            self.cells += 1
            items = cell if isinstance(cell, list) else written_list(cell) if cell[0] == "[" else None
            if items is not None:
                self._lists += 1
                self._items += len(items)
                self._characters += sum(map(len, items)) + len(items)
                if len(self._lengths) < 1_000:
                    self._lengths.append(len(items))
                for item in items:
                    self._count(item)
            elif isinstance(cell, str):
                self._characters += len(cell)
                self._numbers += looks_like_number(cell) if len(cell) < 40 else 0
                self._spaced += " " in cell
                self._decimals += "." in cell
                self._objects += cell.startswith("{") and cell.endswith("}")
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
        """Whether the column holds lists of words, or texts that stand for such lists."""
        return self._lists > self.cells / 2

    @property
    def is_number(self) -> bool:
        """Whether nearly all cells are numbers."""
        return not self.is_list and self._numbers > 0.95 * self.cells > 0

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
    def is_measured(self) -> bool:
        """Whether the cells are numbers that are no classes: with a decimal point, or many different ones."""
        if not self.is_number or self.distinct < 3:
            return False
        return self._decimals > self.cells / 2 or not (self.could_be_label or self.is_identifier)

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
        return next((sign for sign in _DELIMITERS if self._is_joined_by(sign)), "")

    def label_counts(self) -> dict[str, int]:
        """How often each label is in this column, cells with several of them taken apart."""
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

    def lists_match(self, other: ColumnSurvey) -> bool:
        """Whether the lists of both columns have the same lengths."""
        return self._lengths == other._lengths

    def _count(self, value: str) -> None:
        value = value[:_LONGEST_VALUE]
        if value in self.values or len(self.values) < COUNTED_VALUES:
            self.values[value] += 1

    def _is_joined_by(self, sign: str) -> bool:
        joined = sum(count for value, count in self.values.items() if sign in value)
        if joined < 0.02 * self.cells or not joined:
            return False
        parts = _parts(self.values, sign)
        most = min(_MOST_LABELS, max(2, sum(parts.values()) // 2))
        return 0 < len(parts) <= most and max(map(len, parts)) <= _LONGEST_LABEL


def _parts(values: Counter[str], sign: str) -> Counter[str]:
    parts: Counter[str] = Counter()
    for value, count in values.items():
        for part in value.split(sign):
            if part.strip():
                parts[part.strip()] += count
    return parts
