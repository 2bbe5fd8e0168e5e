"""Asks which of several columns holds the labels, where their names and contents leave it open: a button for each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.contract.sentences import Sentence
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import button_text, on_one_line
from gui.design.theme import HALF, SPACE

_WIDEST = 32  # characters of a column's name


class ColumnQuestion(QWidget):
    """The question with its buttons; hidden while there is no doubt."""

    chosen = Signal(str)  # the column

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = PlainLabel(role="caution", wrap=True)
        self.buttons: dict[str, QPushButton] = {}
        self._buttons = QWidget()
        self._row = FlowRow(self._buttons, gap=SPACE, line_gap=HALF)
        vertical(self, self.sentence, self._buttons, gap=HALF)
        self.hide()

    def is_open(self) -> bool:
        """Whether the user has still to answer."""
        return bool(self.buttons)

    def ask(self, questions: Sequence[Sentence]) -> None:
        """Shows the first of these; none hides the question."""
        while item := self._row.takeAt(0):
            if widget := item.widget():
                widget.setParent(None)
                widget.deleteLater()
        self.buttons = {}
        for question in questions[:1]:
            self.sentence.setText(question)
            for column in question.values["columns"]:
                button = QPushButton(button_text(on_one_line(column, _WIDEST)))
                button.setAccessibleName(Sentence("gui.choose_data.labels_in_column", column=column))
                set_tooltip(button, Sentence("gui.choose_data.learns_column", column=column))
                button.clicked.connect(lambda _checked=False, column=column: self.chosen.emit(column))
                self._row.addWidget(button)
                self.buttons[column] = button
        self.setVisible(bool(self.buttons))


def missing_labels() -> str:
    """What to decide while the question is open."""
    return Sentence("gui.choose_data.choose_labels")
