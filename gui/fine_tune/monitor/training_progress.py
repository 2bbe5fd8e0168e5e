"""How far a training run is: phase, step, epoch, elapsed, time left, speed and memory, over one bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from engine.contract.events import (
    CheckpointSaved,
    Continued,
    Evaluated,
    Event,
    Progressed,
    StageStarted,
    StopAccepted,
    TrainingStarted,
)
from engine.contract.formatting import device_text, duration
from engine.contract.sentences import Sentence
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.components.progress_line import show_endless
from gui.design.theme import SPACE

if TYPE_CHECKING:
    from gui.fine_tune.monitor.training_curves import TrainingCurves


class TrainingProgress(QWidget):
    """Feed it the events of the run; `show_curves` refreshes the numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phase = PlainLabel(role="strong", elide=True)
        self._time = PlainLabel(role="body")
        self._numbers = PlainLabel(role="secondary", elide=True)
        self._saved = PlainLabel(role="secondary")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(Sentence("gui.fine_tune.training_progress"))
        self._device = ""
        self._training = False
        self._stopping = ""  # what is shown from the request to stop on
        self._stopped = ""  # what replaces it once the engine has accepted
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self._phase, 1)
        top.addWidget(self._time)
        bottom = QHBoxLayout()
        bottom.setSpacing(SPACE)
        bottom.addWidget(self._numbers, 1)
        bottom.addWidget(self._saved)
        vertical(self, top, self._bar, bottom, gap=SPACE)

    def begin(self, phase: str = "") -> None:
        """A run was started; nothing is known yet but what is waited for."""
        self._training = False
        self._stopping = ""
        self._device = ""
        self._phase.setText(phase or Sentence("gui.fine_tune.waiting_current_task"))
        for label in (self._time, self._numbers, self._saved):
            label.setText("")
        show_endless(self._bar)
        self.show()

    def show_stopping(self, *, discard: bool) -> None:
        """The user asked to stop; the engine has not answered yet."""
        if not self._training:
            self._stopping = self._stopped = Sentence("gui.fine_tune.stopping")
        elif discard:
            self._stopping, self._stopped = (
                Sentence("gui.fine_tune.finishing_discarding"),
                Sentence("gui.fine_tune.discarding"),
            )
        else:
            self._stopping, self._stopped = Sentence("gui.fine_tune.finishing_saving"), Sentence("gui.fine_tune.saving")
        self._phase.setText(self._stopping)

    def show_pausing(self) -> None:
        """The user asked to pause; the engine has not answered yet."""
        self._show(Sentence("gui.fine_tune.pausing_after_step"))

    def show_paused(self, step: int, *, disk_is_full: bool = False) -> None:
        """Training is paused."""
        if disk_is_full:
            paused = (
                Sentence("gui.fine_tune.paused_at_disk_full", step=step)
                if step
                else Sentence("gui.fine_tune.paused_disk_full")
            )
        else:
            paused = Sentence("gui.fine_tune.paused_at", step=step) if step else Sentence("gui.fine_tune.paused")
        self._show(paused)

    def phase(self) -> str:
        """What is being done."""
        return self._phase.text()

    def numbers(self) -> str:
        """Step, epoch, speed and device."""
        return self._numbers.text()

    def show_event(self, event: Event) -> None:
        """Takes in what this event holds about phase and device."""
        match event:
            case StageStarted():
                self._show(event.phase)
            case Progressed():
                self._show(event.note)
                if not self._training:
                    self._bar.setRange(0, event.total)
                    self._bar.setValue(event.done)
            case TrainingStarted():
                self._training = True
                self._device = f"{device_text(event.device)}, {event.precision}"
                self._show(Sentence("gui.fine_tune.training"))
            case Evaluated() | Continued():
                self._show(
                    Sentence("gui.fine_tune.training") if self._training else Sentence("gui.fine_tune.continuing")
                )
            case StopAccepted():
                if self._stopping:
                    self._stopping = self._stopped
                    self._show(self._stopping)
            case CheckpointSaved():
                if event.interval:
                    self._saved.setText(
                        Sentence("gui.fine_tune.saved_at_loses", step=event.step, seconds=event.interval)
                    )
                else:
                    self._saved.setText(Sentence("gui.fine_tune.saved_at", step=event.step))
            case _:
                pass

    def show_curves(self, curves: TrainingCurves) -> None:
        """Shows the numbers as they are now."""
        if not self._training:
            return
        total = max(1, curves.total_steps)
        self._bar.setRange(0, total)
        self._bar.setValue(min(total, curves.step))
        parts: list[str] = [
            Sentence("gui.fine_tune.step_of", step=curves.step, total=total),
            Sentence("gui.fine_tune.epoch_now", epoch=curves.epoch),
        ]
        if curves.tokens_per_second > 0:
            parts.append(Sentence("gui.fine_tune.tokens_per_second", speed=curves.tokens_per_second))
        parts.append(self._device)
        self._numbers.setText(" · ".join(parts))
        left = curves.seconds_left()
        if left is not None:
            self._time.setText(Sentence("gui.fine_tune.time_left", elapsed=curves.seconds, left=left))
        else:
            self._time.setText(duration(curves.seconds))

    def _show(self, text: str) -> None:
        if text and (not self._stopping or text == self._stopping):
            self._phase.setText(text)
