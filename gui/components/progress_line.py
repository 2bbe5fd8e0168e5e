"""Phase, amount and time left of a running stage: one line of text over one bar."""

from __future__ import annotations

import time
from collections import deque

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from engine.contract.events import Event, Noted, Progressed, StageStarted
from engine.contract.formatting import number, size, unit_text
from engine.contract.sentences import Sentence
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.design.theme import SPACE, appearance

WINDOW = 8.0  # seconds over which speed is measured
NEEDED = 1.5  # seconds of a phase before its time left is shown


class ProgressLine(QWidget):
    """Feed it the events of a stage with `show_event`; hide and `reset` it afterwards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phase = PlainLabel(role="strong", elide=True)
        self._amount = PlainLabel(role="secondary")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(Sentence("gui.components.progress"))
        self._note = ""
        self._seen: deque[tuple[float, int]] = deque()
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self._phase, 1)
        top.addWidget(self._amount)
        vertical(self, top, self._bar, gap=SPACE)

    def reset(self, phase: str = "") -> None:
        """Begins again, with nothing known about the amount."""
        self._note = ""
        self._seen.clear()
        self._phase.setText(phase)
        self._amount.setText("")
        show_endless(self._bar)

    def show_event(self, event: Event) -> None:
        """Shows phase and amount of this event; other events change nothing."""
        match event:
            case StageStarted():
                self.reset(event.phase)
            case Noted():
                self._phase.setText(event.text)
            case Progressed():
                self._progress(event)
            case _:
                pass

    def phase(self) -> str:
        """What is being done."""
        return self._phase.text()

    def amount(self) -> str:
        """How much of it, how fast, and the time left."""
        return self._amount.text()

    def _progress(self, event: Progressed) -> None:
        now = time.monotonic()
        if event.note != self._note:
            self._note = event.note
            self._seen.clear()
        if event.note:
            self._phase.setText(event.note)
        self._seen.append((now, event.done))
        while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW:
            self._seen.popleft()
        if event.total > 0:
            self._bar.setRange(0, 1000)
            self._bar.setValue(min(1000, round(1000 * event.done / event.total)))
        else:
            show_endless(self._bar)
        self._amount.setText(" · ".join(part for part in self._parts(event) if part))

    def _parts(self, event: Progressed) -> tuple[str, ...]:
        if not event.unit and not event.total:
            return ()
        if event.unit == "bytes":
            amount = (
                Sentence("gui.components.of_2", done=event.done, total=event.total) if event.total else size(event.done)
            )
        else:
            amount = (
                Sentence("gui.components.of_3", done=event.done, total=event.total)
                if event.total
                else number(event.done)
            )
            amount = f"{amount} {unit_text(event.unit)}".strip()
        first_time, first_done = self._seen[0]
        seconds, done = self._seen[-1][0] - first_time, event.done - first_done
        if seconds < NEEDED or done <= 0:
            return (amount,)
        speed = done / seconds
        left = (
            Sentence("gui.components.left", value=(event.total - event.done) / speed)
            if event.total > event.done
            else ""
        )
        return (amount, f"{size(round(speed))}/s" if event.unit == "bytes" else "", left)


def show_endless(bar: QProgressBar) -> None:
    """Lets a bar run whose end is not known; where motion is to be reduced it stays empty, the phase is enough."""
    bar.setRange(0, 1 if appearance().reduces_motion else 0)
    bar.setValue(0)
