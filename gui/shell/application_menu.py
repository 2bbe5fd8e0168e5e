"""The menu under the program's name that macOS has for every program: About, Preferences, Quit."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, metadata

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenuBar, QMessageBox, QWidget

from engine import __version__
from engine.contract.sentences import Sentence

NAME = "Tunewright"
PACKAGES = (
    "PySide6-Essentials",
    "pyqtgraph",
    "numpy",
    "torch",
    "transformers",
    "tokenizers",
    "datasets",
    "pyarrow",
    "scikit-learn",
    "msgspec",
    "chardet",
    "keyring",
    "ftfy",
)


def application_menu(window: QWidget, *, preferences: Callable[[], None], leave: Callable[[], None]) -> QMenuBar:
    """A menu bar without a window of its own, which macOS shows on top of the screen; the caller keeps it."""
    bar = QMenuBar()
    menu = bar.addMenu(NAME)
    for caption, role, act in (
        (Sentence("gui.shell.about", name=NAME), QAction.MenuRole.AboutRole, lambda: show_about(window)),
        (Sentence("gui.shell.preferences"), QAction.MenuRole.PreferencesRole, preferences),
        (Sentence("gui.shell.quit", name=NAME), QAction.MenuRole.QuitRole, leave),
    ):
        action = QAction(caption, bar)
        action.setMenuRole(role)  # Qt moves it to where macOS has it
        action.triggered.connect(act)
        menu.addAction(action)
    return bar


def packages_text() -> str:
    """The packages that do the work, one a line, with version and licence as they state them; nothing is imported."""
    lines = []
    for name in PACKAGES:
        try:
            about = metadata(name)
        except PackageNotFoundError:
            continue
        stated = [about[key] for key in ("License-Expression", "License") if key in about and about[key].strip()]
        licence = stated[0] if stated else Sentence("gui.shell.licence_package")
        lines.append(f"{name} {about['Version']} · {licence.splitlines()[0]}")
    return "\n".join(lines)


def show_about(window: QWidget) -> QMessageBox:
    """Names the program and its version in a sheet of the window."""
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(Sentence("gui.shell.about", name=NAME))
    box.setText(f"{NAME} {__version__}")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(Sentence("gui.shell.fine_tunes_bert_family_encoders", packages_text=packages_text()))
    box.open()
    return box
