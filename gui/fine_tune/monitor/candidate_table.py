"""What was compared before a run, one candidate a row, with what was taken and why."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.contract.choice_sentences import cells, heading, heads, outcome
from engine.contract.events import CandidatesCompared, ComparisonProgressed, Event
from engine.contract.sentences import Sentence
from engine.contract.states import Choice
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import HALF

MOST_ROWS_SHOWN = 6
WIDEST_NAME = 300  # pixels


class CandidateTable(QWidget):
    """Feed it the events of a run, or the choice of one that has ended; hidden while nothing was compared."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head = PlainLabel(role="strong", wrap=True)
        self._outcome = PlainLabel(role="secondary", wrap=True)
        self.table = SortedTable(heads(), (1, 2), wide_column=3)
        self.table.setAccessibleName(Sentence("gui.fine_tune.candidates_compared"))
        vertical(self, self._head, self.table, self._outcome, gap=HALF)
        self.hide()

    def clear(self) -> None:
        """Nothing was compared."""
        self.hide()

    def show_event(self, event: Event) -> None:
        """Takes in what this event holds about a choice."""
        if isinstance(event, CandidatesCompared | ComparisonProgressed):
            self.show_choice(event.choice)

    def show_choice(self, choice: Choice | None) -> None:
        """Shows a choice, or nothing where there was none."""
        self.setVisible(choice is not None)
        if choice is None:
            return
        self._head.setText(heading(choice))
        self._outcome.setText(outcome(choice))
        rows = [_row(choice, place) for place in range(len(choice.candidates))]
        self.table.show_rows(rows)
        self.table.measure(rows, most=WIDEST_NAME)
        self.table.show_height_for(min(len(rows), MOST_ROWS_SHOWN))


def _row(choice: Choice, place: int) -> TableRow:
    candidate, shown = choice.candidates[place], cells(choice, place)
    return TableRow(shown, (shown[0], candidate.score, candidate.seconds, shown[3]))
