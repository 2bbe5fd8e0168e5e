"""Gives the application style, font and palette of the theme, and each window its style sheet, now and at every change.

The style sheet is that of the windows, not of the application. With a style sheet of the application Qt styles a whole
tree of widgets again whenever its top gets a parent. Pages are built from the leaves, so each widget was styled about
seven times before it was first shown: more than half of the time that a page took. Without a window a widget has no
style sheet, and a page is styled once, when it joins the window. Dialogs, menus and tooltips take the style sheet of
the window that is their parent.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from gui.design.style_sheet import style_sheet
from gui.design.theme import Theme, ThemeChoice, appearance, body_font, theme

_APPLIED = "theme"  # property of the application: the name of the theme that it has
_STYLED = "styled"  # property of a window that has the style sheet


def set_up(application: QApplication, choice: ThemeChoice = "system") -> None:
    """Styles the application, but for its windows, and follows the user's choice of light and dark from now on."""
    application.setStyle("Fusion")
    application.setFont(body_font())
    if application.property(_APPLIED) is None:
        application.setProperty(_APPLIED, "")
        # Before any widget connects: what repaints itself finds the new palette.
        appearance().changed.connect(_apply)
    appearance().choose(choice)
    _apply()


def style_window(window: QWidget) -> None:
    """Gives a window without a parent the style sheet, once what is in it has been built."""
    window.setProperty(_STYLED, True)
    window.setStyleSheet(style_sheet(theme()))


def reduce_motion(reduced: bool) -> None:
    """Stops, or allows, what moves without telling anything."""
    appearance().reduces_motion = reduced
    for effect in _EFFECTS:
        QApplication.setEffectEnabled(effect, not reduced)


_EFFECTS = (
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
    Qt.UIEffect.UI_AnimateToolBox,
)


def palette(colors: Theme) -> QPalette:
    """The role table as Qt's palette, for everything the style sheet does not name."""
    result = QPalette()
    role = QPalette.ColorRole
    table = {
        role.Window: colors.window,
        role.WindowText: colors.text,
        role.Base: colors.surface,
        role.AlternateBase: colors.hover,
        role.Text: colors.text,
        role.Button: colors.surface,
        role.ButtonText: colors.text,
        role.BrightText: colors.bad,
        role.PlaceholderText: colors.secondary,
        role.ToolTipBase: colors.raised,
        role.ToolTipText: colors.text,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.on_accent,
        role.Accent: colors.accent,
        role.Link: colors.accent,
        role.LinkVisited: colors.accent,
        role.Light: colors.surface,
        role.Midlight: colors.hover,
        role.Mid: colors.line,
        role.Dark: colors.disabled,
        role.Shadow: colors.line,
    }
    for name, value in table.items():
        result.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        result.setColor(QPalette.ColorGroup.Disabled, name, QColor(colors.disabled))
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(colors.line))
    result.setColor(QPalette.ColorGroup.Disabled, role.HighlightedText, QColor(colors.secondary))
    return result


def _apply() -> None:
    application = QApplication.instance()
    if isinstance(application, QApplication) and application.property(_APPLIED) != theme().name:
        application.setProperty(_APPLIED, theme().name)
        application.setPalette(palette(theme()))
        for window in QApplication.topLevelWidgets():
            if window.property(_STYLED):
                window.setStyleSheet(style_sheet(theme()))
