"""Progress of a loop: often enough to be seen and to be stopped, seldom enough to cost nothing."""

from __future__ import annotations

import time

from engine.contract.events import Emit, Progressed
from engine.contract.parsing_limits import progressed
from engine.contract.sentences import Sentence

SECONDS_BETWEEN_REPORTS = 0.1


class ProgressReporter:
    """Emits `Progressed` for the first report and then for at most one in a tenth of a second."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._last = 0.0

    def report(self, done: int, total: int, note: Sentence, unit: str = "") -> None:
        """Call it in every turn of a loop; raises `StopRequested` where the user asked to stop."""
        now = time.monotonic()
        if now - self._last >= SECONDS_BETWEEN_REPORTS:
            self._last = now
            progressed()
            self._emit(Progressed(done, total, note, unit))
