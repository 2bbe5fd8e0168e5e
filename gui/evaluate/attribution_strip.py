"""The tokens of a text with what each adds to an output: a chip per token, tinted, with its share beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.components.plain_text import visible
from gui.design.theme import CORNER, HALF, SPACE, appearance, code_font, theme

CHIP, LINE = 26.0, 15.0  # pixels: height of a chip, and of the number beneath it
WIDEST = 140.0
MOST_SHOWN = 1_000  # tokens
FOR, AGAINST = 0, 1  # series colours, told apart by colour-blind readers; the sign says the same
STRONGEST_TINT = 0.55


@dataclass
class _Chip:
    token: str
    added: float
    is_marked: bool
    area: QRectF


class AttributionStrip(QWidget):
    """Shows tokens, wrapping like text. The strongest one has the strongest tint."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: list[_Chip] = []
        self._strongest = 1.0
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("What each token adds")
        appearance().changed.connect(self.update)

    def show_tokens(self, tokens: Sequence[str], added: Sequence[float], marked: int = -1) -> None:
        """Shows these tokens with what they add; the one at `marked` is outlined."""
        both = list(zip(tokens, added, strict=True))[:MOST_SHOWN]
        self._chips = [
            _Chip(visible(token), value, place == marked, QRectF()) for place, (token, value) in enumerate(both)
        ]
        self._strongest = max((abs(value) for _, value in both), default=0.0) or 1.0
        self._place(self.width())
        self.setAccessibleDescription(", ".join(f"{token} {value:+.2f}" for token, value in both[:100]))
        self.updateGeometry()
        self.update()

    def shown(self) -> list[tuple[str, str]]:
        """Each token with the number beneath it."""
        return [(chip.token, _number(chip.added)) for chip in self._chips]

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
            text = f"<p>{escape(chip.token)}: {chip.added:+.4f}</p>" if chip is not None else ""
            QToolTip.showText(event.globalPos(), text, self)
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
            share = abs(chip.added) / self._strongest
            painter.setPen(colors.color("text" if chip.is_marked else "line"))
            painter.setBrush(colors.series_color(FOR if chip.added >= 0 else AGAINST, STRONGEST_TINT * share))
            painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)
            painter.setFont(code_font())
            painter.setPen(colors.color("text"))
            painter.drawText(body, Qt.AlignmentFlag.AlignCenter, _elided(chip.token))
            painter.setFont(small)
            painter.setPen(colors.color("secondary"))
            line = QRectF(body.left() - HALF, body.bottom() + 1, body.width() + 2 * HALF, LINE)
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, _number(chip.added))
        if self.hasFocus():
            painter.setPen(colors.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)
        painter.end()

    def _place(self, width: int, *, keep: bool = True) -> int:
        """Puts the chips into lines of this width and returns the height they need."""
        names, small = QFontMetricsF(code_font()), QFontMetricsF(_small_font())
        x, y, height = 0.0, 0.0, CHIP + LINE
        for chip in self._chips:
            own = names.horizontalAdvance(chip.token) + 2 * SPACE
            wide = min(max(own, small.horizontalAdvance(_number(chip.added)) + HALF), WIDEST)
            if x > 0 and x + HALF + wide > width:
                x, y = 0.0, y + height + HALF
            elif x > 0:
                x += HALF
            if keep:
                chip.area = QRectF(x, y, wide, height)
            x += wide
        return round(y + height) if self._chips else 0


def _number(added: float) -> str:
    return "" if added == 0 else f"{added:+.2f}"


def _small_font() -> QFont:
    font = code_font()
    font.setPixelSize(11)
    return font


def _elided(text: str) -> str:
    return QFontMetricsF(code_font()).elidedText(text, Qt.TextElideMode.ElideMiddle, WIDEST - HALF)
