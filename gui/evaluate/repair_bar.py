"""Repairs of evaluated rows: a label put right, a row excluded or marked as checked; then a run on the edited rows.

The edits are those of Choose data, in the same file, and can be undone here as well. A child run keeps every row in the
split it had.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QPushButton, QWidget

from engine.contract.errors import EngineError
from engine.contract.messages import FineTune
from engine.contract.row_edits import RowChange, change_name, column_of, effective
from engine.contract.run_changes import edits_name
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, TrainingRun
from engine.tasks.facts import BETWEEN_LABELS, TaskFacts
from engine.tasks.registry import DEFAULT_TASK, task_facts
from engine.workspace.row_edit_file import read_changes, write_changes
from gui.components.keys import delete_keys, sequences, shown
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.design.theme import HALF, INSIDE
from gui.rows.label_editor import label_box, line_of
from gui.rows.prepared_rows import RowCells
from gui.rows.row_edits import RowEdits
from gui.session import Session

CHECK_KEY, LABEL_KEY = "Ctrl+Return", "F2"


class RepairBar(QWidget):
    """What can be done with the selected rows; `train_requested` carries the job of a child run."""

    changed = Signal()  # an edit was made or undone
    train_requested = Signal(object)  # FineTune

    def __init__(self, session: Session, table: QAbstractItemView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._run: TrainingRun | None = None
        self._facts: TaskFacts = task_facts(DEFAULT_TASK)
        self._rows: list[RowCells] = []
        self._suggested: list[tuple[str, ...]] = []
        self.edits = RowEdits()
        self.label = label_box(None, ())
        self.label.setMinimumWidth(150)
        self.label.setMaximumWidth(240)
        self.label.setAccessibleName(Sentence("gui.evaluate.label_selected_rows"))
        self.relabel = QPushButton(Sentence("gui.evaluate.change_label"))
        self.suggest = QPushButton(Sentence("gui.evaluate.take_suggestions", suggestions=1))
        self.suggest.hide()
        self.exclude = QPushButton(Sentence("gui.evaluate.exclude"))
        self.check = QPushButton(Sentence("gui.evaluate.mark_checked"))
        self.undo = QPushButton(Sentence("gui.evaluate.undo"))
        self.train = QPushButton(Sentence("gui.evaluate.train_again"))
        set_tooltip(self.relabel, Sentence("gui.evaluate.relabel_tooltip", keys=shown(LABEL_KEY)))
        set_tooltip(self.suggest, Sentence("gui.evaluate.gives_each_selected_row_label"))
        set_tooltip(self.exclude, Sentence("gui.evaluate.rows_stay_your_file_used"))
        set_tooltip(self.check, Sentence("gui.evaluate.check_tooltip", keys=shown(CHECK_KEY)))
        set_tooltip(self.undo, Sentence("gui.evaluate.undo_tooltip", keys=shown(QKeySequence.StandardKey.Undo)))
        set_tooltip(
            self.train,
            Sentence("gui.evaluate.prepares_edited_rows_each_split"),
        )
        self.status = PlainLabel(role="secondary", wrap=True)
        content = QWidget()
        line = FlowRow(content, gap=INSIDE, line_gap=HALF)
        for part in (self.label, self.relabel, self.suggest, self.exclude, self.check, self.undo, self.train):
            line.addWidget(part)
        vertical(self, content, self.status, gap=HALF)

        self.relabel.clicked.connect(self._relabel)
        line_of(self.label).returnPressed.connect(self._relabel)
        line_of(self.label).textChanged.connect(self._allow)
        self.suggest.clicked.connect(self._take_suggestions)
        self.exclude.clicked.connect(self._toggle_excluded)
        self.check.clicked.connect(self._toggle_checked)
        self.undo.clicked.connect(self._undo)
        self.train.clicked.connect(self._train)
        for name, keys, act in (
            (Sentence("gui.evaluate.change_label_2"), sequences(LABEL_KEY), self._go_to_label),
            (Sentence("gui.evaluate.exclude_include"), delete_keys(), self._toggle_excluded),
            (Sentence("gui.evaluate.mark_checked"), sequences(CHECK_KEY), self._toggle_checked),
            (Sentence("gui.evaluate.undo"), sequences(QKeySequence.StandardKey.Undo), self._undo),
        ):
            action = QAction(name, table)
            action.setShortcuts(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(act)
            table.addAction(action)
        session.busy_changed.connect(self._allow)
        self.show_rows([], "")

    def show_report(self, report: EvaluationReport) -> None:
        """Edits rows of this report's data set, beginning with those that are stored."""
        self._run = report.run
        dataset = report.run.dataset
        self._facts = task_facts(dataset.task)
        self.edits.show_rows(dataset.settings.changes, column_of(dataset.settings.roles), dataset.label_names)
        self.load()
        labels = () if self._facts.labels_are_numbers else dataset.label_names
        self.label.clear()
        self.label.addItems([name for name in labels if len(name) <= 200])
        for part in (self.label, self.relabel):
            part.setVisible(not self._facts.one_label_per_word)
        self.relabel.setText(
            Sentence("gui.evaluate.change_score")
            if self._facts.labels_are_numbers
            else Sentence("gui.evaluate.change_label")
        )
        self.show_rows([], "")

    def load(self) -> None:
        """Takes the stored edits, which another page may have changed."""
        if self._run is None:
            return
        dataset = self._run.dataset
        try:
            stored = read_changes(self._session.workspace, dataset.source)
        except EngineError as error:
            stored = None
            self.status.setText(str(error.message))
        self.edits.take(dataset.settings.changes if stored is None else stored)
        self._show()

    def show_rows(self, rows: Sequence[RowCells], predicted: str, suggested: Sequence[tuple[str, ...]] = ()) -> None:
        """These rows are selected; what the model predicts for the first is offered as its label.

        `suggested` holds the labels of each row that can be taken as they are, or nothing.
        """
        self._rows, self._suggested = list(rows), list(suggested)
        self.suggest.setVisible(bool(suggested))
        self.suggest.setText(Sentence("gui.evaluate.take_suggestions", suggestions=len(suggested)))
        self.label.setEditText(predicted if rows else "")
        self._show()

    def edit_text(self, row: RowCells) -> str:
        """What was done with a row, in a word or two."""
        change = self.edits.change_of(row)
        if change is None:
            return ""
        if change.leave_out:
            return Sentence("gui.evaluate.edit_excluded")
        if not change.is_effective:
            return Sentence("gui.evaluate.edit_checked")
        new = self._facts.label_text(change.new, row.words, ())
        if self._facts.one_label_per_word:
            return Sentence("gui.evaluate.edit_tags")
        return f"→ {new or Sentence('gui.evaluate.no_label')}"

    def pending(self) -> tuple[RowChange, ...]:
        """The edits that the evaluated run was not trained with."""
        applied = set(effective(self.edits.applied))
        now = effective(self.edits.changes)
        places = {change.place for change in now}
        dropped = (change for change in applied if change.place not in places)
        return (*(change for change in now if change not in applied), *dropped)

    # ── What the user does ────────────────────────────────────────────────────────────────────────────────────────────

    def _go_to_label(self) -> None:
        if self.label.isVisible() and self.label.isEnabled():
            self.label.setFocus(Qt.FocusReason.ShortcutFocusReason)
            line_of(self.label).selectAll()

    def _relabel(self) -> None:
        text = self.label.currentText().strip()
        if not text or not self._rows:
            return
        several = self._facts.several_labels
        answer = tuple(part.strip() for part in text.split(BETWEEN_LABELS.strip()) if part.strip()) if several else ()
        self._after(self.edits.relabel(self._rows, answer or (text,)))

    def _take_suggestions(self) -> None:
        if self._suggested:
            self._after(self.edits.relabel_each(list(zip(self._rows, self._suggested, strict=True))))

    def _toggle_excluded(self) -> None:
        if self._rows and all(self.edits.is_excluded(row) for row in self._rows):
            self._after(self.edits.include(self._rows))
        elif self._rows:
            self._after(self.edits.exclude(self._rows))

    def _toggle_checked(self) -> None:
        if self._rows:
            self._after(self.edits.mark_checked(self._rows, not all(map(self.edits.is_checked, self._rows))))

    def _undo(self) -> None:
        self._after(self.edits.undo())

    def _after(self, happened: bool) -> None:
        if not happened or self._run is None:
            return
        source = self._run.dataset.source
        try:
            write_changes(self._session.workspace, source, self.edits.changes)
        except EngineError as error:
            self.edits.undo()
            self._show()
            self.status.setText(f"{error.message} {error.hint}".strip())
            return
        self._show()
        self.changed.emit()
        self._session.row_edits_changed.emit(source)

    def _train(self) -> None:
        run = self._run
        if run is None or not self.pending():
            return
        dataset = run.dataset
        usual = Sentence("gui.evaluate.model_on_dataset", model=dataset.model.name, dataset=dataset.name)
        name = run.settings.run_name or str(usual)
        settings = msgspec.structs.replace(run.settings, run_name=edits_name(name, len(self.pending())), parent=run.id)
        prepare = msgspec.structs.replace(
            dataset.settings, changes=effective(self.edits.changes), kept_splits=dataset.fingerprint
        )
        self.train_requested.emit(FineTune(dataset, settings, prepare=prepare))

    # ── Showing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _show(self) -> None:
        excluded = bool(self._rows) and all(self.edits.is_excluded(row) for row in self._rows)
        checked = bool(self._rows) and all(self.edits.is_checked(row) for row in self._rows)
        self.exclude.setText(Sentence("gui.evaluate.include_again") if excluded else Sentence("gui.evaluate.exclude"))
        self.check.setText(Sentence("gui.evaluate.not_checked") if checked else Sentence("gui.evaluate.mark_checked"))
        edits = self.pending()
        self.train.setText(
            Sentence("gui.evaluate.train_with_edits", edits=len(edits))
            if edits
            else Sentence("gui.evaluate.train_again")
        )
        self.status.setText(self._status(edits))
        self._allow()

    def _status(self, edits: Sequence[RowChange]) -> str:
        parts = []
        if len(self._rows) == 1 and (change := self.edits.change_of(self._rows[0])) is not None:
            parts.append(f"{change_name(change)}.")
        if edits:
            parts.append(Sentence("gui.evaluate.edits_not_trained", edits=len(edits)))
        elif not self._rows:
            parts.append(Sentence("gui.evaluate.select_rows_change_their_label"))
        return " ".join(parts)

    def _allow(self) -> None:
        some = bool(self._rows)
        self.label.setEnabled(some)
        self.relabel.setEnabled(some and bool(self.label.currentText().strip()))
        self.exclude.setEnabled(some)
        self.check.setEnabled(some)
        self.undo.setEnabled(self.edits.can_undo)
        self.train.setEnabled(bool(self.pending()) and not self._session.busy)
