"""Models as points: a score over the time of an answer, each as large as its files; a click chooses one.

What is drawn is also in a table beside it, where the keyboard chooses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.contract.sentences import Sentence
from gui.charts.axes import Axis, PaintedChart, chart_painter, paint_axes, placed
from gui.components.saving import Line
from gui.design.theme import HALF, theme

LEFT, BOTTOM, TOP, EDGE = 62.0, 40.0, 14.0, 20.0  # pixels for the numbers, and around the points
HEIGHT = 260
SMALLEST, LARGEST = 5.0, 16.0  # pixels of a radius
REACH = 6.0  # pixels from a point's edge within which it is meant
ROOM = 0.12  # of the range of the points, that stays free on each side
NARROWEST = 0.02  # that the scores' axis shows at least, so that equal scores look equal


class Point(NamedTuple):
    """A point with what is written beside it; `size` is drawn as its area, `group` as its colour."""

    name: str
    x: float
    y: float
    size: float
    group: int = 0


class PointPlot(PaintedChart):
    """Draws points with their names; `chosen` has the place of the one that was clicked."""

    chosen = Signal(int)

    def __init__(self, title: str, x_name: str, y_name: str, parent: QWidget | None = None) -> None:
        super().__init__(title, title.lower(), HEIGHT, parent)
        self._points: tuple[Point, ...] = ()
        self._marked = -1
        self._names = (x_name, y_name)

    def show_points(self, points: Sequence[Point], *, y_name: str) -> None:
        """Shows these instead of the last; none is marked."""
        self._points, self._marked = tuple(points), -1
        self._names = (self._names[0], y_name)
        self.setAccessibleDescription("; ".join(map(self._text_of, self._points)))
        self.update()

    def points(self) -> tuple[Point, ...]:
        """What is shown."""
        return self._points

    def mark(self, place: int) -> None:
        """Marks the point in this place instead of the last; −1 for none."""
        self._marked = place
        self.update()

    def values(self) -> list[Line]:
        """A line per point, the titles first."""
        return [("", *self._names), *((point.name, point.x, point.y) for point in self._points)]

    def place_of(self, point: Point) -> QPointF:
        """Where a point is drawn, in pixels of the widget."""
        return placed(self._area(), self._across(), self._up(), point.x, point.y)

    # ── Qt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position())
        if place is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
        else:
            self.chosen.emit(place)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = chart_painter(self)
        paint_axes(painter, self._area(), self._across(), self._up())
        for number, point in enumerate(self._points):
            self._paint_point(painter, point, is_marked=number == self._marked)
        painter.end()

    def _paint_point(self, painter: QPainter, point: Point, *, is_marked: bool) -> None:
        place, radius, color = self.place_of(point), self._radius(point), theme().series_color(point.group)
        inside = QColor(color)
        inside.setAlphaF(0.35)
        painter.setBrush(inside)
        painter.setPen(QPen(color, 1.5))
        painter.drawEllipse(place, radius, radius)
        if is_marked:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("text"), 2.0))
            painter.drawEllipse(place, radius + 4, radius + 4)
        painter.setPen(theme().color("text"))
        width = painter.fontMetrics().horizontalAdvance(point.name) + 2.0
        left = place.x() + radius + HALF
        if left + width > self.width():
            left = place.x() - radius - HALF - width
        painter.drawText(QRectF(left, place.y() - 9, width, 18), int(Qt.AlignmentFlag.AlignVCenter), point.name)

    def _area(self) -> QRectF:
        width, height = self.width() - LEFT - EDGE, self.height() - BOTTOM - TOP
        return QRectF(LEFT, TOP, max(60.0, width), max(60.0, height))

    def _across(self) -> Axis:
        """From 0, since twice as fast is to look like it."""
        most = max((point.x for point in self._points), default=1.0)
        return Axis(self._names[0], 0.0, most * (1 + 2 * ROOM) or 1.0)

    def _up(self) -> Axis:
        values = [point.y for point in self._points] or [0.0, 1.0]
        low, high = min(values), max(values)
        missing = max(0.0, NARROWEST - (high - low)) / 2
        room = ROOM * (high - low) + missing
        return Axis(self._names[1], low - room, high + room, ".3f")

    def _radius(self, point: Point) -> float:
        largest = max((one.size for one in self._points), default=0.0)
        return max(SMALLEST, LARGEST * math.sqrt(point.size / largest)) if largest > 0 else SMALLEST

    def _at(self, place: QPointF) -> int | None:
        """The point that is meant at this place: the nearest of those within reach."""
        found = []
        for number, point in enumerate(self._points):
            drawn = self.place_of(point)
            distance = math.hypot(drawn.x() - place.x(), drawn.y() - place.y())
            if distance <= self._radius(point) + REACH:
                found.append((distance, number))
        return min(found)[1] if found else None

    def _text_at(self, place: QPointF) -> str:
        found = self._at(place)
        return "" if found is None else self._text_of(self._points[found])

    def _text_of(self, point: Point) -> str:
        return Sentence(
            "gui.charts.point", name=point.name, x_name=self._names[0], x=point.x, y_name=self._names[1], y=point.y
        )
