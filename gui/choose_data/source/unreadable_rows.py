"""Rows of a file that cannot be read: listed with their numbers, and excluded only when the user agrees."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from engine.contract.sentences import Sentence
from engine.contract.states import ExcludedRows
from gui.choose_data.summary.excluded_rows import ExcludedRowsList
from gui.components.layouts import STRETCH, horizontal
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.design.theme import HALF, SPACE

_LETTERS = "reading.excluded.unreadable"


class UnreadableRows(QWidget):
    """The reasons with their rows and the choices; hidden where every row can be read or once it is decided."""

    accepted = Signal()  # exclude them
    replacing = Signal()  # read them with replacement characters

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ExcludedRows, ...] = ()
        self._accepted: tuple[ExcludedRows, ...] = ()
        self._sentence = PlainLabel(role="caution", wrap=True)
        self.reasons = ExcludedRowsList()
        self.exclude_button = QPushButton()
        self.replace_button = QPushButton(Sentence("gui.choose_data.replace_characters"))
        set_tooltip(self.replace_button, Sentence("gui.choose_data.replace_characters_about"))
        buttons = horizontal(None, self.exclude_button, self.replace_button, STRETCH, gap=SPACE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, HALF, 0, HALF)
        column.setSpacing(HALF)
        column.addWidget(self._sentence)
        column.addWidget(self.reasons)
        column.addLayout(buttons)
        self.exclude_button.clicked.connect(self._accept)
        self.replace_button.clicked.connect(self.replacing)
        self.hide()

    def is_open(self) -> bool:
        """Whether the user has still to decide."""
        return bool(self._rows) and self._rows != self._accepted

    def ask(self, rows: Sequence[ExcludedRows], *, decided: bool = False) -> None:
        """Shows these; what was decided about the very same rows, or elsewhere, is not asked again."""
        self._rows = tuple(rows)
        if decided:
            self._accepted = self._rows
        total = sum(one.count for one in self._rows)
        self._sentence.setText(Sentence("gui.choose_data.cannot_be_read", rows=total))
        self.exclude_button.setText(Sentence("gui.choose_data.exclude_rows", rows=total))
        self.replace_button.setVisible(any(one.reason.holds(_LETTERS) for one in self._rows))
        self.reasons.show_reasons(self._rows)
        self.setVisible(self.is_open())

    def _accept(self) -> None:
        self._accepted = self._rows
        self.hide()
        self.accepted.emit()


def missing_decision() -> str:
    """What to decide while the question is open."""
    return Sentence("gui.choose_data.decide_rows")
