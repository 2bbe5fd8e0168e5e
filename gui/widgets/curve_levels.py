"""The dashed levels of a chart, with their names at the right end, one above the other where they would collide."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from gui.theme import theme
from gui.widgets.curve_legend import line_pen

Floats = NDArray[np.float64]

TEXT_HEIGHT = 22  # pixels that a name takes


class _Level(NamedTuple):
    value: float
    text: str
    color: int
    item: Any
    label: Any


class CurveLevels:
    """What simple methods reach, and other values that are the same at every step."""

    def __init__(self, area: Any) -> None:
        self._area = area
        self._levels: dict[str, _Level] = {}

    def set(self, name: str, value: float, text: str, color: int) -> None:
        """Shows a level, or moves it."""
        known = self._levels.get(name)
        item = pg.InfiniteLine(angle=0, movable=False) if known is None else known.item
        label = pg.TextItem(anchor=(1, 1)) if known is None else known.label
        if known is None:
            for thing in (item, label):
                self._area.addItem(thing, ignoreBounds=True)
        self._levels[name] = _Level(value, text, color, item, label)
        self._paint_one(self._levels[name])

    def clear(self) -> None:
        """Takes all levels away."""
        for level in self._levels.values():
            self._area.removeItem(level.item)
            self._area.removeItem(level.label)
        self._levels.clear()

    def names(self) -> tuple[str, ...]:
        """The levels there are."""
        return tuple(self._levels)

    def texts(self) -> list[str]:
        """What stands at the levels."""
        return [str(level.label.toPlainText()) for level in self._levels.values()]

    def values(self) -> Floats:
        """The values, float64 (levels,)."""
        return np.array([level.value for level in self._levels.values()], dtype=np.float64)

    def place(self, heights: Floats, right: float, top: float, per_pixel: float) -> None:
        """Puts the levels at these heights of the axis, (levels,), and their names before `right` and below `top`."""
        order = np.argsort(heights, kind="stable")
        names = heights[order]
        room = TEXT_HEIGHT * per_pixel
        for index in range(1, len(names)):
            names[index] = max(names[index], names[index - 1] + room)
        above = top
        for index in range(len(names) - 1, -1, -1):
            above = names[index] = min(names[index], above - room)
        levels = list(self._levels.values())
        for index, name in zip(order.tolist(), names.tolist(), strict=True):
            levels[index].item.setPos(float(heights[index]))
            levels[index].label.setPos(right, name)

    def paint(self) -> None:
        """Takes the colours of the theme."""
        for level in self._levels.values():
            self._paint_one(level)

    def _paint_one(self, level: _Level) -> None:
        level.item.setPen(line_pen(level.color, "dashed"))
        level.label.setText(level.text, color=theme().series_color(level.color))
        level.label.fill = pg.mkBrush(theme().color("window", 0.85))  # no line strikes through a name
        level.label.setZValue(1)
