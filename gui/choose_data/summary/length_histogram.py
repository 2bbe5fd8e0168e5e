"""How many rows have how many tokens, as bars, with the maximum as a line that can be dragged.

Rows beyond the right end are in the last bar. Up to six labels are stacked, each in its colour; what lies beyond the
maximum is drawn pale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.contract.formatting import number
from engine.contract.length_table import LengthCounts
from engine.contract.sentences import Sentence
from gui.components.plain_text import on_one_line, tooltip
from gui.components.saving import Line, offer_picture
from gui.design.theme import HALF, appearance, small_font, theme

MOST_BINS = 60
REACH = 8  # pixels around the line in which it can be grabbed
_STEPS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class LengthHistogram(QWidget):
    """Bars of rows by length, one kind of rows on top of the other."""

    maximum_moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bins: list[tuple[str, list[int]]] = []  # name of the kind, rows of each bin
        self._step = 1
        self._end = 1  # tokens at the right edge
        self._maximum = 1
        self._range = (1, 1)
        self._dragging = False
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.update)
        offer_picture(self, "lengths", self.values)

    def values(self) -> list[Line]:
        """A line per bar: the kind of rows, its first and last length in tokens, and how many rows there are."""
        lines: list[Line] = [
            (
                Sentence("gui.choose_data.values_rows"),
                Sentence("gui.choose_data.values_from"),
                Sentence("gui.choose_data.values_to"),
                Sentence("gui.choose_data.values_count"),
            )
        ]
        for name, counts in self._bins:
            lines += [
                (name, place * self._step + 1, (place + 1) * self._step, rows) for place, rows in enumerate(counts)
            ]
        return lines

    def show_counts(
        self, kinds: Mapping[str, LengthCounts], *, end: int, maximum: int, lowest: int, highest: int
    ) -> None:
        """Shows these kinds of rows up to `end` tokens; the line goes from `lowest` to `highest`."""
        self._step = next((step for step in _STEPS if end / step <= MOST_BINS), _STEPS[-1])
        bins = -(-end // self._step)
        self._end = bins * self._step
        self._bins = [(name, binned(counts, self._step, bins)) for name, counts in kinds.items()]
        self._range = (lowest, highest)
        self.set_maximum(maximum)
        self.setAccessibleName(Sentence("gui.choose_data.rows_by_tokens"))
        self.setAccessibleDescription(
            "; ".join(
                Sentence("gui.choose_data.named_rows", name=name, rows=sum(rows)) for name, rows in self._bins[:6]
            )
        )

    def set_maximum(self, maximum: int) -> None:
        """Moves the line."""
        self._maximum = maximum
        self.update()

    def bins(self) -> dict[str, Sequence[int]]:
        """Rows of every bar by kind."""
        return dict(self._bins)

    def place_of(self, tokens: int) -> float:
        """Where this many tokens lie from the left, in pixels."""
        plot = self._plot()
        return plot.left() + plot.width() * min(tokens, self._end) / self._end

    # ── Qt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def sizeHint(self) -> QSize:
        return QSize(480, 170)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 170)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._bins:
            self._dragging = True
            self._move_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragging = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging:
            self._move_to(event.position().x())
            return
        near = abs(event.position().x() - self.place_of(self._maximum)) <= REACH
        self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)
        text = "" if near else self._bar_at(event.position())
        QToolTip.showText(event.globalPosition().toPoint(), tooltip(text), self)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = small_font(self.font())
        painter.setFont(font)
        self._paint_axis(painter, QFontMetrics(font))
        self._paint_bars(painter)
        self._paint_line(painter, QFontMetrics(font))
        painter.end()

    # ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _plot(self) -> QRectF:
        return QRectF(HALF, 24, max(40.0, self.width() - 2.0 * HALF), max(20.0, self.height() - 24.0 - 36.0))

    def _highest(self) -> int:
        return max((sum(rows) for rows in zip(*(rows for _, rows in self._bins), strict=True)), default=0) or 1

    def _paint_axis(self, painter: QPainter, metrics: QFontMetrics) -> None:
        colors, plot = theme(), self._plot()
        painter.setPen(QPen(colors.color("line"), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.setPen(colors.color("secondary"))
        tick = next((step for step in _STEPS if self._end / step <= max(2, plot.width() // 70)), _STEPS[-1])
        for tokens in range(0, self._end + 1, tick):
            text = number(tokens)
            wide = metrics.horizontalAdvance(text)
            left = min(max(self.place_of(tokens) - wide / 2, 0), self.width() - wide)
            painter.drawText(QPointF(left, plot.bottom() + 15), text)
        name = Sentence("gui.choose_data.tokens_per_row")
        painter.drawText(QPointF(plot.center().x() - metrics.horizontalAdvance(name) / 2, self.height() - 4.0), name)

    def _paint_bars(self, painter: QPainter) -> None:
        plot, highest = self._plot(), self._highest()
        if not self._bins:
            return
        wide = plot.width() * self._step / self._end
        painter.setPen(Qt.PenStyle.NoPen)
        for position in range(len(self._bins[0][1])):
            bottom = plot.bottom()
            for color, (_, rows) in enumerate(self._bins):
                if rows[position]:
                    tall = max(1.0, plot.height() * rows[position] / highest)
                    beyond = position * self._step >= self._maximum
                    painter.setBrush(theme().series_color(color, 0.3 if beyond else 1.0))
                    left = plot.left() + position * wide
                    painter.drawRect(QRectF(left, bottom - tall, max(1.0, wide - 1), tall))
                    bottom -= tall

    def _paint_line(self, painter: QPainter, metrics: QFontMetrics) -> None:
        colors, plot = theme(), self._plot()
        x = self.place_of(self._maximum)
        painter.setPen(QPen(colors.color("text"), 2))
        painter.drawLine(QPointF(x, plot.top() - 4), QPointF(x, plot.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("text"))
        top = plot.bottom()
        painter.drawPolygon(QPolygonF([QPointF(x - 5, top + 4), QPointF(x + 5, top + 4), QPointF(x, top - 4)]))
        text = Sentence("gui.choose_data.at_most", maximum=self._maximum)
        wide = metrics.horizontalAdvance(text)
        painter.setPen(colors.color("text"))
        painter.drawText(QPointF(min(max(x - wide / 2, 0), self.width() - wide), 14), text)

    def _move_to(self, x: float) -> None:
        plot = self._plot()
        tokens = round((x - plot.left()) / plot.width() * self._end)
        tokens = max(self._range[0], min(self._range[1], tokens))
        if tokens != self._maximum:
            self.set_maximum(tokens)
            self.maximum_moved.emit(tokens)

    def _bar_at(self, point: QPointF) -> str:
        plot = self._plot()
        position = int((point.x() - plot.left()) / plot.width() * self._end) // self._step
        if not self._bins or not 0 <= position < len(self._bins[0][1]):
            return ""
        first, last = position * self._step + 1, (position + 1) * self._step
        where = _where(first, last, and_more=position == len(self._bins[0][1]) - 1)
        parts = [f"{on_one_line(name, 60)}: {number(rows[position])}" for name, rows in self._bins if rows[position]]
        return "\n".join([where, *(parts or [Sentence("gui.choose_data.no_rows")])])


def _where(first: int, last: int, *, and_more: bool) -> str:
    """The lengths of a bar; the last one holds what is longer, too."""
    if first == last:
        if and_more:
            return Sentence("gui.choose_data.bar_tokens_more", tokens=first)
        return Sentence("gui.choose_data.bar_tokens", tokens=first)
    if and_more:
        return Sentence("gui.choose_data.bar_from_more", first=first, last=last)
    return Sentence("gui.choose_data.bar_from_to", first=first, last=last)


def binned(counts: LengthCounts, step: int, bins: int) -> list[int]:
    """Rows of 1 to `step` tokens, of the next `step`, and so on; what is longer is in the last bin."""
    result = [0] * bins
    for length, rows in zip(counts.lengths, counts.rows, strict=True):
        result[min(bins - 1, max(0, length - 1) // step)] += rows
    return result
