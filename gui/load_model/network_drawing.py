"""The parts of an encoder as a small drawing: tokens go in, each comes out as a list of numbers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from engine.contract.states import ModelHandle
from gui.design.theme import CORNER, appearance, small_font, theme

HEIGHT = 92
BOX = 56.0  # height of a part
ARROW = 26.0
SLABS = 12  # layers drawn one by one; more are given as a number only


class NetworkDrawing(QWidget):
    """Token embedding → layers → hidden states → the answer layer that fine-tuning adds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model: ModelHandle | None = None
        self.setMinimumHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.update)

    def show_model(self, model: ModelHandle) -> None:
        """Draws this model."""
        self._model = model
        self.setAccessibleName(Sentence("gui.load_model.parts_network"))
        self.setAccessibleDescription("; ".join(f"{name}: {numbers}" for name, numbers in self._parts(model)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._model is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        parts = self._parts(self._model)
        width = (self.width() - 2 - ARROW * (len(parts) - 1)) / len(parts)
        for place, (name, numbers) in enumerate(parts):
            box = QRectF(1 + place * (width + ARROW), 1, width, BOX)
            self._paint_part(painter, box, place, self._model.layers)
            self._paint_words(painter, box, name, numbers, is_last=place == len(parts) - 1)
            if place:
                _paint_arrow(painter, QPointF(box.left() - ARROW + 5, box.center().y()), box.left() - 5)

    def _parts(self, model: ModelHandle) -> list[tuple[str, str]]:
        return [
            (Sentence("gui.load_model.embedding"), f"{number(model.vocabulary_size)} × {number(model.hidden_size)}"),
            (
                Sentence("gui.load_model.layers_2", layers=model.layers),
                Sentence("gui.load_model.heads_each", attention_heads=model.attention_heads),
            ),
            (
                Sentence("gui.load_model.hidden_states"),
                Sentence("gui.load_model.per_token", hidden_size=model.hidden_size),
            ),
            (Sentence("gui.load_model.head"), Sentence("gui.load_model.added_fine_tune")),
        ]

    def _paint_part(self, painter: QPainter, box: QRectF, number: int, layers: int) -> None:
        colors = theme()
        painter.setPen(QPen(colors.color("accent" if number == 1 else "line"), 1))
        painter.setBrush(colors.color("soft"))
        if number == 1:
            slabs = max(1, min(layers, SLABS))
            gap = 2.0
            width = (box.width() - gap * (slabs - 1)) / slabs
            for slab in range(slabs):
                area = QRectF(box.left() + slab * (width + gap), box.top(), width, box.height())
                painter.drawRoundedRect(area, min(3.0, width / 3), 3)
            return
        if number == 3:
            painter.setPen(QPen(colors.color("secondary"), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        elif number == 2:
            painter.setBrush(colors.color("hover"))
        painter.drawRoundedRect(box, CORNER, CORNER)

    def _paint_words(self, painter: QPainter, box: QRectF, name: str, numbers: str, *, is_last: bool) -> None:
        colors = theme()
        painter.setFont(small_font(self.font()))
        painter.setPen(colors.color("text"))
        metrics = painter.fontMetrics()
        middle = Qt.AlignmentFlag.AlignCenter
        wide = QRectF(box.left() - ARROW / 2, box.bottom() + 3, box.width() + ARROW, 16)
        painter.drawText(wide, middle, metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(wide.width())))
        painter.setPen(colors.color("secondary"))
        wide.translate(0, 16)
        painter.drawText(wide, middle, metrics.elidedText(numbers, Qt.TextElideMode.ElideRight, int(wide.width())))


def _paint_arrow(painter: QPainter, start: QPointF, end: float) -> None:
    painter.setPen(QPen(theme().color("secondary"), 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    tip = QPointF(end, start.y())
    painter.drawLine(start, tip)
    painter.drawLine(tip, tip + QPointF(-4, -4))
    painter.drawLine(tip, tip + QPointF(-4, 4))
