"""How long the worker has reported nothing while a stage runs, and when the window shows that. Uses no process.

Time is monotonic: the time in which a computer sleeps does not count.
"""

from __future__ import annotations

import time

WORTH_A_WORD = 60.0  # seconds; a file is opened or layers are compiled, or something is wrong
WORTH_A_QUESTION = 300.0


class SilenceTimer:
    """Measured from the last word; while it is not `watched`, nothing is reported."""

    def __init__(self) -> None:
        self._last_message = time.monotonic()
        self._reports = 0
        self.watched = False

    def begin(self, *, watched: bool) -> None:
        """A job begins, or is paused or continues: what was before does not count."""
        self.watched = watched
        self._last_message = time.monotonic()
        self._reports = 0

    def message_received(self) -> bool:
        """The worker has sent something; whether it was reported before that nothing came."""
        was_reported = self._reports > 0
        self._last_message = time.monotonic()
        self._reports = 0
        return was_reported

    def seconds_left(self) -> float | None:
        """Until there is something to report; None where there will be nothing."""
        limits = (WORTH_A_WORD, WORTH_A_QUESTION)
        if not self.watched or self._reports == len(limits):
            return None
        return max(0.0, self._last_message + limits[self._reports] - time.monotonic())

    def unreported_seconds(self) -> float | None:
        """Seconds without anything from the worker, where they are long enough and were not reported yet."""
        if self.seconds_left() != 0.0:
            return None
        self._reports += 1
        return time.monotonic() - self._last_message
