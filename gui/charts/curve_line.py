"""One curve of a chart: its points, its pen, its value at a step, and its entry in the legend.

Imports pyqtgraph, see `line_plot`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.charts.curve_data import thinned
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.design.theme import HALF, theme

Floats = NDArray[np.float64]
LineStyle = Literal["thin", "points", "dashed"]

FADED = 0.35  # opacity of another run's curve
# Patterns of dashes in widths of the pen, so that runs are not distinguished by colour alone.
_DASHES: tuple[tuple[float, ...], ...] = ((), (8, 4), (3, 3), (10, 3, 2, 3))
MOST_DASHES = len(_DASHES) - 1
_LONGEST_NAME = 150  # pixels
MOST_SYMBOLS = 200  # more dots than these would hide the line


def line_pen(color: int, style: LineStyle, opacity: float = 1.0, dash: int = 0) -> QPen:
    """The pen of a curve: training thin, validation 2 px, levels dashed; `dash` is the number of a pattern.

    Thin is one pixel: Qt draws a wider line of thousands of points fifty times more slowly.
    """
    pen = QPen(theme().series_color(color, opacity))
    pen.setCosmetic(True)
    pen.setWidthF(2.0 if style == "points" else 1.0)
    if style == "dashed":
        pen.setStyle(Qt.PenStyle.DashLine)
    elif dash:
        pen.setDashPattern(list(_DASHES[dash]))
    return pen


class CurveLine:
    """A curve with its legend entry; where it is smoothed, the raw values are drawn faintly behind it."""

    def __init__(
        self, name: str, color: int, style: LineStyle, area: Any, *, faded: bool = False, dash: int = 0
    ) -> None:
        self.name = name  # as it is shown; empty: in no list
        self.faded = faded
        self._dash = dash
        self.legend = LegendEntry(name, color, style, faded=faded, dash=dash)
        self.legend.hide()
        self.x: Floats = np.empty(0)
        self.y: Floats = np.empty(0)
        self.best: float | None = None  # the value of the best point, where the caller has one
        self._raw: Floats | None = None
        self._color = color
        self._style = style
        self._area = area
        self._behind = area.plot([], [], connect="finite", antialias=True)
        self._item = area.plot([], [], connect="finite", antialias=True)
        self._ring = pg.ScatterPlotItem(size=14, brush=None, antialias=True)  # around the best point
        area.addItem(self._ring, ignoreBounds=True)
        if faded:
            self._item.setZValue(-10)
        self.paint()

    @property
    def measured(self) -> Floats:
        """The y values before smoothing."""
        return self.y if self._raw is None else self._raw

    def set_points(self, x: Floats, y: Floats, raw: Floats | None) -> None:
        """Takes these points; `draw` shows them."""
        self.x, self.y, self._raw = x, y, raw
        self.legend.setVisible(bool(self.name) and len(y) > 0 and not bool(np.isnan(y[-1000:]).all()))

    def draw(self, low: float, high: float, columns: int, on_axis: Callable[[Floats], Floats]) -> list[Floats]:
        """Draws what lies between these steps, thinned to so many columns; returns the heights that were drawn."""
        drawn = []
        for item, values in ((self._behind, self._raw), (self._item, self.y)):
            item.setVisible(values is not None and len(values) > 0)
            if values is None:
                item.setData([], [])
                continue
            x, y = thinned(self.x, values, low, high, columns)
            y = on_axis(y)
            if item is self._item and self._style == "points":
                few = len(x) <= MOST_SYMBOLS
                is_single = np.isfinite(y).sum() == 1
                item.setSymbol("o" if is_single or (few and not self.faded) else None)
                pen = line_pen(self._color, "points" if few else "thin", FADED if self.faded else 1.0, self._dash)
                item.setPen(None if is_single else pen)  # a path of one point is an error in a saved SVG
            elif item is self._item:
                is_single = np.isfinite(y).sum() == 1
                item.setSymbol("o" if is_single else None)
                item.setPen(None if is_single else self._pen())
            item.setData(x, y)
            drawn.append(y)
        return drawn

    def mark(self, x: float | None, height: float = 0.0) -> None:
        """Puts a ring around the point at this step and height of the axis, or takes it away."""
        self._ring.setVisible(x is not None)
        if x is not None:
            self._ring.setData([x], [height])

    def remove(self) -> None:
        """Takes the curve out of the picture."""
        self._area.removeItem(self._item)
        self._area.removeItem(self._behind)
        self._area.removeItem(self._ring)
        self.legend.hide()
        self.legend.deleteLater()

    def paint(self) -> None:
        """Takes the colours of the theme."""
        opacity = FADED if self.faded else 1.0
        self._item.setPen(self._pen())
        self._behind.setPen(line_pen(self._color, "thin", 0.28 * opacity))
        self._ring.setPen(line_pen(self._color, "points"))
        self._item.setSymbolSize(7)  # of evaluations, and of a point that is alone
        self._item.setSymbolBrush(theme().series_color(self._color, opacity))
        self._item.setSymbolPen(None)

    def _pen(self) -> QPen:
        return line_pen(self._color, self._style, FADED if self.faded else 1.0, self._dash)

    def value_at(self, x: float, *, reach: float) -> float | None:
        """The value of the point nearest to `x`; None in a gap, or more than `reach` steps after a line's end."""
        if not len(self.x):
            return None
        right = min(int(np.searchsorted(self.x, x)), len(self.x) - 1)
        left = max(0, right - 1)
        nearest = left if abs(self.x[left] - x) <= abs(self.x[right] - x) else right
        ended = self._style == "thin" and x > self.x[-1] + reach
        value = float(self.y[nearest])
        return None if ended or np.isnan(value) else value

    def newest(self) -> float | None:
        """The last value that is a number."""
        recent = self.y[-1000:]
        numbers = recent[~np.isnan(recent)]
        return float(numbers[-1]) if len(numbers) else None


class LegendEntry(QWidget):
    """A sample of a line, its name, and a value of it."""

    def __init__(
        self,
        name: str,
        color: int,
        style: LineStyle,
        longest: int = _LONGEST_NAME,
        *,
        faded: bool = False,
        dash: int = 0,
    ) -> None:
        super().__init__()
        self._color = color
        self._style = style
        self._faded = faded
        self._dash = dash
        self._name = PlainLabel(role="secondary")
        shown = self._name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, longest)
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
        painter.setPen(line_pen(self._color, self._style, opacity, self._dash))
        painter.drawLine(QPointF(2, middle), QPointF(20, middle))
        if self._style == "points" and not self._faded:
            painter.setBrush(theme().series_color(self._color, opacity))
            painter.drawEllipse(QPointF(11, middle), 3, 3)
