"""Colours can be distinguished from their grounds, and every change reaches every window."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QPushButton,
    QRadioButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui.components.plain_label import PlainLabel
from gui.design import assets
from gui.design.application_style import style_window
from gui.design.style_sheet import tinted_icons
from gui.design.theme import BODY_SIZE, DARK, LIGHT, SMALL_SIZE, Appearance, Theme, appearance, contrast, theme

THEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda colors: colors.name)
GROUNDS = ("window", "surface", "raised", "hover", "soft")


def test_contrast_is_that_of_the_web_guidelines() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@THEMES
def test_text_can_be_read_on_every_surface(colors: Theme) -> None:
    for ground in GROUNDS:
        for role in ("text", "secondary"):
            assert contrast(getattr(colors, role), getattr(colors, ground)) >= 4.5, (role, ground)
    for ground in ("window", "surface", "raised"):
        for role in ("accent", "good", "caution", "bad"):
            assert contrast(getattr(colors, role), getattr(colors, ground)) >= 4.5, (role, ground)


@THEMES
def test_text_can_be_read_on_buttons_and_banners(colors: Theme) -> None:
    assert contrast(colors.on_accent, colors.accent) >= 4.5
    assert contrast(colors.on_accent, colors.accent_hover) >= 4.5
    assert contrast(colors.secondary, colors.line) >= 4.5  # a primary button that waits
    for kind in ("good", "caution", "bad"):
        ground = getattr(colors, f"{kind}_ground")
        assert contrast(colors.text, ground) >= 4.5
        assert contrast(getattr(colors, kind), ground) >= 3


@THEMES
def test_disabled_text_stays_visible(colors: Theme) -> None:
    for ground in ("window", "surface", "raised"):
        assert contrast(colors.disabled, getattr(colors, ground)) >= 2.4, ground


@THEMES
def test_chart_lines_and_the_focus_ring_are_visible(colors: Theme) -> None:
    for ground in ("window", "surface"):
        for line in (*colors.series, colors.accent):
            assert contrast(line, getattr(colors, ground)) >= 3, (line, ground)


@THEMES
def test_the_pictures_of_the_style_sheet_are_there_in_its_colours(colors: Theme) -> None:
    for name, color in tinted_icons(colors):
        assert Path(assets.colored_file(name, color)).read_text("utf-8") == assets.tinted(name, color)


def test_choosing_dark_repaints_everything_once(qapp: QApplication, qtbot: QtBot) -> None:
    window, names = QWidget(), []
    qtbot.addWidget(window)
    style_window(window)
    connection = appearance().changed.connect(lambda: names.append(theme().name))
    try:
        appearance().choose("dark")
        assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.window
        assert DARK.surface in window.styleSheet()
        appearance().choose("dark")
        appearance().choose("light")
    finally:
        appearance().changed.disconnect(connection)
    assert names == ["dark", "light"]


def test_dialogs_tooltips_and_what_joins_a_window_later_have_its_style_sheet(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    style_window(window)
    joined, dialog = PlainLabel("later", role="secondary"), QDialog(window)
    asked = PlainLabel("in a dialog", role="secondary")
    QVBoxLayout(window).addWidget(joined)
    QVBoxLayout(dialog).addWidget(asked)
    heights = []
    for owner in (window, QWidget()):
        for label in (joined, asked):
            label.ensurePolished()
            assert label.fontInfo().pixelSize() == SMALL_SIZE
        QToolTip.showText(QPoint(0, 0), "what it is", owner)
        (tip,) = (one for one in QApplication.topLevelWidgets() if one.inherits("QTipLabel") and one.isVisible())
        heights.append(tip.height())
        tip.hide()
    assert heights[0] > heights[1]  # the padding of the style sheet
    alone = PlainLabel("without a window", role="secondary")
    alone.ensurePolished()
    assert alone.fontInfo().pixelSize() == BODY_SIZE


class SystemHints(QObject):
    """Stands in for Qt's hints, whose scheme the offscreen platform never changes."""

    colorSchemeChanged = Signal(Qt.ColorScheme)

    def __init__(self) -> None:
        super().__init__()
        self.scheme = Qt.ColorScheme.Light
        self.asked_for = Qt.ColorScheme.Light

    def colorScheme(self) -> Qt.ColorScheme:
        return self.scheme

    def setColorScheme(self, scheme: Qt.ColorScheme) -> None:
        self.asked_for = scheme

    def turn(self, scheme: Qt.ColorScheme) -> None:
        self.scheme = scheme
        self.colorSchemeChanged.emit(scheme)


def test_dark_and_light_follow_the_system_unless_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    hints, shown = SystemHints(), Appearance()
    monkeypatch.setattr("gui.design.theme.QGuiApplication", SimpleNamespace(styleHints=lambda: hints))
    shown.choose("system")
    assert hints.asked_for == Qt.ColorScheme.Unknown  # Qt's own widgets follow it too
    followed = []
    for scheme in (Qt.ColorScheme.Dark, Qt.ColorScheme.Light, Qt.ColorScheme.Dark):
        hints.turn(scheme)
        followed.append(shown.theme.name)
    shown.choose("light")
    hints.turn(Qt.ColorScheme.Dark)
    assert [*followed, shown.theme.name] == ["dark", "light", "dark", "light"]


def test_no_widget_names_a_colour_of_its_own() -> None:
    found = []
    for path in (assets.ROOT.parent / "gui").rglob("*.py"):
        if path.name != "theme.py":
            found += [
                f"{path.name}: {match}" for match in re.findall(r"[\"']#[0-9A-Fa-f]{6}[\"']", path.read_text("utf-8"))
            ]
    assert not found


def test_a_choice_that_waits_still_shows_what_is_chosen(qtbot: QtBot) -> None:
    for kind in (QCheckBox, QRadioButton):
        button = kind()
        qtbot.addWidget(button)
        button.setChecked(True)
        button.setEnabled(False)
        button.adjustSize()
        picture = button.grab().toImage()
        inside = [picture.pixelColor(x, button.height() // 2).name() for x in range(3, 14)]
        assert max(contrast(theme().on_accent, color) for color in inside) >= 2, kind.__name__  # ground of the mark


def test_a_focused_button_has_the_ring_alone_also_once_tab_was_pressed(qtbot: QtBot) -> None:
    """Fusion draws a frame of its own around the text then; without a desktop's window it is never seen."""
    window = QWidget()
    qtbot.addWidget(window)
    button, other = QPushButton("Back", window), QPushButton("Next", window)
    other.move(200, 0)
    window.show()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    before = button.grab().toImage()
    window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    assert button.grab().toImage() == before
