"""Labels that are probably wrong, of all splits: found on request, listed with suggestions, repaired in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.contract.diagnoses import AskLabelErrors, LabelErrors, RunReference, SuspectedRow
from engine.contract.formatting import number, split_name
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport
from engine.tasks.facts import TaskFacts
from engine.tasks.registry import DEFAULT_TASK, task_facts
from gui.components.background import BackgroundTask, Job, run_in_thread
from gui.components.choices import Choice
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.long_query import LongQuery
from gui.components.numbers import whole_percent
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import on_one_line
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import HALF, SPACE
from gui.evaluate.repair_bar import RepairBar
from gui.rows.prepared_rows import PreparedRows, RowCells
from gui.session import Session

ROW, TEXT, SPLIT, LABEL, SUGGESTED, PROBABILITY, EDIT = range(7)
MOST_ROWS = 10  # shown without scrolling
WIDEST_LABEL = 220  # pixels, where the text leaves them
NARROWEST_TEXT = 193  # pixels: 55 characters in two lines
LONGEST_SHOWN = 2_000  # characters of a row read whole
TRUSTED = 0.9  # share of labels that models agree with, from which most of what they contradict is wrong
LONGEST_NEAR = 120  # characters of a neighbour
UNREADABLE = (OSError, ValueError, KeyError, IndexError)


class _Listed(NamedTuple):
    suspected: SuspectedRow
    cells: RowCells


class LabelErrorsView(QWidget):
    """The button, the queue and its repairs."""

    edited = Signal()  # an edit was made or undone here

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: EvaluationReport | None = None
        self._facts: TaskFacts = task_facts(DEFAULT_TASK)
        self._all: list[_Listed] = []
        self._listed: list[_Listed] = []  # in the chosen order
        self._orders: dict[str, tuple[int, ...]] = {}  # by kind of error, places in `_all`
        self._reading: BackgroundTask | None = None
        hint = Sentence("gui.evaluate.label_errors_hint")
        self.hint = PlainLabel(hint, role="quiet", wrap=True)
        self.query = LongQuery(session, Sentence("gui.evaluate.find_label_errors"), hint)
        self.result = PlainLabel(role="body", wrap=True)
        self.table = SortedTable(_titles(), (ROW, PROBABILITY), wide_column=TEXT, narrowest_wide=NARROWEST_TEXT)
        self.table.show_both_ends(LABEL, SUGGESTED)
        self.table.setAccessibleName(Sentence("gui.evaluate.rows_whose_label_doubtful"))
        self.table.wrap_column(TEXT)
        self.order = Choice()
        self.order.setAccessibleName(Sentence("gui.evaluate.errors_to_look_for"))
        self.order.setToolTip(Sentence("gui.evaluate.errors_to_look_for_tip"))
        self._chooser = QWidget()
        horizontal(self._chooser, self.order, STRETCH)
        self.whole = PlainLabel(role="body", wrap=True, selectable=True)
        self.near = PlainLabel(role="secondary", wrap=True, selectable=True)
        self.repair = RepairBar(session, self.table)
        self._parts = (self.table, self.whole, self.near, self.repair)
        texts = vertical(None, self.whole, self.near, gap=HALF)
        vertical(self, self.hint, self.query, self.result, self._chooser, self.table, texts, self.repair, gap=SPACE)
        self.order.activated.connect(self._list_in_order)
        self.query.answered.connect(self._take)
        self.table.selectionModel().selectionChanged.connect(self._show_selected)
        self.table.cells.modelReset.connect(self._show_selected)
        self.repair.changed.connect(self._show_edits)
        self.repair.changed.connect(self.edited)
        self._show_nothing()

    def show_report(self, report: EvaluationReport, reference: RunReference) -> None:
        """Offers to look through the rows of this report's run."""
        if self._report is None or _rows_of(report) != _rows_of(self._report):
            self._show_nothing()
        self._report = report
        self._facts = task_facts(report.run.dataset.task)
        self.repair.show_report(report)
        self.query.offer(AskLabelErrors(reference))

    def reload_edits(self) -> None:
        """Takes edits that were made elsewhere."""
        self.repair.load()
        self._show_edits()

    # ── Showing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _show_nothing(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._all, self._listed, self._orders = [], [], {}
        self.table.show_rows(())
        self.result.hide()
        self._chooser.hide()
        self.hint.show()
        for part in self._parts:
            part.hide()

    def _take(self, answer: object) -> None:
        if not isinstance(answer, LabelErrors) or self._report is None:
            return
        self.hint.hide()
        self.result.setText(_result_text(answer))
        self.result.show()
        self._orders = answer.orders
        dataset, suspected = self._report.run.dataset, answer.suspected
        if not suspected:
            return

        def read(job: Job) -> list[_Listed]:
            rows = PreparedRows(dataset)
            found = []
            for one in suspected:
                job.check()
                found.append(_Listed(one, rows.cells(rows.split_at(one.split)[0] + one.index)))
            return found

        self._reading = run_in_thread(
            self,
            read,
            name="read doubtful rows",
            on_result=self._show_listed,
            on_failure=self._cannot_read,
            expected=UNREADABLE,
        )

    def _cannot_read(self, _error: Exception) -> None:
        self._reading = None
        self.result.setText(Sentence("gui.evaluate.prepared_rows_cannot_read_prepare"))

    def _show_listed(self, listed: list[_Listed]) -> None:
        self._reading = None
        self._all = listed
        self.order.clear()
        for kind, title in _orders().items():
            if kind in self._orders:
                self.order.addItem(title, kind)
        self._chooser.setVisible(self.order.count() > 1)
        self._list_in_order()

    def _list_in_order(self) -> None:
        places = self._orders.get(self.order.currentData() or "", range(len(self._all)))
        self._listed = [self._all[place] for place in places]
        rows = self._table_rows()
        self._show_rows(rows)
        self.table.measure(rows, most=WIDEST_LABEL)
        self.table.show_height_for(min(MOST_ROWS, len(rows)))
        for part in self._parts:
            part.show()
        self._show_selected()

    def _show_edits(self) -> None:
        if self._listed:
            chosen = [self._place_of(line) for line in self._selected_lines()]
            self._show_rows(self._table_rows())
            self.table.fit_columns()
            self._select_again(chosen)

    def _show_rows(self, rows: Sequence[TableRow]) -> None:
        """Shows these; without any edit there is no column for it."""
        self.table.setColumnHidden(EDIT, not any(row.cells[EDIT] for row in rows))
        self.table.show_rows(rows)

    def _table_rows(self) -> list[TableRow]:
        return [self._table_row(place, one) for place, one in enumerate(self._listed)]

    def _table_row(self, place: int, listed: _Listed) -> TableRow:
        one, cells = listed
        label, suggested = (self._label_text(labels, cells) for labels in (one.label, one.suggested))
        shown = "–" if not one.probability else whole_percent(one.probability)
        split, edit = split_name(one.split), self.repair.edit_text(cells)
        texts = (number(one.number), cells.text, split, label, suggested, shown, edit)
        return TableRow(texts, (one.number, cells.text[:64], split, label, suggested, one.probability, edit))

    def _label_text(self, labels: Sequence[str], cells: RowCells) -> str:
        names = self._report.run.dataset.label_names if self._report is not None else ()
        return self._facts.label_text(tuple(labels), cells.words, names) or Sentence("gui.evaluate.no_label")

    # ── One row ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _selected_lines(self) -> list[int]:
        return sorted({index.row() for index in self.table.selectionModel().selectedRows()})

    def _place_of(self, line: int) -> int:
        return self.table.index_of(line)

    def _select_again(self, places: Sequence[int]) -> None:
        for line in range(self.table.cells.rowCount()):
            if len(places) == 1 and self._place_of(line) == places[0]:
                self.table.selectRow(line)

    def _show_selected(self) -> None:
        chosen = [self._listed[self._place_of(line)] for line in self._selected_lines()] if self._listed else []
        first = chosen[0] if chosen else None
        self.whole.setVisible(bool(self._listed))
        self.near.setVisible(first is not None)
        if first is None:
            self.whole.setText(Sentence("gui.evaluate.select_row_read_all_training"))
            self.repair.show_rows([], "")
            return
        one, cells = first
        self.whole.setText(cells.text[:LONGEST_SHOWN] + (" …" if len(cells.text) > LONGEST_SHOWN else ""))
        lines: list[str] = [
            Sentence("gui.evaluate.doubtful_row", row=one.number, split=one.split, kind=_kind_name(one))
        ]
        for near in one.near:
            label = self._facts.label_text(near.label, near.words, self._names()) or Sentence("gui.evaluate.no_label")
            text = on_one_line(near.text, LONGEST_NEAR)
            lines.append(
                Sentence("gui.evaluate.near_it", row=near.number, label=label, text=text, similarity=near.similarity)
            )
        self.near.setText("\n".join(lines))
        suggestion = "" if self._facts.one_label_per_word else self._label_text(one.suggested, cells)
        answers = [item.suspected.suggested for item in chosen]
        self.repair.show_rows([item.cells for item in chosen], suggestion, answers)

    def _names(self) -> tuple[str, ...]:
        return self._report.run.dataset.label_names if self._report is not None else ()


