"""Reports of the training steps: at most 20 a second, each with the means since the one before.

Numbers stay on the device between two reports. A GPU does not wait for a report either: its numbers are copied while
the next step is already queued, and read after that.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple

import torch

from engine.contract.errors import NumbersDiverged
from engine.contract.events import DeviceSampled, Emit, Event, StepsTrained
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.devices import detection as devices
from engine.devices.detection import DeviceLoad
from engine.training.step.progress import Progress
from engine.training.step.training import Training

REPORT_INTERVAL = 0.05  # seconds between two reports
SAMPLE_INTERVAL = 2.0  # seconds between two samples of memory and load


class _Window(NamedTuple):
    """What is reported of some steps, as numbers on the host that a GPU may still be writing."""

    numbers: torch.Tensor  # sum of losses in the evaluation window, sums of losses and norms here, good steps, diverged
    written: torch.cuda.Event | None
    step: int
    steps: int
    tokens: int
    rate: float
    seconds: float  # of the run, at its end
    length: float  # seconds


class StepReports:
    """Accumulates losses, gradient norms and tokens, keeps `progress` up to date, and emits reports."""

    def __init__(self, training: Training, progress: Progress, emit: Emit, clock: Callable[[], float]) -> None:
        device = training.compute.device
        wide = torch.float32 if device.type == "mps" else torch.float64
        self.diverged = torch.zeros((), dtype=torch.bool, device=device)
        self._training = training
        self._progress = progress
        self._emit = emit
        self._clock = clock
        # Summed step by step, never in groups that depend on the clock: equal runs have equal histories.
        self._loss_sum = torch.tensor(progress.loss_sum, dtype=wide, device=device)
        self._good_steps = torch.tensor(0, dtype=torch.int64, device=device)
        self._first_step = progress.step
        self._seconds_before = progress.seconds
        self._begun = self._clock()
        self._load = DeviceLoad(device)
        self._reported = -math.inf
        self._sampled = -math.inf
        self._defers = _defers(device)
        self._waiting: _Window | None = None
        self._start_window()

    def add(self, loss: torch.Tensor, gradient_norm: torch.Tensor, *, rate: float, tokens: int) -> bool:
        """Adds one step; reports when it is time, and returns whether it did.

        Raises what the listener raises; `progress` may then lack the loss of the last step (see `settle`).
        """
        self._losses += loss
        self._norms += gradient_norm
        self._loss_sum += loss
        self._good_steps += ~self.diverged
        self._progress.loss_steps += 1
        self._steps += 1
        self._tokens += tokens
        self._rate = rate
        has_reported = self._waiting is not None
        if self._waiting is not None:
            self._report(self._waiting)
            self._sample()
        if self._clock() - self._reported < REPORT_INTERVAL:
            return has_reported
        if self._defers:
            self._waiting = self._close_window()
            return has_reported
        self.catch_up()
        return True

    def catch_up(self) -> None:
        """Reports all steps that have not been reported, and brings `progress` up to date."""
        if self._waiting is not None:
            self._report(self._waiting)
        if self._steps:
            self._report(self._close_window())
        self.settle()
        self._sample()

    def settle(self) -> None:
        """Brings `progress` up to date without a report."""
        self._progress.loss_sum = float(self._loss_sum)
        self._progress.seconds = self._seconds_before + self._clock() - self._begun
        self._progress.scaler = self._training.scaler.state_dict()

    def _close_window(self) -> _Window:
        now = self._clock()
        sums = (self._loss_sum, self._losses, self._norms, self._good_steps, self.diverged)
        numbers = torch.stack([part.to(self._loss_sum) for part in sums]).to("cpu", non_blocking=self._defers)
        written = None
        if numbers.is_pinned():
            written = torch.cuda.Event()  # type: ignore[no-untyped-call]
            written.record()
        window = _Window(
            numbers,
            written,
            self._progress.step,
            self._steps,
            self._tokens,
            self._rate,
            self._seconds_before + now - self._begun,
            now - self._window_begun,
        )
        self._reported = now
        self._start_window()
        return window

    def _report(self, window: _Window) -> None:
        self._waiting = None
        if window.written is not None:
            window.written.synchronize()
        loss_sum, losses, norms, good_steps, diverged = window.numbers.tolist()
        self._progress.loss_sum = loss_sum
        self._progress.seconds = window.seconds
        self._progress.scaler = self._training.scaler.state_dict()
        loss, norm = losses / window.steps, norms / window.steps
        self._emit(
            StepsTrained(
                step=window.step,
                total=self._training.total_steps,
                epoch=self._training.epoch_at(window.step),
                loss=loss if math.isfinite(loss) else None,
                learning_rate=window.rate,
                gradient_norm=norm if math.isfinite(norm) else None,
                tokens_per_second=window.tokens / max(1e-9, window.length),
                seconds=window.seconds,
                finite=not diverged,
            )
        )
        if diverged:
            raise _diverged(self._first_step + int(good_steps) + 1, self._training.compute.precision)

    def _sample(self) -> None:
        now = self._clock()
        if now - self._sampled >= SAMPLE_INTERVAL:
            self._sampled = now
            used, total = devices.memory(self._training.compute.device)
            self._emit(DeviceSampled(used, total, self._load.share()))

    def expect(self, training: Training) -> None:
        """The same training with another number of steps in all."""
        self._training = training

    def resume(self) -> None:
        """Starts a new window after an evaluation, whose time does not count as slow steps."""
        self._loss_sum.fill_(self._progress.loss_sum)
        self._start_window()

    def _start_window(self) -> None:
        self._losses = torch.zeros_like(self._loss_sum)
        self._norms = torch.zeros_like(self._loss_sum)
        self._steps = 0
        self._tokens = 0
        self._rate = 0.0
        self._window_begun = self._clock()


def _defers(device: torch.device) -> bool:
    """Whether a report waits until the next step is queued."""
    return device.type == "cuda"


class WorkingClock:
    """Seconds of work since an arbitrary moment, without those in which a listener kept the run waiting (paused)."""

    def __init__(self) -> None:
        self._waited = 0.0

    def __call__(self) -> float:
        """Seconds, monotonic."""
        return time.monotonic() - self._waited

    def without_time_of(self, emit: Emit) -> Emit:
        """The same listener; the time it takes does not count."""

        def listen(event: Event) -> None:
            begun = time.monotonic()
            try:
                emit(event)
            finally:
                self._waited += time.monotonic() - begun

        return listen


def _diverged(step: int, precision: str) -> NumbersDiverged:
    is_exact = precision == "fp32"
    return NumbersDiverged(
        "T5",
        Sentence("training.t5.training_stopped_before_step_loss", step=step),
        hint=Sentence("training.t5.lower_learning_rate_lengthen_warm")
        if is_exact
        else Sentence("training.t5.lower_learning_rate_lengthen_warm_2"),
        actions=(
            (RecoveryAction.LOWER_LEARNING_RATE,)
            if is_exact
            else (RecoveryAction.LOWER_LEARNING_RATE, RecoveryAction.USE_FP32)
        ),
        field="learning_rate",
    )
