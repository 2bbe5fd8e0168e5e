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

from engine.contract.queries import AskRunDifferences, RunDifferences
from engine.contract.score_sentences import run_difference_text
from engine.contract.sentences import Sentence
from engine.workspace.runs import RunRow
from gui.components.choices import Choice, bounded
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import both_ends, on_one_line, tooltip
from gui.components.saving import offer_table
from gui.components.throttle import Debounce
from gui.design.theme import INSIDE, SPACE, TABLE_ROW
from gui.runs.run_differences import comparison

if TYPE_CHECKING:
    from gui.charts.line_plot import CurvePlot

DIFFERENCE = 2  # the line of the table with the differences
ROWS_SEEN = 6  # of the table; more scroll


class RunComparison(QWidget):
    """`ended` asks for the list again, as Escape does; `differences_requested` for those of one run to the others."""

    ended = Signal()
    differences_requested = Signal(object)  # AskRunDifferences

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QTableWidget()
        self.table.setAccessibleName(Sentence("gui.runs.runs_compared"))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setMinimumSectionSize(TABLE_ROW)
        self._fit_rows = Debounce(self, 0, self._fit_heights)  # once after all columns have their width
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.horizontalHeader().sectionResized.connect(self._fit_rows.request)
        self.table.setMinimumHeight(ROWS_SEEN * TABLE_ROW)
        offer_table(self.table)
        self.plot: CurvePlot | None = None
        self._rows: tuple[RunRow, ...] = ()
        self.reference = Choice()
        self.reference.setAccessibleName(Sentence("gui.runs.run_others_compared"))
        bounded(self.reference, 44)
        label = PlainLabel(Sentence("gui.runs.difference_same_rows"), role="secondary")
        label.setBuddy(self.reference)
        self.difference_note = PlainLabel(role="secondary", wrap=True)
        chooser = QHBoxLayout()
        chooser.setSpacing(INSIDE)
        chooser.addWidget(label)
        chooser.addWidget(self.reference)
        chooser.addStretch(1)
        self.back_button = QPushButton(Sentence("gui.runs.back_runs"))
        row = QHBoxLayout()
        row.addWidget(self.back_button)
        row.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(INSIDE)
        self._column.addLayout(chooser)
        self._column.addWidget(self.table, 1)
        self._column.addWidget(self.difference_note)
        self._column.addLayout(row)
        self.reference.activated.connect(self._request_differences)
        self.back_button.clicked.connect(self.ended)

    def show_runs(self, rows: Sequence[RunRow]) -> None:
        """Shows these runs, at least two."""
        self._rows = tuple(rows)
        lines = comparison(rows)
        lines.insert(DIFFERENCE, (Sentence("gui.runs.difference"), [""] * len(rows)))
        self.table.setColumnCount(1 + len(rows))
        self.table.setRowCount(len(lines))
        for column, name in enumerate(["", *names_of_their_own(rows)]):
            self.table.setHorizontalHeaderItem(column, _item(name))
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        for number, (title, texts) in enumerate(lines):
            for column, text in enumerate([title, *texts]):
                self.table.setItem(number, column, _item(text))
        self._fit_rows.request()
        self.reference.clear()
        for row, name in zip(rows, names_of_their_own(rows), strict=True):
            self.reference.addItem(both_ends(name, 36), row.id)
        evaluated = [number for number, row in enumerate(rows) if row.summary.headline]
        self.reference.setCurrentIndex(evaluated[0] if evaluated else 0)
        self._draw(rows)
        self._request_differences()

    def show_differences(self, found: RunDifferences) -> None:
        """Shows them, where they are of the run that is chosen."""
        if found.reference != self.reference.currentData():
            return
        by_run = {one.run: one for one in found.others}
        for column, row in enumerate(self._rows, start=1):
            one = by_run.get(row.id)
            self.table.setItem(DIFFERENCE, column, _item("–" if one is None else run_difference_text(one)))
        left_out = sum(one.left_out for one in found.others)
        rows = sorted({one.rows for one in found.others if one.difference is not None})
        self.difference_note.setText(_note(rows, left_out, len(found.others)))

    def show_problem(self, sentence: str) -> None:
        """Shows why there are no differences."""
        self.difference_note.setText(sentence)

    def _request_differences(self) -> None:
        reference = self.reference.currentData()
        for column in range(1, 1 + len(self._rows)):
            self.table.setItem(DIFFERENCE, column, _item("…"))
        self.difference_note.setText(Sentence("gui.runs.comparing_predictions_both_same_rows"))
        others = tuple(row.id for row in self._rows if row.id != reference)
        self.differences_requested.emit(AskRunDifferences(reference, others))

    def _fit_heights(self) -> None:
        """A cell has as many lines as its text needs in its column."""
        for row in range(self.table.rowCount()):
            needed = self.table.sizeHintForRow(row)
            self.table.setRowHeight(row, TABLE_ROW if needed <= TABLE_ROW else needed + SPACE)

    def _draw(self, rows: Sequence[RunRow]) -> None:
        import numpy as np  # not before the window is on the screen

        from gui.charts.curve_line import MOST_DASHES
        from gui.charts.line_plot import CurvePlot

        if self.plot is None:
            self.plot = CurvePlot(Sentence("gui.runs.score_validation_rows"))
            self._column.insertWidget(1, self.plot, 2)
        for name in self.plot.line_names():
            self.plot.remove_line(name)
        self.plot.set_empty_sentence(Sentence("gui.runs.these_runs_have_no_score"))
        last = 1
        for number, (row, name) in enumerate(zip(rows, names_of_their_own(rows), strict=True)):
            points = np.array(row.summary.curve, dtype=np.float64).reshape(-1, 2)
            # Six colours and four patterns of dashes: no two of six runs share both, and few share either.
            self.plot.add_line(row.id, number, "points", shown=name, dash=number % (MOST_DASHES + 1))
            self.plot.set_line(row.id, points[:, 0], points[:, 1])
            last = max(last, *(step for step, _ in row.summary.curve), 1)
        self.plot.set_range(0.0, float(last))
        self.plot.reset_zoom()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit()
        else:
            super().keyPressEvent(event)


def _note(rows: list[int], left_out: int, others: int) -> str:
    if not rows:
        return ""
    span = (
        Sentence("gui.runs.rows", rows=rows[0])
        if len(rows) == 1
        else Sentence("gui.runs.from_to", fewest=rows[0], most=rows[-1])
    )
    note: list[str] = [
        Sentence("gui.runs.positive_several" if others > 1 else "gui.runs.positive_one", span=span),
    ]
    if left_out:
        note.append(Sentence("gui.runs.left_out", rows=left_out))
    return " ".join(note)


def _item(text: str) -> QTableWidgetItem:
    item = QTableWidgetItem(on_one_line(text))
    item.setToolTip(tooltip(text))
    return item


def names_of_their_own(rows: Sequence[RunRow]) -> list[str]:
    """The runs' names; where two have the same, with their time."""
    names = [row.name for row in rows]
    return [row.name if names.count(row.name) == 1 else f"{row.name} ({row.id})" for row in rows]
