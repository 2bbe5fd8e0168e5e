"""The menu of the window: folders, About with versions and licences, and the guide."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import (
    QMessageBox,
    QProxyStyle,
    QScrollArea,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine import __version__
from gui.load_model.page import LoadModelPage
from gui.shell.guide_window import GuideWindow
from gui.shell.preferences_dialog import PreferencesDialog
from gui.shell.window import Window
from tests.gui.conftest import WindowWith


@pytest.fixture
def window(window_with: WindowWith) -> Window:
    return window_with((LoadModelPage,))


def press(window: Window, caption: str) -> None:
    next(action for action in window.sidebar._menu.actions() if action.text() == caption).trigger()


def test_about_names_versions_and_licences(window: Window) -> None:
    press(window, "About Tunewright")
    (box,) = window.findChildren(QMessageBox)
    assert (box.windowTitle(), box.text()) == ("About Tunewright", f"Tunewright {__version__}")
    assert f"msgspec {version('msgspec')} · BSD" in box.informativeText()
    box.close()


def test_the_button_of_the_menu_is_not_lit_once_the_menu_was_closed_beside_it(window: Window) -> None:
    button = window.sidebar.settings
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)  # as it stays when the pointer leaves while a menu is open
    window.sidebar._menu.popup(window.mapToGlobal(window.rect().center()))
    window.sidebar._menu.close()
    assert not button.underMouse()


def test_a_question_has_buttons_without_the_icons_of_a_desktop(window: Window) -> None:
    class Desktop(QProxyStyle):
        def styleHint(
            self,
            hint: QStyle.StyleHint,
            option: QStyleOption | None = None,
            widget: QWidget | None = None,
            returned: QStyleHintReturn | None = None,
        ) -> int:
            if hint == QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons:
                return 1
            return super().styleHint(hint, option, widget, returned)

    window.setStyle(Desktop("Fusion"))
    press(window, "About Tunewright")
    (box,) = window.findChildren(QMessageBox)
    assert all(button.icon().isNull() for button in box.buttons())
    box.close()


def test_preferences_are_whole_where_the_screen_has_the_room(
    window: Window, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    for height, is_whole in ((1080, True), (500, False)):
        monkeypatch.setattr(QScreen, "availableSize", lambda _screen, height=height: QSize(1920, height))
        press(window, "Preferences…")
        (dialog,) = window.findChildren(PreferencesDialog)
        (area,) = dialog.findChildren(QScrollArea)
        qtbot.waitUntil(lambda dialog=dialog: dialog.isVisible())  # type: ignore[misc]
        assert (area.verticalScrollBar().maximum() == 0) is is_whole
        assert dialog.height() < height
        dialog.reject()
        qtbot.waitUntil(lambda: not window.findChildren(PreferencesDialog))


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
