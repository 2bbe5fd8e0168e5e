"""Grounds of growing strength in the accent colour, each with a text colour that can be read on it."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QColor

from gui.theme import DARK, LIGHT, contrast

LEVELS = 64
READABLE = 4.5  # contrast of text after WCAG 2.2
STRONGEST = 0.92


def cell_colors(theme_name: str, strength: float) -> tuple[QColor, QColor]:
    """Ground and text for a strength from 0 to 1."""
    ground, text = _level(theme_name, round(LEVELS * min(1.0, max(0.0, strength))))
    return QColor(ground), QColor(text)


@lru_cache(maxsize=4 * LEVELS)
def _level(theme_name: str, level: int) -> tuple[str, str]:
    colors = DARK if theme_name == "dark" else LIGHT
    share = STRONGEST * level / LEVELS
    while True:
        ground = _mixed(colors.surface, colors.accent, share)
        text = max((colors.text, colors.on_accent), key=lambda candidate: contrast(candidate, ground))
        # In the middle neither colour may be readable: such a ground gives way to the next lighter one that is.
        if contrast(text, ground) >= READABLE or share <= 0:
            return ground, text
        share -= 0.01


def _mixed(one: str, other: str, share: float) -> str:
    first, second = QColor(one), QColor(other)
    parts = [
        round(a + (b - a) * share)
        for a, b in zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)  # type: ignore[index]
    ]
    return QColor(*parts).name()
