"""What the pointer shows of a chart: lines at its step and height, the values at that step, in the legend too.

Its import is heavy, see `curve_plot`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF

from gui.theme import theme
from gui.widgets.curve_frame import hidden_line
from gui.widgets.curve_line import CurveLine
from gui.widgets.curve_values import ValueBox, readable


class CurvePointer:
    """`at` is the step whose values are shown, or None: then the legend shows the newest ones."""

    def __init__(self, plot: Any, lines: Mapping[str, CurveLine]) -> None:
        area = plot.getPlotItem()
        self.at: float | None = None
        self.cursor = hidden_line(area, 90)
        self.height = hidden_line(area, 0)
        self.values = ValueBox(plot)
        self._plot = plot
        self._box = area.getViewBox()
        self._lines = lines

    def show_at(self, x: float | None) -> None:
        """Shows the values at this step, or the newest ones."""
        self.at = x
        values = [] if x is None else self._values_at(x)
        for line in self._lines.values():
            self.show_in_legend(line)
        if x is None or not values:
            for cross in (self.cursor, self.height):
                cross.setVisible(False)
            self.values.hide()
            return
        self.cursor.setPos(x)
        self.cursor.setVisible(True)
        at = self._plot.mapFromScene(self._box.mapViewToScene(QPointF(x, 0)))
        self.values.show_values(x, values, at.x())

    def show_in_legend(self, line: CurveLine) -> None:
        """Puts the value of this curve that is shown now beside its name."""
        value = line.newest() if self.at is None else line.value_at(self.at, reach=self._reach())
        line.legend.set_value("" if value is None else readable(value))

    def step_at(self, position: QPointF) -> float | None:
        """The step at this place of the scene; None outside of the picture."""
        inside = self._box.sceneBoundingRect().contains(position)
        return float(self._box.mapSceneToView(position).x()) if inside else None

    def put_height(self, position: QPointF) -> None:
        """Moves the level line to this place of the scene; it is seen beside a line at the step only."""
        inside = self._box.sceneBoundingRect().contains(position)
        self.height.setPos(float(self._box.mapSceneToView(position).y()))
        self.height.setVisible(bool(inside and self.cursor.isVisible()))

    def leave(self) -> None:
        """The mouse has left the chart."""
        self.height.setVisible(False)

    def paint_theme(self) -> None:
        """Takes the colours of the theme."""
        colors = theme()
        self.cursor.setPen(pg.mkPen(colors.color("secondary", 0.6)))
        self.height.setPen(pg.mkPen(colors.color("secondary", 0.35)))
        self.values.paint_theme()

    def _values_at(self, x: float) -> list[tuple[str, float]]:
        shown = ((line.name, line.value_at(x, reach=self._reach())) for line in self._lines.values() if line.name)
        return [(name, value) for name, value in shown if value is not None]

    def _reach(self) -> float:
        low, high = self._box.viewRange()[0]
        return 0.05 * float(high - low)
