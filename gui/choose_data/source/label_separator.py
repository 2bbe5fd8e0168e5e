"""The separator between several labels in one cell: what was detected, a field to overrule it, and one cell as split.

Shown only where a text column holds the labels: lists and columns of 0 and 1 need no separator.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from engine.contract.sentences import Sentence
from engine.contract.settings import PrepareSettings, field_sentence
from gui.components.layouts import FlowRow
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import on_one_line
from gui.design.theme import HALF, INSIDE

LONGEST_SEPARATOR = 8  # characters, as in the settings
FIELD_WIDTH = 88  # pixels
AROUND = 26  # pixels beside the text of a field
LONGEST_CELL = 80  # characters of the cell that is shown
MOST_LABELS = 6


class LabelSeparator(QWidget):
    """A form over `PrepareSettings.label_delimiter`; an empty field takes what was detected in the column."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found = ""
        self._cells: Sequence[str] = ()
        title = PlainLabel(Sentence("gui.choose_data.label_separator"), role="strong")
        self.field = QLineEdit()
        self.field.setMaxLength(LONGEST_SEPARATOR)
        self.field.setFixedWidth(FIELD_WIDTH)
        self.field.setAcceptDrops(False)  # a file dropped here is meant for the page
        self.field.setAccessibleName(Sentence("gui.choose_data.label_separator"))
        title.setBuddy(self.field)
        set_tooltip(self.field, field_sentence(PrepareSettings, "label_delimiter"))
        self.example = PlainLabel(role="secondary")
        row = FlowRow(self, gap=INSIDE, line_gap=HALF)
        for widget in (title, self.field, self.example):
            row.addWidget(widget)
        self.field.textEdited.connect(self._edited)
        self.hide()

    def value(self) -> str:
        """What the user chose; empty where the content decides."""
        return self.field.text()

    def current(self) -> str:
        """The separator in force; empty where each cell is one label."""
        return self.value() or self._found

    def show_cells(self, cells: Sequence[str], found: str) -> None:
        """Shows how these cells are split with the separator that was detected; no cells hide the field."""
        self._cells, self._found = cells, found
        detected = (
            Sentence("gui.choose_data.separator_detected", separator=_name(found))
            if found
            else Sentence("gui.choose_data.separator_none")
        )
        self.field.setPlaceholderText(detected)
        self.field.setFixedWidth(max(FIELD_WIDTH, self.field.fontMetrics().horizontalAdvance(detected) + AROUND))
        self._show_example()
        self.setVisible(bool(cells))

    def choose(self, separator: str) -> None:
        """Takes this separator, or with none the detected one; emits no signal."""
        self.field.setText(separator)
        self._show_example()

    def labels_in(self, cell: str) -> list[str]:
        """The labels of a cell as it would be split."""
        separator = self.current()
        return [part.strip() for part in cell.split(separator) if part.strip()] if separator else [cell.strip()]

    def _edited(self) -> None:
        self._show_example()
        self.changed.emit()

    def _show_example(self) -> None:
        cell = max(self._cells[:200], key=lambda one: len(self.labels_in(one)), default="")
        labels = self.labels_in(cell)
        shown = " · ".join(labels[:MOST_LABELS]) + (" · …" if len(labels) > MOST_LABELS else "")
        self.example.setText(on_one_line(f"{on_one_line(cell, LONGEST_CELL)} → {shown}", 2 * LONGEST_CELL))
        self.field.setAccessibleDescription(self.example.text())


def _name(separator: str) -> str:
    """What a separator is called: one that cannot be seen has a name."""
    match separator:
        case " ":
            return Sentence("gui.choose_data.separator_space")
        case "\t":
            return Sentence("gui.choose_data.separator_tab")
        case _:
            return separator
