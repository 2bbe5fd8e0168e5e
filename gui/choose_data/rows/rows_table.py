"""A table over prepared rows of any number: only cells in sight are read; sorting and searching happen elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import get_args

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from engine.contract.formatting import number, split_name
from engine.contract.row_edits import RowChange, words_text
from engine.contract.sentences import Sentence
from engine.contract.settings import SplitName, TaskName
from engine.tasks.facts import BETWEEN_LABELS, TaskFacts
from engine.tasks.registry import DEFAULT_TASK, task_facts
from gui.choose_data.rows.row_search import SortKey
from gui.components.data_table import CELL_PADDING, AnyIndex, CellsModel, DataTable
from gui.components.plain_text import on_one_line
from gui.design.theme import TABLE_ROW, theme
from gui.rows.label_editor import LabelEditor
from gui.rows.prepared_rows import Positions, PreparedRows, RowCells
from gui.rows.row_edits import RowEdits
from gui.rows.selected_lines import selected_lines, selected_text

ROW, SPLIT, TEXT, ANSWER, TOKENS, CHANGE = range(6)
KEYS: tuple[SortKey, ...] = ("row", "split", "text", "answer", "length", "change")
WIDTHS = {ROW: 84, SPLIT: 92, ANSWER: 160, TOKENS: 76, CHANGE: 150}  # pixels; the text takes the rest
NARROW_WIDTHS = {ROW: 60, SPLIT: 86, ANSWER: 104, TOKENS: 68, CHANGE: 112}
NARROW_BELOW = 760  # pixels
NARROWEST_TEXT = 120
PAIR_ROW = 44  # pixels of height, for two texts
_KEPT = 4_000  # rows read and kept
_NOWHERE = QModelIndex()
_NO_ROWS = np.zeros(0, dtype=np.int64)


class RowsModel(CellsModel):
    """Rows at positions that arrive bit by bit; an answer typed into a cell is emitted as `typed`."""

    typed = Signal(int, str)  # line, the answer as it was typed

    def __init__(self, edits: RowEdits, parent: QObject) -> None:
        super().__init__(parent)
        self._edits = edits
        self._facts = task_facts(DEFAULT_TASK)
        self._tag_names: tuple[str, ...] = ()
        self._rows: PreparedRows | None = None
        self._positions: Positions = _NO_ROWS
        self._cells_at: Callable[[int], RowCells] | None = None
        self._excluded_font = QFont()
        self._excluded_font.setStrikeOut(True)
        self.show_task(DEFAULT_TASK)

    def show_task(self, task: TaskName, tag_names: Sequence[str] = ()) -> None:
        """Names the columns after this task."""
        self._facts, self._tag_names = task_facts(task), tuple(tag_names)
        columns = (
            Sentence("gui.choose_data.row"),
            Sentence("gui.choose_data.split"),
            Sentence("gui.choose_data.text"),
            self._facts.column_title,
            Sentence("gui.choose_data.tokens"),
            Sentence("gui.choose_data.edit"),
        )
        numbers = (ROW, ANSWER, TOKENS) if self._facts.labels_are_numbers else (ROW, TOKENS)
        self.set_cells(columns, (), numbers=numbers)

    @property
    def is_pairs(self) -> bool:
        """Whether each row has two texts, one under the other."""
        return self._rows is not None and len(self._rows.inputs) > 1

    def set_rows(self, rows: PreparedRows | None) -> None:
        """Reads from these rows from now on; shows none yet."""
        self.beginResetModel()
        self._rows, self._positions = rows, _NO_ROWS
        self._cells_at = None if rows is None else lru_cache(maxsize=_KEPT)(rows.cells)
        self.endResetModel()

    def show_positions(self, positions: Positions) -> None:
        """Shows these rows instead of the last; the same ones stay as they are, selection included."""
        if not np.array_equal(positions, self._positions):
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

    def show_edits(self) -> None:
        """Shows the user's edits."""
        if len(self._positions):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._positions) - 1, CHANGE))

    def row_at(self, line: int) -> RowCells:
        """The row in this line."""
        assert self._cells_at is not None
        return self._cells_at(int(self._positions[line]))

    def text(self, row: int, column: int) -> str:
        cells = self.row_at(row)
        match column:
            case 0:
                return number(cells.line)
            case 1:
                return split_name(cells.split)
            case 2:
                return cells.text
            case 3:
                return self._facts.label_text(self._edits.answer_of(cells), cells.words, self._tag_names)
            case 4:
                return number(cells.length)
        return self._change_text(cells)

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._positions)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.EditRole:
            return self._written(index.row())
        if role == Qt.ItemDataRole.DisplayRole and index.column() == TEXT and self.is_pairs:
            return "\n".join(on_one_line(text) for text in self.row_at(index.row()).texts)
        if role in (Qt.ItemDataRole.ForegroundRole, Qt.ItemDataRole.FontRole) and index.isValid():
            change = self._edits.change_of(self.row_at(index.row()))
            if change is None:
                return None
            if role == Qt.ItemDataRole.FontRole:
                return self._excluded_font if change.leave_out and index.column() in (TEXT, ANSWER) else None
            if index.column() == CHANGE or (index.column() == ANSWER and change.new != change.old):
                return theme().color("accent")
            return theme().color("secondary") if change.leave_out else None
        return super().data(index, role)

    def setData(self, index: AnyIndex, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or str(value).strip() == self._written(index.row()):
            return False
        self.typed.emit(index.row(), str(value))
        return True

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == ANSWER and not self._facts.one_label_per_word:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def _written(self, line: int) -> str:
        """The answer as it is typed."""
        return BETWEEN_LABELS.join(self._edits.answer_of(self.row_at(line)))

    def _change_text(self, cells: RowCells) -> str:
        change = self._edits.change_of(cells)
        return "" if change is None else change_text(self._facts, cells, change)


class RowsTable(DataTable):
    """The view; the header asks for an order through `sort_requested`."""

    sort_requested = Signal(str, bool)  # SortKey, descending
    row_chosen = Signal()
    selected = Signal()
    answer_requested = Signal()  # Enter where answers are not typed into the cell

    def __init__(self, edits: RowEdits, parent: QWidget | None = None) -> None:
        super().__init__(parent, cells=lambda table: RowsModel(edits, table))
        assert isinstance(self.cells, RowsModel)
        self.rows = self.cells
        self.label_editor = LabelEditor(self)
        self.setItemDelegateForColumn(ANSWER, self.label_editor)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.verticalHeader().hide()
        self.rows.modelReset.connect(self._fit_rows)
        self.sort_by_header()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.sortIndicatorChanged.connect(self._sort)
        self.selectionModel().currentRowChanged.connect(self._choose)
        self.selectionModel().selectionChanged.connect(self.selected)

    def sort_by(self, key: SortKey, *, descending: bool = False) -> None:
        """Sorts by this column, as a click on its name does; an empty key takes the order of the file."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(KEYS.index(key) if key else -1, order)

    def mark_order(self, key: SortKey, descending: bool) -> None:
        """Shows this order in the header and requests nothing."""
        header = self.horizontalHeader()
        header.blockSignals(True)
        self.sort_by(key, descending=descending)
        header.blockSignals(False)
        header.viewport().update()

    def go_to_line(self, line: int) -> None:
        """Selects this line and scrolls there."""
        index = self.rows.index(line, max(0, self.currentIndex().column()))
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def current_row(self) -> RowCells | None:
        """The row of the cursor."""
        line = self.currentIndex().row()
        return self.rows.row_at(line) if 0 <= line < self.rows.rowCount() else None

    def selected_rows(self, most: int) -> list[RowCells]:
        """The selected rows, from the top, at most this many."""
        return [self.rows.row_at(line) for line in selected_lines(self, most)]

    def selected_text(self) -> str:
        """The selected rows as tab-separated lines, at most 10,000 of them."""
        return selected_text(self, self.rows.text, range(CHANGE))

    def write_answer(self) -> None:
        """Opens the editor of the current row's answer."""
        line = self.currentIndex().row()
        if line < 0 or self.state() == QAbstractItemView.State.EditingState:
            return
        index = self.rows.index(line, ANSWER)
        if self.rows.flags(index) & Qt.ItemFlag.ItemIsEditable:
            self.scrollTo(index)
            self.edit(index)
        else:
            self.answer_requested.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.write_answer()
            return
        super().keyPressEvent(event)

    def fit_columns(self) -> None:
        """The text takes what the other columns leave."""
        width = self.viewport().width()
        self._fitted_to = width
        widths = dict(WIDTHS if width >= NARROW_BELOW else NARROW_WIDTHS)
        longest = max(self.fontMetrics().horizontalAdvance(split_name(name)) for name in get_args(SplitName))
        widths[SPLIT] = max(widths[SPLIT], longest + CELL_PADDING)
        for column, pixels in widths.items():
            self.setColumnWidth(column, pixels)
        self.setColumnWidth(TEXT, max(NARROWEST_TEXT, width - sum(widths.values())))

    def _fit_rows(self) -> None:
        height = PAIR_ROW if self.rows.is_pairs else TABLE_ROW
        if self.verticalHeader().defaultSectionSize() != height:
            self.verticalHeader().setDefaultSectionSize(height)

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        key = KEYS[column] if 0 <= column < len(KEYS) else ""
        self.sort_requested.emit(key, order == Qt.SortOrder.DescendingOrder)

    def _choose(self, chosen: AnyIndex) -> None:
        if chosen.isValid():
            self.row_chosen.emit()


def change_text(facts: TaskFacts, cells: RowCells, change: RowChange) -> str:
    """The user's edit in a few words."""
    if change.leave_out:
        return Sentence("gui.choose_data.excluded")
    if facts.one_label_per_word:
        return words_text(change)
    return Sentence("gui.choose_data.was", label=facts.label_text(change.old, cells.words, ()))
