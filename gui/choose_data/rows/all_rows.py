"""All prepared rows in a table: searched, filtered, sorted, and edited.

Opens the rows when it is unfolded, in a background thread; a row's tokens are requested through `row_requested`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from engine.contract.row_edits import RowChange
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from gui.choose_data.rows.edit_form import EditForm
from gui.choose_data.rows.row_filters import RowFilters
from gui.choose_data.rows.row_finder import FoundLines, FoundRows, Report, RowFinder, SearchProgress
from gui.choose_data.rows.row_search import SortKey
from gui.choose_data.rows.rows_table import RowsTable
from gui.components.card import Card
from gui.components.keys import Keys, sequences
from gui.components.plain_label import PlainLabel
from gui.components.throttle import Debounce
from gui.design.theme import SPACE, TABLE_ROW
from gui.rows.prepared_rows import Positions, PreparedRows
from gui.rows.row_edits import RowEdits

ROWS_IN_SIGHT = 11
DELAY = 120  # milliseconds after the last key before a search begins, or before a row's tokens are requested
SLOW_AFTER = 300  # milliseconds of work before a bar shows it
_NO_LINES = np.zeros(0, dtype=np.int64)


class AllRows(Card):
    """A button that unfolds the table."""

    row_requested = Signal(str, int)  # split, index from 0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Sentence("gui.choose_data.all_rows"), parent)
        self._dataset: PreparedDataset | None = None
        self._finder: RowFinder | None = None
        self._sort: tuple[SortKey, bool] = ("", False)
        self._shown_sort: tuple[SortKey, bool] = ("", False)
        self._search = 0  # the number of the newest search; 0: none counts
        self._searching = False  # the newest search is for a text
        self._hits: Positions = _NO_LINES  # lines that hold the text, where others are shown too
        self._only_hits = True
        self._total = 0
        self.edits = RowEdits()
        self.show_button = QPushButton(Sentence("gui.choose_data.show_all_rows"))
        self.show_button.setCheckable(True)
        self.filters = RowFilters()
        self.amount = PlainLabel(role="secondary", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(140)
        self.bar.setAccessibleName(Sentence("gui.choose_data.search_progress"))
        self.cancel = QPushButton(Sentence("gui.choose_data.cancel"))
        self.cancel.setProperty("kind", "quiet")
        policy = self.cancel.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the table stays where it is when work begins
        self.cancel.setSizePolicy(policy)
        self.table = RowsTable(self.edits)
        self.table.setAccessibleName(Sentence("gui.choose_data.all_rows"))
        self.table.setFixedHeight((ROWS_IN_SIGHT + 1) * TABLE_ROW + 12)
        self.edit_form = EditForm(self.table, self.edits)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(SPACE)
        body.addWidget(self.filters)
        line = QHBoxLayout()
        line.setSpacing(SPACE)
        line.addWidget(self.amount, 1)
        line.addWidget(self.bar)
        line.addWidget(self.cancel)
        body.addLayout(line)
        body.addWidget(self.table)
        body.addWidget(self.edit_form)
        top = QHBoxLayout()
        top.addWidget(self.show_button)
        top.addStretch(1)
        self.column.addLayout(top)
        self.column.addWidget(self._body)
        self._body.hide()
        self._pause = Debounce(self, DELAY, self._find)
        self._rest = Debounce(self, DELAY, self._request_row)
        self._slow = Debounce(self, SLOW_AFTER, self._show_bar)
        self._show_work(False)
        self._find_key = self._shortcut(QKeySequence.StandardKey.Find)
        self._find_key.activated.connect(self.filters.go_to_search)
        self._next_key = self._shortcut("F3", QKeySequence.StandardKey.FindNext)
        self._next_key.activated.connect(self._next_hit)
        self._previous_key = self._shortcut("Shift+F3", QKeySequence.StandardKey.FindPrevious)
        self._previous_key.activated.connect(self._previous_hit)
        self.show_button.toggled.connect(self._unfold)
        self.filters.typed.connect(self._pause.request)
        self.filters.changed.connect(self._find)
        self.filters.step_requested.connect(self.step)
        self.cancel.clicked.connect(self.stop)
        self.table.sort_requested.connect(self._sort_by)
        self.table.row_chosen.connect(self._choose)

    def show_dataset(self, dataset: PreparedDataset) -> None:
        """Shows the rows of this data set, at once where the table is unfolded."""
        self.close_rows()
        self._dataset = dataset
        names = {name for split in dataset.splits.values() for name in split.labels}
        labels = [name for name in dataset.label_names if name in names]
        labels += sorted(names - set(labels))
        labels = labels if dataset.target_scale is None else []
        self.filters.offer(list(dataset.splits), labels)
        self.table.rows.show_task(dataset.task, dataset.label_names)
        self.edit_form.show_dataset(dataset, labels)
        if self.show_button.isChecked():
            self._open()

    def show_edits(self, changes: tuple[RowChange, ...]) -> None:
        """Takes these as the user's edits."""
        self.edit_form.show_edits(changes)

    def close_rows(self) -> None:
        """Closes the files."""
        for timer in (self._pause, self._rest, self._slow):
            timer.stop()
        if self._finder is not None:
            self._finder.cancel()
            self._finder.deleteLater()
            self._finder = None
        self._show_work(False)
        self._total = 0
        self._hits = _NO_LINES
        self.table.rows.set_rows(None)

    def step(self, direction: int) -> None:
        """Goes to the next hit (1) or the one before (-1), wrapping around at the ends."""
        lines = self.table.rows.rowCount() if self._only_hits else len(self._hits)
        if not self._searching or not lines:
            return
        line = self.table.currentIndex().row()
        if self._only_hits:
            place = (line + direction) % lines if line >= 0 else (0 if direction > 0 else lines - 1)
            self.table.go_to_line(place)
        else:
            side = "right" if direction > 0 else "left"
            place = int(np.searchsorted(self._hits, line, side=side)) - (direction < 0)  # type: ignore[call-overload]
            self.table.go_to_line(int(self._hits[place % lines]))
        self._show_place()

    def stop(self) -> None:
        """Stops searching or sorting; what is shown stays."""
        if self._finder is not None and self._total:
            self._finder.cancel()
            self._search = 0
            self._show_work(False)
            self._sort = self._shown_sort
            self.table.mark_order(*self._sort)
            self.amount.setText(Sentence("gui.choose_data.search_stopped", amount=self._amount()))

    # ── Opening ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _unfold(self, unfolded: bool) -> None:
        self.show_button.setText(
            Sentence("gui.choose_data.hide_all_rows" if unfolded else "gui.choose_data.show_all_rows")
        )
        self._body.setVisible(unfolded)
        if unfolded:
            self._open()
        else:
            self.close_rows()

    def _open(self) -> None:
        if self._dataset is None:
            return
        finder = self._finder = RowFinder(self._dataset, self)
        finder.opened.connect(self._opened)
        finder.failed.connect(self._show_failure)
        finder.reported.connect(self._take_report)
        finder.finished.connect(self._finished)
        self.amount.setText(Sentence("gui.choose_data.opening_rows"))
        self.table.set_loading(True)
        finder.start()

    def _opened(self, rows: PreparedRows) -> None:
        self._total = len(rows)
        self.table.set_loading(False)
        self.table.rows.set_rows(rows)
        self._find()

    def _show_failure(self, details: str) -> None:
        self.table.set_loading(False)
        self._show_work(False)
        self.amount.setText(Sentence("gui.choose_data.prepared_unreadable"))

    # ── Finding ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _sort_by(self, key: SortKey, descending: bool) -> None:
        self._sort = key, descending
        self._find()

    def _find(self) -> None:
        if self._finder is None or not self._total:
            return
        key, descending = self._sort
        edits = self.edits
        query = replace(
            self.filters.query(),
            sort=key,
            descending=descending,
            changes=edits.changes,
            applied=edits.applied,
            column=edits.column,
        )
        self._searching, self._only_hits = bool(query.text), query.only_hits or not query.text
        self._hits = _NO_LINES
        self.filters.show_place("")
        self._search = self._finder.find(query)
        self._slow.request()

    def _take_report(self, search: int, report: Report) -> None:
        if search != self._search:
            return
        match report:
            case FoundRows():
                if report.fresh:
                    self.table.rows.show_positions(report.positions)
                    self._shown_sort = self._sort
                else:
                    self.table.rows.add_positions(report.positions)
                self.amount.setText(Sentence("gui.choose_data.search_so_far", amount=self._amount()))
            case FoundLines():
                self._hits = report.lines
            case SearchProgress():
                self.bar.setRange(0, report.total)
                self.bar.setValue(report.done)

    def _finished(self, search: int) -> None:
        if search == self._search:
            self._show_work(False)
            self.amount.setText(self._amount())
            self._show_place()
            self.edit_form.show_selected()

    def _amount(self) -> str:
        shown = self.table.rows.rowCount()
        if shown == self._total:
            return Sentence("gui.choose_data.rows_number", rows=self._total)
        return Sentence("gui.choose_data.of_rows", shown=shown, rows=self._total)

    def _show_place(self) -> None:
        if not self._searching:
            self.filters.show_place("")
            return
        line = self.table.currentIndex().row()
        found = self.table.rows.rowCount() if self._only_hits else len(self._hits)
        place = line if self._only_hits else int(np.searchsorted(self._hits, line))
        at_hit = line >= 0 and (self._only_hits or (place < found and int(self._hits[place]) == line))
        if at_hit:
            self.filters.show_place(Sentence("gui.choose_data.hit_of", place=place + 1, found=found))
        elif found:
            self.filters.show_place(Sentence("gui.choose_data.hits_found", found=found))
        else:
            self.filters.show_place(Sentence("gui.choose_data.none_found"))

    def _next_hit(self) -> None:
        self.step(1)

    def _previous_hit(self) -> None:
        self.step(-1)

    # ── One row ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _choose(self) -> None:
        self._rest.request()
        if self._searching:
            self._show_place()

    def _request_row(self) -> None:
        row = self.table.current_row()
        if row is not None:
            self.row_requested.emit(row.split, row.index)

    # ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _show_bar(self) -> None:
        self._show_work(True)

    def _show_work(self, working: bool) -> None:
        if not working:
            self._slow.stop()
        self.bar.setVisible(working)
        self.cancel.setVisible(working)

    def _shortcut(self, *keys: Keys) -> QShortcut:
        shortcut = QShortcut(self)
        shortcut.setKeys(sequences(*keys))
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return shortcut
