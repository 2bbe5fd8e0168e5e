"""Icons from `resources/icons`: our own line drawings, tinted with a role of the theme.

The drawings have `currentColor` where the tint goes.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

ROOT = Path(__file__).resolve().parents[2] / "resources"


def window_icon() -> QIcon:
    """The program's own icon."""
    return QIcon(str(ROOT / "icons" / "tunewright.svg"))


@lru_cache(maxsize=256)
def pixmap(name: str, color: str, size: int = 16, ratio: float = 2.0) -> QPixmap:
    """An icon as a picture of `size` by `size` device-independent pixels."""
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(tinted(name, color).encode())).render(painter)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, color: str, size: int = 16) -> QIcon:
    """An icon for a button."""
    return QIcon(pixmap(name, color, size))


def colored_file(name: str, color: str) -> str:
    """The file with the tinted icon, for the style sheet, which takes only files.

    They are in `resources/icons/tinted`; after a change of colours, `python -m gui.design.style_sheet` writes them.
    """
    return (ROOT / "icons" / "tinted" / f"{name}-{color.lstrip('#')}.svg").as_posix()


def tinted(name: str, color: str) -> str:
    """The drawing in this colour, as SVG."""
    return _drawing(name).replace("currentColor", color)


@cache
def _drawing(name: str) -> str:
    return (ROOT / "icons" / f"{name}.svg").read_text(encoding="utf-8")
