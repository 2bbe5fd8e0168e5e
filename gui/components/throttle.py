"""Requests that come faster than they can be served: one call after the last of them, or one call per interval.

    Debounce(self, 300, self._search)    searches once, 300 ms after the last key
    Throttle(self, 100, self._draw)      draws at most ten times a second while points arrive

Both are single-shot timers: `stop()` drops a pending request, `isActive()` is whether there is one. The child goes
with its parent, and a pending request with it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Debounce(QTimer):
    """Calls `action` once `milliseconds` have passed without another request."""

    def __init__(self, parent: QObject, milliseconds: int, action: Callable[[], object]) -> None:
        super().__init__(parent)
        self.setSingleShot(True)
        self.setInterval(milliseconds)
        self.timeout.connect(action)

    def request(self) -> None:
        """Asks for the call; the wait begins anew."""
        self.start()


class Throttle(Debounce):
    """Calls `action` at most once in `milliseconds`; what is requested meanwhile is served by the same call.

    With 0 milliseconds: once per turn of the event loop, after everything that the present event brings about.
    """

    def request(self) -> None:
        """Asks for the call; a pending one stays when it is."""
        if not self.isActive():
            self.start()
