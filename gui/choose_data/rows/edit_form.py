"""Edits of the rows of a table: makes what the bar, the cells and the keys request, and asks about new labels.

`changed` carries all edits as they are now. Uses neither files nor engine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.contract.row_edits import MOST_CHANGES, RowChange, column_of
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from engine.contract.tag_schemes import marks_entities, plain_tag, tag_type
from engine.contract.text_parsing import number_in
from engine.tasks.facts import BETWEEN_LABELS
from engine.tasks.registry import DEFAULT_TASK, task_facts
from gui.choose_data.rows.edit_bar import ADDS, REMOVES, SETS, EditBar
from gui.choose_data.rows.edit_list import EditList
from gui.choose_data.rows.rows_table import RowsTable
from gui.components.keys import delete_keys
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.design.theme import SPACE
from gui.rows.prepared_rows import RowCells
from gui.rows.row_edits import Answer, RowEdits
from gui.rows.selected_lines import selected_count

MOST_NAMED = 3  # new labels in a question
MOST_LOOKED_AT = 200  # selected rows that are read to know which of them are excluded


class EditForm(QWidget):
    """The bar, the question about a new label, and the list."""

    changed = Signal(object)  # tuple[RowChange, ...]
    prepare_requested = Signal()

    def __init__(self, table: RowsTable, edits: RowEdits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table, self._edits = table, edits
        self._facts = task_facts(DEFAULT_TASK)
        self._one_per_word = False  # tags mark no entities
        self._known: set[str] = set()
        self._pending: tuple[list[RowCells], str, str, int] | None = None  # rows, how, label, word
        self.bar = EditBar()
        self.list = EditList()
        self.question = QWidget()
        self.question_text = PlainLabel(role="caution", wrap=True)
        self.accept = QPushButton(Sentence("gui.choose_data.use_new_label"))
        self.reject = QPushButton(Sentence("gui.choose_data.keep_old_label"))
        row = QHBoxLayout(self.question)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self.question_text, 1)
        row.addWidget(self.accept)
        row.addWidget(self.reject)
        self.question.hide()
        vertical(self, self.bar, self.question, self.list, gap=SPACE)
        self.write = self._action(Sentence("gui.choose_data.change_the_label"), "F2")
        self.exclude = self._action(Sentence("gui.choose_data.exclude_or_include"), "Delete")
        self.exclude.setShortcuts(delete_keys())
        self.undo = self._action(Sentence("gui.choose_data.undo"), QKeySequence.StandardKey.Undo)
        self.redo = self._action(Sentence("gui.choose_data.redo"), QKeySequence.StandardKey.Redo)
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.write.triggered.connect(table.write_answer)
        self.exclude.triggered.connect(self.toggle_excluded)
        self.undo.triggered.connect(self.step_back)
        self.redo.triggered.connect(self.step_forward)
        self.bar.answer_requested.connect(self._answer_selected)
        self.bar.tag_requested.connect(self._tag_selected)
        self.bar.exclude_requested.connect(self._exclude_selected)
        self.bar.include_requested.connect(self._include_selected)
        self.bar.undo_requested.connect(self.step_back)
        self.bar.redo_requested.connect(self.step_forward)
        self.list.revert_requested.connect(self._revert)
        self.list.prepare_requested.connect(self.prepare_requested)
        self.accept.clicked.connect(self._use_new_label)
        self.reject.clicked.connect(self._keep_label)
        table.selected.connect(self.show_selected)
        table.answer_requested.connect(self.bar.go_to_answer)
        table.rows.typed.connect(self._answer_typed)

    # ── What is shown ─────────────────────────────────────────────────────────────────────────────────────────────────

    def show_dataset(self, dataset: PreparedDataset, labels: Sequence[str]) -> None:
        """Edits rows of this data set; `labels` are all there are."""
        self._facts = facts = task_facts(dataset.task)
        self._edits.show_rows(dataset.settings.changes, column_of(dataset.settings.roles), dataset.label_names)
        self._one_per_word = facts.one_label_per_word and not marks_entities(dataset.label_names)
        offered = dataset.label_names if facts.one_label_per_word else () if facts.labels_are_numbers else labels
        self._known = set(labels)
        self.bar.show_task(dataset.task, offered)
        cells = labels if facts.one_label_per_row else ()
        self._table.label_editor.offer(cells, numbers=facts.labels_are_numbers)
        self._keep_label()
        self._show()

    def show_edits(self, changes: tuple[RowChange, ...]) -> None:
        """Takes these as all edits; nothing can be undone."""
        self._edits.take(changes)
        self._show()

    def allow(self, reason: str) -> None:
        """Lets the rows be prepared again where there is no reason against it."""
        self.list.allow(reason)

    def show_selected(self) -> None:
        """Offers what can be done with the selected rows."""
        rows = selected_count(self._table)
        if not rows or rows > MOST_LOOKED_AT:
            excluded = any(change.leave_out for change in self._edits.changes)
            self.bar.show_selected(
                rows, refusal=_too_many() if rows > MOST_CHANGES else "", excluded=bool(rows) and excluded
            )
            return
        cells = self._table.selected_rows(rows)
        gone = [self._edits.is_excluded(row) for row in cells]
        words = cells[0].words if rows == 1 else ()
        tags = self._edits.answer_of(cells[0]) if words else ()
        self.bar.show_selected(rows, words=words, tags=tags, used=not all(gone), excluded=any(gone))

    # ── What the user does ────────────────────────────────────────────────────────────────────────────────────────────

    def step_back(self) -> None:
        """Undoes the last edit."""
        self._after(self._edits.undo())

    def step_forward(self) -> None:
        """Makes the edit again that was undone last."""
        self._after(self._edits.redo())

    def toggle_excluded(self) -> None:
        """Excludes the selected rows, or includes them where all are excluded."""
        rows = self._selected()
        if rows and all(self._edits.is_excluded(row) for row in rows):
            self._after(self._edits.include(rows), rows)
        elif rows:
            self._after(self._edits.exclude(rows), rows)

    def _exclude_selected(self) -> None:
        rows = self._selected()
        self._after(self._edits.exclude(rows), rows)

    def _include_selected(self) -> None:
        rows = self._selected()
        self._after(self._edits.include(rows), rows)

    def _answer_selected(self, how: str, text: str) -> None:
        self._answer(self._selected(), how, text)

    def _answer_typed(self, line: int, text: str) -> None:
        row = self._table.rows.row_at(line)
        if self._facts.several_labels:
            labels = tuple(dict.fromkeys(part.strip() for part in text.split(BETWEEN_LABELS.strip()) if part.strip()))
            unknown = [label for label in labels if label not in self._known]
            if unknown:
                self._ask([row], SETS, BETWEEN_LABELS.join(labels), unknown)
            else:
                self._give([row], SETS, BETWEEN_LABELS.join(labels))
        else:
            self._answer([row], SETS, text.strip())

    def _answer(self, rows: list[RowCells], how: str, text: str) -> None:
        if not rows or not text:
            return
        if self._facts.labels_are_numbers:
            if math.isfinite(number_in(text)):
                self._give(rows, SETS, text)
        elif how != REMOVES and text not in self._known:
            self._ask(rows, how, text, [text])
        else:
            self._give(rows, how, text)

    def _tag_selected(self, word: int, tag: str) -> None:
        rows = self._selected()
        if len(rows) != 1 or word >= len(rows[0].words):
            return
        kind = tag_type(tag)
        if self._one_per_word and kind != tag:
            return
        if kind and kind not in self._known:
            self._ask(rows, SETS, tag, [kind], word)
        else:
            self._after(self._edits.set_tag(rows[0], word, plain_tag(tag)))

    def _revert(self, changes: tuple[RowChange, ...]) -> None:
        self._after(self._edits.revert(changes))

    # ── A new label ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, rows: list[RowCells], how: str, text: str, unknown: Sequence[str], word: int = -1) -> None:
        self._pending = rows, how, text, word
        self.question_text.setText(
            Sentence(
                "gui.choose_data.new_labels" if len(unknown) <= MOST_NAMED else "gui.choose_data.more_new_labels",
                names=[label[:60] for label in unknown[:MOST_NAMED]],
                labels=len(unknown),
                rows=len(rows),
            )
        )
        self.question.show()
        self.accept.setFocus(Qt.FocusReason.OtherFocusReason)

    def _use_new_label(self) -> None:
        if self._pending is None:
            return
        rows, how, text, word = self._pending
        self._keep_label()
        if word >= 0:
            self._learn(tag_type(text))
            self._after(self._edits.set_tag(rows[0], word, text))
            return
        for label in text.split(BETWEEN_LABELS) if self._facts.several_labels else [text]:
            self._learn(label)
        self._give(rows, how, text)

    def _learn(self, label: str) -> None:
        if label not in self._known:
            self._known.add(label)
            for box in (self.bar.label, self.bar.tag):
                entities = self._facts.one_label_per_word and not self._one_per_word
                names = [f"B-{label}", f"I-{label}"] if entities else [label]
                box.addItems(names)

    def _keep_label(self) -> None:
        had_focus = self.question.isVisible()
        self._pending = None
        self.question.hide()
        if had_focus:
            self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    # ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _selected(self) -> list[RowCells]:
        rows = selected_count(self._table)
        return self._table.selected_rows(rows) if 0 < rows <= MOST_CHANGES else []

    def _give(self, rows: list[RowCells], how: str, text: str) -> None:
        """Sets, adds or removes; both sides of an addition keep the order of the labels."""
        several = self._facts.several_labels
        labels: Answer = (
            tuple(part for part in text.split(BETWEEN_LABELS) if part) if several and how == SETS else (text,)
        )

        def revised(answer: Answer) -> Answer:
            if how == ADDS:
                return answer if text in answer else (*answer, text)
            if how == REMOVES:
                return tuple(label for label in answer if label != text)
            return labels

        self._after(self._edits.revise(rows, revised), rows)

    def _after(self, happened: bool, rows: Sequence[RowCells] = ()) -> None:
        if happened:
            self._show()
            self.changed.emit(self._edits.changes)
        elif rows and not self._edits.room_for(len(rows)):
            self.bar.show_selected(len(rows), refusal=_too_many())

    def _show(self) -> None:
        self._table.rows.show_edits()
        self.list.show_edits(self._edits.changes, self._edits.applied)
        self.bar.show_history(undo=self._edits.can_undo, redo=self._edits.can_redo)
        self.undo.setEnabled(self._edits.can_undo)
        self.redo.setEnabled(self._edits.can_redo)
        self.show_selected()

    def _action(self, name: str, keys: QKeySequence.StandardKey | str) -> QAction:
        """An action of the table's menu with its key."""
        action = QAction(name, self._table)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._table.addAction(action)
        return action


def _too_many() -> str:
    return Sentence("gui.choose_data.too_many_edits", most=MOST_CHANGES)
