"""Truth against prediction where both are numbers: a point per row, on the diagonal where the prediction is right."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.contract.sentences import Sentence
from gui.charts.axes import Axis, PaintedChart, chart_painter, paint_axes, placed
from gui.components.saving import Line
from gui.design.theme import theme

LEFT, BOTTOM, EDGE = 52.0, 40.0, 10.0  # pixels for the numbers, and around the points
HEIGHT = 340
RADIUS = 2.6
REACH = 8.0  # pixels from the pointer within which a point is described


class ScatterPlot(PaintedChart):
    """Draws points (truth, prediction) in one unit on both axes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            Sentence("gui.evaluate.truth_prediction_each_row"),
            Sentence("gui.evaluate.picture_truth_prediction"),
            HEIGHT,
            parent,
        )
        self._points: tuple[tuple[float, float], ...] = ()
        self._low, self._high = 0.0, 1.0

    def values(self) -> list[Line]:
        """A line per point, titles first."""
        return [("truth", "prediction"), *self._points]

    def show_points(self, points: Sequence[tuple[float, float]]) -> None:
        """Shows these instead of the last."""
        self._points = tuple(point for point in points if all(map(math.isfinite, point)))
        values = [value for point in self._points for value in point]
        self._low, self._high = _range(values)
        self.setAccessibleDescription(
            Sentence("gui.evaluate.points_described", rows=len(self._points), low=min(values), high=max(values))
            if values
            else ""
        )
        self.update()

    def points(self) -> tuple[tuple[float, float], ...]:
        """What is shown."""
        return self._points

    def place_of(self, truth: float, prediction: float) -> QPointF:
        """Where a point is drawn, in pixels of the widget."""
        return placed(self._area(), self._axis(), self._axis(), truth, prediction)

    def nearest(self, place: QPointF) -> tuple[float, float] | None:
        """The point under the pointer, or None."""
        near: tuple[float, tuple[float, float] | None] = (REACH, None)
        for point in self._points:
            drawn = self.place_of(*point)
            distance = math.hypot(drawn.x() - place.x(), drawn.y() - place.y())
            if distance < near[0]:
                near = (distance, point)
        return near[1]

    # ── Qt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = chart_painter(self)
        truth, prediction = Sentence("gui.evaluate.truth"), Sentence("gui.evaluate.prediction")
        paint_axes(painter, self._area(), self._axis(truth), self._axis(prediction), upright_lines=True)
        painter.setPen(QPen(theme().color("secondary"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(self.place_of(self._low, self._low), self.place_of(self._high, self._high))
        ink = QColor(theme().color("accent"))
        ink.setAlphaF(0.55 if len(self._points) > 100 else 0.85)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        for point in self._points:
            painter.drawEllipse(self.place_of(*point), RADIUS, RADIUS)
        painter.end()

    def _axis(self, name: str = "") -> Axis:
        return Axis(name, self._low, self._high)

    def _text_at(self, place: QPointF) -> str:
        point = self.nearest(place)
        return "" if point is None else Sentence("gui.evaluate.point_described", truth=point[0], prediction=point[1])

    def _area(self) -> QRectF:
        """A square, so that a right prediction lies on the diagonal of 45 degrees."""
        side = max(60.0, min(self.width() - LEFT - EDGE, self.height() - BOTTOM - EDGE))
        return QRectF(LEFT, EDGE, side, side)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Both ends with a little room; never an empty range."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    room = 0.04 * (high - low) or max(1.0, abs(high)) * 0.5
    return low - room, high + room
