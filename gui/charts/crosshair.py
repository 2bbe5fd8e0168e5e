"""What the pointer shows of a chart: lines at its step and height, and the values there, in a box and in the legend.

Imports pyqtgraph, see `line_plot`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QLabel, QWidget

from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from gui.charts.curve_line import CurveLine
from gui.design.theme import SPACE, theme

LONGEST_NAME = 28  # characters of a curve's name
MOST_VALUES = 12  # lines below the step


def readable(value: float) -> str:
    """A chart value with as many digits as are worth reading."""
    if value != 0 and (abs(value) < 0.001 or abs(value) >= 100_000):
        return number(value, ".1e")
    if abs(value) >= 10:
        return number(value, ",.0f" if abs(value) >= 100 else ".1f")
    return number(value, ".4f" if abs(value) < 0.01 else ".3f")


class Crosshair:
    """`at` is the step whose values are shown, or None: then the legend shows the newest ones."""

    def __init__(self, plot: Any, lines: Mapping[str, CurveLine]) -> None:
        area = plot.getPlotItem()
        self.at: float | None = None
        self.cursor = _hidden_line(area, 90)
        self.height = _hidden_line(area, 0)
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
        text = "" if value is None else readable(value)
        if text and line.best is not None and self.at is None:
            text = Sentence("gui.charts.with_best", value=text, best=readable(line.best))
        line.legend.set_value(text)

    def step_at(self, position: QPointF) -> float | None:
        """The step at this place of the scene; None outside of the picture."""
        inside = self._box.sceneBoundingRect().contains(position)
        return float(self._box.mapSceneToView(position).x()) if inside else None

    def put_height(self, position: QPointF) -> None:
        """Moves the horizontal line to this place of the scene; it is seen together with the vertical one only."""
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


class ValueBox(QLabel):
    """Lies over a chart and lets the pointer through."""

    def __init__(self, chart: QWidget) -> None:
        super().__init__(chart)
        self._chart = chart
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_values(self, x: float, values: Sequence[tuple[str, float]], left: float) -> None:
        """Shows names and values at step `x` beside this place, in pixels from the chart's left edge."""
        rows = [f"{_short(name)}  {readable(value)}" for name, value in values]
        if len(rows) > MOST_VALUES + 1:
            rows = [*rows[:MOST_VALUES], Sentence("gui.charts.and_more", more=len(rows) - MOST_VALUES)]
        step = Sentence("gui.charts.step_number", step=round(x))
        self.setText("\n".join([step, *rows]))
        self.adjustSize()
        if self.height() > self._chart.height() - 2 * SPACE:  # the legend shows the values too
            self.setText(step)
            self.adjustSize()
        right = left + SPACE
        if right + self.width() > self._chart.width():
            right = left - SPACE - self.width()
        self.move(QPoint(max(0, int(right)), SPACE))
        self.show()

    def paint_theme(self) -> None:
        """Takes the colours of the theme."""
        colors = theme()
        self.setStyleSheet(
            f"background: {colors.raised}; color: {colors.text}; border: 1px solid {colors.line};"
            "border-radius: 4px; padding: 4px 6px;"
        )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _hidden_line(area: Any, angle: int) -> Any:
    """A straight line over the whole chart, for the place of the pointer."""
    line = pg.InfiniteLine(angle=angle, movable=False)
    line.setVisible(False)
    area.addItem(line, ignoreBounds=True)
    return line
