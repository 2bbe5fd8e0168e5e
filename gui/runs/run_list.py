"""Every run on disk in a plain table: open it, continue it, rename it, compare it with others, delete it and undo that.

A click on a column's title sorts; pinned runs stay on top. With the keyboard: Enter opens, F2 renames, Delete deletes,
Ctrl+Z undoes, Shift and Ctrl select several.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.contract.sentences import Sentence
from engine.reporting.run_report import run_report
from engine.workspace.runs import RunRow
from gui.components.keys import delete_keys, shown
from gui.components.layouts import FlowRow, OneAtATime
from gui.components.plain_label import PlainLabel
from gui.components.saving import offer_table, save_file
from gui.design.theme import INSIDE, SPACE, TABLE_ROW
from gui.runs.run_comparison import RunComparison
from gui.runs.run_index import RunIndex
from gui.runs.run_table import CURVE, NAME, NOTE, SETTINGS, TEST, TIME, VALIDATION, RunTable, Sparkline

WIDTHS = (0, 112, 132, 178, 84, 112, 76, 150, 220)
SETTINGS_FROM = 980  # pixels of width, where the settings that differ have room; below, the name's line shows them
CURVE_FROM = 860  # pixels of width, where curves have room beside names
TIME_FROM = 760  # pixels of width, where the time of training has; a comparison holds it too
NOTE_FROM = 1_120  # pixels of width, where notes have a column; below, the selected run's is under the table
MOST_COMPARED = 6  # the theme's series


class RunList(QWidget):
    """The table with its buttons; a deleted run can be taken back in the same place."""

    evaluate_pressed = Signal(object)  # RunRow
    export_pressed = Signal(object)
    continue_pressed = Signal(object)

    def __init__(self, index: RunIndex, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = index
        self._binned: RunRow | None = None
        self.model = RunTable(self)
        self.table = self._make_table()
        self.empty = PlainLabel(Sentence("gui.runs.no_runs_yet_every_training"), role="quiet", wrap=True)
        self.evaluate_button = QPushButton(Sentence("gui.runs.open_evaluate"))
        self.export_button = QPushButton(Sentence("gui.runs.open_export"))
        self.continue_button = QPushButton(Sentence("gui.runs.continue"))
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(Sentence("gui.runs.filter_name_data_status_note"))
        self.filter.setAccessibleName(Sentence("gui.runs.filter_runs"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaxLength(200)
        self.no_match = PlainLabel(Sentence("gui.runs.no_run_holds"), role="quiet")
        self.pin_button = QPushButton(Sentence("gui.runs.pin"))
        self.pin_button.setToolTip(Sentence("gui.runs.keeps_run_top_however_list"))
        self.note_button = QPushButton(Sentence("gui.runs.note"))
        self.note_button.setToolTip(Sentence("gui.runs.writes_note_beside_run"))
        self.rename_button = QPushButton(Sentence("gui.runs.rename"))
        self.rename_button.setToolTip(Sentence("gui.runs.gives_run_another_name_f2"))
        self.report_button = QPushButton(Sentence("gui.runs.report"))
        self.report_button.setToolTip(Sentence("gui.runs.saves_one_html_page_about"))
        self.compare_button = QPushButton(Sentence("gui.runs.compare"))
        self.compare_button.setToolTip(Sentence("gui.runs.select_two_runs_ctrl_shift", most_compared=MOST_COMPARED))
        self.delete_button = QPushButton(Sentence("gui.runs.delete"))
        self.delete_button.setProperty("kind", "danger")
        undo_keys = shown(QKeySequence.StandardKey.Undo)
        self.delete_button.setToolTip(Sentence("gui.runs.moves_run_bin_undo_brings", undo_keys=undo_keys))
        self._buttons = QWidget()
        row = FlowRow(self._buttons, gap=SPACE, line_gap=SPACE)
        for button in (self.evaluate_button, self.export_button, self.continue_button):
            row.addWidget(button)
        for button in (
            self.pin_button,
            self.note_button,
            self.rename_button,
            self.compare_button,
            self.report_button,
            self.delete_button,
        ):
            row.addWidget(button)
        self.settings = PlainLabel(role="secondary", elide=True)

        self.bin_bar = QFrame()
        self.bin_bar.setProperty("kind", "banner-caution")
        self.bin_sentence = PlainLabel(wrap=True)
        self.undo_button = QPushButton(Sentence("gui.runs.undo"))
        self.empty_button = QPushButton(Sentence("gui.runs.delete_good"))
        self.empty_button.setProperty("kind", "danger")
        self.empty_button.setToolTip(Sentence("gui.runs.deletes_everything_bin_there_no"))
        line = QHBoxLayout(self.bin_bar)
        line.setContentsMargins(INSIDE, SPACE, INSIDE, SPACE)
        line.addWidget(self.bin_sentence, 1)
        line.addWidget(self.undo_button)
        line.addWidget(self.empty_button)
        self.bin_bar.hide()

        self.comparison = RunComparison()
        self._list = QWidget()
        column = QVBoxLayout(self._list)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(INSIDE)
        column.addWidget(self.empty)
        column.addWidget(self.filter)
        column.addWidget(self.no_match)
        column.addWidget(self.table, 1)
        column.addWidget(self.settings)
        column.addWidget(self.bin_bar)
        column.addWidget(self._buttons)
        column.addStretch(0)
        self._views = OneAtATime()
        self._views.addWidget(self._list)
        self._views.addWidget(self.comparison)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._views)
        self._connect()
        self._show()

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setAccessibleName(Sentence("gui.runs.runs"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        table.setItemDelegateForColumn(CURVE, Sparkline(table))
        offer_table(table)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(TABLE_ROW)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self._sort)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for section, width in enumerate(WIDTHS[1:], start=1):
            header.resizeSection(section, width)
        return table

    def _connect(self) -> None:
        self.table.selectionModel().selectionChanged.connect(self._selected)
        self.table.activated.connect(self._activated)
        self.evaluate_button.clicked.connect(lambda: self._emit(self.evaluate_pressed))
        self.export_button.clicked.connect(lambda: self._emit(self.export_pressed))
        self.continue_button.clicked.connect(lambda: self._emit(self.continue_pressed))
        self.filter.textChanged.connect(self._filter)
        self.pin_button.clicked.connect(self._pin)
        self.note_button.clicked.connect(lambda: self._edit(NOTE))
        self.rename_button.clicked.connect(lambda: self._edit(NAME))
        self.model.noted.connect(self._index.note)
        self.compare_button.clicked.connect(self._compare)
        self.report_button.clicked.connect(self._save_report)
        self.delete_button.clicked.connect(self._delete)
        self.undo_button.clicked.connect(self._undo)
        self.empty_button.clicked.connect(self._empty_bin)
        self.comparison.ended.connect(self._end_comparison)
        self.model.renamed.connect(self._index.rename)
        self._index.binned.connect(self._show_binned)
        self._index.changed.connect(self._show)
        within = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys in delete_keys():
            QShortcut(keys, self.table, context=within).activated.connect(self._delete)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self, context=within).activated.connect(self._undo)

    def selected(self) -> RunRow | None:
        """The run that is selected, where it is one."""
        found = self.all_selected()
        return found[0] if len(found) == 1 else None

    def all_selected(self) -> list[RunRow]:
        """The runs that are selected, from the top."""
        numbers = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.rows[number] for number in numbers]

    def _show(self) -> None:
        before = self.selected()
        self.model.show_runs(self._index.listed)
        any_run = bool(self._index.rows)
        self.empty.setVisible(not any_run)
        self.filter.setVisible(any_run)
        self.no_match.setVisible(any_run and not self.model.rows)
        self.table.setVisible(any_run)
        self._buttons.setVisible(any_run)
        if not any_run and self.bin_bar.isVisible():
            self.undo_button.setFocus()  # the table has gone, and its focus with it
        self._select_again(before)

    def _select_again(self, before: RunRow | None) -> None:
        for number, row in enumerate(self.model.rows):
            if before is not None and row.id == before.id:
                self.table.selectRow(number)
        self._selected()

    def _filter(self, wanted: str) -> None:
        before = self.selected()
        self.model.filter(wanted)
        self.no_match.setVisible(bool(self._index.rows) and not self.model.rows)
        self._select_again(before)

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        before = self.selected()
        self.model.sort(column, order)
        self._select_again(before)

    def _pin(self) -> None:
        row = self.selected()
        if row is not None:
            self._index.pin(row, not row.pinned)

    def _selected(self) -> None:
        row, several = self.selected(), len(self.all_selected())
        self.evaluate_button.setEnabled(row is not None and bool(row.summary.reached))
        self.export_button.setEnabled(row is not None and row.summary.reached in ("evaluation", "exported"))
        self.continue_button.setEnabled(row is not None and self._index.can_continue(row))
        self.rename_button.setEnabled(row is not None)
        self.pin_button.setEnabled(row is not None)
        self.pin_button.setText(
            Sentence("gui.runs.unpin") if row is not None and row.pinned else Sentence("gui.runs.pin")
        )
        self.note_button.setEnabled(row is not None)
        self.report_button.setEnabled(row is not None)
        self.delete_button.setEnabled(row is not None)
        self.compare_button.setEnabled(2 <= several <= MOST_COMPARED)
        parts = [row.note, self.model.text(row, SETTINGS)] if row is not None else []
        text = " · ".join(" ".join(part.split()) for part in parts if part)
        self.settings.setText(text)
        self.settings.setVisible(bool(text) and self.table.isColumnHidden(SETTINGS))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.setColumnHidden(SETTINGS, self.width() < SETTINGS_FROM)
        self.table.setColumnHidden(CURVE, self.width() < CURVE_FROM)
        self.table.setColumnHidden(TIME, self.width() < TIME_FROM)
        self._show_note_column()
        spare = max(0, self.width() - NOTE_FROM)
        for section in (VALIDATION, TEST, SETTINGS):
            self.table.horizontalHeader().resizeSection(section, WIDTHS[section] + spare // 4)
        self._selected()

    def _show_note_column(self, shown: bool = False) -> None:
        """The column is there where it has room, or while a note is written."""
        self.table.setColumnHidden(NOTE, not shown and self.width() < NOTE_FROM)

    def _activated(self, _index: QModelIndex) -> None:
        """Enter or a double click opens a run; one that would train again has its button focused, not pressed."""
        if self.evaluate_button.isEnabled():
            self.evaluate_button.click()
        elif self.continue_button.isEnabled():
            self.continue_button.setFocus()

    def _emit(self, signal: object) -> None:
        row = self.selected()
        if row is not None:
            signal.emit(row)  # type: ignore[attr-defined]

    def _save_report(self) -> None:
        row = self.selected()
        if row is not None:
            self._index.open(
                row, lambda record: save_file(self, Sentence("gui.runs.report_html", value=row.id), run_report(record))
            )

    # ── Names ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _edit(self, column: int) -> None:
        rows = self.table.selectionModel().selectedRows(column)
        if len(rows) == 1:
            self._show_note_column(shown=column == NOTE)
            self.table.setCurrentIndex(rows[0])
            self.table.setFocus()
            self.table.edit(rows[0])

    # ── The bin ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _delete(self) -> None:
        row = self.selected()
        if row is not None:
            self._index.delete(row)
            self.table.setFocus()

    def _show_binned(self, row: RunRow) -> None:
        self._binned = row
        self.bin_sentence.setText(Sentence("gui.runs.lies_bin_emptied_when_program", name=row.name))
        self.bin_bar.show()

    def _undo(self) -> None:
        row, self._binned = self._binned, None
        self.bin_bar.hide()
        if row is not None:
            self._index.restore(row)
            self.table.setFocus()

    def _empty_bin(self) -> None:
        self._binned = None
        self.bin_bar.hide()
        self._index.empty_bin()
        self.table.setFocus()

    # ── Several runs ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _compare(self) -> None:
        self.comparison.show_runs(self.all_selected())
        self._views.setCurrentWidget(self.comparison)
        self.comparison.back_button.setFocus()

    def _end_comparison(self) -> None:
        self._views.setCurrentWidget(self._list)
        self.table.setFocus()
