"""The dashed reference lines of a chart, such as baselines, with their names at the right end.

Names that would collide stand one above the other. Imports pyqtgraph, see `line_plot`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg

from gui.charts.curve_line import Floats, line_pen
from gui.design.theme import theme

TEXT_HEIGHT = 22  # pixels that a name takes


class _Line(NamedTuple):
    value: float
    text: str
    color: int
    item: Any
    label: Any


class ReferenceLines:
    """Values that are the same at every step."""

    def __init__(self, area: Any) -> None:
        self._area = area
        self._lines: dict[str, _Line] = {}

    def set(self, name: str, value: float, text: str, color: int) -> None:
        """Shows a line, or moves it."""
        known = self._lines.get(name)
        item = pg.InfiniteLine(angle=0, movable=False) if known is None else known.item
        label = pg.TextItem(anchor=(1, 1)) if known is None else known.label
        if known is None:
            for thing in (item, label):
                self._area.addItem(thing, ignoreBounds=True)
        self._lines[name] = _Line(value, text, color, item, label)
        self._paint_one(self._lines[name])

    def clear(self) -> None:
        """Removes all lines."""
        for line in self._lines.values():
            self._area.removeItem(line.item)
            self._area.removeItem(line.label)
        self._lines.clear()

    def names(self) -> tuple[str, ...]:
        """The lines there are."""
        return tuple(self._lines)

    def texts(self) -> list[str]:
        """The names with their values, as they are drawn."""
        return [str(line.label.toPlainText()) for line in self._lines.values()]

    def values(self) -> Floats:
        """The values, float64 (lines,)."""
        return np.array([line.value for line in self._lines.values()], dtype=np.float64)

    def place(self, heights: Floats, right: float, top: float, per_pixel: float) -> None:
        """Puts the lines at these heights of the axis, (lines,), and their names before `right` and below `top`."""
        order = np.argsort(heights, kind="stable")
        names = heights[order]
        room = TEXT_HEIGHT * per_pixel
        for index in range(1, len(names)):
            names[index] = max(names[index], names[index - 1] + room)
        above = top
        for index in range(len(names) - 1, -1, -1):
            above = names[index] = min(names[index], above - room)
        lines = list(self._lines.values())
        for index, name in zip(order.tolist(), names.tolist(), strict=True):
            lines[index].item.setPos(float(heights[index]))
            lines[index].label.setPos(right, name)

    def paint(self) -> None:
        """Takes the colours of the theme."""
        for line in self._lines.values():
            self._paint_one(line)

    def _paint_one(self, line: _Line) -> None:
        line.item.setPen(line_pen(line.color, "dashed"))
        line.label.setText(line.text, color=theme().series_color(line.color))
        line.label.fill = pg.mkBrush(theme().color("window", 0.85))  # no line strikes through a name
        line.label.setZValue(1)
