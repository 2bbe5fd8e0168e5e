"""A computation in a thread beside the one that reports: what waits on one core runs while native code has the others.

    with Beside(lambda emit: find(rows, emit)) as found:
        …  # this thread reports, and is where the user's stop arrives
        result = found.result(emit)

Only the thread of the caller calls `emit`, so events keep their order and a stop has one place. The thread beside it is
stopped wherever it reports something itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

from engine.contract.errors import StopRequested
from engine.contract.events import Emit, Event
from engine.contract.progress import SECONDS_BETWEEN_REPORTS

Result = TypeVar("Result")


class Beside(Generic[Result]):
    """Runs `compute` from entering until its result is asked for; leaving earlier stops it and waits for its end."""

    def __init__(self, compute: Callable[[Emit], Result]) -> None:
        self._compute = compute
        self._made: list[Result] = []
        self._error: BaseException | None = None
        self._latest: Event | None = None
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beside", daemon=True)

    def __enter__(self) -> Beside[Result]:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._unwanted.set()
        self._thread.join()

    def result(self, emit: Emit) -> Result:
        """What was computed, or its error raised; its latest progress is emitted until then, and once at the end."""
        runs = True
        while runs:
            self._thread.join(SECONDS_BETWEEN_REPORTS)
            runs = self._thread.is_alive()
            if self._latest is not None:
                emit(self._latest)
        if self._error is not None:
            raise self._error
        return self._made[0]

    def _run(self) -> None:
        try:
            self._made.append(self._compute(self._note))
        except BaseException as error:  # raised again where the result is asked for
            self._error = error

    def _note(self, event: Event) -> None:
        if self._unwanted.is_set():
            raise StopRequested
        self._latest = event
