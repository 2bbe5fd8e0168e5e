"""The evaluated rows: filtered by text, length, class or a cell of the confusion matrix, sorted, read whole.

The wrong rows with the largest loss come first: there the model is most certain and wrong, and there wrong labels are
found. What the report lists is shown at once; the rows on disk are opened in a background thread, and queried there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.contract.queries import TokenizedText
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.states import EvaluationReport, WrongRow
from engine.tasks.facts import TaskFacts
from engine.tasks.registry import DEFAULT_TASK, task_facts
from gui.components.alignment_panel import AlignmentPanel
from gui.components.background import BackgroundTask, Job, run_in_thread
from gui.components.choices import Choice, NumberBox
from gui.components.layouts import STRETCH, FlowRow, vertical
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import on_one_line
from gui.components.throttle import Debounce
from gui.design.theme import HALF, INSIDE, SPACE
from gui.evaluate.evaluated_rows import EvaluatedQuery, EvaluatedRows, ListedRows, Outcome, SortKey
from gui.evaluate.evaluated_rows_view import EvaluatedRowsView
from gui.evaluate.pair_text import PairText
from gui.rows.prepared_rows import Positions, RowCells
from gui.rows.selected_lines import selected_lines

MOST_ROWS = 10  # shown without scrolling
FEWEST_ROWS = 4  # that there is room for
MOST_AT_ONCE = 500  # selected rows that are edited together
LONGEST_SHOWN = 4_000  # characters of a row read whole
CLEAR_BUTTON = 46  # pixels of it and of the edges of a line
DELAY = 120  # milliseconds after the last key before a query
UNREADABLE = (OSError, ValueError, KeyError)  # what opening and reading damaged files may raise


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
        self.filter.setPlaceholderText(Sentence("gui.evaluate.filter_text_label"))
        self.filter.setAccessibleName(Sentence("gui.evaluate.filter_rows_text_label"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaxLength(1_000)
        needed = self.filter.fontMetrics().horizontalAdvance(self.filter.placeholderText()) + CLEAR_BUTTON
        self.filter.setFixedWidth(max(190, needed))
        self.outcome = Choice()
        self.outcome.setAccessibleName(Sentence("gui.evaluate.rows_list"))
        for name, key in _outcomes():
            self.outcome.addItem(name, key)
        self.shortest, self.longest = NumberBox(), NumberBox()
        for box, name in (
            (self.shortest, Sentence("gui.evaluate.tokens_least")),
            (self.longest, Sentence("gui.evaluate.tokens_most")),
        ):
            box.setAccessibleName(name)
            box.setRange(0, 1_000_000)
            box.setSpecialValueText(Sentence("gui.evaluate.any_length"))
            box.setFixedWidth(88)
        self._length_parts = (
            PlainLabel(Sentence("gui.evaluate.tokens"), role="secondary"),
            self.shortest,
            PlainLabel(Sentence("gui.evaluate.length_to"), role="secondary"),
            self.longest,
        )
        self.note = PlainLabel(role="quiet", wrap=True)
        self.all_button = QPushButton(Sentence("gui.evaluate.show_all"))
        self.all_button.setProperty("kind", "quiet")
        self.table = EvaluatedRowsView()
        self.table.setAccessibleName(Sentence("gui.evaluate.evaluated_rows"))
        self.whole = PlainLabel(Sentence("gui.evaluate.select_row_to_read"), role="quiet", wrap=True, selectable=True)
        self.pair = PairText()
        self.labels = PlainLabel(role="secondary", wrap=True, selectable=True)
        self.try_button = QPushButton(Sentence("gui.evaluate.try_text"))
        self.try_button.setToolTip(Sentence("gui.evaluate.puts_text_row_into_box"))
        self.tokens_button = QPushButton(Sentence("gui.evaluate.show_tokens"))
        self.tokens_button.setToolTip(Sentence("gui.evaluate.shows_row_network_reads_words"))
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
        """Shows only the rows behind a cell of the matrix, which counts `number`; `sentence` describes them."""
        self._cell, self._label, self._among = (truth, predicted), "", None
        self._sentence, self._cell_count = sentence, number
        self._find()

    def filter_label(self, label: str) -> None:
        """Shows only rows whose truth or prediction is this class, or holds this label or type."""
        self._cell, self._label, self._among = None, label, None
        self._sentence = Sentence("gui.evaluate.true_or_predicted_as", label=on_one_line(label, 60))
        self._find()

    def filter_group(self, positions: Sequence[int], sentence: str) -> None:
        """Shows only the rows at these positions of the evaluated split; `sentence` is what they share."""
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
        if not (query.text or query.shortest or query.longest):  # nothing jumps while one types
            self.table.show_height_for(max(FEWEST_ROWS, min(MOST_ROWS, len(positions))))
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
        return " ".join(
            filter(
                None,
                (
                    self._note_on_listed(query, shown),
                    Sentence("gui.evaluate.others_not_on_disk") if self._failed else "",
                ),
            )
        )

    def _note_on_all(self, query: EvaluatedQuery, shown: int, rows: int) -> str:
        restricted = bool(query.text or query.shortest or query.longest)
        if query.cell is not None:
            if self._facts.one_label_per_word and self._cell_count:
                found = (
                    Sentence("gui.evaluate.words_in_rows_filtered", rows=shown)
                    if restricted
                    else Sentence("gui.evaluate.words_in_rows", rows=shown)
                )
            else:
                found = Sentence("gui.evaluate.filtered", rows=shown) if restricted else NOTHING
            return f"{self._sentence} {found}".strip()
        if query.label or query.among is not None:
            return Sentence("gui.evaluate.subject_rows", subject=self._sentence, rows=_rows_found(query.outcome, shown))
        if query.outcome == "wrong" and not shown and not restricted:
            return Sentence("gui.evaluate.no_row_wrong")
        if (query.sort, query.descending) == ("loss", True) and shown:
            return _amount_by_loss(query.outcome, shown, rows)
        return _amount(query.outcome, shown, rows)

    def _note_on_listed(self, query: EvaluatedQuery, shown: int) -> str:
        assert self._report is not None
        listed_rows = len(self._report.wrong_rows)
        if not listed_rows:
            return Sentence("gui.evaluate.no_row_wrong")
        if query.cell is not None:
            return f"{self._sentence} {self._in_cell(listed_rows, shown)}".strip()
        if query.label:
            return Sentence("gui.evaluate.subject_of_listed", subject=self._sentence, shown=shown, listed=listed_rows)
        if query.text:
            return Sentence("gui.evaluate.of_listed", shown=shown, listed=listed_rows)
        wrong = 0 if self._entities else wrong_in_all(self._report)
        if wrong > listed_rows:
            return Sentence("gui.evaluate.listed_of_wrong", listed=listed_rows, wrong=wrong)
        return Sentence("gui.evaluate.wrong_rows_by_loss", rows=listed_rows)

    def _in_cell(self, listed: int, shown: int) -> str:
        if self._cell_count == 0:
            return ""
        if self._entities:
            return Sentence("gui.evaluate.cell_words_among_listed", shown=shown, listed=listed)
        if shown == self._cell_count:
            return ""
        return Sentence("gui.evaluate.cell_among_listed", shown=shown, listed=listed)

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
            self.whole.setText(Sentence("gui.evaluate.select_row_to_read") if self.table.rows.rowCount() else "")
            return
        text = row.text if len(row.text) <= LONGEST_SHOWN else row.text[:LONGEST_SHOWN] + " …"
        self.whole.setText(text)
        is_pair = bool(row.second_text)
        self.whole.setVisible(not is_pair)
        self.pair.setVisible(is_pair)
        if is_pair:
            first = row.text.removesuffix(f"\n{row.second_text}")
            self.pair.show_texts(first[:LONGEST_SHOWN], row.second_text[:LONGEST_SHOWN])
        self.labels.setText(_labels_text(row))

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


def _labels_text(row: WrongRow) -> str:
    """Number, truth, prediction and loss of a row on one line."""
    if row.probability:
        return Sentence(
            "gui.evaluate.row_with_probability",
            row=row.row,
            truth=row.truth,
            predicted=row.predicted,
            probability=row.probability,
            loss=row.loss,
        )
    return Sentence("gui.evaluate.row_labels", row=row.row, truth=row.truth, predicted=row.predicted, loss=row.loss)


def _outcomes() -> tuple[tuple[str, Outcome], ...]:
    return (
        (Sentence("gui.evaluate.wrong_rows"), "wrong"),
        (Sentence("gui.evaluate.right_rows"), "right"),
        (Sentence("gui.evaluate.all_rows"), ""),
    )


def _rows_found(outcome: Outcome, rows: int) -> Sentence:
    """So many rows, or wrong or right ones."""
    match outcome:
        case "wrong":
            return Sentence("gui.evaluate.found_wrong", rows=rows)
        case "right":
            return Sentence("gui.evaluate.found_right", rows=rows)
        case "":
            return Sentence("gui.evaluate.found", rows=rows)


def _amount(outcome: Outcome, shown: int, rows: int) -> Sentence:
    """How many of all rows are listed."""
    match outcome:
        case "wrong":
            return Sentence("gui.evaluate.wrong_of_rows", shown=shown, rows=rows)
        case "right":
            return Sentence("gui.evaluate.right_of_rows", shown=shown, rows=rows)
        case "":
            return Sentence("gui.evaluate.of_rows", shown=shown, rows=rows)


def _amount_by_loss(outcome: Outcome, shown: int, rows: int) -> Sentence:
    """How many of all rows are listed, where the one with the largest loss comes first."""
    match outcome:
        case "wrong":
            return Sentence("gui.evaluate.wrong_of_rows_by_loss", shown=shown, rows=rows)
        case "right":
            return Sentence("gui.evaluate.right_of_rows_by_loss", shown=shown, rows=rows)
        case "":
            return Sentence("gui.evaluate.of_rows_by_loss", shown=shown, rows=rows)


def wrong_in_all(report: EvaluationReport) -> int:
    """How many rows are counted beside the diagonal of the matrix."""
    return sum(sum(row) - row[position] for position, row in enumerate(report.confusion))


def _answer(rows: EvaluatedRows, query: EvaluatedQuery, job: Job) -> Positions:
    return rows.find(query, job.check)


def _never() -> None:
    """Nothing ends a query on the window's own thread."""
