"""The numbers behind the charts of a training run, gathered from its events. Knows no widgets.

Loss and learning rate grow by up to twenty points a second for hours, so they live in arrays that double.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.events import BaselineMeasured, Evaluated, Event, StepsTrained, TrainingStarted

Floats = NDArray[np.float64]


class Series:
    """Points that only grow at the end."""

    def __init__(self) -> None:
        self._points: Floats = np.empty((2, 256))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, x: float, y: float | None) -> None:
        """Appends a point; a missing value leaves a gap in the line."""
        if self._count == self._points.shape[1]:
            self._points = np.concatenate([self._points, np.empty_like(self._points)], axis=1)
        self._points[:, self._count] = (x, np.nan if y is None else y)
        self._count += 1

    @property
    def x(self) -> Floats:
        """The x values, float64 (points,)."""
        return self._points[0, : self._count]

    @property
    def y(self) -> Floats:
        """The y values, float64 (points,); NaN is a gap."""
        return self._points[1, : self._count]

    def drop_from(self, x: float) -> None:
        """Forgets the points from `x` on: a continued run writes them again."""
        self._count = int(np.searchsorted(self.x, x, side="left"))

    def last(self) -> float | None:
        """The newest value that is a number."""
        values = self.y[~np.isnan(self.y)]
        return float(values[-1]) if len(values) else None

    def at(self, x: float) -> tuple[float, float] | None:
        """The point nearest to `x`, or None where there is none."""
        if not self._count:
            return None
        right = min(int(np.searchsorted(self.x, x)), self._count - 1)
        left = max(0, right - 1)
        nearest = left if abs(self.x[left] - x) <= abs(self.x[right] - x) else right
        return float(self.x[nearest]), float(self.y[nearest])


def smoothed(values: Floats, strength: float) -> Floats:
    """A debiased exponential moving average; `strength` 0 returns the values, 0.9 is very smooth.

    Source: the smoothing of TensorBoard's scalar charts, with the correction of Adam's paper (section 3) for the
    first points. NaN is passed over.
    """
    if strength <= 0 or len(values) == 0:
        return values
    result = np.empty_like(values)
    average, weight = 0.0, 0.0
    keep = strength
    for index, value in enumerate(values.tolist()):
        if value == value:  # not NaN
            average = keep * average + (1 - keep) * value
            weight = keep * weight + (1 - keep)
        result[index] = average / weight if weight and value == value else np.nan
    return result


class TrainingCurves:
    """What has been heard of one run so far."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.metric = ""
        self.clear()

    def clear(self) -> None:
        """Forgets everything: another run begins."""
        self.training_loss = Series()
        self.validation_loss = Series()
        self.scores = Series()
        self.learning_rate = Series()
        self.baselines: dict[str, float] = {}
        self.step = 0
        self.total_steps = 0
        self.epoch = 0.0
        self.tokens_per_second = 0.0
        self.best: tuple[int, float] | None = None
        self._begun: float | None = None
        self._first_step = 0
        self.seconds = 0.0

    def hear(self, event: Event) -> bool:
        """Takes in an event; returns whether a curve changed."""
        match event:
            case TrainingStarted():
                if event.first_step == 0:
                    baselines = self.baselines  # may have been measured before the first step
                    self.clear()
                    self.baselines = baselines
                for series in (self.training_loss, self.learning_rate, self.validation_loss, self.scores):
                    series.drop_from(event.first_step + 0.5)
                self.metric = event.metric
                self.total_steps = event.total_steps
                self.step = self._first_step = event.first_step
                self._begun = self._clock()
            case StepsTrained():
                self.training_loss.add(event.step, event.loss)
                self.learning_rate.add(event.step, event.learning_rate)
                self.step, self.total_steps, self.epoch = event.step, event.total, event.epoch
                self.tokens_per_second = event.tokens_per_second
                self.seconds = event.seconds
            case Evaluated():
                self.metric = event.metric
                score = event.scores.get(event.metric)
                self.validation_loss.add(event.step, event.loss)
                self.scores.add(event.step, score)
                if event.is_best and score is not None:
                    self.best = (event.step, score)
            case BaselineMeasured():
                self.baselines[event.name] = event.score
            case _:
                return False
        return True

    def seconds_left(self) -> float | None:
        """The time the rest takes at the pace so far; None before 3 seconds and ten steps have passed."""
        if self._begun is None or self.step - self._first_step < 10:
            return None
        passed = self._clock() - self._begun
        if passed < 3.0:
            return None
        return passed / (self.step - self._first_step) * (self.total_steps - self.step)
