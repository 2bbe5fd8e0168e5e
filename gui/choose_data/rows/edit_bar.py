"""What can be done with the selected rows: change a label, a score or the tag of a word, exclude them, include them.

A form that requests edits and makes none itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from engine.contract.settings import TaskName
from engine.tasks.registry import DEFAULT_TASK, task_facts
from gui.components.choices import Choice
from gui.components.keys import shown
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import on_one_line
from gui.design.theme import SPACE
from gui.rows.label_editor import label_box, line_of, number_validator

MOST_WORDS = 2_000  # of a row in the list of words
ADDS, REMOVES, SETS = "add", "remove", "set"


class EditBar(QWidget):
    """Fields for the answer, and buttons."""

    answer_requested = Signal(str, str)  # set, add or remove; the label or number as it was typed
    tag_requested = Signal(int, str)  # word from 0, tag
    exclude_requested = Signal()
    include_requested = Signal()
    undo_requested = Signal()
    redo_requested = Signal()

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
        self.label.setAccessibleName(Sentence("gui.choose_data.label_selected"))
        self.score = QLineEdit()
        self.score.setValidator(number_validator(self.score))
        self.score.setFixedWidth(110)
        self.score.setAccessibleName(Sentence("gui.choose_data.score_selected"))
        self.word = Choice()
        self.word.setMinimumWidth(150)
        self.word.setMaximumWidth(240)
        self.word.setAccessibleName(Sentence("gui.choose_data.word_selected"))
        self.tag = label_box(None, ())
        self.tag.setMinimumWidth(110)
        self.tag.setAccessibleName(Sentence("gui.choose_data.tag_word"))
        self.relabel = QPushButton(Sentence("gui.choose_data.change_label"))
        self.rescore = QPushButton(Sentence("gui.choose_data.change_score"))
        self.add = QPushButton(Sentence("gui.choose_data.add_label"))
        self.remove = QPushButton(Sentence("gui.choose_data.remove_label"))
        self.retag = QPushButton(Sentence("gui.choose_data.change_tag"))
        self.exclude = QPushButton(Sentence("gui.choose_data.exclude"))
        self.include = QPushButton(Sentence("gui.choose_data.include_again"))
        self.undo = QPushButton(Sentence("gui.choose_data.undo"))
        self.redo = QPushButton(Sentence("gui.choose_data.redo"))
        set_tooltip(self.exclude, Sentence("gui.choose_data.exclude_about"))
        set_tooltip(self.include, Sentence("gui.choose_data.include_about"))
        undo, redo = shown(QKeySequence.StandardKey.Undo), shown("Ctrl+Shift+Z")
        set_tooltip(self.undo, Sentence("gui.choose_data.undo_about", keys=undo))
        set_tooltip(self.redo, Sentence("gui.choose_data.redo_about", keys=redo))
        self.status = PlainLabel(role="secondary", wrap=True)
        labelled = _named(Sentence("gui.choose_data.label_field"), self.label)
        scored = _named(Sentence("gui.choose_data.score_field"), self.score)
        words = _named(Sentence("gui.choose_data.word_field"), self.word)
        tags = _named(Sentence("gui.choose_data.tag_field"), self.tag)
        self._for_label = (labelled, self.relabel)
        self._for_labels = (labelled, self.add, self.remove)
        self._for_number = (scored, self.rescore)
        self._for_words = (words, tags, self.retag)
        content = QWidget()
        row = FlowRow(content, gap=SPACE, line_gap=SPACE)
        shared = (self.exclude, self.include, self.undo, self.redo)
        mine = (labelled, self.relabel, self.add, self.remove, scored, self.rescore, words, tags, self.retag)
        for widget in (*mine, *shared):
            row.addWidget(widget)
        vertical(self, content, self.status, gap=SPACE // 2)
        self.relabel.clicked.connect(self._set_label)
        line_of(self.label).returnPressed.connect(self._enter_label)
        self.add.clicked.connect(self._add_label)
        self.remove.clicked.connect(self._remove_label)
        self.rescore.clicked.connect(self._set_score)
        self.score.returnPressed.connect(self._set_score)
        self.retag.clicked.connect(self._set_tag)
        line_of(self.tag).returnPressed.connect(self._set_tag)
        self.word.currentIndexChanged.connect(self._show_tag)
        self.exclude.clicked.connect(self.exclude_requested)
        self.include.clicked.connect(self.include_requested)
        self.undo.clicked.connect(self.undo_requested)
        self.redo.clicked.connect(self.redo_requested)
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
        excluded: bool = False,
    ) -> None:
        """This many rows are selected; of a single one `words` and `tags` can be given.

        `used` and `excluded`: there may be rows of that kind among them; `refusal` is why nothing can be done.
        """
        self._rows, self._refusal = rows, refusal
        self.exclude.setVisible(used or not excluded)
        self.include.setVisible(excluded)
        self.exclude.setText(
            Sentence("gui.choose_data.exclude_rows", rows=rows) if rows > 1 else Sentence("gui.choose_data.exclude")
        )
        self.include.setText(
            Sentence("gui.choose_data.include_rows", rows=rows)
            if rows > 1
            else Sentence("gui.choose_data.include_again")
        )
        kept = self.word.currentIndex() if tuple(words) == self._words else 0
        self._words, self._tags = tuple(words), tuple(tags)
        self.word.blockSignals(True)
        self.word.clear()
        for place, word in enumerate(self._words[:MOST_WORDS], start=1):
            tag = self._tags[place - 1] if place <= len(self._tags) else ""
            marked = f" · {tag}" if tag not in ("", "O") else ""
            self.word.addItem(f"{number(place)} {on_one_line(word, 60)}{marked}")
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
        self._request(SETS, self.label.currentText())

    def _enter_label(self) -> None:
        self._request(ADDS if self._facts.several_labels else SETS, self.label.currentText())

    def _add_label(self) -> None:
        self._request(ADDS, self.label.currentText())

    def _remove_label(self) -> None:
        self._request(REMOVES, self.label.currentText())

    def _set_score(self) -> None:
        self._request(SETS, self.score.text())

    def _request(self, how: str, text: str) -> None:
        if self._rows and not self._refusal and text.strip():
            self.answer_requested.emit(how, text.strip())

    def _set_tag(self) -> None:
        tag = self.tag.currentText().strip()
        if tag and self.word.currentIndex() >= 0 and not self._refusal:
            self.tag_requested.emit(self.word.currentIndex(), tag)

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
        for button in (self.exclude, self.include):
            button.setEnabled(some)
        nothing = Sentence("gui.choose_data.select_rows") if not self._rows else ""
        several = ""
        if self._facts.one_label_per_word and self._rows > 1:
            several = Sentence("gui.choose_data.select_single")
        self.status.setText(self._refusal or nothing or several)
        self.status.setVisible(bool(self.status.text()))


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
