"""The score of the evaluated rows by the values of a column of the file, each value one click from its rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from engine.contract.diagnoses import AskColumnScores, ColumnScores, RunReference, ValueScore
from engine.contract.formatting import number
from engine.contract.metrics import score_title
from engine.contract.score_sentences import score_with_interval
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport
from gui.components.choices import Choice
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import on_one_line
from gui.components.sorted_table import TableRow
from gui.design.theme import INSIDE, SPACE
from gui.evaluate.groups_view import GroupsView
from gui.session import Session

LONGEST_NAME = 60
SCORE_WIDTH = 200  # pixels of a score with its interval
MOST_LINES = 12  # of the table in sight


class ColumnScoresView(GroupsView):
    """The button, the choice of a column, and the values; a selected one is `chosen`."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(
            session,
            parent,
            caption=Sentence("gui.evaluate.show_column_scores"),
            hint=Sentence("gui.evaluate.column_scores_hint"),
            table_name=Sentence("gui.evaluate.scores_by_column"),
            titles=_titles(),
        )
        self._reference: RunReference | None = None
        self._values: tuple[ValueScore, ...] = ()
        self._column = ""
        self.column = Choice()
        self.column.setAccessibleName(Sentence("gui.evaluate.column"))
        label = PlainLabel(Sentence("gui.evaluate.column"), role="secondary")
        label.setBuddy(self.column)
        self._chooser = QWidget()
        horizontal(self._chooser, label, self.column, STRETCH, gap=INSIDE)
        vertical(self, self.hint, self.query, self._chooser, self.result, self.table, gap=SPACE)
        self.column.activated.connect(self._ask_other)
        self._show_nothing()

    def show_report(self, report: EvaluationReport, reference: RunReference) -> None:
        """Offers the columns of the file that the rows of this report are from."""
        if report != self._report or reference != self._reference:
            self._report, self._reference = report, reference
            self._show_nothing()
        self.query.offer(AskColumnScores(reference, self._column))

    def _show_nothing(self) -> None:
        self._values, self._column = (), ""
        self._chooser.hide()
        super()._show_nothing()

    def _ask_other(self) -> None:
        if self._reference is not None and self.column.currentData() != self._column:
            self.query.offer(AskColumnScores(self._reference, self.column.currentData()))
            self.query.start()

    def _take(self, answer: object) -> None:
        if not isinstance(answer, ColumnScores) or self._report is None:
            return
        self.hint.hide()
        self._values = answer.values if self._is_of_report(answer.split) else ()
        self._column = answer.column
        self.column.clear()
        for name in answer.columns:
            self.column.addItem(on_one_line(name, 40), name)
        self.column.setCurrentIndex(max(0, self.column.findData(answer.column)))
        self._chooser.setVisible(bool(answer.columns))
        self.result.setText(result_text(answer))
        self.result.setVisible(bool(self.result.text()))
        self.table.name_column(1, score_title(answer.metric))
        rows = [_row(one, answer) for one in self._values]
        self.table.show_rows(rows)
        self.table.measure(rows, most=SCORE_WIDTH)
        self.table.show_height_for(min(MOST_LINES, len(rows)))
        self.table.setVisible(bool(rows))

    def _group_at(self, position: int) -> tuple[Sequence[int], str]:
        found = self._values[position]
        return found.positions, group_of_column(self._column, value_text(found))


def result_text(answer: ColumnScores) -> str:
    """Why there is nothing, or how many values are not listed; empty where all are."""
    if answer.refused:
        return str(answer.refused)
    return Sentence("gui.evaluate.further_values", values=answer.further) if answer.further else ""


def value_text(found: ValueScore) -> str:
    """A value, a range of numbers, or that there is none."""
    return text_of_value(found.value, found.lowest, found.highest)


def text_of_value(value: str, lowest: float | None, highest: float | None) -> str:
    """A value, a range of numbers, or that there is none."""
    if lowest is None or highest is None:
        return on_one_line(value, LONGEST_NAME) if value else Sentence("gui.evaluate.no_value")
    ends = [number(end, ",.0f" if end == round(end) and abs(end) < 1e15 else ".4g") for end in (lowest, highest)]
    return ends[0] if ends[0] == ends[1] else Sentence("gui.evaluate.value_range", lowest=ends[0], highest=ends[1])


def group_of_column(column: str, value: str) -> str:
    """What rows with this value share."""
    return Sentence("gui.evaluate.group_column", column=on_one_line(column, LONGEST_NAME), value=value)


def _titles() -> tuple[str, ...]:
    return (Sentence("gui.evaluate.value"), Sentence("gui.evaluate.score"), Sentence("gui.evaluate.group_rows"))


def _row(found: ValueScore, answer: ColumnScores) -> TableRow:
    name, rows = value_text(found), len(found.positions)
    score = score_with_interval(found.score, found.interval, score=answer.metric)
    return TableRow(
        (name, score, number(rows)), (found.lowest if found.lowest is not None else name, found.score, rows)
    )
