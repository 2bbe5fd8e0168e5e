"""Where the window opens: as it was left, else in the middle, and always on a screen with its whole frame."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication

from gui.session import Session
from gui.shell.screen_fit import bound_to_screen, keep_on_screen
from gui.shell.window import Window

WIDTH, HEIGHT = 1280, 800


def place_window(window: Window, session: Session) -> None:
    """Where the window was last time, if a screen is still there; else 1280×800 or what the screen has."""
    bound_to_screen(window)
    preferences = session.preferences.now
    screen = QGuiApplication.primaryScreen().availableGeometry()
    place = QRect(*preferences.geometry) if preferences.geometry is not None else QRect()
    seen = any(other.availableGeometry().intersects(place) for other in QGuiApplication.screens())
    if place.isValid() and seen:
        window.setGeometry(place)
    else:
        window.resize(min(WIDTH, screen.width()), min(HEIGHT, screen.height()))
        window.move(screen.center() - window.rect().center())
    window.painted.connect(lambda: keep_on_screen(window))
    if preferences.maximized:
        window.showMaximized()
