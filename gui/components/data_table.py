"""A table of strings as they are in a file: read-only, selectable, copyable.

All cells are foreign text. They are drawn as plain text on one line, shortened with an ellipsis, and shown whole in a
tooltip that is escaped, so that nothing in a file is ever read as markup.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from engine.contract.formatting import number, spreadsheet_cell
from engine.contract.sentences import Sentence
from gui.components.page_scroll import turn_unless_page
from gui.components.plain_text import LONGEST_TOOLTIP, on_one_line, tooltip
from gui.components.saving import offer_table
from gui.design.theme import HALF, SPACE, TABLE_ROW, theme

WIDEST_COLUMN = 420  # pixels a column takes unless the user widens it
NARROWEST_COLUMN = 56
COLLAPSED_COLUMN = 92  # pixels
SHARE_OF_MAIN_COLUMNS = 0.7  # of the width, which they have before the collapsed ones
CELL_PADDING = 24  # left and right of a text together
FRAME = 2
LOOKED_AT_TO_WRAP = 50  # rows
_BREAKS = re.compile(r"(?<=[_\-/.:])(?=\w)|(?<=[a-z])(?=[A-Z])")  # where the name of a label may go on in the next line
SHARE_OF_TWO_LINES = 0.8  # of the rows that would be in sight, where each takes two lines
FEWEST_OF_TWO_LINES = 5  # all of which are in sight
NARROWEST_LONG_COLUMN = 140  # pixels; below that the table scrolls sideways

AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class CellsModel(QAbstractTableModel):
    """Columns and rows of strings; columns named in `numbers` are aligned to the right."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[str, ...] = ()
        self._cells: tuple[tuple[str, ...], ...] = ()
        self._numbers: frozenset[int] = frozenset()
        self._row_names: tuple[str, ...] = ()

    def set_cells(
        self,
        columns: Sequence[str],
        cells: Sequence[Sequence[str]],
        *,
        numbers: Sequence[int] = (),
        row_names: Sequence[str] = (),
    ) -> None:
        """Shows these cells. `numbers` are positions of columns; rows are counted from 1 where they have no names."""
        self.beginResetModel()
        self._columns = tuple(columns)
        self._cells = tuple(tuple(row) for row in cells)
        self._numbers = frozenset(numbers)
        self._row_names = tuple(row_names)
        self.endResetModel()

    def text(self, row: int, column: int) -> str:
        """The whole cell; empty where a row is shorter than the header."""
        cells = self._cells[row]
        return cells[column] if column < len(cells) else ""

    def column_name(self, column: int) -> str:
        """The whole name of a column."""
        return self._columns[column]

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._cells)

    def columnCount(self, parent: AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        text = self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return on_one_line(text)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(text)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.column_name(index.column())}: {text[:LONGEST_TOOLTIP]}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            across = Qt.AlignmentFlag.AlignRight if index.column() in self._numbers else Qt.AlignmentFlag.AlignLeft
            return across | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical:
            if role == Qt.ItemDataRole.DisplayRole:
                named = section < len(self._row_names)
                return on_one_line(self._row_names[section]) if named else number(section + 1)
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return on_one_line(self._columns[section])
        if role == Qt.ItemDataRole.UserRole:
            return self._columns[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(self._columns[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            across = Qt.AlignmentFlag.AlignRight if section in self._numbers else Qt.AlignmentFlag.AlignLeft
            return across | Qt.AlignmentFlag.AlignVCenter
        return None


class BothEnds(QStyledItemDelegate):
    """Draws both ends of a long text: labels often begin alike. In rows of two lines it breaks within a name."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle
        table = self.parent()
        if isinstance(table, DataTable) and table.row_height() > TABLE_ROW:
            option.text = _BREAKS.sub("\u200b", option.text)
            option.features |= QStyleOptionViewItem.ViewItemFeature.WrapText


class TwoLines(QStyledItemDelegate):
    """Wraps a text; what does not fit into the height of its row ends in an ellipsis."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        super().initStyleOption(option, index)
        option.features |= QStyleOptionViewItem.ViewItemFeature.WrapText


class DataTable(QTableView):
    """The view: rows 28 high, no grid boxes, whole cells in tooltips, Ctrl+C copies the selection as a table."""

    opened = Signal(QModelIndex)  # a cell, by Enter or a double click on every desktop
    _lines_shown = 0  # here, since Qt asks for it before there is a header to measure

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        spread: bool = False,
        narrowest_long: int = NARROWEST_LONG_COLUMN,
        cells: Callable[[DataTable], CellsModel] = CellsModel,
    ) -> None:
        """With `spread`, all columns share spare width; otherwise the widest takes it.

        Long columns shrink down to `narrowest_long` pixels before the table scrolls sideways. `cells` makes
        the model.
        """
        super().__init__(parent)
        self._spread = spread
        self._narrowest_long = narrowest_long
        self._fitted_to = -1  # the width the columns were fitted to
        self._collapsed: frozenset[int] = frozenset()
        self.cells = cells(self)
        self._loading = False
        self._wrapped: int | None = None
        self.setModel(self.cells)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(False)
        self.setTabKeyNavigation(False)  # Tab leaves the table, arrows move in it
        self.setCornerButtonEnabled(False)
        rows = self.verticalHeader()
        rows.setDefaultSectionSize(TABLE_ROW)
        rows.setMinimumSectionSize(TABLE_ROW)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setHighlightSections(False)
        rows.setStyleSheet("QHeaderView::section { border: none; font-weight: normal; }")
        self.style_header()
        self.copy_action = QAction(Sentence("gui.components.copy"), self)
        self.addAction(self.copy_action)
        offer_table(self, lambda row, column: self.cells.text(row, column))
        self.copy_action.triggered.connect(self.copy_selection)
        self.doubleClicked.connect(self.opened)

    def style_header(self) -> None:
        """Styles the present header of the columns; call it after setting another one."""
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(NARROWEST_COLUMN)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)  # a style sheet leaves a name cut off without a sign
        header.setStyleSheet("QHeaderView::section { padding: 0 11px; }")  # as the cells below

    def show_both_ends(self, *columns: int) -> None:
        """Lets an ellipsis in these columns be in the middle."""
        delegate = BothEnds(self)
        for column in columns:
            self.setItemDelegateForColumn(column, delegate)

    def wrap_column(self, column: int) -> None:
        """Lets the texts of this column take two lines where one is too short for them (`wrap_if_cut`)."""
        self.setItemDelegateForColumn(column, TwoLines(self))
        self._wrapped = column
        self.cells.modelReset.connect(self._other_rows)

    def wrap_if_cut(self) -> None:
        """Gives rows two lines where one would cut texts of the wrapped column, by the first rows.

        Other rows may go back to one; a change of width may not, or the height, the scroll bar that comes and goes with
        it, and the width would chase each other.
        """
        if self._wrapped is None or self.row_height() > TABLE_ROW:
            return
        room = self.columnWidth(self._wrapped) - CELL_PADDING
        cells = QFontMetrics(self.font())
        looked = range(min(LOOKED_AT_TO_WRAP, self.cells.rowCount()))
        texts = (on_one_line(self.cells.text(row, self._wrapped), 200) for row in looked)
        if any(cells.horizontalAdvance(text) > room for text in texts):
            self._set_row_height(TABLE_ROW + cells.lineSpacing())

    def _other_rows(self) -> None:
        self._set_row_height(TABLE_ROW)
        self.wrap_if_cut()

    def _set_row_height(self, pixels: int) -> None:
        if pixels != self.row_height():
            self.verticalHeader().setDefaultSectionSize(pixels)
            if self._lines_shown:
                self.show_height_for(self._lines_shown)

    def row_height(self) -> int:
        """Pixels of each row."""
        return self.verticalHeader().defaultSectionSize()

    def show_height_for(self, rows: int) -> None:
        """Takes the height of so many rows and the header; fewer rows of two lines."""
        self._lines_shown = rows
        if self.row_height() > TABLE_ROW:
            rows = min(rows, max(FEWEST_OF_TWO_LINES, math.ceil(SHARE_OF_TWO_LINES * rows)))
        fitting = max(1, rows) * self.row_height()
        self.setFixedHeight(fitting + self.horizontalHeader().sizeHint().height() + 2 * FRAME)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._lines_shown:
            self.show_height_for(self._lines_shown)  # filled before it joined its window

    def sort_by_header(self) -> None:
        """Lets a click on a column's name ask for an order, and a third one for none; call it once."""
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def set_loading(self, loading: bool) -> None:
        """Shows grey bars instead of rows until there is something to show."""
        if loading != self._loading:
            self._loading = loading
            self.viewport().update()

    def collapse(self, columns: Collection[int]) -> None:
        """Leaves these columns, which matter less, little width; `fit_columns` follows."""
        self._collapsed = frozenset(columns)
        self.fit_columns()

    def fit_columns(self) -> None:
        """Gives every column the width it needs, long texts a bounded one, and what is left over to the widest."""
        columns = self.cells.columnCount()
        self._fitted_to = self.viewport().width()
        if columns == 0:
            return
        widths = []
        for column in range(columns):
            wanted = max(self.sizeHintForColumn(column), self.horizontalHeader().sectionSizeHint(column)) + HALF
            widest = COLLAPSED_COLUMN if column in self._collapsed else WIDEST_COLUMN
            widths.append(max(NARROWEST_COLUMN, min(wanted, widest)))
        needed = widths
        widths = _lowered(widths, self._fitted_to, self._narrowest_long)
        if self._collapsed:  # these may scroll out of sight, so that the others can be read
            main = [column for column in range(columns) if column not in self._collapsed]
            widths = _raised(widths, needed, main, int(SHARE_OF_MAIN_COLUMNS * self._fitted_to))
        spare = self._fitted_to - sum(widths)
        if spare > 0 and self._spread:
            widths = [width + spare // columns for width in widths]
        elif spare > 0:
            widths[max(range(columns), key=widths.__getitem__)] += spare
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.viewport().width() != self._fitted_to:
            self.fit_columns()

    def selected_text(self) -> str:
        """The selected cells as tab-separated lines, whole texts, quoted where they hold tabs or line breaks."""
        chosen = sorted((index.row(), index.column()) for index in self.selectedIndexes())
        lines: dict[int, list[str]] = {}
        for row, column in chosen:
            lines.setdefault(row, []).append(_quoted(self.cells.text(row, column)))
        return "\n".join("\t".join(cells) for cells in lines.values())

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn_unless_page(event, super().wheelEvent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._loading:
            super().paintEvent(event)
            return
        painter = QPainter(self.viewport())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("line"))
        width = self.viewport().width()
        for row in range(self.viewport().height() // TABLE_ROW):
            long = width * (0.35 + 0.11 * (row * 3 % 4))
            painter.drawRoundedRect(QRectF(2 * SPACE, row * TABLE_ROW + 9, long, 10), 5, 5)
            painter.drawRoundedRect(QRectF(width * 0.8, row * TABLE_ROW + 9, width * 0.12, 10), 5, 5)
        painter.end()

    def copy_selection(self) -> None:
        """Puts the selected cells onto the clipboard."""
        text = self.selected_text()
        if text:
            QGuiApplication.clipboard().setText(text)


def _lowered(widths: Sequence[int], room: int, narrowest: int) -> list[int]:
    """The widths with the widest cut to one height until all fit, as far as columns stay readable."""
    ceiling = max(widths)
    while ceiling > narrowest and sum(min(width, ceiling) for width in widths) > room:
        ceiling -= 1
    return [min(width, ceiling) for width in widths]


def _raised(widths: Sequence[int], needed: Sequence[int], main: Sequence[int], room: int) -> list[int]:
    """The widths with these columns as wide as they need, the widest first, as far as together they fit the room."""
    raised = list(widths)
    left = room - sum(widths[column] for column in main)
    for column in sorted(main, key=needed.__getitem__, reverse=True):
        more = max(0, min(needed[column] - raised[column], left))
        raised[column] += more
        left -= more
    return raised


def _quoted(text: str) -> str:
    text = spreadsheet_cell(text)
    if any(sign in text for sign in '\t\n\r"'):
        return '"' + text.replace('"', '""') + '"'
    return text
