"""One row of the prepared data as the network reads it: choose a split and a row, see words, tokens, ids and labels."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from engine.contract.formatting import split_name
from engine.contract.queries import TokenizedText
from engine.contract.sentences import Sentence
from engine.contract.settings import FileRows
from engine.contract.states import PreparedDataset
from gui.components.alignment_panel import AlignmentPanel
from gui.components.choices import Choice, NumberBox
from gui.components.layouts import FlowRow, horizontal, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import visible
from gui.design.theme import INSIDE, SPACE


@dataclass(frozen=True)
class RowPlace:
    """Which row: `index` from 0 within `split` or, where `number` is given, that row of the file for `file`."""

    split: str = ""
    index: int = 0
    number: int = 0
    file: str = ""


LAST_LINE = 999_999_999


class RowInspector(QWidget):
    """Requests rows through `row_requested` and shows their tokens."""

    row_requested = Signal(object)  # RowPlace

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, int] = {}  # how many there are to choose from, by the choice's data
        self._follows = False  # whether the controls still have to follow the answer
        self.split_choice = Choice()
        self.split_choice.setAccessibleName(Sentence("gui.choose_data.split"))
        set_tooltip(self.split_choice, Sentence("gui.choose_data.split_numbers"))
        self.number = NumberBox()
        self.number.setKeyboardTracking(False)  # request when the number is complete
        self.number.setGroupSeparatorShown(True)
        self.number.setMinimumWidth(96)
        self.number.setAcceptDrops(False)
        self.number.lineEdit().setTextMargins(6, 0, 0, 0)
        self.number.setAccessibleName(Sentence("gui.choose_data.row_of_split"))
        self.previous_button = QPushButton(Sentence("gui.choose_data.previous"))
        self.next_button = QPushButton(Sentence("gui.choose_data.next_row"))
        self.facts = PlainLabel(role="quiet", wrap=True, selectable=True)
        self.panel = AlignmentPanel()
        split_label, number_label = (
            QLabel(Sentence("gui.choose_data.split_field")),
            QLabel(Sentence("gui.choose_data.row_field")),
        )
        split_label.setBuddy(self.split_choice)
        number_label.setBuddy(self.number)
        self._of = PlainLabel(role="quiet")
        split, row, buttons, controls = QWidget(), QWidget(), QWidget(), QWidget()
        horizontal(split, split_label, self.split_choice, gap=SPACE)
        horizontal(row, number_label, self.number, self._of, gap=SPACE)
        horizontal(buttons, self.previous_button, self.next_button, gap=SPACE)
        line = FlowRow(controls, gap=2 * SPACE, line_gap=SPACE, last_at_right=True)
        for part in (split, row, buttons):
            line.addWidget(part)
        vertical(self, controls, self.facts, self.panel, gap=INSIDE)
        self.split_choice.activated.connect(self._choose_split)
        self.number.valueChanged.connect(self._choose_row)
        self.previous_button.clicked.connect(lambda: self.number.stepDown())
        self.next_button.clicked.connect(lambda: self.number.stepUp())

    def show_dataset(self, dataset: PreparedDataset) -> None:
        """Offers the rows of this data set, by split and by their numbers in the file, and requests the first."""
        self._rows = {name: split.rows for name, split in dataset.splits.items() if split.rows}
        self._follows = False
        self.split_choice.clear()
        for name in self._rows:
            self.split_choice.addItem(split_name(name), name)
        for file, caption in _files_of(dataset):
            self.split_choice.addItem(caption, f"file:{file}")
            self._rows[f"file:{file}"] = LAST_LINE
        self.setEnabled(dataset.rows_used > 0)
        if not dataset.rows_used:
            return
        self._go_to(self.split_choice.currentData(), 1)
        if dataset.excluded:
            self._choose_row()  # the first one of the split: the first of the file may not be used
        else:
            self.request(1, file=_files_of(dataset)[0][0])

    def go_to(self, split: str, index: int) -> None:
        """Requests this row; `index` counts from 0 within the split."""
        self._go_to(split, index + 1)
        self._choose_row()

    def request(self, number: int, *, split: str = "", file: str = "") -> None:
        """Requests the row of this number in its file; the controls follow the answer."""
        self._follows = True
        self.row_requested.emit(RowPlace(split=split, number=number, file=file))

    def show_tokens(self, pieces: TokenizedText) -> None:
        """Shows the requested row."""
        if self._follows and pieces.split in self._rows:
            self._go_to(pieces.split, pieces.index + 1)
        self._follows = False
        self.panel.show_tokens(pieces)
        self.panel.show()
        self.facts.setText(facts_of(pieces))

    def show_problem(self, sentence: str) -> None:
        """Shows why the row cannot be shown."""
        self.panel.hide()
        self.facts.setText(sentence)

    def _choose_split(self) -> None:
        self._go_to(self.split_choice.currentData(), 1)
        self._choose_row()

    def _go_to(self, choice: str, number: int) -> None:
        """Sets the controls and requests nothing."""
        self.split_choice.setCurrentIndex(self.split_choice.findData(choice))
        rows = self._rows[choice]
        self.number.blockSignals(True)
        self.number.setRange(1, rows)
        self.number.setValue(number)
        self.number.blockSignals(False)
        is_file = choice.startswith("file:")
        self.number.setAccessibleName(
            Sentence("gui.choose_data.row_of_file" if is_file else "gui.choose_data.row_of_split")
        )
        self._of.setText("" if is_file else Sentence("gui.choose_data.of_number", rows=rows))
        self._allow_steps()

    def _allow_steps(self) -> None:
        self.previous_button.setEnabled(self.number.value() > self.number.minimum())
        self.next_button.setEnabled(self.number.value() < self.number.maximum())

    def _choose_row(self) -> None:
        self._allow_steps()
        self._follows = False
        choice, number = str(self.split_choice.currentData()), self.number.value()
        if choice.startswith("file:"):
            self.row_requested.emit(RowPlace(number=number, file=choice.removeprefix("file:")))
        else:
            self.row_requested.emit(RowPlace(split=choice, index=number - 1))


def facts_of(pieces: TokenizedText) -> str:
    """The facts of a row in one line."""
    parts: list[str] = [Sentence("gui.choose_data.row_number_file", row=pieces.row)] if pieces.row else []
    if pieces.split:
        parts.append(_within(pieces.split))
    if pieces.label:
        label, ids = visible(pieces.label, 80), ", ".join(map(str, pieces.label_numbers))
        parts.append(
            Sentence("gui.choose_data.label_with_id", label=label, ids=ids)
            if ids
            else Sentence("gui.choose_data.label_is", label=label)
        )
    shown = len(pieces.tokens)
    if pieces.cut_tokens:
        parts.append(Sentence("gui.choose_data.of_tokens", shown=shown, tokens=shown + pieces.cut_tokens))
    else:
        parts.append(Sentence("gui.choose_data.tokens_number", tokens=shown))
    return " · ".join(parts)


def _files_of(dataset: PreparedDataset) -> list[tuple[str, str]]:
    """The split that each file is for, and what the choice calls it."""
    source = dataset.source
    paths = {"validation": source.validation_path, "test": source.test_path} if isinstance(source, FileRows) else {}
    further = [split for split, path in paths.items() if path]
    if not further:
        return [("", Sentence("gui.choose_data.file"))]
    names = {
        "train": Sentence("gui.choose_data.training_file"),
        "validation": Sentence("gui.choose_data.file_of_validation"),
        "test": Sentence("gui.choose_data.file_of_test"),
    }
    return [(split, names[split]) for split in ("train", *further)]


def _within(split: str) -> str:
    """The split as a part of a line; an unknown one as it is."""
    match split:
        case "train":
            return Sentence("gui.choose_data.within_training")
        case "validation":
            return Sentence("gui.choose_data.within_validation")
        case "test":
            return Sentence("gui.choose_data.within_test")
        case _:
            return split
