"""What painted charts share: axes with their numbers and names, and a sentence about what is under the pointer."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.contract.formatting import number
from gui.components.saving import Line, offer_picture
from gui.design.theme import SPACE, appearance, small_font, theme

TICKS = 5


class Axis(NamedTuple):
    """The range of an axis from end to end; `digits` formats its numbers."""

    name: str
    low: float
    high: float
    digits: str = ".3g"

    def place(self, value: float) -> float:
        """Where a value is, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)


def placed(area: QRectF, x_axis: Axis, y_axis: Axis, x: float, y: float) -> QPointF:
    """Where a point is drawn, in pixels of the widget."""
    return QPointF(area.left() + area.width() * x_axis.place(x), area.bottom() - area.height() * y_axis.place(y))


def chart_painter(widget: QWidget) -> QPainter:
    """A painter for smooth lines and small text; end it."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(small_font(widget.font()))
    return painter


def paint_axes(painter: QPainter, area: QRectF, x_axis: Axis, y_axis: Axis, *, upright_lines: bool = False) -> None:
    """Paints lines at the numbers of the y axis, with `upright_lines` also at those of the x axis."""
    middle, right = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for tick in range(TICKS):
        share = tick / (TICKS - 1)
        across, up = area.left() + area.width() * share, area.bottom() - area.height() * share
        painter.setPen(theme().color("line"))
        painter.drawLine(QPointF(area.left(), up), QPointF(area.right(), up))
        if upright_lines:
            painter.drawLine(QPointF(across, area.top()), QPointF(across, area.bottom()))
        painter.setPen(theme().color("secondary"))
        shown = number(y_axis.low + (y_axis.high - y_axis.low) * share, y_axis.digits)
        painter.drawText(QRectF(0, up - 9, area.left() - SPACE, 18), int(right), shown)
        shown = number(x_axis.low + (x_axis.high - x_axis.low) * share, x_axis.digits)
        painter.drawText(QRectF(across - 40, area.bottom() + 3, 80, 16), int(middle), shown)
    painter.drawText(QRectF(area.left(), area.bottom() + 20, area.width(), 16), int(middle), x_axis.name)
    painter.save()
    painter.translate(10, area.center().y())
    painter.rotate(-90)
    painter.drawText(QRectF(-90, -8, 180, 16), int(Qt.AlignmentFlag.AlignCenter), y_axis.name)
    painter.restore()


class PaintedChart(QWidget):
    """A chart as wide as there is room, with a sentence about what is under the pointer; it is saved from its menu."""

    def __init__(self, title: str, picture: str, height: int, parent: QWidget | None = None) -> None:
        """`picture` is what the file with the picture is called, `height` in pixels."""
        super().__init__(parent)
        self._height = height
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.update)
        offer_picture(self, picture, self.values)

    def values(self) -> list[Line]:
        """A line per point, the titles first."""
        raise NotImplementedError

    def _text_at(self, place: QPointF) -> str:
        """What is described at this place; empty where nothing is."""
        raise NotImplementedError

    # ── Qt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def sizeHint(self) -> QSize:
        return QSize(420, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self._height)

    def event(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ToolTip or not isinstance(event, QHelpEvent):
            return super().event(event)
        QToolTip.showText(event.globalPos(), self._text_at(QPointF(event.pos())), self)
        return True
