"""All prepared rows in a table: searched, filtered, sorted, and put right.

Opens the rows when it is unfolded, beside the window's own thread; asks for a row's tokens through `row_wanted`.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from engine.row_changes import MOST_CHANGES, RowChange
from engine.states import PreparedDataset
from engine.words import count
from gui.prepared_rows import Positions, PreparedRows, RowQuery, SortKey
from gui.row_finder import RowFinder
from gui.theme import SPACE, TABLE_ROW
from gui.widgets.card import Card
from gui.widgets.change_bar import ChangeBar
from gui.widgets.data_table import on_one_line
from gui.widgets.plain_label import PlainLabel
from gui.widgets.row_inspector import SPLIT_NAMES
from gui.widgets.rows_table import RowsTable

ROWS_IN_SIGHT = 11
PATIENCE = 120  # milliseconds after the last key before a search begins


class AllRows(Card):
    """A button that unfolds the table."""

    row_wanted = Signal(str, int)  # split, index from 0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("All rows", parent)
        self._dataset: PreparedDataset | None = None
        self._finder: RowFinder | None = None
        self._sort: tuple[SortKey, bool] = ("", False)
        self._wish = 0
        self._fresh = False  # the next positions take the place of the last
        self._total = 0
        self.show_button = QPushButton("Show all rows")
        self.show_button.setCheckable(True)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search the texts")
        self.search.setAccessibleName("Search the texts")
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)
        self.split_choice, self.label_choice = QComboBox(), QComboBox()
        self.split_choice.setAccessibleName("Split of the rows shown")
        self.label_choice.setAccessibleName("Label of the rows shown")
        self.label_choice.setMaximumWidth(220)
        self.amount = PlainLabel(role="secondary", wrap=True)
        self.table = RowsTable()
        self.table.setAccessibleName("All rows")
        self.table.setFixedHeight((ROWS_IN_SIGHT + 1) * TABLE_ROW + 12)
        self.changes = ChangeBar()
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(SPACE)
        filters = QHBoxLayout()
        filters.setSpacing(SPACE)
        filters.addWidget(self.search, 1)
        filters.addWidget(self.split_choice)
        filters.addWidget(self.label_choice)
        body.addLayout(filters)
        for widget in (self.amount, self.table, self.changes):
            body.addWidget(widget)
        top = QHBoxLayout()
        top.addWidget(self.show_button)
        top.addStretch(1)
        self.column.addLayout(top)
        self.column.addWidget(self._body)
        self._body.hide()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PATIENCE)
        self._pause.timeout.connect(self._find)
        self.show_button.toggled.connect(self._unfold)
        self.search.textChanged.connect(self._pause.start)
        self.split_choice.activated.connect(self._find)
        self.label_choice.activated.connect(self._find)
        self.table.sort_wanted.connect(self._sort_by)
        self.table.row_chosen.connect(lambda cells: self.row_wanted.emit(cells.split, cells.index))
        self.table.selectionModel().selectionChanged.connect(
            lambda: self.changes.show_selected(self.table.selected_rows(MOST_CHANGES))
        )
        self.changes.changed.connect(self.table.rows.show_changes)

    def show_dataset(self, dataset: PreparedDataset) -> None:
        """Shows the rows of this data set, at once where the table is unfolded."""
        self.close_rows()
        self._dataset = dataset
        for choice, everything in ((self.split_choice, "All splits"), (self.label_choice, "All labels")):
            choice.clear()
            choice.addItem(everything, "")
        for name in dataset.splits:
            self.split_choice.addItem(SPLIT_NAMES.get(name, name), name)
        names = {name for split in dataset.splits.values() for name in split.labels}
        labels = [name for name in dataset.label_names if name in names]
        labels += sorted(names - set(labels))
        for name in labels if dataset.target_scale is None else ():
            self.label_choice.addItem(on_one_line(name, 80), name)
        self.label_choice.setVisible(dataset.target_scale is None)
        self.changes.show_task(dataset.task, labels, dataset.settings.changes)
        if self.show_button.isChecked():
            self._open()

    def show_changes(self, changes: tuple[RowChange, ...]) -> None:
        """Takes these as the user's changes."""
        self.changes.show_changes(changes, forget=True)
        self.table.rows.show_changes(changes)

    def close_rows(self) -> None:
        """Lets go of the files."""
        if self._finder is not None:
            self._finder.close()
            self._finder.deleteLater()
            self._finder = None
        self.table.rows.set_rows(None)

    def _unfold(self, unfolded: bool) -> None:
        self.show_button.setText("Hide all rows" if unfolded else "Show all rows")
        self._body.setVisible(unfolded)
        if unfolded:
            self._open()
        else:
            self.close_rows()

    def _open(self) -> None:
        if self._dataset is None:
            return
        finder = self._finder = RowFinder(self._dataset)
        self.destroyed.connect(lambda: finder.close())
        finder.opened.connect(self._opened)
        finder.failed.connect(lambda _details: self._say_failed())
        finder.found.connect(self._found)
        finder.finished.connect(self._finished)
        self.amount.setText("The rows are being opened.")
        self.table.set_loading(True)
        finder.start()

    def _opened(self, rows: PreparedRows) -> None:
        if self._finder is None:
            return
        self._total = len(rows)
        self.table.set_loading(False)
        self.table.rows.set_rows(rows)
        self._find()

    def _say_failed(self) -> None:
        self.table.set_loading(False)
        self.amount.setText("The prepared rows cannot be read. Prepare the data again.")

    def _sort_by(self, key: SortKey, descending: bool) -> None:
        self._sort = key, descending
        self._find()

    def _find(self) -> None:
        if self._finder is not None and self._total:
            split, label = str(self.split_choice.currentData()), str(self.label_choice.currentData())
            key, descending = self._sort
            self._fresh = True
            self._wish = self._finder.find(RowQuery(self.search.text(), split, label, key, descending))

    def _found(self, wish: int, positions: Positions) -> None:
        if wish != self._wish:
            return
        if self._fresh:
            self.table.rows.show_positions(positions)
            self._fresh = False
        else:
            self.table.rows.add_positions(positions)
        self._say_amount(" so far")

    def _finished(self, wish: int) -> None:
        if wish == self._wish:
            if self._fresh:
                self.table.rows.show_positions(self.table.rows.no_positions())
                self._fresh = False
            self._say_amount("")

    def _say_amount(self, tail: str) -> None:
        shown = self.table.rows.rowCount()
        amount = count(self._total, "row")
        self.amount.setText(amount if shown == self._total else f"{shown:,} of {amount}{tail}")
