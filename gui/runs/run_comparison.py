"""Two or more runs beside each other: scores, the settings that differ, and their curves in one chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.workspace.runs import RunRow
from gui.components.plain_text import on_one_line, tooltip
from gui.design.theme import INSIDE, TABLE_ROW
from gui.runs.run_differences import comparison

if TYPE_CHECKING:
    from gui.charts.line_plot import CurvePlot

ROWS_SEEN = 6  # of the table; more scroll


class RunComparison(QWidget):
    """`ended` asks for the list again; Escape does too."""

    ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QTableWidget()
        self.table.setAccessibleName("Runs compared")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(TABLE_ROW)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setMinimumHeight(ROWS_SEEN * TABLE_ROW)
        self.plot: CurvePlot | None = None
        self.back_button = QPushButton("Back to the runs")
        row = QHBoxLayout()
        row.addWidget(self.back_button)
        row.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(INSIDE)
        self._column.addWidget(self.table, 1)
        self._column.addLayout(row)
        self.back_button.clicked.connect(self.ended)

    def show_runs(self, rows: Sequence[RunRow]) -> None:
        """Shows these runs, at least two."""
        lines = comparison(rows)
        self.table.setColumnCount(1 + len(rows))
        self.table.setRowCount(len(lines))
        for column, name in enumerate(["", *names_of_their_own(rows)]):
            self.table.setHorizontalHeaderItem(column, _item(name))
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        for number, (title, texts) in enumerate(lines):
            for column, text in enumerate([title, *texts]):
                self.table.setItem(number, column, _item(text))
        self._draw(rows)

    def _draw(self, rows: Sequence[RunRow]) -> None:
        import numpy as np  # not before the window is on the screen

        from gui.charts.line_plot import CurvePlot

        if self.plot is None:
            self.plot = CurvePlot("Score on the validation rows")
            self._column.insertWidget(1, self.plot, 2)
        for name in self.plot.line_names():
            self.plot.remove_line(name)
        self.plot.set_empty_sentence("These runs have no score on validation rows.")
        last = 1
        for number, (row, name) in enumerate(zip(rows, names_of_their_own(rows), strict=True)):
            points = np.array(row.summary.curve, dtype=np.float64).reshape(-1, 2)
            self.plot.add_line(row.id, number, "points", shown=name)
            self.plot.set_line(row.id, points[:, 0], points[:, 1])
            last = max(last, *(step for step, _ in row.summary.curve), 1)
        self.plot.set_range(0.0, float(last))
        self.plot.reset_zoom()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit()
        else:
            super().keyPressEvent(event)


def _item(text: str) -> QTableWidgetItem:
    item = QTableWidgetItem(on_one_line(text))
    item.setToolTip(tooltip(text))
    return item


def names_of_their_own(rows: Sequence[RunRow]) -> list[str]:
    """The runs' names; where two have the same, with their time."""
    names = [row.name for row in rows]
    return [row.name if names.count(row.name) == 1 else f"{row.name} ({row.id})" for row in rows]
