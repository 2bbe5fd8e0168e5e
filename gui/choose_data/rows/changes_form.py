"""Changes to the rows of a table: carries out what the bar, the cells and the keys ask for, and asks about new labels.

Says through `changed` what all changes are now. Knows neither files nor engine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.contract.formatting import count
from engine.contract.row_edits import MOST_CHANGES, RowChange, column_of
from engine.contract.states import PreparedDataset
from engine.contract.tag_schemes import marks_entities, plain_tag, tag_type
from engine.contract.text_parsing import number_in
from engine.tasks.facts import BETWEEN_LABELS
from engine.tasks.registry import DEFAULT_TASK, task_facts
from gui.choose_data.rows.change_bar import ADDS, REMOVES, SETS, ChangeBar
from gui.choose_data.rows.change_list import ChangeList
from gui.choose_data.rows.prepared_rows import RowCells
from gui.choose_data.rows.row_edits import Answer, RowEdits
from gui.choose_data.rows.rows_table import RowsTable
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.design.theme import SPACE

MOST_LOOKED_AT = 200  # selected rows that are read to know which of them are left out
TOO_MANY = f"At most {MOST_CHANGES:,} rows can be changed by hand. Select fewer, or change your file."


class ChangesForm(QWidget):
    """The bar, the question about a new label, and the list."""

    changed = Signal(object)  # tuple[RowChange, ...]
    prepare_wanted = Signal()

    def __init__(self, table: RowsTable, edits: RowEdits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table, self._edits = table, edits
        self._facts = task_facts(DEFAULT_TASK)
        self._one_per_word = False  # tags mark no entities
        self._known: set[str] = set()
        self._asked: tuple[list[RowCells], str, str, int] | None = None  # rows, how, label, word
        self.bar = ChangeBar()
        self.list = ChangeList()
        self.question = QWidget()
        self.asks = PlainLabel(role="caution", wrap=True)
        self.accept = QPushButton("Use the new label")
        self.reject = QPushButton("Keep as it was")
        row = QHBoxLayout(self.question)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self.asks, 1)
        row.addWidget(self.accept)
        row.addWidget(self.reject)
        self.question.hide()
        vertical(self, self.bar, self.question, self.list, gap=SPACE)
        self.write = self._action("Change the answer", "F2")
        self.leave_out = self._action("Leave out or bring back", "Delete")
        self.undo = self._action("Undo", QKeySequence.StandardKey.Undo)
        self.redo = self._action("Redo", QKeySequence.StandardKey.Redo)
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.write.triggered.connect(table.write_answer)
        self.leave_out.triggered.connect(self.toggle_left_out)
        self.undo.triggered.connect(self.step_back)
        self.redo.triggered.connect(self.step_forward)
        self.bar.answer_wanted.connect(self._answer_selected)
        self.bar.tag_wanted.connect(self._tag_selected)
        self.bar.leave_out_wanted.connect(self._leave_out_selected)
        self.bar.bring_back_wanted.connect(self._bring_back_selected)
        self.bar.undo_wanted.connect(self.step_back)
        self.bar.redo_wanted.connect(self.step_forward)
        self.list.take_back_wanted.connect(self._take_back)
        self.list.prepare_wanted.connect(self.prepare_wanted)
        self.accept.clicked.connect(self._use_new_label)
        self.reject.clicked.connect(self._keep_label)
        table.selected.connect(self.show_selected)
        table.answer_wanted.connect(self.bar.go_to_answer)
        table.rows.typed.connect(self._answer_typed)

    # ── What is shown ───────────────────────────────────────────────────────────────────────────────────────────

    def show_dataset(self, dataset: PreparedDataset, labels: Sequence[str]) -> None:
        """Changes rows of this data set; `labels` are all there are."""
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

    def show_changes(self, changes: tuple[RowChange, ...]) -> None:
        """Takes these as all changes; nothing can be undone."""
        self._edits.take(changes)
        self._show()

    def allow(self, reason: str) -> None:
        """Lets the rows be prepared again where there is no reason against it."""
        self.list.allow(reason)

    def show_selected(self) -> None:
        """Offers what can be done with the selected rows."""
        rows = self._table.selected_count()
        if not rows or rows > MOST_LOOKED_AT:
            left_out = any(change.leave_out for change in self._edits.changes)
            self.bar.show_selected(
                rows, refusal=TOO_MANY if rows > MOST_CHANGES else "", left_out=bool(rows) and left_out
            )
            return
        cells = self._table.selected_rows(rows)
        gone = [self._edits.is_left_out(row) for row in cells]
        words = cells[0].words if rows == 1 else ()
        tags = self._edits.answer_of(cells[0]) if words else ()
        self.bar.show_selected(rows, words=words, tags=tags, used=not all(gone), left_out=any(gone))

    # ── What the user does ──────────────────────────────────────────────────────────────────────────────────────

    def step_back(self) -> None:
        """Takes the last change back."""
        self._tell(self._edits.undo())

    def step_forward(self) -> None:
        """Makes the change again that was taken back last."""
        self._tell(self._edits.redo())

    def toggle_left_out(self) -> None:
        """Leaves the selected rows out, or brings them back where all are left out."""
        rows = self._selected()
        if rows and all(self._edits.is_left_out(row) for row in rows):
            self._tell(self._edits.bring_back(rows), rows)
        elif rows:
            self._tell(self._edits.leave_out(rows), rows)

    def _leave_out_selected(self) -> None:
        rows = self._selected()
        self._tell(self._edits.leave_out(rows), rows)

    def _bring_back_selected(self) -> None:
        rows = self._selected()
        self._tell(self._edits.bring_back(rows), rows)

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
            self._tell(self._edits.set_tag(rows[0], word, plain_tag(tag)))

    def _take_back(self, changes: tuple[RowChange, ...]) -> None:
        self._tell(self._edits.take_back(changes))

    # ── A new label ─────────────────────────────────────────────────────────────────────────────────────────────

    def _ask(self, rows: list[RowCells], how: str, text: str, unknown: Sequence[str], word: int = -1) -> None:
        self._asked = rows, how, text, word
        names = ", ".join(f"“{label[:60]}”" for label in unknown[:3]) + (" …" if len(unknown) > 3 else "")
        is_new = "is no label" if len(unknown) == 1 else "are no labels"
        self.asks.setText(f"{names} {is_new} of these rows so far. {count(len(rows), 'row')} would get it.")
        self.question.show()
        self.accept.setFocus(Qt.FocusReason.OtherFocusReason)

    def _use_new_label(self) -> None:
        if self._asked is None:
            return
        rows, how, text, word = self._asked
        self._keep_label()
        if word >= 0:
            self._learn(tag_type(text))
            self._tell(self._edits.set_tag(rows[0], word, text))
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
        self._asked = None
        self.question.hide()
        if had_focus:
            self._table.setFocus(Qt.FocusReason.OtherFocusReason)

    # ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _selected(self) -> list[RowCells]:
        rows = self._table.selected_count()
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

        self._tell(self._edits.revise(rows, revised), rows)

    def _tell(self, happened: bool, rows: Sequence[RowCells] = ()) -> None:
        if happened:
            self._show()
            self.changed.emit(self._edits.changes)
        elif rows and not self._edits.room_for(len(rows)):
            self.bar.show_selected(len(rows), refusal=TOO_MANY)

    def _show(self) -> None:
        self._table.rows.show_edits()
        self.list.show_changes(self._edits.changes, self._edits.applied)
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
