"""The dashed reference lines of a chart, such as baselines; their names are in the legend, where they cover no curve.

Imports pyqtgraph, see `line_plot`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg

from gui.charts.curve_line import Floats, LegendEntry, line_pen
from gui.components.layouts import FlowRow

LONGEST_NAME = 260  # pixels


class _Line(NamedTuple):
    value: float
    name: str
    text: str
    color: int
    item: Any
    entry: LegendEntry


class ReferenceLines:
    """Values that are the same at every step."""

    def __init__(self, area: Any, legend: FlowRow) -> None:
        self._area = area
        self._legend = legend
        self._lines: dict[str, _Line] = {}

    def set(self, name: str, value: float, text: str, color: int) -> None:
        """Shows a line, or moves it; `text` is its value as the legend shows it."""
        known = self._lines.get(name)
        if known is None:
            item, entry = pg.InfiniteLine(angle=0, movable=False), LegendEntry(name, color, "dashed", LONGEST_NAME)
            item.setZValue(-20)  # behind every curve
            self._area.addItem(item, ignoreBounds=True)
            self._legend.addWidget(entry)
        else:
            item, entry = known.item, known.entry
        entry.set_value(text)
        self._lines[name] = _Line(value, name, text, color, item, entry)
        item.setPen(line_pen(color, "dashed"))

    def clear(self) -> None:
        """Removes all lines."""
        for line in self._lines.values():
            self._area.removeItem(line.item)
            self._legend.removeWidget(line.entry)
            line.entry.hide()
            line.entry.deleteLater()
        self._lines.clear()

    def names(self) -> tuple[str, ...]:
        """The lines there are."""
        return tuple(self._lines)

    def texts(self) -> list[str]:
        """The names with their values, as the legend shows them."""
        return [f"{line.name} {line.entry.value()}" for line in self._lines.values()]

    def values(self) -> Floats:
        """The values, float64 (lines,)."""
        return np.array([line.value for line in self._lines.values()], dtype=np.float64)

    def place(self, heights: Floats) -> None:
        """Puts the lines at these heights of the axis, (lines,)."""
        for line, height in zip(self._lines.values(), heights.tolist(), strict=True):
            line.item.setPos(height)

    def paint(self) -> None:
        """Takes the colours of the theme."""
        for line in self._lines.values():
            line.item.setPen(line_pen(line.color, "dashed"))
            line.entry.update()
