"""A curve as small as a table's cell. Knows no runs; needs nothing but Qt."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from gui.theme import HALF, SPACE, theme

POINTS = Qt.ItemDataRole.UserRole  # tuple of (x, y), x ascending


class Sparkline(QStyledItemDelegate):
    """Draws the cell's `POINTS`, the last one as a dot; one point alone is a dot, none is nothing."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        area = QRectF(option.rect).adjusted(SPACE, HALF + 2, -SPACE, -HALF - 2)
        line = polyline(index.data(POINTS) or (), area)
        if line.isEmpty():
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().series_color(2), 1.5))
        painter.drawPolyline(line)
        painter.setBrush(theme().series_color(2))
        painter.drawEllipse(line.last(), 2.0, 2.0)
        painter.restore()


def polyline(points: tuple[tuple[float, float], ...], area: QRectF) -> QPolygonF:
    """The points, stretched over the area; a level curve lies in its middle."""
    if not points:
        return QPolygonF()
    steps, values = zip(*points, strict=True)
    wide, high = steps[-1] - steps[0], max(values) - min(values)
    return QPolygonF(
        [
            QPointF(
                area.left() + area.width() * ((step - steps[0]) / wide if wide else 0.5),
                area.bottom() - area.height() * ((value - min(values)) / high if high else 0.5),
            )
            for step, value in points
        ]
    )
