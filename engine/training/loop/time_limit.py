"""A schedule that ends in time: where steps are slower than expected, fewer of them are planned.

The learning rate follows the number of steps in all, so a shortened schedule still ends at the rate it is meant to.
"""

from __future__ import annotations

import math
from collections.abc import Callable

STEPS_BETWEEN = 10  # that are timed together; the time of one varies
SLACK = 0.02  # of the steps, by which the time of steps varies anyway


class TimeLimit:
    """At most `seconds` from now on, by `clock`; infinite: no limit."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._clock, self._seconds = clock, seconds
        self._begun = clock()
        self._first: int | None = None

    def last_step(self, step: int, planned: int) -> int:
        """The number of steps in all that ends in time, after `step` of `planned`; `planned` where that fits."""
        if math.isinf(self._seconds):
            return planned
        if self._first is None:
            self._first = step - 1
        done = step - self._first
        if done % STEPS_BETWEEN:
            return planned
        elapsed = self._clock() - self._begun
        possible = step + int(max(0.0, self._seconds - elapsed) * done / max(elapsed, 1e-9))
        return max(step, possible) if possible < (1 - SLACK) * planned else planned
