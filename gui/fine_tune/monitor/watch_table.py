"""The watch-list while a run trains: each sentence, what the network answers now, and what it answered before."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.contract.events import Event, TrainingStarted, Watched
from engine.contract.queries import Prediction
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import HALF

MOST_ROWS_SHOWN = 5
COLUMNS = ("Sentence", "Answer", "Change")


class WatchTable(QWidget):
    """Feed it the events of a run; hidden while there is nothing to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looks: list[Watched] = []
        self._shown = -1  # which of them, counted from the end
        self._head = PlainLabel("Watch-list", role="strong")
        self.table = SortedTable(COLUMNS, (), wide_column=0)
        self.table.show_both_ends(1)
        self.table.setAccessibleName("Watch-list: your sentences and the answers to them")
        vertical(self, self._head, self.table, gap=HALF)
        self.hide()

    def clear(self) -> None:
        """Another run begins."""
        self._looks = []
        self._shown = -1
        self.hide()

    def show_best(self, step: int) -> None:
        """The run has ended: shows what the network that was kept answers, that of this step, where it was asked."""
        place = next((place for place, look in enumerate(self._looks) if look.step == step), None)
        if place is not None:
            self._shown = place - len(self._looks)
            self._show()
            self._head.setText(f"Watch-list as the best network answers it, after step {step:,}")

    def show_event(self, event: Event) -> None:
        """Takes in the answers after a look at the validation rows."""
        match event:
            case TrainingStarted():
                self._looks = [look for look in self._looks if look.step <= event.first_step]
                self._shown = -1
            case Watched():
                self._looks.append(event)
                self._show()
            case _:
                pass

    def rows(self) -> list[tuple[str, str, str]]:
        """Sentence, answer and change of each row."""
        if not self._looks:
            return []
        now = self._looks[self._shown]
        return [
            (_sentence(answer), answer_text(answer), self._change(place))
            for place, answer in enumerate(now.predictions)
        ]

    def _show(self) -> None:
        rows = [TableRow(cells, cells) for cells in self.rows()]
        self._head.setText(f"Watch-list after step {self._looks[self._shown].step:,}")
        self.table.show_rows(rows)
        self.table.measure(rows, most=260)
        self.table.show_height_for(min(len(rows), MOST_ROWS_SHOWN))
        self.setVisible(bool(rows))

    def _change(self, place: int) -> str:
        """How the answer differs from the one before: another answer names it, the same one its probability."""
        earlier = self._looks[: self._shown]
        if not earlier or place >= len(earlier[-1].predictions):
            return ""
        before, now = earlier[-1].predictions[place], self._looks[self._shown].predictions[place]
        if before.value is not None and now.value is not None:
            return f"{now.value - before.value:+.3g}"
        if _name(before) != _name(now):
            return f"was {answer_text(before)}"
        if not now.labels or not before.labels:
            return "the same"
        points = 100 * (now.labels[0].probability - before.labels[0].probability)
        if not round(points):
            return "the same"
        return f"{points:+.0f} {'point' if abs(round(points)) == 1 else 'points'}"


def answer_text(answer: Prediction) -> str:
    """The answer in one line: label with probability, labels, number, or entities."""
    if answer.value is not None:
        return f"{answer.value:.4g}"
    if answer.labels:
        return ", ".join(f"{label.label} {100 * label.probability:.0f} %" for label in answer.given) or "no label"
    parts = (
        f"{answer.text[entity.start : entity.end]} ({entity.label} {100 * entity.probability:.0f} %)"
        for entity in answer.entities
    )
    return ", ".join(parts) or "no entity"


def _name(answer: Prediction) -> object:
    """What is answered, without how sure."""
    if answer.labels:
        return {label.label for label in answer.given}
    return [(entity.start, entity.end, entity.label) for entity in answer.entities]


def _sentence(answer: Prediction) -> str:
    return f"{answer.text} | {answer.second_text}" if answer.second_text else answer.text
