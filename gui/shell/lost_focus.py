"""Keeps the keyboard where the next thing is to be pressed when what had it disappears.

Qt gives the focus of a widget that is hidden or disabled to whatever comes next in the order of Tab: after the last
button of a message that was a step of the list, after the settings of a training the edge of the side panel.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from gui.shell.footer import Footer


class LostFocus(QObject):
    """Watches one window; a widget that is given the focus on purpose afterwards keeps it."""

    def __init__(self, window: QWidget, footer: Footer) -> None:
        super().__init__(window)
        self._window = window
        self._footer = footer
        application = QGuiApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._moved)

    def _moved(self, before: QWidget | None, now: QWidget | None) -> None:
        if before is None or now is None or now.window() is not self._window or before.window() is not self._window:
            return  # to another window or program, or what had it is gone
        if not before.isVisible() or not before.isEnabled():
            self._footer.take_focus()
