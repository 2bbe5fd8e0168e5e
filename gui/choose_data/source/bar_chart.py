"""How many rows each label has: one horizontal bar a label, the largest first, the number at the bar's end.

Only the bars in sight are drawn, so ten thousand labels scroll as easily as two. Labels are foreign text and are
drawn as plain text, shortened, with the whole label on hover. Ctrl+C copies all labels and numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from engine.contract.formatting import number, spreadsheet_cell
from engine.contract.sentences import Sentence
from gui.components.page_scroll import turn_unless_page
from gui.components.plain_text import on_one_line, tooltip
from gui.design.theme import SPACE, appearance, small_font, theme

BAR_ROW = 28
_BAR = 14  # height of a bar
_NARROWEST_BAR = 2.0  # a label with one row among a million is still seen
_WIDEST_NAME = 0.42  # share of the width that names may take


class BarChart(QAbstractScrollArea):
    """Bars over a mapping of label to number of rows."""

    def __init__(self, parent: QWidget | None = None, *, most_rows: int = 8, empty_text: str = "") -> None:
        """`most_rows` bars are shown without scrolling; `empty_text` is what will appear here."""
        super().__init__(parent)
        self._bars: list[tuple[str, int]] = []
        self._widest_name = 0  # pixels, measured at the first painting
        self._most_rows = most_rows
        self._empty_text = empty_text
        self._unit: Literal["rows", "words"] = "rows"
        self._series = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QAbstractScrollArea { border: none; background: transparent; }")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(BAR_ROW)
        appearance().changed.connect(self.viewport().update)
        self._describe()

    def set_counts(
        self, counts: Mapping[str, int], *, unit: Literal["rows", "words"] = "rows", series: int = 0
    ) -> None:
        """Shows these numbers, the largest first; `series` is the number of the chart colour."""
        self._bars = sorted(counts.items(), key=lambda bar: (-bar[1], bar[0]))
        self._widest_name = 0
        self._unit = unit
        self._series = series
        self.verticalScrollBar().setValue(0)
        self._describe()
        self._fit_scroll_bar()
        self.updateGeometry()
        self.viewport().update()

    def bars(self) -> list[tuple[str, int]]:
        """Labels and numbers in the order of the bars."""
        return list(self._bars)

    def as_text(self) -> str:
        """All labels and numbers as tab-separated lines."""
        return "\n".join(f"{spreadsheet_cell(on_one_line(label))}\t{count}" for label, count in self._bars)

    # ── Qt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def sizeHint(self) -> QSize:
        rows = max(1, min(len(self._bars), self._most_rows))
        return QSize(360, rows * BAR_ROW + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_scroll_bar()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(small_font(self.font()))
        if not self._bars:
            painter.setPen(theme().color("secondary"))
            box = self.viewport().rect()
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(box, int(flags), self._empty_text)
        else:
            for position in self._in_sight():
                self._paint_bar(painter, position)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("accent"), 2))
            painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            position = (event.pos().y() + self.verticalScrollBar().value()) // BAR_ROW
            if not 0 <= position < len(self._bars):
                QToolTip.hideText()
                return True
            label, count = self._bars[position]
            QToolTip.showText(event.globalPos(), tooltip(f"{label}\n{self._amount(count)}"), self)
            return True
        return super().viewportEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn_unless_page(event, super().wheelEvent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.as_text())
            return
        super().keyPressEvent(event)

    # ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _paint_bar(self, painter: QPainter, position: int) -> None:
        label, count = self._bars[position]
        metrics = QFontMetrics(small_font(self.font()))
        top = position * BAR_ROW - self.verticalScrollBar().value() + 2
        names, numbers = self._name_width(metrics), self._number_width(metrics)
        painter.setPen(theme().color("text" if self.isEnabled() else "disabled"))
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
        shown = metrics.elidedText(on_one_line(label) or empty_name(), Qt.TextElideMode.ElideMiddle, names)
        painter.drawText(QRect(SPACE, top, names, BAR_ROW), middle | int(Qt.AlignmentFlag.AlignLeft), shown)
        left = SPACE + names + SPACE
        room = max(1.0, float(self.viewport().width() - left - numbers - 2 * SPACE))
        longest = self._bars[0][1] or 1
        width = max(_NARROWEST_BAR if count else 0.0, room * count / longest)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().series_color(self._series, 1.0 if self.isEnabled() else 0.35))
        painter.drawRoundedRect(QRectF(left, top + (BAR_ROW - _BAR) / 2, width, _BAR), 2, 2)
        painter.setPen(theme().color("secondary" if self.isEnabled() else "disabled"))
        after = QRect(int(left + width) + SPACE, top, numbers, BAR_ROW)
        painter.drawText(after, middle | int(Qt.AlignmentFlag.AlignLeft), number(count))

    def _in_sight(self) -> range:
        first = self.verticalScrollBar().value() // BAR_ROW
        last = (self.verticalScrollBar().value() + self.viewport().height()) // BAR_ROW + 1
        return range(max(0, first), min(len(self._bars), last))

    def _name_width(self, metrics: QFontMetrics) -> int:
        if self._widest_name == 0:
            shown = [on_one_line(label, 60) or empty_name() for label, _ in self._bars[:500]]
            self._widest_name = max(metrics.horizontalAdvance(name) for name in shown) + 2
        return min(self._widest_name, int(self.viewport().width() * _WIDEST_NAME))

    def _number_width(self, metrics: QFontMetrics) -> int:
        return metrics.horizontalAdvance(number(self._bars[0][1])) + 2

    def _fit_scroll_bar(self) -> None:
        hidden = len(self._bars) * BAR_ROW + 4 - self.viewport().height()
        self.verticalScrollBar().setPageStep(max(BAR_ROW, self.viewport().height()))
        self.verticalScrollBar().setRange(0, max(0, hidden))

    def _amount(self, count: int) -> str:
        if self._unit == "words":
            return Sentence("gui.choose_data.words_number", words=count)
        return Sentence("gui.choose_data.rows_number", rows=count)

    def _describe(self) -> None:
        self.setAccessibleName(Sentence("gui.choose_data.rows_each_label"))
        spoken = ", ".join(f"{on_one_line(label, 40)} {self._amount(count)}" for label, count in self._bars[:20])
        self.setAccessibleDescription(spoken or self._empty_text)


def empty_name() -> str:
    """What an empty label is called."""
    return Sentence("gui.choose_data.empty")
