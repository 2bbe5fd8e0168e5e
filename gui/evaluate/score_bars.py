"""Scores or probabilities as small bars: name and number on one line, a thin bar from 0 to 1 beneath.

One bar is emphasized: the model among its baselines, the likeliest label among the others. An interval is drawn as a
whisker over its bar. Names are foreign text, drawn as plain text, elided, whole on hover.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.contract.sentences import Sentence
from gui.components.plain_text import on_one_line, tooltip
from gui.components.saving import Line, offer_picture
from gui.design.theme import HALF, SPACE, appearance, small_font, theme

LINE = 18.0  # height of name and number
BAR = 6.0  # height of the bar beneath
GAP = 10.0  # between two entries
ENTRY = LINE + HALF + BAR + GAP


@dataclass(frozen=True)
class ScoreBar:
    """One entry; `value` from 0 to 1, None where it cannot be measured; `shown` is the number as text."""

    name: str
    value: float | None
    shown: str
    interval: tuple[float, float] | None = None
    interval_text: str = ""
    emphasized: bool = False


class ScoreBars(QWidget):
    """Draws entries in the order given."""

    def __init__(self, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[ScoreBar, ...] = ()
        self.setAccessibleName(accessible_name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.update)
        offer_picture(self, accessible_name.lower(), self.values)

    def values(self) -> list[Line]:
        """A line per entry with its interval, titles first."""
        lines: list[Line] = [("name", "value", "low", "high")]
        for bar in self._bars:
            low, high = bar.interval or ("", "")
            lines.append((bar.name, "" if bar.value is None else bar.value, low, high))
        return lines

    def show_bars(self, bars: Sequence[ScoreBar]) -> None:
        """Shows these instead of the last."""
        self._bars = tuple(bars)
        description = "; ".join(f"{on_one_line(bar.name, 80)} {_with_interval(bar)}" for bar in bars)
        self.setAccessibleDescription(description)
        self.updateGeometry()
        self.update()

    def bars(self) -> tuple[ScoreBar, ...]:
        """What is shown."""
        return self._bars

    # ── Qt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def sizeHint(self) -> QSize:
        return QSize(280, round(max(0.0, len(self._bars) * ENTRY - GAP)) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            position = int(event.pos().y() // ENTRY)
            bar = self._bars[position] if 0 <= position < len(self._bars) else None
            text = f"{bar.name}\n{_with_interval(bar)}" if bar is not None else ""
            QToolTip.showText(event.globalPos(), tooltip(text), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for position, bar in enumerate(self._bars):
            self._paint_bar(painter, bar, position * ENTRY)
        painter.end()

    def _paint_bar(self, painter: QPainter, bar: ScoreBar, top: float) -> None:
        colors = theme()
        font = self._font(bar)
        metrics = QFontMetricsF(font)
        line = QRectF(0, top, self.width(), LINE)
        painter.setFont(font)
        painter.setPen(colors.color("text" if bar.emphasized else "secondary"))
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        room = max(0.0, line.width() - metrics.horizontalAdvance(bar.shown) - SPACE)
        name = metrics.elidedText(
            on_one_line(bar.name) or Sentence("gui.evaluate.empty"), Qt.TextElideMode.ElideMiddle, room
        )
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, bar.shown)

        track = QRectF(0, top + LINE + HALF, self.width(), BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("line"))
        painter.drawRoundedRect(track, BAR / 2, BAR / 2)
        if bar.value is not None and bar.value > 0:
            filled = QRectF(track)
            filled.setWidth(max(BAR, track.width() * min(1.0, bar.value)))
            painter.setBrush(colors.color("accent" if bar.emphasized else "disabled"))
            painter.drawRoundedRect(filled, BAR / 2, BAR / 2)
        if bar.interval is not None:
            self._paint_whisker(painter, track, bar.interval)

    def _paint_whisker(self, painter: QPainter, track: QRectF, interval: tuple[float, float]) -> None:
        low, high = (track.width() * min(1.0, max(0.0, end)) for end in interval)
        low, high = max(2.0, low), min(track.width() - 2.0, high)
        middle, reach = track.center().y(), BAR / 2 + 3
        # A ground-coloured edge keeps the ends readable on the bar and beside it.
        for color, width in ((theme().color("surface"), 5.0), (theme().color("text"), 1.5)):
            painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            for end in (low, high):
                painter.drawLine(QPointF(end, middle - reach), QPointF(end, middle + reach))
        painter.drawLine(QPointF(low, middle), QPointF(high, middle))

    def _font(self, bar: ScoreBar) -> QFont:
        font = small_font(self.font())
        if bar.emphasized:
            font.setWeight(QFont.Weight.DemiBold)
        return font


def _with_interval(bar: ScoreBar) -> str:
    if not bar.interval_text:
        return bar.shown
    return Sentence("gui.evaluate.with_interval", value=bar.shown, interval=bar.interval_text)
