"""Where a training run stands: phase, step, epoch, elapsed, time left, speed and memory, over one bar."""

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
from engine.contract.formatting import about, device_text, duration
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.components.progress_line import show_endless
from gui.design.theme import SPACE

if TYPE_CHECKING:
    from gui.fine_tune.monitor.training_curves import TrainingCurves

WAITING = "Waiting for the current task to finish…"


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
        self._bar.setAccessibleName("Training progress")
        self._device = ""
        self._training = False
        self._stopping = ""
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self._phase, 1)
        top.addWidget(self._time)
        bottom = QHBoxLayout()
        bottom.setSpacing(SPACE)
        bottom.addWidget(self._numbers, 1)
        bottom.addWidget(self._saved)
        vertical(self, top, self._bar, bottom, gap=SPACE)

    def begin(self, phase: str = WAITING) -> None:
        """A run was started; nothing is known yet but what is waited for."""
        self._training = False
        self._stopping = ""
        self._device = ""
        self._phase.setText(phase)
        for label in (self._time, self._numbers, self._saved):
            label.setText("")
        show_endless(self._bar)
        self.show()

    def say_stopping(self, *, discard: bool) -> None:
        """The user asked to stop; the engine has not answered yet."""
        if not self._training:
            self._stopping = "Stopping"
        else:
            self._stopping = "Finishing this step, then discarding" if discard else "Finishing this step, then saving"
        self._phase.setText(self._stopping)

    def say_pausing(self) -> None:
        """The user asked to pause; the engine has not answered yet."""
        self._say("Pausing after this step")

    def say_paused(self, step: int, why: str = "") -> None:
        """Training is paused."""
        self._say(f"Paused at step {step:,}{why}" if step else f"Paused{why}")

    def phase(self) -> str:
        """What is being done."""
        return self._phase.text()

    def numbers(self) -> str:
        """Step, epoch, speed and device."""
        return self._numbers.text()

    def show_event(self, event: Event) -> None:
        """Takes in what this event says about phase and device."""
        match event:
            case StageStarted():
                self._say(event.phase)
            case Progressed():
                self._say(event.note)
                if not self._training:
                    self._bar.setRange(0, event.total)
                    self._bar.setValue(event.done)
            case TrainingStarted():
                self._training = True
                self._device = f"{device_text(event.device)}, {event.precision}"
                self._say("Training")
            case Evaluated() | Continued():
                self._say("Training" if self._training else "Continuing")
            case StopAccepted():
                self._stopping = self._stopping.replace("Finishing this step, then s", "S").replace(
                    "Finishing this step, then d", "D"
                )
                self._say(self._stopping)
            case CheckpointSaved():
                lost = f" · at most {duration(event.interval)} can be lost" if event.interval else ""
                self._saved.setText(f"saved at step {event.step:,}{lost}")
            case _:
                pass

    def show_curves(self, curves: TrainingCurves) -> None:
        """Shows the numbers as they are now."""
        if not self._training:
            return
        total = max(1, curves.total_steps)
        self._bar.setRange(0, total)
        self._bar.setValue(min(total, curves.step))
        parts = [f"step {curves.step:,} of {total:,}", f"epoch {curves.epoch:.2f}"]
        if curves.tokens_per_second > 0:
            parts.append(f"{curves.tokens_per_second:,.0f} tokens/s")
        parts.append(self._device)
        self._numbers.setText(" · ".join(parts))
        left = curves.seconds_left()
        elapsed = duration(curves.seconds)
        self._time.setText(f"{elapsed} · about {about(left)} left" if left is not None else elapsed)

    def _say(self, text: str) -> None:
        if text and (not self._stopping or text == self._stopping):
            self._phase.setText(text)
