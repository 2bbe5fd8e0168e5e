"""A table over prepared rows of any number: only cells in sight are read; sorting and searching happen elsewhere."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QItemSelectionRange, QModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from engine.row_changes import RowChange, labels_text
from gui.prepared_rows import Positions, PreparedRows, RowCells, SortKey
from gui.widgets.data_table import AnyIndex, CellsModel, DataTable
from gui.widgets.row_inspector import SPLIT_NAMES

COLUMNS = ("Row", "Split", "Text", "Label", "Tokens", "Your change")
KEYS: tuple[SortKey, ...] = ("row", "split", "text", "answer", "length", "")
WIDTHS = {0: 84, 1: 92, 3: 150, 4: 76, 5: 130}  # pixels; the text takes the rest
NARROWEST_TEXT = 180
MOST_COPIED = 10_000  # rows
_KEPT = 4_000  # rows read and kept
_NOWHERE = QModelIndex()
_NO_ROWS = np.zeros(0, dtype=np.int64)


class RowsModel(CellsModel):
    """Rows at positions that arrive bit by bit."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: PreparedRows | None = None
        self._positions: Positions = _NO_ROWS
        self._kept: OrderedDict[int, RowCells] = OrderedDict()
        self._changes: dict[tuple[str, int], RowChange] = {}
        self.set_cells(COLUMNS, (), numbers=(0, 4))

    def set_rows(self, rows: PreparedRows | None) -> None:
        """Reads from these rows from now on; shows none yet."""
        self.beginResetModel()
        self._rows, self._positions = rows, _NO_ROWS
        self._kept.clear()
        self.endResetModel()

    def show_positions(self, positions: Positions) -> None:
        """Shows these rows instead of the last."""
        self.beginResetModel()
        self._positions = positions
        self.endResetModel()

    def add_positions(self, positions: Positions) -> None:
        """Shows these rows beneath the others."""
        if len(positions):
            first = len(self._positions)
            self.beginInsertRows(QModelIndex(), first, first + len(positions) - 1)
            self._positions = np.concatenate([self._positions, positions])
            self.endInsertRows()

    def show_changes(self, changes: Iterable[RowChange]) -> None:
        """Marks what the user has changed."""
        self._changes = {change.place: change for change in changes}
        if len(self._positions):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._positions) - 1, len(COLUMNS) - 1))

    def no_positions(self) -> Positions:
        """For showing nothing."""
        return _NO_ROWS

    def row_at(self, row: int) -> RowCells:
        """What stands in this line."""
        assert self._rows is not None
        position = int(self._positions[row])
        cells = self._kept.get(position)
        if cells is None:
            cells = self._kept[position] = self._rows.cells(position)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return cells

    def change_of(self, cells: RowCells) -> RowChange | None:
        """What the user changed about this row."""
        change = self._changes.get((cells.file, cells.row))
        return change if change is not None and change.input_hash == cells.input_hash else None

    def text(self, row: int, column: int) -> str:
        cells = self.row_at(row)
        match column:
            case 0:
                return f"{cells.row:,}"
            case 1:
                return SPLIT_NAMES.get(cells.split, cells.split)
            case 2:
                return cells.text
            case 3:
                change = self.change_of(cells)
                return labels_text(change.new if change is not None and change.new else cells.answer)
            case 4:
                return f"{cells.length:,}"
        return change_text(self.change_of(cells))

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._positions)


class RowsTable(DataTable):
    """The view; the header asks for an order through `sort_wanted`."""

    sort_wanted = Signal(str, bool)  # SortKey, descending
    row_chosen = Signal(object)  # RowCells

    def __init__(self, parent: QWidget | None = None) -> None:
        self.rows = RowsModel()
        super().__init__(parent, cells=self.rows)
        self.rows.setParent(self)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.sortIndicatorChanged.connect(self._sort)
        self.selectionModel().currentRowChanged.connect(self._choose)

    def sort_by(self, key: SortKey, *, descending: bool = False) -> None:
        """Sorts by this column, as a click on its name does."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(KEYS.index(key), order)

    def selected_rows(self, most: int) -> list[RowCells]:
        """The selected rows, from the top, at most so many."""
        lines: list[int] = []
        selection = self.selectionModel().selection()
        ranges: list[QItemSelectionRange] = [selection.at(number) for number in range(selection.count())]
        for part in sorted(ranges, key=lambda part: part.top()):
            lines.extend(range(part.top(), min(part.bottom(), part.top() + most) + 1))
        return [self.rows.row_at(line) for line in lines[:most]]

    def selected_text(self) -> str:
        """The selected rows as tab-separated lines, at most 10,000 of them."""
        lines = [
            (f"{cells.row}", cells.split, cells.text, labels_text(cells.answer), f"{cells.length}")
            for cells in self.selected_rows(MOST_COPIED)
        ]
        return "\n".join("\t".join(" ".join(cell.split()) for cell in line) for line in lines)

    def fit_columns(self) -> None:
        """The text takes what the other columns leave."""
        width = self.viewport().width()
        self._fitted_to = width
        for column, pixels in WIDTHS.items():
            self.setColumnWidth(column, pixels)
        self.setColumnWidth(2, max(NARROWEST_TEXT, width - sum(WIDTHS.values())))

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        key = KEYS[column] if 0 <= column < len(KEYS) else ""
        self.sort_wanted.emit(key, order == Qt.SortOrder.DescendingOrder)

    def _choose(self, chosen: AnyIndex) -> None:
        if chosen.isValid():
            self.row_chosen.emit(self.rows.row_at(chosen.row()))


def change_text(change: RowChange | None) -> str:
    """What the user changed, in two words."""
    if change is None:
        return ""
    return "left out" if change.leave_out else f"was {labels_text(change.old)}"