def _rows_of(report: EvaluationReport) -> tuple[str, str]:
    return report.run.id, report.run.dataset.fingerprint


def _orders() -> dict[str, Sentence]:
    """What the queue can be ordered by, where words mark entities."""
    return {
        "": Sentence("gui.evaluate.errors_of_all_kinds"),
        "type": Sentence("gui.evaluate.errors_of_type"),
        "missing": Sentence("gui.evaluate.errors_missing"),
        "boundary": Sentence("gui.evaluate.errors_of_limits"),
    }


def _result_text(answer: LabelErrors) -> str:
    if answer.refused:
        return str(answer.refused)
    agreeing = answer.agreeing / max(1, answer.rows)
    is_trusted = not answer.expected or agreeing >= TRUSTED
    if answer.rows == answer.total:
        looked = (
            Sentence("gui.evaluate.all_compared", rows=answer.rows)
            if is_trusted
            else Sentence("gui.evaluate.all_compared_agreeing", rows=answer.rows, percent=100 * agreeing)
        )
    else:
        looked = (
            Sentence("gui.evaluate.some_compared", rows=answer.rows, total=answer.total)
            if is_trusted
            else Sentence(
                "gui.evaluate.some_compared_agreeing", rows=answer.rows, total=answer.total, percent=100 * agreeing
            )
        )
    rows = len(answer.orders.get("", answer.suspected))  # the first of them; others are listed for one kind alone
    clear = sum(row.is_confident for row in answer.suspected[:rows])
    listed = Sentence("gui.evaluate.doubtful_listed", rows=rows, clear=clear)
    return " ".join(filter(None, (looked, _expected_text(answer, is_trusted), listed)))


