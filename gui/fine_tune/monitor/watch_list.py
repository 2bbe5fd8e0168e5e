"""The watch-list while a run trains: each sentence, what the network answers now, and what it answered before."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QMimeData, Signal
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from engine.contract.errors import InvalidSetting
from engine.contract.events import Event, TrainingStarted, Watched
from engine.contract.formatting import count
from engine.contract.queries import Prediction
from engine.contract.settings import FineTuneSettings, check, field_meta
from gui.components.plain_label import PlainLabel, repolish, set_tooltip
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
        self.table.setAccessibleName("Watch-list: your sentences and the answers to them")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(self._head)
        column.addWidget(self.table)
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
        shown = [label for label in answer.labels if label.probability >= answer.threshold] if answer.threshold else []
        shown = shown if answer.threshold else list(answer.labels[:1])
        return ", ".join(f"{label.label} {100 * label.probability:.0f} %" for label in shown) or "no label"
    parts = (
        f"{answer.text[entity.start : entity.end]} ({entity.label} {100 * entity.probability:.0f} %)"
        for entity in answer.entities
    )
    return ", ".join(parts) or "no entity"


def _name(answer: Prediction) -> object:
    """What is answered, without how sure."""
    if answer.labels:
        given = answer.labels if answer.threshold else answer.labels[:1]
        return {label.label for label in given if label.probability >= answer.threshold}
    return [(entity.start, entity.end, entity.label) for entity in answer.entities]


def _sentence(answer: Prediction) -> str:
    return f"{answer.text} | {answer.second_text}" if answer.second_text else answer.text


# Where the user's own sentences are entered, one a line: `value()`, `set_value()`, `changed`.

LINES_SHOWN = 3
MOST_CHARACTERS = 25_000  # beyond what the setting takes: a huge paste never reaches the document whole
ALONE = "One sentence a line. Each is answered after every look at the validation rows, and you see how that changes."
PAIRS = "One pair a line: first | second. Each is answered after every look at the validation rows."


class WatchLines(QWidget):
    """Lines of text; impossible ones get a sentence beside them, and `value()` keeps the last possible ones."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value: tuple[str, ...] = ()
        self._refusal = ""
        self.edit = _Edit()
        self.edit.setAccessibleName("Watch-list")
        meta = field_meta(FineTuneSettings, "watch_list")
        set_tooltip(self.edit, (meta.description if meta is not None else None) or "")
        self.edit.setFixedHeight(self.edit.fontMetrics().lineSpacing() * LINES_SHOWN + 22)
        self._hint = PlainLabel(ALONE, role="secondary", wrap=True)
        self._hint.setBuddy(self.edit)
        self._refusal_label = PlainLabel(role="bad", wrap=True)
        self._refusal_label.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        for widget in (self._hint, self.edit, self._refusal_label):
            column.addWidget(widget)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self._edited)

    def value(self) -> tuple[str, ...]:
        """The sentences, empty lines left out."""
        return self._value

    def set_value(self, lines: tuple[str, ...]) -> None:
        """Shows these sentences; silent."""
        if lines == self._value:
            return  # the user may be typing: spaces and empty lines stay
        self._value = lines
        self._refuse("")
        self.edit.blockSignals(True)
        self.edit.setPlainText("\n".join(" ".join(line.splitlines()) for line in lines))
        self.edit.blockSignals(False)

    def refusal(self) -> str:
        """Why the lines are refused, or an empty string."""
        return self._refusal

    def expect_pairs(self, pairs: bool) -> None:
        """Whether a line holds two texts."""
        self._hint.setText(PAIRS if pairs else ALONE)
        self.edit.setPlaceholderText("first text | second text" if pairs else "A sentence of your own")

    def _edited(self) -> None:
        lines = tuple(line.strip() for line in self.edit.toPlainText().splitlines() if line.strip())
        try:
            check(msgspec.structs.replace(FineTuneSettings(), watch_list=lines))
        except InvalidSetting:
            longest = max(map(len, lines))
            seen = count(len(lines), "line") if len(lines) > 20 else f"a line of {longest:,} characters"
            self._refuse(f"Watch-list: at most 20 lines of at most 1,000 characters fit; here is {seen}.")
        else:
            self._refuse("")
            self._value = lines
        self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        if sentence != self._refusal:
            self._refusal = sentence
            self._refusal_label.setText(sentence)
            self._refusal_label.setVisible(bool(sentence))
            self.edit.setProperty("refused", bool(sentence))
            repolish(self.edit)


class _Edit(QPlainTextEdit):
    """Tab leaves; pasted tabs stay, since they part the two texts of a pair."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Takes a pasted or dropped text as it is written, up to what can ever fit."""
        room = max(0, MOST_CHARACTERS - self.document().characterCount())
        self.textCursor().insertText(source.text()[:room])
        self.ensureCursorVisible()
