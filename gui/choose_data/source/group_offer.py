"""Offers to keep rows together where a column seems to hold whom or what they are of, such as an author."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.contract.column_roles import role_named
from engine.contract.queries import is_group_note
from engine.contract.sentences import Sentence
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import button_text, on_one_line
from gui.design.theme import HALF, SPACE

_WIDEST = 32  # characters of a column's name


class GroupOffer(QWidget):
    """What was found, with a button that gives the column its role; hidden while nothing is offered."""

    accepted = Signal(str)  # the column

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = ""
        self.sentence = PlainLabel(role="secondary", wrap=True)
        self.button = QPushButton()
        buttons = QWidget()
        FlowRow(buttons, gap=SPACE, line_gap=HALF).addWidget(self.button)
        vertical(self, self.sentence, buttons, gap=HALF)
        self.button.clicked.connect(lambda: self.accepted.emit(self._column))
        self.hide()

    def offer(self, notes: Sequence[Sentence]) -> None:
        """Offers what the first of these notes of a preview is about, if one is; else hides."""
        note = next(filter(is_group_note, notes), None)
        if note is not None:
            self._column = str(note.values["column"])
            self.sentence.setText(note)
            shown = on_one_line(self._column, _WIDEST)
            self.button.setText(button_text(Sentence("gui.choose_data.keep_groups", column=shown)))
            set_tooltip(self.button, role_named("group").sentence)
        self.setVisible(note is not None)
