"""The trials of a search, one a row: what was tried, and how far it came."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.contract.events import Evaluated, Event, TrialEnded, TrialOutcome, TrialStarted
from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from gui.components.layouts import vertical
from gui.components.numbers import write_number
from gui.components.plain_label import PlainLabel
from gui.components.sorted_table import Key, SortedTable, TableRow
from gui.design.theme import HALF

MOST_ROWS_SHOWN = 4


class TrialTable(QWidget):
    """Feed it the events of a search; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._started: dict[int, TrialStarted] = {}
        self._ended: dict[int, TrialEnded] = {}
        self._scores: dict[int, float] = {}  # the best so far of the running trial
        self._best = 0
        self._head = PlainLabel(role="strong")
        self.table = SortedTable(
            (
                Sentence("gui.fine_tune.trial"),
                Sentence("gui.fine_tune.rate"),
                Sentence("gui.fine_tune.epochs"),
                Sentence("gui.fine_tune.batch"),
                Sentence("gui.fine_tune.score"),
                Sentence("gui.fine_tune.state"),
            ),
            (0, 1, 2, 3, 4),
            wide_column=5,
        )
        self.table.setAccessibleName(Sentence("gui.fine_tune.trials_search"))
        vertical(self, self._head, self.table, gap=HALF)
        self.hide()

    def clear(self) -> None:
        """There is no search."""
        self._started, self._ended, self._scores, self._best = {}, {}, {}, 0
        self.hide()

    def has_trial(self, run_id: str) -> bool:
        """Whether this run is one of the trials."""
        return any(ended.run_id == run_id for ended in self._ended.values())

    def show_event(self, event: Event) -> None:
        """Takes in what this event holds about the trials."""
        match event:
            case TrialStarted():
                self._started[event.number] = event
                self._head.setText(Sentence("gui.fine_tune.search_trial", number=event.number, total=event.total))
            case TrialEnded():
                self._ended[event.number] = event
                self._best = event.number if event.is_best else self._best
                if event.number == event.total:
                    self._head.setText(Sentence("gui.fine_tune.search_trials", trials=event.total))
            case Evaluated() if self._started:
                score = event.scores.get(event.metric)
                running = max(self._started)
                if score is not None:
                    self._scores[running] = max(score, self._scores.get(running, score))
                self.table.name_column(4, Sentence("gui.fine_tune.validation_score", metric=event.metric))
            case _:
                return
        self._show()

    def rows(self) -> list[tuple[str, ...]]:
        """The cells of each row."""
        return [row.cells for row in map(self._row, self._started.values())]

    def _row(self, trial: TrialStarted) -> TableRow:
        ended = self._ended.get(trial.number)
        score = ended.score if ended is not None else self._scores.get(trial.number)
        state: str = Sentence("gui.fine_tune.trial_running") if ended is None else _outcome(ended.outcome)
        if trial.number == self._best:
            state = Sentence("gui.fine_tune.trial_best", state=state)
        cells = (
            number(trial.number),
            write_number(trial.learning_rate),
            number(trial.epochs, ".3g"),
            number(trial.batch_size),
            "" if score is None else number(score, ".3f"),
            state,
        )
        keys: tuple[Key, ...] = (trial.number, trial.learning_rate, trial.epochs, trial.batch_size, score, state)
        return TableRow(cells, keys)

    def _show(self) -> None:
        rows = [self._row(trial) for trial in self._started.values()]
        self.table.show_rows(rows)
        self.table.measure(rows)
        self.table.show_height_for(min(len(rows), MOST_ROWS_SHOWN))
        self.setVisible(bool(rows))


def _outcome(outcome: TrialOutcome) -> str:
    """How a trial ended."""
    match outcome:
        case "finished":
            return Sentence("gui.fine_tune.trial_finished")
        case "ended early":
            return Sentence("gui.fine_tune.trial_ended_early")
        case "stopped":
            return Sentence("gui.fine_tune.trial_stopped")
        case "failed":
            return Sentence("gui.fine_tune.trial_failed")
