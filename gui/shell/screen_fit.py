"""Keeps a window with its whole frame on its screen, be it smaller than the window's minimum."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, QSize, QTimer
from PySide6.QtWidgets import QWidget

FRAME = 40  # pixels that a window manager may need above a window
FRAME_DELAY = 200  # milliseconds after the first paint: a window manager puts the frame around a window that is shown


def fitted(inner: QRect, frame: QRect, screen: QRect) -> QRect:
    """Where the inside of a window lies when its frame is within the screen; unchanged where it is already."""
    edges = QMargins(
        inner.left() - frame.left(),
        inner.top() - frame.top(),
        frame.right() - inner.right(),
        frame.bottom() - inner.bottom(),
    )
    room = screen.marginsRemoved(edges)
    width, height = min(inner.width(), room.width()), min(inner.height(), room.height())
    left = max(room.left(), min(inner.left(), room.right() - width + 1))
    top = max(room.top(), min(inner.top(), room.bottom() - height + 1))
    return QRect(left, top, width, height)


def bound_to_screen(window: QWidget) -> None:
    """Lets a window be smaller than its minimum where its screen is: one of 1920×1080 at 200 % has 540 lines."""
    room = window.screen().availableSize() - QSize(0, FRAME)
    window.setMinimumSize(window.minimumSize().boundedTo(room))
    window.resize(window.size().boundedTo(room))


def keep_on_screen(window: QWidget) -> None:
    """Moves a window that is shown into its screen, once it has its frame."""
    QTimer.singleShot(FRAME_DELAY, window, lambda: _fit(window))


def _fit(window: QWidget) -> None:
    if window.isMaximized() or window.isFullScreen():
        return
    place = fitted(window.geometry(), window.frameGeometry(), window.screen().availableGeometry())
    if place != window.geometry():
        window.setGeometry(place)
