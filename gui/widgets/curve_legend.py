"""How the curves of a chart look: their pens, and their names with a sample and a value."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.theme import HALF, theme
from gui.widgets.plain_label import PlainLabel, set_tooltip

LineStyle = Literal["thin", "points", "dashed"]

FADED = 0.35  # opacity of another run's curve
_LONGEST_NAME = 150  # pixels


class LegendEntry(QWidget):
    """A sample of a line, its name, and a value of it."""

    def __init__(self, name: str, color: int, style: LineStyle, *, faded: bool = False) -> None:
        super().__init__()
        self._color = color
        self._style = style
        self._faded = faded
        self._name = PlainLabel(role="secondary")
        shown = self._name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _LONGEST_NAME)
        self._name.setText(shown)
        if shown != name:
            set_tooltip(self, name)
        self._value = PlainLabel(role="strong")
        row = QHBoxLayout(self)
        row.setContentsMargins(26, 0, 0, 0)
        row.setSpacing(HALF)
        row.addWidget(self._name)
        row.addWidget(self._value)

    def set_value(self, text: str) -> None:
        """Shows the line's newest value, or the one under the pointer."""
        self._value.setText(text)

    def value(self) -> str:
        """The value that is shown."""
        return self._value.text()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), max(20, hint.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        opacity = FADED if self._faded else 1.0
        painter.setPen(line_pen(self._color, self._style, opacity))
        painter.drawLine(QPointF(2, middle), QPointF(20, middle))
        if self._style == "points":
            painter.setBrush(theme().series_color(self._color, opacity))
            painter.drawEllipse(QPointF(11, middle), 3, 3)


def line_pen(color: int, style: LineStyle, opacity: float = 1.0) -> QPen:
    """The pen of a curve: training thin, validation 2 px, levels dashed.

    Thin is one pixel: Qt draws a wider line of thousands of points fifty times more slowly.
    """
    pen = QPen(theme().series_color(color, opacity))
    pen.setCosmetic(True)
    pen.setWidthF(2.0 if style == "points" else 1.0)
    if style == "dashed":
        pen.setStyle(Qt.PenStyle.DashLine)
    return pen
