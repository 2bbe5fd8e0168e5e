"""Seconds that count as work: those in which the listener kept the run waiting, paused or asked, do not."""

from __future__ import annotations

import time

from engine.events import Emit, Event


class WorkingClock:
    """Call it for seconds since an arbitrary moment."""

    def __init__(self) -> None:
        self._waited = 0.0

    def __call__(self) -> float:
        """Seconds of work, monotonic."""
        return time.monotonic() - self._waited

    def beside(self, emit: Emit) -> Emit:
        """The same listener; the time it takes does not count."""

        def listen(event: Event) -> None:
            begun = time.monotonic()
            try:
                emit(event)
            finally:
                self._waited += time.monotonic() - begun

        return listen
