"""The numbers behind the charts of a training run, gathered from its events. Uses no widgets.

Curves grow by up to twenty points a second for hours or days; `Series` keeps them within a fixed amount of memory.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.contract.events import (
    BaselineMeasured,
    Continued,
    DeviceSampled,
    DiskFilled,
    Evaluated,
    Event,
    Paused,
    StepsTrained,
    TrainingStarted,
)
from gui.charts.curve_data import Series


class TrainingCurves:
    """The events of one run so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, whole: bool = False) -> None:
        self._clock = clock
        self._whole = whole  # every point is kept, for a file
        self.metric = ""
        self.evaluation_interval = 0  # steps between two evaluations, as the settings ask for them
        self.clear()

    def clear(self) -> None:
        """Drops everything: another run begins."""
        self.training_loss = Series(whole=self._whole)
        self.validation_loss = Series(whole=self._whole)
        self.scores = Series(whole=self._whole)
        self.learning_rate = Series(whole=self._whole)
        self.gradient_norm = Series(whole=self._whole)
        self.speed = Series(whole=self._whole)  # tokens per second
        self.memory = Series(whole=self._whole)  # of the device, bytes
        self.load = Series(whole=self._whole)  # of the device, 0 to 1
        self.class_f1: dict[str, Series] = {}
        self.baselines: dict[str, float] = {}
        self.learned_rows: dict[str, int] = {}  # of a baseline that has not learned from all training rows; else 0
        self.run_id = ""
        self.step = 0
        self.total_steps = 0
        self.steps_per_epoch = 0.0
        self.is_scored = True  # on validation rows
        self.epoch = 0.0
        self.tokens_per_second = 0.0
        self.best: tuple[int, float] | None = None
        self._begun: float | None = None
        self._paused_since: float | None = None
        self._first_step = 0
        self.seconds = 0.0

    def on_event(self, event: Event) -> bool:
        """Takes in an event; returns whether a curve changed."""
        match event:
            case TrainingStarted():
                if event.first_step == 0:
                    baselines, rows = self.baselines, self.learned_rows  # may be there before the first step
                    self.clear()
                    self.baselines, self.learned_rows = baselines, rows
                for series in self.all_series():
                    series.drop_from(event.first_step + 0.5)
                self.metric = event.metric
                self.run_id = event.run_id
                self.total_steps = event.total_steps
                self.steps_per_epoch = event.steps_per_epoch
                self.is_scored = event.is_scored
                self.step = self._first_step = event.first_step
                self._begun = self._clock()
            case StepsTrained():
                self.training_loss.add(event.step, event.loss)
                self.learning_rate.add(event.step, event.learning_rate)
                self.gradient_norm.add(event.step, event.gradient_norm)
                self.speed.add(event.step, event.tokens_per_second)
                self.step, self.total_steps, self.epoch = event.step, event.total, event.epoch
                self.tokens_per_second = event.tokens_per_second
                self.seconds = event.seconds
            case Paused() | DiskFilled():
                self._paused_since = self._clock()
                return False
            case Continued():
                if self._begun is not None and self._paused_since is not None:
                    self._begun += self._clock() - self._paused_since
                self._paused_since = None
                return False
            case Evaluated():
                self.metric = event.metric
                score = event.scores.get(event.metric)
                self.validation_loss.add(event.step, event.loss)
                self.scores.add(event.step, score)
                for label, f1 in event.class_f1.items():
                    self.class_f1.setdefault(label, Series(whole=self._whole)).add(event.step, f1)
                if event.is_best and score is not None:
                    self.best = (event.step, score)
            case DeviceSampled():
                self.memory.add(self.step, event.memory_used)
                if event.utilisation is not None:
                    self.load.add(self.step, event.utilisation)
            case BaselineMeasured():
                self.baselines[event.name] = event.score
                self.learned_rows[event.name] = event.learned_rows
            case _:
                return False
        return True

    def all_series(self) -> list[Series]:
        """Every curve there is."""
        steps = [self.training_loss, self.learning_rate, self.gradient_norm, self.speed]
        return [*steps, self.validation_loss, self.scores, self.memory, self.load, *self.class_f1.values()]

    def classes_by_f1(self) -> list[str]:
        """The classes, the weakest of the last look at the validation rows first; unmeasured ones last."""

        def weakness(label: str) -> tuple[bool, float]:
            last = self.class_f1[label].last()
            return (last is None, last or 0.0)

        return sorted(self.class_f1, key=weakness)

    def seconds_left(self) -> float | None:
        """The time the rest takes at the pace so far; None before 3 seconds and ten steps have passed."""
        if self._begun is None or self.step - self._first_step < 10:
            return None
        now = self._clock() if self._paused_since is None else self._paused_since
        passed = now - self._begun
        if passed < 3.0:
            return None
        return passed / (self.step - self._first_step) * (self.total_steps - self.step)
