"""The wrongly predicted rows: filtered by text or by a cell of the confusion matrix, sorted, read whole.

The largest loss comes first: there the model is most certain and wrong, and there wrong labels are found.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.contract.formatting import count
from engine.contract.queries import TokenizedText
from engine.contract.states import WrongRow
from gui.components.alignment_panel import AlignmentPanel
from gui.components.layouts import STRETCH, vertical
from gui.components.plain_label import PlainLabel
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import HALF, INSIDE, SPACE
from gui.evaluate.cell_rows import is_in_cell

MOST_ROWS = 10  # shown without scrolling
LONGEST_SHOWN = 4_000  # characters of a row read whole
COLUMNS = ("Row", "Text", "Truth", "Predicted", "Probability", "Loss")
LOSS = COLUMNS.index("Loss")
READ_HINT = "Select a row to read all of it."


class WrongRowsTable(QWidget):
    """Shows wrong rows; `try_requested` is for putting a row's text into the try-it box."""

    try_requested = Signal(str, str)  # the text, and the second one of a pair
    tokens_requested = Signal(int)  # number of a row in its file, to be shown as the network reads it
    cell_left = Signal()  # "Show all" was pressed: no cell of the matrix is chosen any more

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[WrongRow, ...] = ()
        self._shown: tuple[WrongRow, ...] = ()
        self._wrong_in_all = 0
        self._entities = False
        self._cell: tuple[str, str] | None = None
        self._cell_sentence = ""
        self._cell_count = 0
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by text or label")
        self.filter.setAccessibleName("Filter the wrong rows by text or label")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaxLength(1_000)
        self.filter.setFixedWidth(220)
        self.note = PlainLabel(role="quiet", wrap=True)
        self.all_button = QPushButton("Show all")
        self.all_button.setProperty("kind", "quiet")
        self.table = SortedTable(COLUMNS, (0, 4, LOSS), wide_column=COLUMNS.index("Text"))
        self.table.setAccessibleName("Most wrong rows")
        self.table.sort_by(LOSS, Qt.SortOrder.DescendingOrder)
        self.whole = PlainLabel(READ_HINT, role="quiet", wrap=True, selectable=True)
        self.labels = PlainLabel(role="secondary", wrap=True, selectable=True)
        self.try_button = QPushButton("Try this text")
        self.try_button.setToolTip("Puts the text of this row into the box above")
        self.tokens_button = QPushButton("Show its tokens")
        self.tokens_button.setToolTip("Shows the row as the network reads it: words, tokens, input ids and labels")
        self.tokens = AlignmentPanel()
        self.problem = PlainLabel(role="caution", wrap=True)

        top = QHBoxLayout()
        top.setSpacing(INSIDE)
        top.addWidget(self.note, 1)
        top.addWidget(self.all_button)
        top.addWidget(self.filter)
        texts = vertical(None, self.whole, self.labels, gap=HALF)
        bottom = QHBoxLayout()
        bottom.setSpacing(INSIDE)
        bottom.addLayout(texts, 1)
        buttons = vertical(None, self.try_button, self.tokens_button, STRETCH, gap=HALF)
        bottom.addLayout(buttons)
        vertical(self, top, self.table, bottom, self.problem, self.tokens, gap=SPACE)

        self.filter.textChanged.connect(self._filter_again)
        self.all_button.clicked.connect(self._show_all)
        self.table.selectionModel().selectionChanged.connect(self._show_selected)
        self.table.cells.modelReset.connect(self._show_selected)
        self.try_button.clicked.connect(self._try_selected)
        self.tokens_button.clicked.connect(self._request_tokens)
        self.table.opened.connect(self._request_tokens)
        self._show_selected()

    def show_rows(self, rows: Sequence[WrongRow], *, wrong_in_all: int, entities: bool) -> None:
        """Shows these of `wrong_in_all` wrong rows (0: unknown); `entities`: truth and prediction list entities."""
        self._rows = tuple(rows)
        self._wrong_in_all = wrong_in_all
        self._entities = entities
        self._cell = None
        self.filter.clear()
        self._filter_again()
        self.table.measure([_cells(row) for row in self._rows])
        self.table.show_height_for(min(MOST_ROWS, len(self._rows)))

    def filter_cell(self, truth: str, predicted: str, sentence: str, number: int) -> None:
        """Shows only the rows behind a cell of the matrix, which counts `number`; `sentence` says so."""
        self._cell, self._cell_sentence, self._cell_count = (truth, predicted), sentence, number
        self._filter_again()

    def leave_cell(self) -> None:
        """Shows the rows of every cell again."""
        self._cell = None
        self._filter_again()

    def show_tokens(self, pieces: TokenizedText) -> None:
        """Shows the selected row as the network reads it; those of another row have come too late."""
        row = self._selected()
        if row is not None and row.row == pieces.row:
            self.problem.hide()
            self.tokens.show_tokens(pieces)
            self.tokens.show()

    def show_problem(self, sentence: str) -> None:
        """Shows why the tokens of the selected row cannot be shown."""
        self.tokens.hide()
        self.problem.setText(sentence)
        self.problem.show()

    def _filter_again(self) -> None:
        wanted = self.filter.text().strip().casefold()
        self._shown = tuple(row for row in self._rows if self._passes(row, wanted))
        self.table.show_rows([_cells(row) for row in self._shown])
        self.note.setText(self._sentence(wanted))
        self.all_button.setVisible(self._cell is not None or bool(wanted))

    def _passes(self, row: WrongRow, wanted: str) -> bool:
        if self._cell is not None and not is_in_cell(row, *self._cell, entities=self._entities):
            return False
        return not wanted or any(wanted in part.casefold() for part in (row.text, row.truth, row.predicted))

    def _sentence(self, wanted: str) -> str:
        if not self._rows:
            return "No row was predicted wrongly."
        listed = f"the {count(len(self._rows), 'row')} with the largest loss"
        if self._cell is not None:
            return f"{self._cell_sentence} {self._in_cell(listed)}".strip()
        if wanted:
            return f"{len(self._shown):,} of {listed}."
        if self._wrong_in_all > len(self._rows):
            return f"{listed[0].upper()}{listed[1:]}, of {self._wrong_in_all:,} wrong ones."
        return f"{count(len(self._rows), 'wrong row')}, the largest loss first."

    def _in_cell(self, listed: str) -> str:
        if self._cell_count == 0:
            return ""
        shown = len(self._shown)
        if self._entities:
            return f"{count(shown, 'row')} with such words {'is' if shown == 1 else 'are'} among {listed}."
        if shown == self._cell_count:
            return ""
        return f"{shown:,} of them {'is' if shown == 1 else 'are'} among {listed}."

    def _show_all(self) -> None:
        self.filter.clear()
        self.leave_cell()
        self.cell_left.emit()

    def _selected(self) -> WrongRow | None:
        position = self.table.selected_row()
        return self._shown[position] if position is not None else None

    def _show_selected(self) -> None:
        row = self._selected()
        self.try_button.setVisible(row is not None)
        self.tokens_button.setVisible(row is not None)
        self.tokens.hide()
        self.problem.hide()
        self.labels.setVisible(row is not None)
        self.whole.set_role("quiet" if row is None else "body")
        if row is None:
            self.whole.setText(READ_HINT if self._shown else "")
            return
        text = row.text if len(row.text) <= LONGEST_SHOWN else row.text[:LONGEST_SHOWN] + " …"
        self.whole.setText(text)
        self.labels.setText(
            f"Row {row.row:,} · truth {row.truth} · predicted {row.predicted}"
            f"{f' with {_probability(row)}' if row.probability else ''} · loss {row.loss:.2f}"
        )

    def _request_tokens(self) -> None:
        row = self._selected()
        if row is not None:
            self.tokens_requested.emit(row.row)

    def _try_selected(self) -> None:
        row = self._selected()
        if row is not None:
            second = row.second_text
            self.try_requested.emit(row.text.removesuffix(f"\n{second}") if second else row.text, second)


def _cells(row: WrongRow) -> TableRow:
    shown = (f"{row.row:,}", row.text, row.truth, row.predicted, _probability(row), f"{row.loss:.2f}")
    return TableRow(shown, (row.row, row.text, row.truth, row.predicted, row.probability, row.loss))


def _probability(row: WrongRow) -> str:
    """The probability; a dash where the prediction is a number, which has none."""
    return f"{100 * row.probability:.1f} %" if row.probability else "–"
