"""Which rows the table shows: text search with hits to step through, and filters.

A form over the filtering part of a `RowQuery`; searches nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.contract.formatting import split_name
from engine.contract.sentences import Sentence
from gui.choose_data.rows.row_search import ChangeFilter, RowQuery
from gui.components.choices import Choice
from gui.components.keys import shown
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import on_one_line
from gui.design.theme import SPACE


class RowFilters(QWidget):
    """`changed` when other rows are to be shown at once, `typed` while the text is typed."""

    changed = Signal()
    typed = Signal()
    step_requested = Signal(int)  # 1: to the next hit, -1: to the one before

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText(Sentence("gui.choose_data.search_texts"))
        self.search.setAccessibleName(Sentence("gui.choose_data.search_texts"))
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)
        self.search.setMaxLength(1_000)
        self.previous = QPushButton(Sentence("gui.choose_data.previous"))
        self.next = QPushButton(Sentence("gui.choose_data.next"))
        set_tooltip(self.search, Sentence("gui.choose_data.search_keys", keys=shown(QKeySequence.StandardKey.Find)))
        previous, following = shown("Shift+F3"), shown("F3")
        set_tooltip(self.previous, Sentence("gui.choose_data.previous_about", keys=previous))
        set_tooltip(self.next, Sentence("gui.choose_data.next_about", keys=following))
        self.place = PlainLabel(role="secondary")
        self.only_hits = QCheckBox(Sentence("gui.choose_data.only_hits"))
        self.only_hits.setChecked(True)
        self.split_choice, self.label_choice, self.change_choice = Choice(), Choice(), Choice()
        self.split_choice.setAccessibleName(Sentence("gui.choose_data.split_shown"))
        self.label_choice.setAccessibleName(Sentence("gui.choose_data.label_shown"))
        self.change_choice.setAccessibleName(Sentence("gui.choose_data.edits_shown"))
        self.label_choice.setMaximumWidth(200)
        for key, name in _change_names().items():
            self.change_choice.addItem(name, key)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(SPACE)
        first.addWidget(self.search, 1)
        for widget in (self.place, self.previous, self.next, self.only_hits):
            first.addWidget(widget)
        for choice in (self.split_choice, self.label_choice, self.change_choice):
            second.addWidget(choice)
        second.addStretch(1)
        vertical(self, first, second, gap=SPACE)
        self.search.textChanged.connect(self.typed)
        self.search.textChanged.connect(self._allow)
        self.search.returnPressed.connect(self._step_forward)
        back = QShortcut(QKeySequence("Shift+Return"), self.search)
        back.activated.connect(self._step_back)
        self.previous.clicked.connect(self._step_back)
        self.next.clicked.connect(self._step_forward)
        self.only_hits.toggled.connect(self.changed)
        for choice in (self.split_choice, self.label_choice, self.change_choice):
            choice.activated.connect(self.changed)
        self._allow()

    def offer(self, splits: Sequence[str], labels: Sequence[str]) -> None:
        """Offers these splits and labels; no labels: there is nothing to choose from."""
        self.split_choice.clear()
        self.split_choice.addItem(Sentence("gui.choose_data.all_splits"), "")
        self.label_choice.clear()
        self.label_choice.addItem(Sentence("gui.choose_data.all_labels"), "")
        for name in splits:
            self.split_choice.addItem(split_name(name), name)
        for name in labels:
            self.label_choice.addItem(on_one_line(name, 80), name)
        self.label_choice.setVisible(bool(labels))
        self.change_choice.setCurrentIndex(0)

    def query(self) -> RowQuery:
        """The filters; the caller adds the order and the user's edits."""
        return RowQuery(
            text=self.search.text(),
            split=str(self.split_choice.currentData() or ""),
            label=str(self.label_choice.currentData() or ""),
            change=cast(ChangeFilter, self.change_choice.currentData()),
            only_hits=self.only_hits.isChecked(),
        )

    def show_place(self, text: str) -> None:
        """Shows which hit is current, and how many there are."""
        self.place.setText(text)

    def go_to_search(self) -> None:
        """Gives the keyboard to the search."""
        self.search.setFocus()
        self.search.selectAll()

    def _step_forward(self) -> None:
        self.step_requested.emit(1)

    def _step_back(self) -> None:
        self.step_requested.emit(-1)

    def _allow(self) -> None:
        searching = bool(self.search.text())
        for widget in (self.previous, self.next):
            widget.setEnabled(searching)


def _change_names() -> dict[ChangeFilter, str]:
    return {
        "": Sentence("gui.choose_data.edited_or_not"),
        "changed": Sentence("gui.choose_data.edited_by_you"),
        "excluded": Sentence("gui.choose_data.excluded_by_you"),
        "relabelled": Sentence("gui.choose_data.new_label_by_you"),
    }
