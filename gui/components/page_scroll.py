"""A page that goes on scrolling when a list comes under the pointer, as pages in a browser do.

A list takes the wheel where the pointer is over it. While a page is scrolled the lists on it pass under the pointer,
and each would hold it until its own end is reached. With `turn_unless_page` they leave it to the page until that has
rested for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QScrollArea

REST = 0.4  # seconds


class PageScroll(QScrollArea):
    """What a page is scrolled in."""

    turned_at = float("-inf")  # when a page was scrolled last; there is one pointer, so one time for all pages

    def wheelEvent(self, event: QWheelEvent) -> None:
        PageScroll.turned_at = time.monotonic()
        super().wheelEvent(event)


def turn_unless_page(event: QWheelEvent, turn: Callable[[QWheelEvent], None]) -> None:
    """Lets a list or chart take the wheel, or its page while that is being scrolled."""
    if time.monotonic() - PageScroll.turned_at < REST:
        event.ignore()  # the scroll area above takes it
    else:
        turn(event)
