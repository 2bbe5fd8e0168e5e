"""Where the window opens: as it was left, else in the middle, and always on a screen with its whole frame."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, QTimer
from PySide6.QtGui import QGuiApplication

from gui.session import Session
from gui.shell.window import Window

WIDTH, HEIGHT = 1280, 800
FRAME_DELAY = 200  # milliseconds after the first paint: a window manager puts the frame around a window that is shown


def place_window(window: Window, session: Session) -> None:
    """Where the window stood last time, if a screen is still there; else 1280×800 or what the screen has."""
    preferences = session.preferences.now
    screen = QGuiApplication.primaryScreen().availableGeometry()
    place = QRect(*preferences.geometry) if preferences.geometry is not None else QRect()
    seen = any(other.availableGeometry().intersects(place) for other in QGuiApplication.screens())
    if place.isValid() and seen:
        window.setGeometry(place)
    else:
        window.resize(min(WIDTH, screen.width()), min(HEIGHT, screen.height()))
        window.move(screen.center() - window.rect().center())
    window.painted.connect(lambda: QTimer.singleShot(FRAME_DELAY, window, lambda: _fit(window)))
    if preferences.maximized:
        window.showMaximized()


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


def _fit(window: Window) -> None:
    if window.isMaximized() or window.isFullScreen():
        return
    place = fitted(window.geometry(), window.frameGeometry(), window.screen().availableGeometry())
    if place != window.geometry():
        window.setGeometry(place)
