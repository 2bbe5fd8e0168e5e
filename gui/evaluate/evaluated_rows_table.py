"""The evaluated rows: filtered by text, length, class or a cell of the confusion matrix, sorted, read whole.

The wrong rows with the largest loss come first: there the model is most certain and wrong, and there wrong labels are
found. What the report lists is shown at once; the rows on disk are opened in a background thread, and queried there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.contract.formatting import count
from engine.contract.queries import TokenizedText
from engine.contract.states import EvaluationReport, WrongRow
from engine.tasks.facts import TaskFacts
from engine.tasks.registry import DEFAULT_TASK, task_facts
from gui.components.alignment_panel import AlignmentPanel
from gui.components.background import BackgroundTask, Job, run_in_thread
from gui.components.choices import Choice, NumberBox
from gui.components.layouts import STRETCH, FlowRow, vertical
from gui.components.pair_text import PairText
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import on_one_line
from gui.components.throttle import Debounce
from gui.design.theme import HALF, INSIDE, SPACE
from gui.evaluate.evaluated_rows import EvaluatedQuery, EvaluatedRows, ListedRows, Outcome, SortKey
from gui.evaluate.evaluated_rows_view import EvaluatedRowsView, probability_text
from gui.rows.prepared_rows import Positions, RowCells
from gui.rows.selected_lines import selected_lines

MOST_ROWS = 10  # shown without scrolling
MOST_AT_ONCE = 500  # selected rows that are edited together
LONGEST_SHOWN = 4_000  # characters of a row read whole
DELAY = 120  # milliseconds after the last key before a query
READ_HINT = "Select a row to read all of it."
NOT_ON_DISK = "The other rows cannot be read. Evaluate again to list them all."
UNREADABLE = (OSError, ValueError, KeyError)  # what opening and reading damaged files may raise
OUTCOMES: tuple[tuple[str, Outcome], ...] = (("Wrong rows", "wrong"), ("Right rows", "right"), ("All rows", ""))


class EvaluatedRowsTable(QWidget):
    """Shows the rows of a report; `try_requested` is for putting a row's text into the try-it box."""

    try_requested = Signal(str, str)  # the text, and the second one of a pair
    tokens_requested = Signal(int)  # number of a row in its file, to be shown as the network reads it
    rows_selected = Signal(object, str)  # list of RowCells, what is predicted for the first; none before all are open
    text_selected = Signal(str, str)  # of the row that is read whole, the second one of a pair; empty where none is
    opened = Signal()  # all rows are there
    cell_left = Signal()  # "Show all" was pressed: no cell of the matrix is chosen any more

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: EvaluationReport | None = None
        self._facts: TaskFacts = task_facts(DEFAULT_TASK)
        self._entities = False
        self._rows: EvaluatedRows | None = None  # all of them, once they are open
        self._listed: ListedRows | None = None
        self._cell: tuple[str, str] | None = None
        self._label = ""
        self._among: tuple[int, ...] | None = None  # positions of a group of rows
        self._sentence = ""  # about the chosen cell or class
        self._cell_count = 0
        self._sort: tuple[SortKey, bool] = ("loss", True)
        self._opening: BackgroundTask | None = None
        self._finding: BackgroundTask | None = None
        self._failed = False
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by text or label")
        self.filter.setAccessibleName("Filter the rows by text or label")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaxLength(1_000)
        self.filter.setFixedWidth(190)
        self.outcome = Choice()
        self.outcome.setAccessibleName("Rows to list")
        for name, key in OUTCOMES:
            self.outcome.addItem(name, key)
        self.shortest, self.longest = NumberBox(), NumberBox()
        for box, name in ((self.shortest, "Tokens at least"), (self.longest, "Tokens at most")):
            box.setAccessibleName(name)
            box.setRange(0, 1_000_000)
            box.setSpecialValueText("any")
            box.setFixedWidth(76)
        self._length_parts = (
            PlainLabel("Tokens", role="secondary"),
            self.shortest,
            PlainLabel("to", role="secondary"),
            self.longest,
        )
        self.note = PlainLabel(role="quiet", wrap=True)
        self.all_button = QPushButton("Show all")
        self.all_button.setProperty("kind", "quiet")
        self.table = EvaluatedRowsView()
        self.table.setAccessibleName("Evaluated rows")
        self.whole = PlainLabel(READ_HINT, role="quiet", wrap=True, selectable=True)
        self.pair = PairText()
        self.labels = PlainLabel(role="secondary", wrap=True, selectable=True)
        self.try_button = QPushButton("Try this text")
        self.try_button.setToolTip("Puts the text of this row into the box above")
        self.tokens_button = QPushButton("Show its tokens")
        self.tokens_button.setToolTip("Shows the row as the network reads it: words, tokens, input ids and labels")
        self.tokens = AlignmentPanel()
        self.problem = PlainLabel(role="caution", wrap=True)

        filters = QWidget()
        line = FlowRow(filters, gap=INSIDE, line_gap=HALF)
        for part in (self.outcome, *self._length_parts, self.filter):
            line.addWidget(part)
        top = QHBoxLayout()
        top.setSpacing(INSIDE)
        top.addWidget(self.note, 1)
        top.addWidget(self.all_button)
        texts = vertical(None, self.whole, self.pair, self.labels, gap=HALF)
        bottom = QHBoxLayout()
        bottom.setSpacing(INSIDE)
        bottom.addLayout(texts, 1)
        buttons = vertical(None, self.try_button, self.tokens_button, STRETCH, gap=HALF)
        bottom.addLayout(buttons)
        vertical(self, filters, top, self.table, bottom, self.problem, self.tokens, gap=SPACE)

        self._pause = Debounce(self, DELAY, self._find)
        self.filter.textChanged.connect(self._filter_changed)
        self.outcome.activated.connect(self._find)
        self.shortest.valueChanged.connect(self._pause.request)
        self.longest.valueChanged.connect(self._pause.request)
        self.all_button.clicked.connect(self._show_all)
        self.table.sort_requested.connect(self._sort_by)
        self.table.selectionModel().selectionChanged.connect(self._show_selected)
        self.table.rows.modelReset.connect(self._show_selected)
        self.try_button.clicked.connect(self._try_selected)
        self.tokens_button.clicked.connect(self._request_tokens)
        self.table.opened.connect(self._request_tokens)
        self._show_selected()

    def show_report(self, report: EvaluationReport) -> None:
        """Shows the rows of this report: at once those that it lists, and all of them as soon as they are open."""
        self._close()
        self._report = report
        self._facts = task_facts(report.run.dataset.task)
        outside = self._facts.uncounted
        self._entities = bool(outside) and outside in report.run.dataset.label_names
        self._listed = ListedRows(report)
        self._cell, self._label, self._among = None, "", None
        self.filter.clear()
        self._allow_all(False)
        self.outcome.setCurrentIndex(self.outcome.findData("" if self._facts.labels_are_numbers else "wrong"))
        self.outcome.setVisible(not self._facts.labels_are_numbers)
        self._find()
        self.table.show_height_for(min(MOST_ROWS, len(report.wrong_rows)))
        self.table.fit_columns()
        self._opening = run_in_thread(
            self,
            lambda _job: EvaluatedRows(report),
            name="open evaluated rows",
            on_result=self._opened,
            on_failure=self._cannot_open,
            expected=UNREADABLE,
        )

    def filter_cell(self, truth: str, predicted: str, sentence: str, number: int) -> None:
        """Shows only the rows behind a cell of the matrix, which counts `number`; `sentence` says so."""
        self._cell, self._label, self._among = (truth, predicted), "", None
        self._sentence, self._cell_count = sentence, number
        self._find()

    def filter_label(self, label: str) -> None:
        """Shows only rows whose truth or prediction is this class, or holds this label or type."""
        self._cell, self._label, self._among = None, label, None
        self._sentence = f"True or predicted as “{on_one_line(label, 60)}”:"
        self._find()

    def filter_group(self, positions: Sequence[int], sentence: str) -> None:
        """Shows only the rows at these positions of the evaluated split; `sentence` says what they share."""
        self._cell, self._label, self._among = None, "", tuple(positions)
        self._sentence = sentence
        self._find()

    def leave_group(self) -> None:
        """Shows the rows of every group again."""
        if self._among is not None:
            self._among = None
            self._find()

    def leave_cell(self) -> None:
        """Shows the rows of every cell again."""
        if self._cell is not None:
            self._cell = None
            self._find()

    def leave_label(self) -> None:
        """Shows the rows of every class again."""
        if self._label:
            self._label = ""
            self._find()

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

    def cells_at(self, position: int) -> RowCells | None:
        """The row at this position as it was prepared; None before all rows are open."""
        return self._rows.cells_at(position) if self._rows is not None else None

    # ── Opening ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _close(self) -> None:
        for task in (self._opening, self._finding):
            if task is not None:
                task.cancel()
        self._opening = self._finding = None
        self._rows, self._failed = None, False
        self._pause.stop()

    def _opened(self, rows: EvaluatedRows) -> None:
        self._opening = None
        self._rows = rows
        self._allow_all(True)
        self.table.show_height_for(min(MOST_ROWS, len(rows)))
        self._find()
        self.opened.emit()

    def _cannot_open(self, _error: Exception) -> None:
        self._opening = None
        self._failed = True
        self._find()

    def _allow_all(self, all_there: bool) -> None:
        """Offers what needs all rows."""
        self.outcome.setEnabled(all_there)
        for part in self._length_parts:
            part.setEnabled(all_there)
        if not all_there:
            for box in (self.shortest, self.longest):
                box.setValue(0)
            self._pause.stop()

    # ── Finding ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _query(self) -> EvaluatedQuery:
        outcome: Outcome = self.outcome.currentData()
        key, descending = self._sort
        return EvaluatedQuery(
            text=self.filter.text().strip(),
            cell=self._cell,
            label=self._label,
            among=self._among,
            outcome="" if self._cell is not None else outcome,
            shortest=self.shortest.value(),
            longest=self.longest.value(),
            sort=key,
            descending=descending,
        )

    def _find(self) -> None:
        if self._finding is not None:
            self._finding.cancel()
            self._finding = None
        query = self._query()
        self.all_button.setVisible(bool(query.cell or query.label or query.text or query.among is not None))
        if self._rows is not None:
            self._finding = run_in_thread(
                self,
                partial(_answer, self._rows, query),
                name="find evaluated rows",
                on_result=partial(self._show, query, self._rows),
                on_failure=self._cannot_open,
                expected=UNREADABLE,
            )
        elif self._listed is not None:
            self._show(query, self._listed, self._listed.find(query, _never))

    def _show(self, query: EvaluatedQuery, source: EvaluatedRows | ListedRows, positions: Positions) -> None:
        self._finding = None
        self.table.rows.show_positions(source, positions)
        self.note.setText(self._note(query, len(positions)))

    def _sort_by(self, key: SortKey, descending: bool) -> None:
        self._sort = key, descending
        self._find()

    def _filter_changed(self) -> None:
        if self._rows is None:
            self._find()
        else:
            self._pause.request()

    def _note(self, query: EvaluatedQuery, shown: int) -> str:
        if self._rows is not None:
            return self._note_on_all(query, shown, len(self._rows))
        return " ".join(filter(None, (self._note_on_listed(query, shown), NOT_ON_DISK if self._failed else "")))

    def _note_on_all(self, query: EvaluatedQuery, shown: int, rows: int) -> str:
        restricted = bool(query.text or query.shortest or query.longest)
        if query.cell is not None:
            if self._facts.one_label_per_word and self._cell_count:
                return f"{self._sentence} They are in {count(shown, 'row')}{', as filtered' if restricted else ''}."
            return f"{self._sentence} {f'Filtered: {shown:,}.' if restricted else ''}".strip()
        kind = {"wrong": "wrong ", "right": "right "}.get(query.outcome, "")
        if query.label or query.among is not None:
            return f"{self._sentence} {count(shown, f'{kind}row')}."
        if query.outcome == "wrong" and not shown and not restricted:
            return "No row was predicted wrongly."
        order = ", the largest loss first" if (query.sort, query.descending) == ("loss", True) and shown else ""
        return f"{shown:,} {kind}of {count(rows, 'row')}{order}."

    def _note_on_listed(self, query: EvaluatedQuery, shown: int) -> str:
        assert self._report is not None
        listed_rows = len(self._report.wrong_rows)
        if not listed_rows:
            return "No row was predicted wrongly."
        listed = f"the {count(listed_rows, 'row')} with the largest loss"
        if query.cell is not None:
            return f"{self._sentence} {self._in_cell(listed, shown)}".strip()
        if query.label:
            return f"{self._sentence} {shown:,} of {listed}."
        if query.text:
            return f"{shown:,} of {listed}."
        wrong = 0 if self._entities else wrong_in_all(self._report)
        if wrong > listed_rows:
            return f"{listed[0].upper()}{listed[1:]}, of {wrong:,} wrong ones."
        return f"{count(listed_rows, 'wrong row')}, the largest loss first."

    def _in_cell(self, listed: str, shown: int) -> str:
        if self._cell_count == 0:
            return ""
        if self._entities:
            return f"{count(shown, 'row')} with such words {'is' if shown == 1 else 'are'} among {listed}."
        if shown == self._cell_count:
            return ""
        return f"{shown:,} of them {'is' if shown == 1 else 'are'} among {listed}."

    def _show_all(self) -> None:
        self.filter.clear()
        self.leave_cell()
        self.leave_label()
        self.leave_group()
        self.cell_left.emit()

    # ── One row ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _selected(self) -> WrongRow | None:
        line = self.table.current_line()
        return self.table.rows.row_at(line) if line is not None else None

    def _show_selected(self) -> None:
        row = self._selected()
        chosen = []
        if self._rows is not None and self.table.rows.is_of(self._rows):
            positions = map(self.table.rows.position_at, selected_lines(self.table, MOST_AT_ONCE))
            chosen = [self._rows.cells_at(position) for position in positions]
        self.rows_selected.emit(chosen, row.predicted if row is not None else "")
        self.try_button.setVisible(row is not None)
        self.tokens_button.setVisible(row is not None)
        self.tokens.hide()
        self.problem.hide()
        self.labels.setVisible(row is not None)
        self.whole.set_role("quiet" if row is None else "body")
        self.text_selected.emit(*(_texts_of(row) if row is not None else ("", "")))
        if row is None:
            self.pair.hide()
            self.whole.show()
            self.whole.setText(READ_HINT if self.table.rows.rowCount() else "")
            return
        text = row.text if len(row.text) <= LONGEST_SHOWN else row.text[:LONGEST_SHOWN] + " …"
        self.whole.setText(text)
        is_pair = bool(row.second_text)
        self.whole.setVisible(not is_pair)
        self.pair.setVisible(is_pair)
        if is_pair:
            first = row.text.removesuffix(f"\n{row.second_text}")
            self.pair.show_texts(first[:LONGEST_SHOWN], row.second_text[:LONGEST_SHOWN])
        self.labels.setText(
            f"Row {row.row:,} · truth {row.truth} · predicted {row.predicted}"
            f"{f' with {probability_text(row)}' if row.probability else ''} · loss {row.loss:.2f}"
        )

    def _request_tokens(self) -> None:
        row = self._selected()
        if row is not None:
            self.tokens_requested.emit(row.row)

    def _try_selected(self) -> None:
        row = self._selected()
        if row is not None:
            self.try_requested.emit(*_texts_of(row))


def _texts_of(row: WrongRow) -> tuple[str, str]:
    """The text, and the second one of a pair."""
    second = row.second_text
    return (row.text.removesuffix(f"\n{second}") if second else row.text), second


def wrong_in_all(report: EvaluationReport) -> int:
    """How many rows are counted beside the diagonal of the matrix."""
    return sum(sum(row) - row[position] for position, row in enumerate(report.confusion))


def _answer(rows: EvaluatedRows, query: EvaluatedQuery, job: Job) -> Positions:
    return rows.find(query, job.check)


def _never() -> None:
    """Nothing ends a query on the window's own thread."""
