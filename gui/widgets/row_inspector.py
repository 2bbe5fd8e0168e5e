"""One row of the prepared data as the network reads it: choose a split and a row, see tokens, ids, mask and labels."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from engine.questions import Pieces
from engine.states import SplitCounts
from engine.words import count
from gui.theme import INSIDE, SPACE
from gui.widgets.data_table import on_one_line
from gui.widgets.plain_label import PlainLabel
from gui.widgets.token_strip import TokenStrip

SPLIT_NAMES: Mapping[str, str] = {"train": "Training", "validation": "Validation", "test": "Test"}


class RowInspector(QWidget):
    """Asks for rows through `row_wanted` and shows the pieces it is given."""

    row_wanted = Signal(str, int)  # split, index from 0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._splits: dict[str, int] = {}
        self.split_choice = QComboBox()
        self.split_choice.setAccessibleName("Split")
        self.number = QSpinBox()
        self.number.setKeyboardTracking(False)  # ask when the number is complete
        self.number.setGroupSeparatorShown(True)
        self.number.setMinimumWidth(96)
        self.number.setAcceptDrops(False)
        self.number.lineEdit().setTextMargins(6, 0, 0, 0)
        self.number.setAccessibleName("Row of the split")
        self.previous_button = QPushButton("Previous")
        self.next_button = QPushButton("Next row")
        self.facts = PlainLabel(role="quiet", wrap=True, selectable=True)
        self.strip = TokenStrip()
        split_label, number_label = QLabel("S&plit"), QLabel("&Row")
        split_label.setBuddy(self.split_choice)
        number_label.setBuddy(self.number)
        self._of = PlainLabel(role="quiet")
        controls = QHBoxLayout()
        controls.setSpacing(SPACE)
        controls.addWidget(split_label)
        controls.addWidget(self.split_choice)
        controls.addSpacing(SPACE)
        controls.addWidget(number_label)
        controls.addWidget(self.number)
        controls.addWidget(self._of)
        controls.addStretch(1)
        controls.addWidget(self.previous_button)
        controls.addWidget(self.next_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(INSIDE)
        column.addLayout(controls)
        column.addWidget(self.facts)
        column.addWidget(self.strip)
        self.split_choice.activated.connect(self._choose_split)
        self.number.valueChanged.connect(self._choose_row)
        self.previous_button.clicked.connect(lambda: self.number.stepDown())
        self.next_button.clicked.connect(lambda: self.number.stepUp())

    def show_splits(self, splits: Mapping[str, SplitCounts]) -> None:
        """Offers the rows of these splits and asks for the first."""
        self._splits = {name: split.rows for name, split in splits.items() if split.rows}
        self.split_choice.clear()
        for name in self._splits:
            self.split_choice.addItem(SPLIT_NAMES.get(name, name), name)
        self.setEnabled(bool(self._splits))
        if self._splits:
            self._choose_split()

    def show_pieces(self, pieces: Pieces) -> None:
        """Shows the row that was asked for."""
        self.strip.show_pieces(pieces)
        self.strip.show()
        self.facts.setText(facts_of(pieces))

    def show_trouble(self, sentence: str) -> None:
        """Says why the row cannot be shown."""
        self.strip.hide()
        self.facts.setText(sentence)

    def _choose_split(self) -> None:
        rows = self._splits[self.split_choice.currentData()]
        self.number.blockSignals(True)
        self.number.setRange(1, rows)
        self.number.setValue(1)
        self.number.blockSignals(False)
        self._of.setText(f"of {rows:,}")
        self._choose_row()

    def _choose_row(self) -> None:
        number = self.number.value()
        self.previous_button.setEnabled(number > self.number.minimum())
        self.next_button.setEnabled(number < self.number.maximum())
        self.row_wanted.emit(self.split_choice.currentData(), number - 1)


def facts_of(pieces: Pieces) -> str:
    """What there is to say about a row in one line."""
    parts = [f"Row {pieces.row:,} of the file"] if pieces.row else []
    if pieces.label:
        parts.append(f"label {on_one_line(pieces.label, 80)}")
    parts.append(count(len(pieces.tokens), "token"))
    return " · ".join(parts)
