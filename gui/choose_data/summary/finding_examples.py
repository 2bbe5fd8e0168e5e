"""The rows behind a finding as a table; of pairs both texts beside each other."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QAbstractItemView, QWidget

from engine.contract.findings import Examples, Finding, FoundRow
from engine.contract.formatting import number, split_name
from engine.contract.sentences import Sentence
from gui.components.data_table import DataTable
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.design.theme import HALF, TABLE_ROW

MOST_ROWS = 7  # without scrolling
NARROWEST_TEXT = 92  # pixels: six columns fit into the narrowest window
SECOND_OF_A_PAIR = (2, 3)  # columns of the table


class ExamplesTable(QWidget):
    """At most a hundred rows or pairs, their number in all, and the whole text of the selected one."""

    row_chosen = Signal(str, int)  # split, number in the file: to be shown as the network reads it

    def __init__(self, finding: Finding, examples: Examples, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._examples = examples
        self.table = DataTable(narrowest_long=NARROWEST_TEXT)
        self.table.setAccessibleName(Sentence("gui.choose_data.rows_behind"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.note = PlainLabel(_note(finding, examples), role="secondary", wrap=True)
        self.whole = PlainLabel(Sentence("gui.choose_data.select_line"), role="quiet", wrap=True, selectable=True)
        vertical(self, self.table, self.note, self.whole, gap=HALF)
        cells = _pair_cells(examples) if examples.pairs else _row_cells(examples)
        self.table.cells.set_cells(_columns(pairs=bool(examples.pairs)), cells, numbers=(5,))
        self.table.verticalHeader().hide()
        self.table.setFixedHeight((min(len(cells), MOST_ROWS) + 1) * TABLE_ROW + 20)
        self.table.setVisible(bool(cells))
        self.whole.setVisible(bool(cells))
        self.note.setVisible(bool(self.note.text()))
        self.table.selectionModel().currentRowChanged.connect(self._read_whole)
        self.table.opened.connect(self._choose)

    def _choose(self, cell: QModelIndex) -> None:
        if self._examples.pairs:
            pair = self._examples.pairs[cell.row()]
            row = pair.second if cell.column() in SECOND_OF_A_PAIR else pair.first
        else:
            row = self._examples.rows[cell.row()]
        self.row_chosen.emit(row.split, row.row)

    def _read_whole(self, chosen: QModelIndex) -> None:
        if self._examples.pairs:
            pair = self._examples.pairs[chosen.row()]
            rows = [pair.first, pair.second]
        else:
            rows = [self._examples.rows[chosen.row()]]
        self.whole.setText("\n\n".join(f"{_where(row)}{_answered(row)}:\n{row.text}" for row in rows))


def _columns(*, pairs: bool) -> list[str]:
    where, text = Sentence("gui.choose_data.where"), Sentence("gui.choose_data.text")
    label = Sentence("gui.choose_data.label")
    return [where, text, where, text, label, Sentence("gui.choose_data.similarity")] if pairs else [where, text, label]


def _row_cells(examples: Examples) -> list[tuple[str, ...]]:
    return [(_where(row), row.text, row.answer) for row in examples.rows]


def _pair_cells(examples: Examples) -> list[tuple[str, ...]]:
    cells: list[tuple[str, ...]] = []
    for pair in examples.pairs:
        answers = dict.fromkeys((pair.first.answer, pair.second.answer))
        texts = (_where(pair.first), pair.first.text, _where(pair.second), pair.second.text)
        cells.append((*texts, " / ".join(answers), f"{number(100 * pair.similarity, '.0f')} %"))
    return cells


def _where(row: FoundRow) -> str:
    return f"{split_name(row.split)} {number(row.row)}"


def _answered(row: FoundRow) -> str:
    return f" ({row.answer})" if row.answer else ""


def _note(finding: Finding, examples: Examples) -> str:
    shown = len(examples.rows) or len(examples.pairs)
    if not shown:
        return Sentence("gui.choose_data.rows_behind_unreadable")
    if finding.count > shown:
        if examples.pairs:
            return Sentence("gui.choose_data.first_pairs_shown", pairs=shown)
        return Sentence("gui.choose_data.first_rows_shown", shown=shown, rows=finding.count)
    return ""
