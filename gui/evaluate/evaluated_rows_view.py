"""The view over evaluated rows of any number: only the cells in sight are read; queries are answered elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from engine.contract.formatting import number, percent
from engine.contract.sentences import Sentence
from engine.contract.states import WrongRow
from gui.components.data_table import AnyIndex, CellsModel, DataTable
from gui.components.sorted_table import FRAMELESS
from gui.design.theme import theme
from gui.evaluate.evaluated_rows import SortKey
from gui.rows.prepared_rows import Positions
from gui.rows.selected_lines import selected_text

KEYS: tuple[SortKey, ...] = ("row", "text", "truth", "predicted", "probability", "loss")
ROW, TEXT, TRUTH, PREDICTED, PROBABILITY, LOSS, EDIT = range(7)
WIDTHS = {ROW: 84, TRUTH: 150, PREDICTED: 150, PROBABILITY: 106, LOSS: 84, EDIT: 120}  # pixels; the text takes the rest
NARROW_WIDTHS = {ROW: 60, TRUTH: 98, PREDICTED: 98, PROBABILITY: 94, LOSS: 62, EDIT: 84}
NARROW_BELOW = 900  # pixels
SHARE_OF_LABELS = 0.17  # of a wide table, for the truth and as much for the prediction
NARROWEST_TEXT = 120
_KEPT = 4_000  # rows read and kept
_NOWHERE = QModelIndex()
_NO_ROWS: Positions = np.zeros(0, dtype=np.int64)


class RowsOfReport(Protocol):
    """Rows that can be listed and queried."""

    def __len__(self) -> int:
        """How many there are."""

    def row_at(self, position: int) -> WrongRow:
        """The row with its truth and prediction as text."""


class EvaluatedRowsModel(CellsModel):
    """Rows at positions in their source."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._source: RowsOfReport | None = None
        self._positions = _NO_ROWS
        self._read: Callable[[int], WrongRow] | None = None
        self._edit_text: Callable[[int], str] = _no_edit
        self.set_cells(_titles(), (), numbers=(ROW, PROBABILITY, LOSS))

    def show_positions(self, source: RowsOfReport, positions: Positions) -> None:
        """Shows these rows of this source instead of the last."""
        if source is self._source and np.array_equal(positions, self._positions):
            return
        self.beginResetModel()
        if source is not self._source:
            self._read = lru_cache(maxsize=_KEPT)(source.row_at)
        self._source, self._positions = source, positions
        self.endResetModel()

    def show_edits(self, edit_text: Callable[[int], str]) -> None:
        """Shows what was done with the row at each position of the source."""
        self._edit_text = edit_text
        if len(self._positions):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._positions) - 1, EDIT))

    def row_at(self, line: int) -> WrongRow:
        """The row in this line."""
        assert self._read is not None
        return self._read(self.position_at(line))

    def is_of(self, source: RowsOfReport) -> bool:
        """Whether the rows shown are of this source."""
        return self._source is source

    def position_at(self, line: int) -> int:
        """Where the row of this line is in its source."""
        return int(self._positions[line])

    def text(self, row: int, column: int) -> str:
        found = self.row_at(row)
        match column:
            case 0:
                return number(found.row)
            case 1:
                return found.text
            case 2:
                return found.truth
            case 3:
                return found.predicted
            case 4:
                return probability_text(found)
            case 5:
                return number(found.loss, ".2f")
        return self._edit_text(self.position_at(row))

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.ForegroundRole and index.isValid() and index.column() == EDIT:
            return theme().color("accent")
        return super().data(index, role)

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._positions)


class EvaluatedRowsView(DataTable):
    """The table; its header requests an order."""

    sort_requested = Signal(str, bool)  # SortKey, descending

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, cells=EvaluatedRowsModel)
        assert isinstance(self.cells, EvaluatedRowsModel)
        self.rows = self.cells
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setStyleSheet(FRAMELESS)
        self.verticalHeader().hide()
        self.sort_by_header()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSortIndicator(LOSS, Qt.SortOrder.DescendingOrder)
        header.sortIndicatorChanged.connect(self._sort)
        self.setColumnHidden(EDIT, True)
        self.show_both_ends(TRUTH, PREDICTED)
        self.wrap_column(TEXT)

    def show_edits(self, edit_text: Callable[[int], str], *, any_edit: bool) -> None:
        """Shows what was done with each row; without any edit there is no column for it."""
        self.rows.show_edits(edit_text)
        if self.isColumnHidden(EDIT) == any_edit:
            self.setColumnHidden(EDIT, not any_edit)
            self.fit_columns()

    def current_line(self) -> int | None:
        """The line of the cursor, where it is selected."""
        current = self.currentIndex()
        if not current.isValid() or not self.selectionModel().isRowSelected(current.row()):
            return None
        return current.row()

    def selected_text(self) -> str:
        """The selected rows as tab-separated lines, at most 10,000 of them."""
        return selected_text(self, self.rows.text, KEYS_SHOWN)

    def fit_columns(self) -> None:
        """The text takes what the other columns leave."""
        width = self.viewport().width()
        self._fitted_to = width
        widths = dict(WIDTHS if width >= NARROW_BELOW else NARROW_WIDTHS)
        for column in (TRUTH, PREDICTED):
            if width >= NARROW_BELOW:
                widths[column] = max(widths[column], round(SHARE_OF_LABELS * width))
        if self.isColumnHidden(EDIT):
            del widths[EDIT]
        for column, pixels in widths.items():
            self.setColumnWidth(column, pixels)
        self.setColumnWidth(TEXT, max(NARROWEST_TEXT, width - sum(widths.values())))
        self.wrap_if_cut()

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        key = KEYS[column] if 0 <= column < len(KEYS) else ""
        self.sort_requested.emit(key, order == Qt.SortOrder.DescendingOrder)


KEYS_SHOWN = range(EDIT + 1)


def _titles() -> tuple[str, ...]:
    return (
        Sentence("gui.evaluate.row"),
        Sentence("gui.evaluate.text"),
        Sentence("gui.evaluate.truth"),
        Sentence("gui.evaluate.predicted"),
        Sentence("gui.evaluate.probability"),
        Sentence("gui.evaluate.loss"),
        Sentence("gui.evaluate.edit"),
    )


def _no_edit(_position: int) -> str:
    return ""


def probability_text(row: WrongRow) -> str:
    """The probability; a dash where the prediction is a number, which has none."""
    return percent(row.probability) if row.probability else "–"
