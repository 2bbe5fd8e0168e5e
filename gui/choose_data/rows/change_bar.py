"""What can be done with the selected rows: other labels, another number, another tag for a word, left out or used.

A form that says what is wanted and changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from engine.contract.formatting import count
from engine.contract.settings import TaskName
from engine.tasks.registry import DEFAULT_TASK, task_facts
from gui.choose_data.rows.label_editor import label_box, line_of, number_validator
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import on_one_line
from gui.design.theme import SPACE

MOST_WORDS = 2_000  # of a row in the list of words
ADDS, REMOVES, SETS = "add", "remove", "set"


class ChangeBar(QWidget):
    """Fields for the answer, and buttons."""

    answer_wanted = Signal(str, str)  # set, add or remove; the label or number as it was typed
    tag_wanted = Signal(int, str)  # word from 0, tag
    leave_out_wanted = Signal()
    bring_back_wanted = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = task_facts(DEFAULT_TASK)
        self._rows = 0
        self._refusal = ""
        self._words: tuple[str, ...] = ()
        self._tags: tuple[str, ...] = ()
        self.label = label_box(None, ())
        self.label.setMinimumWidth(150)
        self.label.setMaximumWidth(260)
        self.label.setAccessibleName("Label for the selected rows")
        self.score = QLineEdit()
        self.score.setValidator(number_validator(self.score))
        self.score.setFixedWidth(110)
        self.score.setAccessibleName("Score for the selected rows")
        self.word = QComboBox()
        self.word.setMinimumWidth(150)
        self.word.setMaximumWidth(240)
        self.word.setAccessibleName("Word of the selected row")
        self.tag = label_box(None, ())
        self.tag.setMinimumWidth(110)
        self.tag.setAccessibleName("Tag of the word")
        self.relabel = QPushButton("Change label")
        self.rescore = QPushButton("Change score")
        self.add = QPushButton("Add label")
        self.remove = QPushButton("Remove label")
        self.retag = QPushButton("Change tag")
        self.leave_out = QPushButton("Leave out")
        self.bring_back = QPushButton("Bring back")
        self.undo = QPushButton("Undo")
        self.redo = QPushButton("Redo")
        set_tooltip(self.leave_out, "The rows stay in your file and are not used. Key: Delete")
        set_tooltip(self.bring_back, "Uses rows again that you left out. Key: Delete")
        set_tooltip(self.undo, "Takes the last change back. Keys: Ctrl+Z")
        set_tooltip(self.redo, "Makes the change again. Keys: Ctrl+Shift+Z")
        self.said = PlainLabel(role="secondary", wrap=True)
        labelled = _named("La&bel", self.label)
        scored = _named("Sc&ore", self.score)
        words = _named("&Word", self.word)
        tags = _named("Ta&g", self.tag)
        self._for_label = (labelled, self.relabel)
        self._for_labels = (labelled, self.add, self.remove)
        self._for_number = (scored, self.rescore)
        self._for_words = (words, tags, self.retag)
        content = QWidget()
        row = FlowRow(content, gap=SPACE, line_gap=SPACE)
        shared = (self.leave_out, self.bring_back, self.undo, self.redo)
        mine = (labelled, self.relabel, self.add, self.remove, scored, self.rescore, words, tags, self.retag)
        for widget in (*mine, *shared):
            row.addWidget(widget)
        vertical(self, content, self.said, gap=SPACE // 2)
        self.relabel.clicked.connect(self._set_label)
        line_of(self.label).returnPressed.connect(self._enter_label)
        self.add.clicked.connect(self._add_label)
        self.remove.clicked.connect(self._remove_label)
        self.rescore.clicked.connect(self._set_score)
        self.score.returnPressed.connect(self._set_score)
        self.retag.clicked.connect(self._set_tag)
        line_of(self.tag).returnPressed.connect(self._set_tag)
        self.word.currentIndexChanged.connect(self._show_tag)
        self.leave_out.clicked.connect(self.leave_out_wanted)
        self.bring_back.clicked.connect(self.bring_back_wanted)
        self.undo.clicked.connect(self.undo_wanted)
        self.redo.clicked.connect(self.redo_wanted)
        for edit in (line_of(self.label), self.score, line_of(self.tag)):
            edit.textChanged.connect(self._allow)
        self.show_task(DEFAULT_TASK, ())
        self.show_history(undo=False, redo=False)

    def show_task(self, task: TaskName, labels: Sequence[str]) -> None:
        """Offers these labels or tags."""
        self._facts = task_facts(task)
        for box in (self.label, self.tag):
            box.clear()
            box.addItems([name for name in labels if len(name) <= 200])
            box.setCurrentIndex(-1)
            box.setEditText("")
        self.score.clear()
        mine = self._fields()
        for widget in {*self._for_label, *self._for_labels, *self._for_number, *self._for_words}:
            widget.setVisible(widget in mine)
        self.show_selected(0)

    def show_selected(
        self,
        rows: int,
        *,
        refusal: str = "",
        words: Sequence[str] = (),
        tags: Sequence[str] = (),
        used: bool = True,
        left_out: bool = False,
    ) -> None:
        """So many rows are selected; of a single one `words` and `tags` can be given.

        `used` and `left_out` say whether there may be rows of that kind among them, `refusal` why nothing can be done.
        """
        self._rows, self._refusal = rows, refusal
        self.leave_out.setVisible(used or not left_out)
        self.bring_back.setVisible(left_out)
        self.leave_out.setText(f"Leave out {count(rows, 'row')}" if rows > 1 else "Leave out")
        self.bring_back.setText(f"Bring back {count(rows, 'row')}" if rows > 1 else "Bring back")
        kept = self.word.currentIndex() if tuple(words) == self._words else 0
        self._words, self._tags = tuple(words), tuple(tags)
        self.word.blockSignals(True)
        self.word.clear()
        for number, word in enumerate(self._words[:MOST_WORDS], start=1):
            tag = self._tags[number - 1] if number <= len(self._tags) else ""
            self.word.addItem(f"{number:,} {on_one_line(word, 60)}" + (f" · {tag}" if tag not in ("", "O") else ""))
        self.word.setCurrentIndex(kept if self._words else -1)
        self.word.blockSignals(False)
        self._show_tag()
        self._allow()

    def show_history(self, *, undo: bool, redo: bool) -> None:
        """Whether there are steps back and forward."""
        self.undo.setEnabled(undo)
        self.redo.setEnabled(redo)

    def go_to_answer(self) -> None:
        """Gives the keyboard to the field for the answer."""
        field: QWidget = self.label
        if self._facts.labels_are_numbers:
            field = self.score
        elif self._facts.one_label_per_word:
            field = self.word
        if field.isEnabled():
            field.setFocus()

    def _fields(self) -> tuple[QWidget, ...]:
        if self._facts.labels_are_numbers:
            return self._for_number
        if self._facts.one_label_per_word:
            return self._for_words
        return self._for_labels if self._facts.several_labels else self._for_label

    def _set_label(self) -> None:
        self._want(SETS, self.label.currentText())

    def _enter_label(self) -> None:
        self._want(ADDS if self._facts.several_labels else SETS, self.label.currentText())

    def _add_label(self) -> None:
        self._want(ADDS, self.label.currentText())

    def _remove_label(self) -> None:
        self._want(REMOVES, self.label.currentText())

    def _set_score(self) -> None:
        self._want(SETS, self.score.text())

    def _want(self, how: str, text: str) -> None:
        if self._rows and not self._refusal and text.strip():
            self.answer_wanted.emit(how, text.strip())

    def _set_tag(self) -> None:
        tag = self.tag.currentText().strip()
        if tag and self.word.currentIndex() >= 0 and not self._refusal:
            self.tag_wanted.emit(self.word.currentIndex(), tag)

    def _show_tag(self) -> None:
        word = self.word.currentIndex()
        self.tag.setEditText(self._tags[word] if 0 <= word < len(self._tags) else "")

    def _allow(self) -> None:
        some = bool(self._rows) and not self._refusal
        label = some and bool(self.label.currentText().strip())
        for button in (self.relabel, self.add, self.remove):
            button.setEnabled(label)
        self.rescore.setEnabled(some and self.score.hasAcceptableInput())
        one = some and self._rows == 1 and bool(self._words)
        self.word.setEnabled(one)
        self.tag.setEnabled(one)
        self.retag.setEnabled(one and bool(self.tag.currentText().strip()))
        for button in (self.leave_out, self.bring_back):
            button.setEnabled(some)
        nothing = "Select rows in the table to change them." if not self._rows else ""
        several = ""
        if self._facts.one_label_per_word and self._rows > 1:
            several = "Select a single row to change the tags of its words."
        self.said.setText(self._refusal or nothing or several)
        self.said.setVisible(bool(self.said.text()))


def _named(name: str, field: QWidget) -> QWidget:
    """A field with its name in front."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(SPACE)
    label = QLabel(name)
    label.setBuddy(field)
    row.addWidget(label)
    row.addWidget(field)
    return both
