"""The menu under the program's name that macOS has for every program: About, Preferences, Quit."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenuBar, QMessageBox, QWidget

from engine import __version__

NAME = "Tunewright"


def application_menu(window: QWidget, *, preferences: Callable[[], None], leave: Callable[[], None]) -> QMenuBar:
    """A menu bar without a window of its own, which macOS shows on top of the screen; the caller keeps it."""
    bar = QMenuBar()
    menu = bar.addMenu(NAME)
    for caption, role, act in (
        (f"About {NAME}", QAction.MenuRole.AboutRole, lambda: show_about(window)),
        ("Preferences…", QAction.MenuRole.PreferencesRole, preferences),
        (f"Quit {NAME}", QAction.MenuRole.QuitRole, leave),
    ):
        action = QAction(caption, bar)
        action.setMenuRole(role)  # Qt moves it to where macOS has it
        action.triggered.connect(act)
        menu.addAction(action)
    return bar


def show_about(window: QWidget) -> QMessageBox:
    """Names the program and its version in a sheet of the window."""
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setText(f"{NAME} {__version__}")
    box.setInformativeText("Fine-tunes BERT-family encoders by point and click.")
    box.open()
    return box
