"""Every run on disk in a plain table: open it at Evaluate or Export, continue it, delete it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.storage import RunRecord
from engine.words import duration, score_name
from gui.run_index import RunIndex
from gui.theme import INSIDE, SPACE, TABLE_ROW
from gui.widgets.plain_label import PlainLabel, plain_tooltip

COLUMNS = ("Name", "Status", "Score", "Time", "Date")
WIDTHS = (0, 96, 132, 88, 152)
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
AnyIndex = QModelIndex | QPersistentModelIndex


class RunTable(QAbstractTableModel):
    """Runs as rows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.records: tuple[RunRecord, ...] = ()
        self._interrupted: frozenset[str] = frozenset()

    def show_runs(self, records: Sequence[RunRecord], interrupted: Sequence[RunRecord]) -> None:
        """Shows these runs."""
        self.beginResetModel()
        self.records = tuple(records)
        self._interrupted = frozenset(record.id for record in interrupted)
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.records)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if section in (2, 3) else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        record = self.records[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(record, index.column())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == 0:
            return plain_tooltip(record.name)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (2, 3):
            return RIGHT
        return None

    def text(self, record: RunRecord, column: int) -> str:
        """What stands in this column."""
        match column:
            case 0:
                return record.name
            case 1:
                return "interrupted" if record.id in self._interrupted else status_text(record)
            case 2:
                return score_text(record)
            case 3:
                return duration(record.run.seconds) if record.run is not None else ""
            case _:
                return time.strftime("%d %b %Y %H:%M", time.localtime(record.created))


class RunList(QWidget):
    """The table with its buttons; deleting asks once more, in the same place."""

    evaluate_pressed = Signal(object)  # RunRecord
    export_pressed = Signal(object)
    continue_pressed = Signal(object)

    def __init__(self, index: RunIndex, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = index
        self.model = RunTable(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Runs")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(TABLE_ROW)
        self.table.horizontalHeader().setHighlightSections(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for section, width in enumerate(WIDTHS[1:], start=1):
            header.resizeSection(section, width)
        self.empty = PlainLabel(
            "No runs yet. Every training is kept here and can be opened, continued or deleted.", role="quiet", wrap=True
        )
        self.evaluate_button = QPushButton("Open at Evaluate")
        self.export_button = QPushButton("Open at Export")
        self.continue_button = QPushButton("Continue")
        self.delete_button = QPushButton("Delete…")
        self.delete_button.setProperty("kind", "danger")
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        for button in (self.evaluate_button, self.export_button, self.continue_button):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.delete_button)

        self.confirmation = QFrame()
        self.confirmation.setProperty("kind", "banner-caution")
        self._question = PlainLabel(wrap=True)
        self.confirm_button = QPushButton("Delete run and files")
        self.confirm_button.setProperty("kind", "danger")
        self.keep_button = QPushButton("Keep")
        ask = QHBoxLayout(self.confirmation)
        ask.setContentsMargins(INSIDE, SPACE, INSIDE, SPACE)
        ask.addWidget(self._question, 1)
        ask.addWidget(self.confirm_button)
        ask.addWidget(self.keep_button)
        self.confirmation.hide()

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(INSIDE)
        column.addWidget(self.empty)
        column.addWidget(self.table, 1)
        column.addWidget(self.confirmation)
        column.addWidget(self._buttons)
        column.addStretch(0)

        self.table.selectionModel().selectionChanged.connect(self._selected)
        self.table.activated.connect(self._activated)
        self.evaluate_button.clicked.connect(lambda: self._emit(self.evaluate_pressed))
        self.export_button.clicked.connect(lambda: self._emit(self.export_pressed))
        self.continue_button.clicked.connect(lambda: self._emit(self.continue_pressed))
        self.delete_button.clicked.connect(self._ask)
        self.confirm_button.clicked.connect(self._delete)
        self.keep_button.clicked.connect(self._keep)
        index.changed.connect(self._show)
        self._show()

    def selected(self) -> RunRecord | None:
        """The run that is selected."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.records[rows[0].row()] if rows else None

    def _show(self) -> None:
        before = self.selected()
        self.model.show_runs(self._index.records, self._index.interrupted)
        self.empty.setVisible(not self.model.records)
        self.table.setVisible(bool(self.model.records))
        self._buttons.setVisible(bool(self.model.records))
        for row, record in enumerate(self.model.records):
            if before is not None and record.id == before.id:
                self.table.selectRow(row)
        self._selected()

    def _selected(self) -> None:
        record = self.selected()
        self.evaluate_button.setEnabled(record is not None and record.run is not None)
        self.export_button.setEnabled(record is not None and record.evaluation is not None)
        self.continue_button.setEnabled(record is not None and self._index.can_continue(record))
        self.delete_button.setEnabled(record is not None)
        self.confirmation.hide()

    def _activated(self, _index: QModelIndex) -> None:
        for button in (self.evaluate_button, self.continue_button):
            if button.isEnabled():
                button.click()
                return

    def _emit(self, signal: object) -> None:
        record = self.selected()
        if record is not None:
            signal.emit(record)  # type: ignore[attr-defined]

    def _ask(self) -> None:
        record = self.selected()
        if record is not None:
            self._question.setText(
                f"Delete {record.name} with its checkpoints, scores and export? There is no way back."
            )
            self.confirmation.show()
            self.keep_button.setFocus()

    def _delete(self) -> None:
        record = self.selected()
        self.confirmation.hide()
        if record is not None:
            self._index.delete(record)
        self.table.setFocus()

    def _keep(self) -> None:
        self.confirmation.hide()
        self.table.setFocus()


def status_text(record: RunRecord) -> str:
    """How far a run came, in one word or two."""
    if record.exported is not None:
        return "exported"
    if record.evaluation is not None:
        return "evaluated"
    if record.run is not None:
        return "trained"
    return record.status


def score_text(record: RunRecord) -> str:
    """The best score there is, with its name."""
    if record.evaluation is not None:
        name, score = record.evaluation.headline, record.evaluation.scores.get(record.evaluation.headline)
    elif record.run is not None:
        name, score = record.run.metric, record.run.best_score
    else:
        return ""
    return "" if score is None else f"{score_name(name)} {score:.3f}"
