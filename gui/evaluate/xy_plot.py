"""Curves over a number that is no step: precision over recall, accuracy over coverage. Painted here, without pyqtgraph.

Up to six curves are points apart by colour, dashes and the shape of their marks, and are named in a legend above.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from engine.contract import formatting
from engine.contract.sentences import Sentence
from gui.charts.axes import Axis, PaintedChart, chart_painter, paint_axes, placed
from gui.components.plain_text import on_one_line
from gui.components.saving import Line
from gui.design.theme import HALF, SPACE, theme

LEFT, BOTTOM, EDGE, LEGEND = 62.0, 40.0, 10.0, 20.0  # pixels for the numbers, around the curves, a line of names
HEIGHT = 320
REACH = 14.0  # pixels from the pointer within which a point is described
DASHES: tuple[tuple[float, ...], ...] = ((), (7, 3), (2, 2), (9, 2, 2, 2), (4, 4), (12, 3))


@dataclass(frozen=True)
class XYCurve:
    """A curve with its name; `marks` draws a dot at each point."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    marks: bool = False


class XYPlot(PaintedChart):
    """Draws curves in the unit square, or in the range that is given."""

    def __init__(self, title: str, x_name: str, y_name: str, parent: QWidget | None = None) -> None:
        super().__init__(title, title.lower(), HEIGHT, parent)
        self._curves: tuple[XYCurve, ...] = ()
        self._spots: tuple[tuple[float, float], ...] = ()
        self._names = (x_name, y_name)
        self._diagonal: str = ""  # a name of what is on it
        self._y_low = 0.0
        self._empty = ""

    def show_curves(
        self,
        curves: Sequence[XYCurve],
        *,
        names: tuple[str, str],
        diagonal: str = "",
        spots: Sequence[tuple[float, float]] = (),
        y_low: float = 0.0,
        empty: str = "",
    ) -> None:
        """Shows these instead of the last; `spots` are points that are marked, one for each of the first curves."""
        self._curves = tuple(curves)
        self._spots = tuple(spots)
        self._names, self._diagonal, self._y_low = names, diagonal, y_low
        self._empty = empty or Sentence("gui.charts.no_curve")
        points = "; ".join(
            Sentence("gui.charts.points", curve=curve.name, points=len(curve.x)) for curve in self._curves
        )
        axes = Sentence("gui.charts.over", y=names[1], x=names[0])
        self.setAccessibleDescription(f"{axes} {points or self._empty}")
        self.update()

    def mark(self, spots: Sequence[tuple[float, float]]) -> None:
        """Marks these points instead of the last."""
        self._spots = tuple(spots)
        self.update()

    def curves(self) -> tuple[XYCurve, ...]:
        """What is shown."""
        return self._curves

    def spots(self) -> tuple[tuple[float, float], ...]:
        """The marked points."""
        return self._spots

    def values(self) -> list[Line]:
        """A line per point, the titles first."""
        lines: list[Line] = [(Sentence("gui.charts.curve"), *self._names)]
        lines += [(curve.name, x, y) for curve in self._curves for x, y in zip(curve.x, curve.y, strict=True)]
        return lines

    def place_of(self, x: float, y: float) -> QPointF:
        """Where a point is drawn, in pixels of the widget."""
        return placed(self._area(), *self._axes(), x, y)

    # ── Qt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = chart_painter(self)
        paint_axes(painter, self._area(), *self._axes())
        if not self._curves:
            painter.setPen(theme().color("secondary"))
            painter.drawText(self._area(), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._empty)
            painter.end()
            return
        if self._diagonal:
            painter.setPen(QPen(theme().color("secondary"), 1, Qt.PenStyle.DashLine))
            low = max(0.0, self._y_low)
            painter.drawLine(self.place_of(low, low), self.place_of(1.0, 1.0))
        painter.save()
        painter.setClipRect(self._area().adjusted(-4, -4, 4, 4))
        for number, curve in enumerate(self._curves):
            self._paint_curve(painter, number, curve)
        painter.restore()
        self._paint_legend(painter)
        painter.end()

    def _paint_curve(self, painter: QPainter, number: int, curve: XYCurve) -> None:
        painter.setPen(curve_pen(number))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([self.place_of(x, y) for x, y in zip(curve.x, curve.y, strict=True)]))
        painter.setPen(QPen(theme().series_color(number), 1.5))
        painter.setBrush(theme().series_color(number) if number % 2 == 0 else theme().color("surface"))
        if curve.marks:
            for x, y in zip(curve.x, curve.y, strict=True):
                _paint_mark(painter, number, self.place_of(x, y), 3.5)
        if number < len(self._spots) and all(map(math.isfinite, self._spots[number])):
            _paint_mark(painter, number, self.place_of(*self._spots[number]), 6.0)

    def _paint_legend(self, painter: QPainter) -> None:
        left, metrics = LEFT, painter.fontMetrics()
        entries = [(number, curve.name) for number, curve in enumerate(self._curves)]
        room = (self.width() - LEFT) / max(1, len(entries) + bool(self._diagonal)) - 40
        for number, name in [*entries, *([(-1, self._diagonal)] if self._diagonal else [])]:
            text = metrics.elidedText(on_one_line(name), Qt.TextElideMode.ElideMiddle, int(max(40.0, room)))
            pen = curve_pen(number) if number >= 0 else QPen(theme().color("secondary"), 1, Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawLine(QPointF(left, LEGEND / 2), QPointF(left + 22, LEGEND / 2))
            painter.setPen(theme().color("text"))
            width = metrics.horizontalAdvance(text)
            painter.drawText(QRectF(left + 26, 0, width + 2, LEGEND), int(Qt.AlignmentFlag.AlignVCenter), text)
            left += 26 + width + 2 * SPACE

    def _axes(self) -> tuple[Axis, Axis]:
        return Axis(self._names[0], 0.0, 1.0, ".2g"), Axis(self._names[1], self._y_low, 1.0)

    def _area(self) -> QRectF:
        width = max(60.0, min(self.width() - LEFT - EDGE, 620.0))
        return QRectF(LEFT, LEGEND + HALF, width, max(60.0, self.height() - BOTTOM - LEGEND - HALF))

    def _text_at(self, place: QPointF) -> str:
        near: tuple[float, str] = (REACH, "")
        for curve in self._curves:
            for x, y in zip(curve.x, curve.y, strict=True):
                drawn = self.place_of(x, y)
                distance = math.hypot(drawn.x() - place.x(), drawn.y() - place.y())
                if distance < near[0]:
                    x_value = f"{self._names[0]} {formatting.number(x, '.3f')}"
                    near = (distance, f"{curve.name}: {x_value}, {self._names[1]} {formatting.number(y, '.3f')}")
        return near[1]


def curve_pen(number: int) -> QPen:
    """The pen of the curve of this number: its colour, and its pattern of dashes."""
    pen = QPen(theme().series_color(number), 2.0)
    if DASHES[number % len(DASHES)]:
        pen.setDashPattern(list(DASHES[number % len(DASHES)]))
    return pen


def _circle(painter: QPainter, place: QPointF, size: float) -> None:
    painter.drawEllipse(place, size, size)


def _square(painter: QPainter, place: QPointF, size: float) -> None:
    painter.drawRect(QRectF(place.x() - size, place.y() - size, 2 * size, 2 * size))


def _diamond(painter: QPainter, place: QPointF, size: float) -> None:
    corners = ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0))
    painter.drawPolygon(QPolygonF([QPointF(place.x() + x * size, place.y() + y * size) for x, y in corners]))


_SHAPES: tuple[Callable[[QPainter, QPointF, float], None], ...] = (_circle, _square, _diamond)


def _paint_mark(painter: QPainter, number: int, place: QPointF, size: float) -> None:
    _SHAPES[number % len(_SHAPES)](painter, place, size)
