"""Asks which characters are right where the encoding could not be detected: the same lines, read in each likely one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QVBoxLayout, QWidget

from engine.contract.queries import EncodingChoice
from engine.contract.sentences import Sentence
from gui.choose_data.source.reading_line import encoding_name
from gui.components.plain_label import PlainLabel
from gui.design.theme import HALF, INSIDE, SPACE


class EncodingQuestion(QWidget):
    """A row with a button and some lines for each encoding; hidden while there is no doubt."""

    chosen = Signal(str)  # the encoding

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QPushButton] = {}
        self._rows = QFrame()
        self._grid = QGridLayout(self._rows)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(INSIDE)
        self._grid.setVerticalSpacing(SPACE)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, HALF, 0, HALF)
        column.setSpacing(SPACE)
        column.addWidget(PlainLabel(Sentence("gui.choose_data.which_encoding"), role="caution", wrap=True))
        column.addWidget(self._rows)
        self.hide()

    def ask(self, choices: Sequence[EncodingChoice]) -> None:
        """Shows these encodings, the likeliest first; none hides the question."""
        self.buttons.clear()
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.setParent(None)
                widget.deleteLater()
        for place, choice in enumerate(choices):
            button = QPushButton(encoding_name(choice.encoding))
            button.setAccessibleName(Sentence("gui.choose_data.read_file_as", encoding=button.text()))
            button.setAccessibleDescription(" ".join(choice.lines))
            button.clicked.connect(lambda _checked=False, encoding=choice.encoding: self.chosen.emit(encoding))
            lines = PlainLabel("\n".join(choice.lines), wrap=True)
            self._grid.addWidget(button, place, 0)
            self._grid.addWidget(lines, place, 1)
            self.buttons[choice.encoding] = button
        self.setVisible(bool(choices))


def missing_encoding() -> str:
    """What to decide while the question is open."""
    return Sentence("gui.choose_data.choose_encoding")
