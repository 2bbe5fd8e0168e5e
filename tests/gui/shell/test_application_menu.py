"""The menu of the window: folders, About with versions and licences, and the guide."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from engine import __version__
from gui.load_model.page import LoadModelPage
from gui.session import Session
from gui.shell.guide_window import GuideWindow
from gui.shell.preferences_dialog import PreferencesDialog
from gui.shell.window import Window


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> Window:
    window = Window(session, (LoadModelPage,))
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.resize(1280, 800)
    window.show()
    return window


def press(window: Window, caption: str) -> None:
    next(action for action in window.sidebar._menu.actions() if action.text() == caption).trigger()


def test_about_names_versions_and_licences(window: Window) -> None:
    press(window, "About Tunewright")
    (box,) = window.findChildren(QMessageBox)
    assert box.text() == f"Tunewright {__version__}"
    assert f"msgspec {version('msgspec')} · BSD" in box.informativeText()
    box.close()


def test_preferences_open_from_the_menu(window: Window) -> None:
    press(window, "Preferences…")
    (dialog,) = window.findChildren(PreferencesDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_the_guide_opens_from_the_menu(window: Window) -> None:
    press(window, "Guide (F1)")
    (guide,) = window.findChildren(GuideWindow)
    assert guide.isVisible()
    guide.close()
