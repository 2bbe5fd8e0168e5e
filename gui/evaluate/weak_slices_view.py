"""Groups of rows that are wrong more often than the others: found on request, each one click from its rows."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from engine.contract.diagnoses import AskWeakSlices, RunReference, WeakSlice, WeakSlices
from engine.contract.formatting import count
from engine.contract.states import EvaluationReport
from engine.tasks.registry import task_facts
from gui.components.layouts import vertical
from gui.components.long_query import LongQuery
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import on_one_line
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import SPACE
from gui.session import Session

HINT = (
    "Looks for lengths, words, labels and clusters of similar rows that are wrong more often than the others. One half "
    "of the rows finds them, the other half tests them."
)
WRONG_NUMBERS = " A row counts as wrong here where its error is among the largest tenth."
COLUMNS = ("Group", "Wrong", "Others wrong", "Rows", "By chance")
LONGEST_NAME = 60


class WeakSlicesView(QWidget):
    """The button, one sentence and the groups; a selected one is `chosen`."""

    chosen = Signal(object, str)  # positions of its rows in the evaluated split, what they share; none: no group

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: EvaluationReport | None = None
        self._slices: tuple[WeakSlice, ...] = ()
        self.hint = PlainLabel(HINT, role="quiet", wrap=True)
        self.query = LongQuery(session, "Find weak groups", HINT)
        self.result = PlainLabel(role="body", wrap=True, selectable=True)
        self.table = SortedTable(COLUMNS, range(1, 5))
        self.table.setAccessibleName("Groups of rows that are wrong more often")
        vertical(self, self.hint, self.query, self.result, self.table, gap=SPACE)
        self.query.answered.connect(self._take)
        self.table.selectionModel().selectionChanged.connect(self._choose)
        self._show_nothing()

    def show_report(self, report: EvaluationReport, reference: RunReference) -> None:
        """Offers to look through the rows of this report."""
        if report != self._report:
            self._show_nothing()
        self._report = report
        self.query.offer(AskWeakSlices(reference))

    def leave(self) -> None:
        """Selects no group any more."""
        with QSignalBlocker(self.table.selectionModel()):
            self.table.clearSelection()
        self.table.viewport().update()

    def _show_nothing(self) -> None:
        self._slices = ()
        self.table.show_rows(())
        self.hint.show()
        self.result.hide()
        self.table.hide()

    def _take(self, answer: object) -> None:
        if not isinstance(answer, WeakSlices) or self._report is None:
            return
        self.hint.hide()
        same_split = not answer.split or answer.split == self._report.settings.prepared_split
        self._slices = answer.slices if same_split else ()
        numbers = task_facts(self._report.run.dataset.task).labels_are_numbers
        self.result.setText(result_text(answer) + (WRONG_NUMBERS if numbers and not answer.refused else ""))
        self.result.show()
        rows = [_row(one) for one in self._slices]
        self.table.show_rows(rows)
        self.table.measure(rows)
        self.table.show_height_for(len(rows))
        self.table.setVisible(bool(rows))

    def _choose(self) -> None:
        position = self.table.selected_row()
        if position is None:
            self.chosen.emit((), "")
        else:
            found = self._slices[position]
            self.chosen.emit(found.positions, f"{group_name(found)}:")


def group_name(found: WeakSlice) -> str:
    """What the rows of a group share."""
    name = on_one_line(found.name, LONGEST_NAME)
    match found.kind:
        case "length":
            return (
                f"{found.shortest:,} to {found.longest:,} tokens"
                if found.shortest < found.longest
                else (count(found.longest, "token"))
            )
        case "word":
            return f"with the word “{name}”"
        case "label":
            return f"truly “{name}”"
        case "cluster":
            return f"similar rows: {name}" if name else "similar rows"


def result_text(answer: WeakSlices) -> str:
    """How many groups were tested, and what was found."""
    if answer.refused:
        return str(answer.refused)
    if not answer.tested:
        return f"No group of {count(answer.rows, 'row')} is wrong more often than the others beyond chance."
    tested = f"{count(answer.tested, 'group')} of {count(answer.rows, 'row')} looked worse in one half and "
    tested += f"{'was' if answer.tested == 1 else 'were'} tested on the other."
    if not answer.slices:
        return f"{tested} None is wrong more often than the others beyond chance."
    return (
        f"{tested} {count(len(answer.slices), 'group')} {'is' if len(answer.slices) == 1 else 'are'} wrong more often; "
        "of such findings 5 % at most are expected to be chance. The figures are those of the other half. "
        "Select a group to list its rows above."
    )


def _row(found: WeakSlice) -> TableRow:
    own, rest = found.wrong / max(1, found.rows), found.rest_wrong / max(1, found.rest_rows)
    chance = "< 0.001" if found.probability < 0.001 else f"{found.probability:.3f}"
    cells = (group_name(found), f"{100 * own:.0f} %", f"{100 * rest:.0f} %", f"{len(found.positions):,}", chance)
    return TableRow(cells, (group_name(found), own, rest, len(found.positions), found.probability))
