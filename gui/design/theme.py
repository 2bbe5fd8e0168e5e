"""Colours, measures and type of every window, in one table with a light and a dark column.

    theme().accent                      the colour of a role, "#RRGGBB"
    theme().color("accent", 0.35)       the same as a QColor, optionally translucent
    appearance().changed.connect(...)   when light and dark change places: repaint what you paint yourself

Widgets name roles, never colours. `style_sheet.py` and `application_style.py` turn this table into Qt's style.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication

ThemeChoice = Literal["system", "light", "dark"]

# Measures in device-independent pixels: an 8-px grid, 4 inside controls.
HALF = 4
SPACE = 8
INSIDE = 12  # inside a card
MARGIN = 24  # around a page, and between groups
CONTROL = 32  # height of a button or field
CORNER = 6
TABLE_ROW = 28
STEPS_WIDTH = 200
PANEL_WIDTH = 320
DRAWER_BELOW = 1100  # a narrower window shows the side panel as a drawer

TITLE_SIZE = 22
GROUP_SIZE = 15
BODY_SIZE = 13
SMALL_SIZE = 12
CODE_SIZE = 12


@dataclass(frozen=True)
class Theme:
    """The colour of every role; all are "#RRGGBB"."""

    name: Literal["light", "dark"]
    window: str  # behind everything
    surface: str  # cards, fields, tables
    raised: str  # menus, drawer
    line: str  # the one 1-px line colour
    hover: str  # ground under the pointer
    soft: str  # ground of what is selected
    text: str
    secondary: str
    disabled: str
    accent: str  # primary button, selection, focus ring
    accent_hover: str
    on_accent: str
    good: str
    caution: str
    bad: str
    good_ground: str  # behind a banner
    caution_ground: str
    bad_ground: str
    series: tuple[
        str, ...
    ]  # chart lines, that colour-blind readers can distinguish: blue, vermilion, green, purple, orange, sky

    def color(self, role: str, opacity: float = 1.0) -> QColor:
        """The colour of a role as Qt takes it."""
        color = QColor(str(getattr(self, role)))
        color.setAlphaF(opacity)
        return color

    def series_color(self, index: int, opacity: float = 1.0) -> QColor:
        """The colour of the chart line of this number; after the last it begins again."""
        color = QColor(self.series[index % len(self.series)])
        color.setAlphaF(opacity)
        return color


LIGHT = Theme(
    name="light",
    window="#F7F7F8",
    surface="#FFFFFF",
    raised="#FFFFFF",
    line="#E2E3E7",
    hover="#EFF0F2",
    soft="#E9F0FC",
    text="#1A1C20",
    secondary="#5C616B",
    disabled="#9AA0AA",
    accent="#2864CF",
    accent_hover="#1F55B5",
    on_accent="#FFFFFF",
    good="#1A7A43",
    caution="#8F5F00",
    bad="#C0362C",
    good_ground="#EAF6EF",
    caution_ground="#FCF4E0",
    bad_ground="#FCEEEC",
    series=("#0072B2", "#C85200", "#00875F", "#B0568A", "#B87A00", "#2E8BC0"),
)
DARK = Theme(
    name="dark",
    window="#17181B",
    surface="#1F2125",
    raised="#26292E",
    line="#34373D",
    hover="#2A2D33",
    soft="#22304A",
    text="#ECEDEF",
    secondary="#A6ABB5",
    disabled="#6B707A",
    accent="#6EA1FF",
    accent_hover="#8DB5FF",
    on_accent="#0F1420",
    good="#4CC38A",
    caution="#E3B341",
    bad="#FF7B72",
    good_ground="#1B2B24",
    caution_ground="#2E281A",
    bad_ground="#332123",
    series=("#5AA9E6", "#FF8A4C", "#3DC79B", "#E09BC4", "#F0B429", "#7CC7F2"),
)


class Appearance(QObject):
    """Which column of the table is in force: the user's choice, or that of the system."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.theme = LIGHT
        self.choice: ThemeChoice = "system"
        self.reduces_motion = False  # bars that run without end do not move, menus open at once
        self._follows_system = False

    def choose(self, choice: ThemeChoice) -> None:
        """Takes light, dark, or whatever the system has, now and when it changes."""
        self.choice = choice
        hints = QGuiApplication.styleHints()
        if not self._follows_system:
            hints.colorSchemeChanged.connect(self._apply)
            self._follows_system = True
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, "system": Qt.ColorScheme.Unknown}
        hints.setColorScheme(schemes[choice])
        self._apply()

    def _apply(self) -> None:
        scheme = QGuiApplication.styleHints().colorScheme()
        dark = self.choice == "dark" or (self.choice == "system" and scheme == Qt.ColorScheme.Dark)
        wanted = DARK if dark else LIGHT
        if wanted is not self.theme:
            self.theme = wanted
            self.changed.emit()


_appearance = Appearance()


def appearance() -> Appearance:
    """The one appearance of the program, with its `changed` signal."""
    return _appearance


def theme() -> Theme:
    """The theme in force now."""
    return _appearance.theme


def body_font() -> QFont:
    """The system's font at 13 px, with figures of equal width."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if sys.platform.startswith("linux") and QFontInfo(font).family() in ("DejaVu Sans", "Bitstream Vera Sans"):
        # No desktop has chosen a font, this is fontconfig's last resort, and it is very wide.
        font.setFamilies(["Inter", "Noto Sans", "Cantarell", "Ubuntu", "Liberation Sans", "DejaVu Sans"])
    font.setPixelSize(BODY_SIZE)
    font.setFeature(QFont.Tag.fromString("tnum"), 1)
    return font


def small_font(font: QFont | None = None) -> QFont:
    """This font, or the application's, in the size of secondary text."""
    small = QFont(font) if font is not None else QFont()
    small.setPixelSize(SMALL_SIZE)
    return small


def code_font() -> QFont:
    """The system's font of equal widths at 12 px."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(CODE_SIZE)
    return font


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours after WCAG 2.2, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)

    value = QColor(color)
    return 0.2126 * linear(value.redF()) + 0.7152 * linear(value.greenF()) + 0.0722 * linear(value.blueF())
