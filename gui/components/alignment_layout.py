"""Where the columns of a row are drawn: as wide as they need, word beside word, continued in the next line.

All lengths are in pixels. Measuring happens once a row, placing at each width of the window.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

from PySide6.QtGui import QFont, QFontMetricsF

from gui.components.alignment_columns import Alignment
from gui.design.theme import HALF, SPACE

WIDEST_TOKEN = 150.0
WIDEST_WORD = 220.0
NARROWEST = 22.0
BETWEEN_TOKENS = 1.0  # of one word
LONGEST_MEASURED = 60  # characters of a word


class AlignmentLines:
    """Columns in lines; `areas` holds left and width of each column, `starts` the first column of each line."""

    def __init__(self, word_font: QFont, token_font: QFont, value_font: QFont) -> None:
        self._words = QFontMetricsF(word_font)
        self._tokens = QFontMetricsF(token_font)
        self._values = QFontMetricsF(value_font)
        self._groups: list[tuple[int, int]] = []
        self._wanted: list[float] = []
        self._apart: frozenset[int] = frozenset()  # columns before which the cut is drawn
        self.areas: list[tuple[float, float]] = []
        self.starts: list[int] = []

    def measure(self, alignment: Alignment) -> None:
        """Finds the width that each column needs; words that are wider than their tokens widen these."""
        self._groups = _groups_of(alignment)
        kinds = ["", *(column.kind for column in alignment.columns)]
        self._apart = frozenset(
            place for place, (before, kind) in enumerate(pairwise(kinds)) if kind == "cut" != before
        )
        digit = self._values.horizontalAdvance("0")
        known: dict[str, float] = {}  # widths of tokens, which return often
        known_words: dict[str, float] = {}
        self._wanted = []
        for column in alignment.columns:
            if column.token not in known:
                known[column.token] = min(self._tokens.horizontalAdvance(column.token) + 2 * SPACE, WIDEST_TOKEN)
            values = max((len(value) for value in column.values), default=0) * digit + HALF
            self._wanted.append(max(NARROWEST, known[column.token], min(values, WIDEST_TOKEN)))
        for first, end in self._groups:
            text = alignment.columns[first].word_text[:LONGEST_MEASURED]
            if text:
                if text not in known_words:
                    known_words[text] = min(self._words.horizontalAdvance(text) + HALF, WIDEST_WORD)
                missing = max(0.0, known_words[text] - self._room_of(first, end))
                for position in range(first, end):
                    self._wanted[position] += missing / (end - first)

    def place(self, left: float, right: float) -> None:
        """Puts the columns into lines between these edges; a word goes to the next line as a whole where it can."""
        self.areas, self.starts = [], [0] if self._wanted else []
        x = left
        for first, end in self._groups:
            gap = SPACE if x > left else 0.0
            if x > left and x + gap + self._room_of(first, end) > right:
                self.starts.append(first)
                x, gap = left, 0.0
            x += gap
            for position in range(first, end):
                between = SPACE if position in self._apart else BETWEEN_TOKENS
                if position > first and x + between + self._wanted[position] > right:
                    self.starts.append(position)
                    x = left
                elif position > first:
                    x += between
                self.areas.append((x, self._wanted[position]))
                x += self._wanted[position]

    def line_of(self, position: int) -> int:
        """The line of a column."""
        return bisect_right(self.starts, position) - 1

    def columns_in(self, line: int) -> range:
        """The columns of a line; none where there is no such line."""
        if not 0 <= line < len(self.starts):
            return range(0)
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.areas)
        return range(self.starts[line], end)

    def at(self, x: float, line: int) -> int | None:
        """The column at this place of a line."""
        for position in self.columns_in(line):
            left, width = self.areas[position]
            if left - 1 <= x <= left + width:
                return position
        return None

    def nearest(self, position: int, line: int) -> int | None:
        """The column of a line that is above or below another column."""
        middle = self._middle(position)
        return min(self.columns_in(line), key=lambda place: abs(self._middle(place) - middle), default=None)

    def _middle(self, position: int) -> float:
        left, width = self.areas[position]
        return left + width / 2

    def _room_of(self, first: int, end: int) -> float:
        if end == first + 1:
            return self._wanted[first]
        apart = any(place in self._apart for place in range(first + 1, end))
        return sum(self._wanted[first:end]) + BETWEEN_TOKENS * (end - first - 1) + (SPACE if apart else 0)


def _groups_of(alignment: Alignment) -> list[tuple[int, int]]:
    """Ranges [first, end) of columns that belong to one word; every other column is a range of its own."""
    groups: list[tuple[int, int]] = []
    before: int | None = None
    for position, column in enumerate(alignment.columns):
        if column.word is not None and column.word == before:
            groups[-1] = (groups[-1][0], position + 1)
        else:
            groups.append((position, position + 1))
        before = column.word
    return groups