def _expected_text(answer: LabelErrors, is_trusted: bool) -> str:
    """How many labels are wrong; models that agree with few are more often wrong themselves, which is added."""
    if not answer.expected:
        return ""
    if is_trusted:
        return Sentence("gui.evaluate.probably_wrong", labels=answer.expected)
    return Sentence("gui.evaluate.contradicted", labels=answer.expected)


def _kind_name(row: SuspectedRow) -> Sentence:
    """What is doubtful about a label."""
    match row.kind:
        case "label":
            return Sentence("gui.evaluate.doubt_label")
        case "number":
            return Sentence("gui.evaluate.doubt_number")
        case "tag":
            return Sentence("gui.evaluate.doubt_tag")
        case "type":
            return Sentence("gui.evaluate.doubt_type")
        case "missing":
            return Sentence("gui.evaluate.doubt_missing")
        case "boundary":
            return Sentence("gui.evaluate.doubt_boundary")
        case "invented":
            return Sentence("gui.evaluate.doubt_invented")


def _titles() -> tuple[str, ...]:
    return (
        Sentence("gui.evaluate.row"),
        Sentence("gui.evaluate.text"),
        Sentence("gui.evaluate.split"),
        Sentence("gui.evaluate.label"),
        Sentence("gui.evaluate.suggested"),
        Sentence("gui.evaluate.probability"),
        Sentence("gui.evaluate.edit"),
    )
