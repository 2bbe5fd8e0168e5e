"""Truth against prediction where both are numbers: a point per row, on the diagonal where the prediction is right."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from gui.components.saving import Line, offer_picture
from gui.design.theme import SPACE, appearance, small_font, theme

LEFT, BOTTOM, EDGE = 52.0, 40.0, 10.0  # pixels for the numbers, and around the points
RADIUS = 2.6
REACH = 8.0  # pixels from the pointer within which a point is described
TICKS = 5


class ScatterPlot(QWidget):
    """Draws points (truth, prediction) in one unit on both axes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: tuple[tuple[float, float], ...] = ()
        self._low, self._high = 0.0, 1.0
        self.setAccessibleName(Sentence("gui.evaluate.truth_prediction_each_row"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.update)
        offer_picture(self, Sentence("gui.evaluate.picture_truth_prediction"), self.values)

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
        area, span = self._area(), self._high - self._low
        return QPointF(
            area.left() + area.width() * (truth - self._low) / span,
            area.bottom() - area.height() * (prediction - self._low) / span,
        )

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

    def sizeHint(self) -> QSize:
        return QSize(420, 340)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 340)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            point = self.nearest(QPointF(event.pos()))
            text = (
                "" if point is None else Sentence("gui.evaluate.point_described", truth=point[0], prediction=point[1])
            )
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small_font(self.font()))
        self._paint_axes(painter)
        painter.setPen(QPen(theme().color("secondary"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(self.place_of(self._low, self._low), self.place_of(self._high, self._high))
        ink = QColor(theme().color("accent"))
        ink.setAlphaF(0.55 if len(self._points) > 100 else 0.85)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        for point in self._points:
            painter.drawEllipse(self.place_of(*point), RADIUS, RADIUS)
        painter.end()

    def _paint_axes(self, painter: QPainter) -> None:
        area = self._area()
        middle, right = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for tick in range(TICKS):
            value = self._low + (self._high - self._low) * tick / (TICKS - 1)
            place = self.place_of(value, value)
            painter.setPen(theme().color("line"))
            painter.drawLine(QPointF(area.left(), place.y()), QPointF(area.right(), place.y()))
            painter.drawLine(QPointF(place.x(), area.top()), QPointF(place.x(), area.bottom()))
            painter.setPen(theme().color("secondary"))
            painter.drawText(QRectF(0, place.y() - 9, LEFT - SPACE, 18), int(right), number(value, ".3g"))
            painter.drawText(QRectF(place.x() - 40, area.bottom() + 3, 80, 16), int(middle), number(value, ".3g"))
        painter.drawText(
            QRectF(area.left(), area.bottom() + 20, area.width(), 16), int(middle), Sentence("gui.evaluate.truth")
        )
        painter.save()
        painter.translate(11, area.center().y())
        painter.rotate(-90)
        painter.drawText(
            QRectF(-60, -8, 120, 16), int(Qt.AlignmentFlag.AlignCenter), Sentence("gui.evaluate.prediction")
        )
        painter.restore()

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
