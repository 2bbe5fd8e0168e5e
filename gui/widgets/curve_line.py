"""One curve of a chart: its points, how they are drawn, and its value at a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gui.theme import theme
from gui.thinning import thinned
from gui.widgets.curve_legend import FADED, LegendEntry, LineStyle, line_pen

Floats = NDArray[np.float64]

MOST_SYMBOLS = 200  # more dots than these would hide the line


class CurveLine:
    """A curve with its legend entry; where it is smoothed, the raw values stand faintly behind it."""

    def __init__(self, name: str, color: int, style: LineStyle, area: Any, *, faded: bool = False) -> None:
        self.name = name  # as it is shown; empty: in no list
        self.faded = faded
        self.legend = LegendEntry(name, color, style, faded=faded)
        self.legend.hide()
        self.x: Floats = np.empty(0)
        self.y: Floats = np.empty(0)
        self._raw: Floats | None = None
        self._color = color
        self._style = style
        self._area = area
        self._behind = area.plot([], [], connect="finite")
        self._item = area.plot([], [], connect="finite")
        if faded:
            self._item.setZValue(-10)
        self.paint()

    @property
    def measured(self) -> Floats:
        """The y values before smoothing."""
        return self.y if self._raw is None else self._raw

    def set_points(self, x: Floats, y: Floats, raw: Floats | None) -> None:
        """Takes these points; they are seen after `draw`."""
        self.x, self.y, self._raw = x, y, raw
        self.legend.setVisible(bool(self.name) and len(y) > 0 and not bool(np.isnan(y[-1000:]).all()))

    def draw(self, low: float, high: float, columns: int, on_axis: Callable[[Floats], Floats]) -> list[Floats]:
        """Draws what lies between these steps, thinned to so many columns; returns the heights that were drawn."""
        drawn = []
        for item, values in ((self._behind, self._raw), (self._item, self.y)):
            if values is None:
                item.setData([], [])
                continue
            x, y = thinned(self.x, values, low, high, columns)
            y = on_axis(y)
            if item is self._item and self._style == "points":
                few = len(x) <= MOST_SYMBOLS
                item.setSymbol("o" if few and not self.faded else None)
                item.setPen(line_pen(self._color, "points" if few else "thin", FADED if self.faded else 1.0))
            item.setData(x, y)
            drawn.append(y)
        return drawn

    def drawn_points(self) -> int:
        """How many points stand on the screen."""
        return sum(len(item.xData) for item in (self._behind, self._item) if item.xData is not None)

    def pen_color(self) -> str:
        """The colour of the curve, "#RRGGBB"."""
        return str(self._item.opts["pen"].color().name())

    def remove(self) -> None:
        """Takes the curve out of the picture."""
        self._area.removeItem(self._item)
        self._area.removeItem(self._behind)
        self.legend.hide()
        self.legend.deleteLater()

    def paint(self) -> None:
        """Takes the colours of the theme."""
        opacity = FADED if self.faded else 1.0
        self._item.setPen(line_pen(self._color, self._style, opacity))
        self._behind.setPen(line_pen(self._color, "thin", 0.28 * opacity))
        if self._style == "points":
            self._item.setSymbolSize(7)
            self._item.setSymbolBrush(theme().series_color(self._color))
            self._item.setSymbolPen(None)

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
