"""Which lines of a table are selected, and their cells as text for the clipboard; without a walk over every line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtWidgets import QAbstractItemView

MOST_COPIED = 10_000  # lines


def selected_count(table: QAbstractItemView) -> int:
    """How many lines are selected."""
    selection = table.selectionModel().selection()
    return sum(selection.at(number).height() for number in range(selection.count()))


def selected_lines(table: QAbstractItemView, most: int) -> list[int]:
    """The selected lines from the top, at most this many."""
    selection = table.selectionModel().selection()
    spans = sorted((selection.at(number).top(), selection.at(number).bottom()) for number in range(selection.count()))
    lines: list[int] = []
    for top, bottom in spans:
        lines.extend(range(top, min(bottom, top + most - len(lines) - 1) + 1))
    return lines


def selected_text(table: QAbstractItemView, text: Callable[[int, int], str], columns: Iterable[int]) -> str:
    """The selected lines as tab-separated ones, at most 10,000 of them; `text` gives a cell by line and column."""
    shown = list(columns)
    cells = [[text(line, column) for column in shown] for line in selected_lines(table, MOST_COPIED)]
    return "\n".join("\t".join(" ".join(cell.split()) for cell in line) for line in cells)
