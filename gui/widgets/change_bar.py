"""What can be changed about the selected rows, and the list of all changes with the way back.

A form over a tuple of `RowChange`: says through `changed` what it is now. Knows neither file nor engine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QListWidget, QPushButton, QVBoxLayout, QWidget

from engine.row_changes import MOST_CHANGES, RowChange, change_name, in_order
from engine.settings import TaskName
from engine.words import count
from gui.prepared_rows import RowCells
from gui.theme import SPACE
from gui.widgets.data_table import on_one_line
from gui.widgets.plain_label import PlainLabel, set_tooltip

BETWEEN = "|"  # several labels as they are typed
MOST_LISTED = 500
MOST_OFFERED = 1_000  # labels in the list of labels
LIST_HEIGHT = 132


class ChangeBar(QWidget):
    """Buttons for the selection, a line about all changes, and their list."""

    changed = Signal(object)  # tuple[RowChange, ...]
    prepare_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._changes: tuple[RowChange, ...] = ()
        self._before: list[tuple[RowChange, ...]] = []  # for Undo, the last at the end
        self._applied: tuple[RowChange, ...] = ()
        self._task: TaskName = "text_classification"
        self._selected: Sequence[RowCells] = ()
        self._reason = ""
        self.label = QComboBox()
        self.label.setEditable(True)
        self.label.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.label.setMinimumWidth(160)
        self.label.setAccessibleName("Label for the selected rows")
        self._label_label = QLabel("La&bel")
        self._label_label.setBuddy(self.label)
        self.relabel = QPushButton("Change label")
        self.leave_out = QPushButton("Leave out")
        self.undo = QPushButton("Undo")
        set_tooltip(self.undo, "Takes the last change of this session back")
        self.said = PlainLabel(role="quiet", wrap=True)
        self.show_list = QPushButton("Show changes")
        self.show_list.setProperty("kind", "quiet")
        self.show_list.setCheckable(True)
        self.again = QPushButton("Prepare again")
        self.list = QListWidget()
        self.list.setAccessibleName("Your changes")
        self.list.setFixedHeight(LIST_HEIGHT)
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.take_back = QPushButton("Take the selected changes back")
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(SPACE)
        for widget in (self._label_label, self.label, self.relabel, self.leave_out, self.undo):
            first.addWidget(widget)
        first.addStretch(1)
        second.addWidget(self.said, 1)
        second.addWidget(self.show_list)
        second.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.list)
        column.addWidget(self.take_back, 0, Qt.AlignmentFlag.AlignLeft)
        self.relabel.clicked.connect(self._relabel)
        self.leave_out.clicked.connect(self._leave_out)
        self.undo.clicked.connect(self._undo)
        self.again.clicked.connect(self.prepare_wanted)
        self.show_list.toggled.connect(self._unfold)
        self.take_back.clicked.connect(self._take_back)
        self.label.editTextChanged.connect(self._show)
        self.list.itemSelectionChanged.connect(self._show)
        self._unfold(False)

    # ── What is shown ───────────────────────────────────────────────────────────────────────────────────────────

    def show_task(self, task: TaskName, labels: Sequence[str], applied: tuple[RowChange, ...]) -> None:
        """Offers these labels; `applied` are the changes that the prepared rows know."""
        self._task, self._applied = task, applied
        self.label.clear()
        if task in ("text_classification", "multi_label_classification"):
            self.label.addItems(list(labels[:MOST_OFFERED]))
        self.label.setCurrentIndex(-1)
        self.label.setEditText("")
        for widget in (self.label, self._label_label, self.relabel):
            widget.setVisible(task != "token_classification")
        what = {"regression": "Score", "multi_label_classification": f"La&bels, with {BETWEEN} between"}
        self._label_label.setText(what.get(task, "La&bel"))
        self.relabel.setText("Change score" if task == "regression" else "Change label")
        self._show()

    def show_changes(self, changes: tuple[RowChange, ...], *, forget: bool = False) -> None:
        """Takes these as all changes; `forget` leaves nothing to undo."""
        self._changes = changes
        if forget:
            self._before = []
        self._show_list()
        self._show()

    def show_selected(self, rows: Sequence[RowCells]) -> None:
        """These rows are selected in the table."""
        self._selected = rows
        self._show()

    def allow(self, reason: str) -> None:
        """Lets the rows be prepared again where there is no reason against it."""
        self._reason = reason
        self._show()

    # ── What the user does ──────────────────────────────────────────────────────────────────────────────────────

    def _relabel(self) -> None:
        labels = self._typed()
        if labels is not None:
            self._change(
                [msgspec.structs.replace(self._known(row), new=labels, leave_out=False) for row in self._rows()]
            )

    def _leave_out(self) -> None:
        back = self._all_left_out()
        self._change([msgspec.structs.replace(self._known(row), leave_out=not back) for row in self._rows()])

    def _undo(self) -> None:
        if self._before:
            changes = self._before.pop()
            self.show_changes(changes)
            self.changed.emit(changes)

    def _take_back(self) -> None:
        lines = {self.list.row(item) for item in self.list.selectedItems()}
        self._set(tuple(change for line, change in enumerate(self._changes) if line not in lines))

    def _change(self, changes: Sequence[RowChange]) -> None:
        self._set(in_order([*self._changes, *changes])[:MOST_CHANGES])

    def _set(self, changes: tuple[RowChange, ...]) -> None:
        if changes != self._changes:
            self._before.append(self._changes)
            self.show_changes(changes)
            self.changed.emit(changes)

    # ── Parts ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _rows(self) -> Sequence[RowCells]:
        return self._selected

    def _by_place(self) -> dict[tuple[str, int], RowChange]:
        return {change.place: change for change in self._changes}

    def _known(self, row: RowCells) -> RowChange:
        """The change of this row so far, or one that changes nothing."""
        known = self._by_place().get((row.file, row.row))
        if known is not None and known.input_hash == row.input_hash:
            return known
        answer = () if self._task == "token_classification" else row.answer
        return RowChange(row.row, row.input_hash, row.file, old=answer, new=answer)  # type: ignore[arg-type]

    def _all_left_out(self) -> bool:
        known = self._by_place()
        changes = [known.get((row.file, row.row)) for row in self._selected]
        return bool(changes) and all(change is not None and change.leave_out for change in changes)

    def _typed(self) -> tuple[str, ...] | None:
        """The labels in the field; None where they are none."""
        text = self.label.currentText().strip()
        if self._task == "multi_label_classification":
            return tuple(dict.fromkeys(part.strip() for part in text.split(BETWEEN) if part.strip()))
        if self._task == "regression":
            try:
                return (text,) if math.isfinite(float(text)) else None
            except ValueError:
                return None
        return (text,) if text else None

    def _show(self) -> None:
        rows = len(self._selected)
        self.relabel.setEnabled(bool(rows) and self._typed() is not None)
        self.leave_out.setEnabled(bool(rows))
        what = "Take back" if self._all_left_out() else "Leave out"
        self.leave_out.setText(f"{what} {count(rows, 'row')}" if rows > 1 else what)
        self.undo.setEnabled(bool(self._before))
        number = count(len(self._changes), "change")
        applied = self._changes == self._applied
        if not self._changes and applied:
            self.said.setText("Nothing is changed. Your file always stays as it is.")
        else:
            tail = "all in the prepared rows" if applied else "not all in the prepared rows yet"
            self.said.setText(f"{number}, {tail}. Your file stays as it is.")
        self.show_list.setVisible(bool(self._changes))
        self.again.setVisible(not applied)
        self.again.setText(f"Prepare again with {number}" if self._changes else "Prepare again without changes")
        self.again.setEnabled(not self._reason)
        set_tooltip(self.again, self._reason or "Prepares the same rows with your changes; everything else stays.")
        self.take_back.setEnabled(bool(self.list.selectedItems()))
        if not self._changes:
            self.show_list.setChecked(False)

    def _show_list(self) -> None:
        self.list.clear()
        self.list.addItems([on_one_line(change_name(change), 160) for change in self._changes[:MOST_LISTED]])

    def _unfold(self, unfolded: bool) -> None:
        self.show_list.setText("Hide changes" if unfolded else "Show changes")
        self.list.setVisible(unfolded)
        self.take_back.setVisible(unfolded)
