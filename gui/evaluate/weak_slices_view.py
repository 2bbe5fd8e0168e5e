"""Groups of rows that are wrong more often than the others: found on request, each one click from its rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from engine.contract.diagnoses import AskWeakSlices, RunReference, WeakSlice, WeakSlices
from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport
from engine.tasks.registry import task_facts
from gui.components.layouts import vertical
from gui.components.numbers import whole_percent
from gui.components.plain_text import on_one_line
from gui.components.sorted_table import TableRow
from gui.design.theme import SPACE
from gui.evaluate.column_scores_view import group_of_column, text_of_value
from gui.evaluate.groups_view import GroupsView
from gui.session import Session

LONGEST_NAME = 60


class WeakSlicesView(GroupsView):
    """The button, one sentence and the groups; a selected one is `chosen`."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            parent,
            caption=Sentence("gui.evaluate.find_weak_groups"),
            hint=Sentence("gui.evaluate.weak_groups_hint"),
            table_name=Sentence("gui.evaluate.groups_rows_wrong_more_often"),
            titles=_titles(),
        )
        self._slices: tuple[WeakSlice, ...] = ()
        vertical(self, self.hint, self.query, self.result, self.table, gap=SPACE)
        self._show_nothing()

    def show_report(self, report: EvaluationReport, reference: RunReference) -> None:
        """Offers to look through the rows of this report."""
        if report != self._report:
            self._show_nothing()
        self._report = report
        self.query.offer(AskWeakSlices(reference))

    def _show_nothing(self) -> None:
        self._slices = ()
        super()._show_nothing()

    def _take(self, answer: object) -> None:
        if not isinstance(answer, WeakSlices) or self._report is None:
            return
        self.hint.hide()
        self._slices = answer.slices if self._is_of_report(answer.split) else ()
        numbers = task_facts(self._report.run.dataset.task).labels_are_numbers
        wrong = Sentence("gui.evaluate.wrong_numbers") if numbers and not answer.refused else ""
        self.result.setText(f"{result_text(answer)} {wrong}".rstrip())
        self.result.show()
        rows = [_row(one) for one in self._slices]
        self.table.show_rows(rows)
        self.table.measure(rows)
        self.table.show_height_for(len(rows))
        self.table.setVisible(bool(rows))

    def _group_at(self, position: int) -> tuple[Sequence[int], str]:
        found = self._slices[position]
        return found.positions, group_name(found)


def group_name(found: WeakSlice) -> str:
    """What the rows of a group share."""
    name = on_one_line(found.name, LONGEST_NAME)
    match found.kind:
        case "length":
            if found.shortest < found.longest:
                return Sentence("gui.evaluate.group_lengths", shortest=found.shortest, longest=found.longest)
            return Sentence("gui.evaluate.group_length", tokens=found.longest)
        case "word":
            return Sentence("gui.evaluate.group_word", word=name)
        case "label":
            return Sentence("gui.evaluate.group_label", label=name)
        case "column":
            return group_of_column(found.column, text_of_value(found.name, found.lowest, found.highest))
        case "cluster":
            return (
                Sentence("gui.evaluate.group_similar_to", name=name) if name else Sentence("gui.evaluate.group_similar")
            )


def result_text(answer: WeakSlices) -> str:
    """How many groups were tested, and what was found."""
    if answer.refused:
        return str(answer.refused)
    if not answer.tested:
        return Sentence("gui.evaluate.no_weak_group", rows=answer.rows)
    tested = Sentence("gui.evaluate.groups_tested", groups=answer.tested, rows=answer.rows)
    if not answer.slices:
        return f"{tested} {Sentence('gui.evaluate.none_weak')}"
    weak = Sentence("gui.evaluate.groups_weak", groups=len(answer.slices))
    return f"{tested} {weak} {Sentence('gui.evaluate.figures_of_other_half')}"


def _titles() -> tuple[str, ...]:
    return (
        Sentence("gui.evaluate.group"),
        Sentence("gui.evaluate.group_wrong"),
        Sentence("gui.evaluate.group_others_wrong"),
        Sentence("gui.evaluate.group_rows"),
        Sentence("gui.evaluate.group_by_chance"),
    )


def _row(found: WeakSlice) -> TableRow:
    own, rest = found.wrong / max(1, found.rows), found.rest_wrong / max(1, found.rest_rows)
    chance = f"< {number(0.001, '.3f')}" if found.probability < 0.001 else number(found.probability, ".3f")
    cells = (group_name(found), whole_percent(own), whole_percent(rest), number(len(found.positions)), chance)
    return TableRow(cells, (group_name(found), own, rest, len(found.positions), found.probability))
