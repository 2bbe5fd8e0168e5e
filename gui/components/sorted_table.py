"""A data table whose rows are sorted by a click on a column's name, or from its menu by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QWidget

from engine.contract.sentences import Sentence
from gui.components.data_table import CELL_PADDING, FRAME, NARROWEST_COLUMN, DataTable
from gui.components.plain_text import on_one_line

WIDEST_COLUMN = 140  # pixels of a column that is not the wide one
NARROWEST_WIDE = 120
NARROWEST_TEXT = 84
MEASURED = 200  # rows looked at for the width of a column
# In a card, which has a line around it already.
FRAMELESS = """QTableView { border: 2px solid transparent; background: transparent; }
QTableView:focus { border: 2px solid palette(highlight); }"""
Key = str | float | None  # None sorts last, whichever way


@dataclass(frozen=True)
class TableRow:
    """Cells as shown, and what each is sorted by."""

    cells: tuple[str, ...]
    keys: tuple[Key, ...]


class SortedTable(DataTable):
    """Rows are shown in the order of one column; a selection is of whole rows."""

    def __init__(
        self,
        columns: Sequence[str],
        numbers: Sequence[int],
        parent: QWidget | None = None,
        *,
        wide_column: int = 0,
        narrowest_wide: int = NARROWEST_WIDE,
    ) -> None:
        """`numbers` are the positions of columns aligned to the right; the wide column takes what the others leave.

        They give way for it down to `narrowest_wide` pixels.
        """
        self._widths: tuple[int, ...] = ()  # that the columns need
        self._wide, self._narrowest = wide_column, narrowest_wide
        super().__init__(parent)
        self._columns = tuple(columns)
        self._numbers = tuple(numbers)
        self._rows: tuple[TableRow, ...] = ()
        self._order: tuple[int, ...] = ()
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setStyleSheet(FRAMELESS)
        self.verticalHeader().hide()
        self.sort_by_header()
        self.horizontalHeader().sortIndicatorChanged.connect(self._sort_by)
        self._sort_actions = [QAction(Sentence("gui.components.sort", name=name), self) for name in self._columns]
        for position, action in enumerate(self._sort_actions):
            action.triggered.connect(lambda _checked=False, position=position: self._turn(position))
            self.addAction(action)
        self._show_in_order()

    def name_column(self, position: int, name: str) -> None:
        """Gives a column another name."""
        self._columns = (*self._columns[:position], name, *self._columns[position + 1 :])
        self._sort_actions[position].setText(Sentence("gui.components.sort", name=name))
        self._show_in_order()

    def show_rows(self, rows: Sequence[TableRow]) -> None:
        """Shows these rows, in the order that was chosen."""
        self._rows = tuple(rows)
        self._show_in_order()

    def deselect(self) -> None:
        """Selects no row, without a signal."""
        with QSignalBlocker(self.selectionModel()):
            self.clearSelection()
        self.viewport().update()

    def measure(self, rows: Sequence[TableRow], *, most: int = WIDEST_COLUMN) -> None:
        """Fits the columns to these rows and keeps that while fewer of them are shown; `most` pixels a column."""
        cells = QFontMetrics(self.font())
        widths = []
        for position in range(len(self._columns)):
            texts = (on_one_line(row.cells[position], 80) for row in rows[:MEASURED])
            widest = max((cells.horizontalAdvance(text) for text in texts), default=0)
            bound = max(most, self._narrowest) if position == self._wide else most
            widths.append(max(min(widest + CELL_PADDING, bound), self._name_width(position), NARROWEST_COLUMN))
        self._widths = tuple(widths)
        self.fit_columns()

    def needed_width(self) -> int:
        """Pixels at which no column is cut, but the wide one to its narrowest."""
        others = sum(
            width
            for position, width in enumerate(self._widths)
            if position != self._wide and not self.isColumnHidden(position)
        )
        return others + self._narrowest_wide() + 2 * FRAME if self._widths else 0

    def fit_columns(self) -> None:
        """The wide column takes what the others leave; where that is too little, other columns of text shrink."""
        shown = (place for place in enumerate(self._widths) if not self.isColumnHidden(place[0]))
        widths = dict(shown)
        if self._wide not in widths:
            return
        del widths[self._wide]
        room = self.viewport().width()
        spare = {
            position: widths[position] - max(NARROWEST_TEXT, self._name_width(position))
            for position in widths
            if position not in self._numbers
        }
        missing = max(0, sum(widths.values()) + self._narrowest_wide() - room)
        yielding = sorted((position for position in spare if spare[position] > 0), key=spare.__getitem__)
        for number, position in enumerate(yielding):  # what one cannot give the others do
            given = min(spare[position], -(-missing // (len(yielding) - number)))
            widths[position] -= given
            missing -= given
        widths[self._wide] = max(self._narrowest_wide(), room - sum(widths.values()))
        for position, width in widths.items():
            self.setColumnWidth(position, width)
        self.wrap_if_cut()

    def sort_by(self, column: int, order: Qt.SortOrder) -> None:
        """Sorts by this column."""
        self.horizontalHeader().setSortIndicator(column, order)

    def selected_row(self) -> int | None:
        """The index, in what was given to `show_rows`, of the current row if it is selected."""
        current = self.currentIndex()
        if not current.isValid() or not self.selectionModel().isRowSelected(current.row()):
            return None
        return self._order[current.row()]

    def index_of(self, line: int) -> int:
        """The index, in what was given to `show_rows`, of the row in this line."""
        return self._order[line]

    def _name_width(self, position: int) -> int:
        """Pixels that the column's name takes as it is drawn, in the style sheet's font and with room for the arrow."""
        return self.horizontalHeader().sectionSizeHint(position)

    def _narrowest_wide(self) -> int:
        return min(self._narrowest, self._widths[self._wide])

    def _turn(self, column: int) -> None:
        ascending = self._sorted_by == (column, Qt.SortOrder.AscendingOrder)
        self.sort_by(column, Qt.SortOrder.DescendingOrder if ascending else Qt.SortOrder.AscendingOrder)

    def _sort_by(self, column: int, order: Qt.SortOrder) -> None:
        self._sorted_by = (column, order) if column >= 0 else None
        self._show_in_order()

    def _show_in_order(self) -> None:
        order = list(range(len(self._rows)))
        if self._sorted_by is not None:
            column, direction = self._sorted_by
            known = [index for index in order if self._rows[index].keys[column] is not None]
            unknown = [index for index in order if self._rows[index].keys[column] is None]
            known.sort(
                key=lambda index: _comparable(self._rows[index].keys[column]),
                reverse=direction == Qt.SortOrder.DescendingOrder,
            )
            order = known + unknown
        self._order = tuple(order)
        cells = [self._rows[index].cells for index in order]
        self.cells.set_cells(self._columns, cells, numbers=self._numbers)


def _comparable(key: Key) -> tuple[float, str]:
    return (0.0, key.casefold()) if isinstance(key, str) else (key or 0.0, "")
