"""Tokens as chips that wrap like text, each with lines beneath it: what the strips of tokens share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.design.theme import CORNER, HALF, SPACE, appearance, code_font, theme

CHIP, LINE = 26.0, 15.0  # pixels: height of a chip, and of a line beneath it


@dataclass
class Chip:
    """A token, the lines beneath it, and where both are drawn."""

    token: str
    lines: tuple[str, ...]
    area: QRectF = field(default_factory=QRectF, kw_only=True)


AnyChip = TypeVar("AnyChip", bound=Chip)


class WrappingChips(QWidget, Generic[AnyChip]):
    """Places the chips and draws them; a subclass decides what they look like."""

    def __init__(self, name: str, *, widest: float, gap: float, parent: QWidget | None = None) -> None:
        """`name` is the accessible one; a chip is at most `widest` pixels wide, and `gap` is between lines of chips."""
        super().__init__(parent)
        self._chips: list[AnyChip] = []
        self._lines = 1  # beneath a chip
        self._widest, self._gap = widest, gap
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        appearance().changed.connect(self.update)

    # ── What a subclass has ──────────────────────────────────────────────────────────────────────────────────────────

    @abstractmethod
    def _looks(self, chip: AnyChip) -> tuple[str, QBrush, str]:
        """The role of the colour of its edge, what fills it, and the role of its text."""

    @abstractmethod
    def _tooltip(self, chip: AnyChip) -> str:
        """The tooltip of the chip, as HTML."""

    def _line_role(self, _chip: AnyChip, _number: int) -> str:
        return "secondary"

    def _gap_before(self, _chip: AnyChip) -> float:
        return self._gap

    # ── Placing and drawing ───────────────────────────────────────────────────────────────────────────────────────────

    def _show(self, chips: Sequence[AnyChip], *, lines: int, spoken: str) -> None:
        """Shows these chips with so many lines beneath each; `spoken` is for screen readers."""
        self._chips, self._lines = list(chips), lines
        self._place(self.width())
        self.setAccessibleDescription(spoken)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(width, keep=False)

    def sizeHint(self) -> QSize:
        width = max(320, self.width())
        return QSize(width, self._place(width, keep=False))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self._place(max(160, self.width()), keep=False))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(event.size().width())
        self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            chip = next((chip for chip in self._chips if chip.area.contains(event.pos())), None)
            QToolTip.showText(event.globalPos(), self._tooltip(chip) if chip is not None else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        small = _small_font()
        for chip in self._chips:
            if not chip.area.intersects(QRectF(event.rect())):
                continue
            body = QRectF(chip.area.left(), chip.area.top(), chip.area.width(), CHIP)
            edge, filling, text = self._looks(chip)
            painter.setPen(colors.color(edge))
            painter.setBrush(filling)
            painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)
            painter.setFont(code_font())
            painter.setPen(colors.color(text))
            painter.drawText(body, Qt.AlignmentFlag.AlignCenter, self._elided(chip.token, code_font()))
            painter.setFont(small)
            for number, line in enumerate(chip.lines):
                place = QRectF(body.left() - HALF, body.bottom() + 1 + number * LINE, body.width() + 2 * HALF, LINE)
                painter.setPen(colors.color(self._line_role(chip, number)))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, self._elided(line, small))
        if self.hasFocus():
            painter.setPen(colors.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)
        painter.end()

    def _place(self, width: int, *, keep: bool = True) -> int:
        """Puts the chips into lines of this width and returns the height they need."""
        names, small = QFontMetricsF(code_font()), QFontMetricsF(_small_font())
        x, y = 0.0, 0.0
        height = CHIP + self._lines * LINE
        for chip in self._chips:
            own = names.horizontalAdvance(chip.token) + 2 * SPACE
            wide = min(max(own, *(small.horizontalAdvance(line) + HALF for line in chip.lines)), self._widest)
            gap = self._gap_before(chip)
            if x > 0 and x + gap + wide > width:
                x, y = 0.0, y + height + self._gap
            elif x > 0:
                x += gap
            if keep:
                chip.area = QRectF(x, y, wide, height)
            x += wide
        return round(y + height) if self._chips else 0

    def _elided(self, text: str, font: QFont) -> str:
        return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideMiddle, self._widest - HALF)


def _small_font() -> QFont:
    font = code_font()
    font.setPixelSize(11)
    return font
