"""The watch-list while a run trains: each sentence, what the network answers now, and what it answered before."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.contract.events import Event, TrainingStarted, Watched
from engine.contract.formatting import number
from engine.contract.queries import Prediction
from engine.contract.sentences import Sentence
from gui.components.layouts import vertical
from gui.components.numbers import whole_percent
from gui.components.plain_label import PlainLabel
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import HALF

MOST_ROWS_SHOWN = 5


class WatchTable(QWidget):
    """Feed it the events of a run; hidden while there is nothing to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._looks: list[Watched] = []
        self._shown = -1  # which of them, counted from the end
        self._head = PlainLabel(Sentence("gui.fine_tune.watch_list"), role="strong")
        columns = (
            Sentence("gui.fine_tune.watch_sentence"),
            Sentence("gui.fine_tune.watch_answer"),
            Sentence("gui.fine_tune.watch_change"),
        )
        self.table = SortedTable(columns, (), wide_column=0)
        self.table.show_both_ends(1)
        self.table.setAccessibleName(Sentence("gui.fine_tune.watch_list_your_sentences_answers"))
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
            self._head.setText(Sentence("gui.fine_tune.watch_list_best", step=step))

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
        self._head.setText(Sentence("gui.fine_tune.watch_list_after", step=self._looks[self._shown].step))
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
            return number(now.value - before.value, "+.3g")
        if _name(before) != _name(now):
            return Sentence("gui.fine_tune.watch_was", answer=answer_text(before))
        if not now.labels or not before.labels:
            return Sentence("gui.fine_tune.watch_same")
        points = round(100 * (now.labels[0].probability - before.labels[0].probability))
        if not points:
            return Sentence("gui.fine_tune.watch_same")
        if points > 0:
            return Sentence("gui.fine_tune.watch_points_more", points=points)
        return Sentence("gui.fine_tune.watch_points_fewer", points=-points)


def answer_text(answer: Prediction) -> str:
    """The answer in one line: label with probability, labels, number, or entities."""
    if answer.value is not None:
        return number(answer.value, ".4g")
    if answer.labels:
        labels = ", ".join(f"{label.label} {whole_percent(label.probability)}" for label in answer.given)
        return labels or Sentence("gui.fine_tune.no_label")
    parts = (
        f"{answer.text[entity.start : entity.end]} ({entity.label} {whole_percent(entity.probability)})"
        for entity in answer.entities
    )
    return ", ".join(parts) or Sentence("gui.fine_tune.no_entity")


def _name(answer: Prediction) -> object:
    """What is answered, without how sure."""
    if answer.labels:
        return {label.label for label in answer.given}
    return [(entity.start, entity.end, entity.label) for entity in answer.entities]


def _sentence(answer: Prediction) -> str:
    return f"{answer.text} | {answer.second_text}" if answer.second_text else answer.text
