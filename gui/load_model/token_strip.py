"""A text as the network reads it: one chip per token; its id, mask and label beneath; wrapping like text."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.contract.queries import TokenizedText
from engine.contract.sentences import Sentence
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import visible
from gui.design.theme import CORNER, HALF, SPACE, appearance, code_font, theme

CHIP = 26.0  # height of a chip
LINE = 15.0  # height of a line beneath it
MOST_SHOWN = 2000  # tokens; more are reported, not drawn
LONGEST_NAME = 120.0  # width in pixels after which a token or label is elided


@dataclass
class _Chip:
    token: str
    lines: tuple[str, ...]
    special: bool
    continued: bool  # belongs to the same word as the chip before
    labelled: bool
    area: QRectF


class TokenStrip(QWidget):
    """Shows `TokenizedText`. Special tokens are outlined, continued tokens join the one before, padding is faint."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._note = PlainLabel(role="secondary", wrap=True)
        self._note.hide()
        self._strip = _Strip()
        vertical(self, self._strip, self._note, gap=SPACE)

    def show_tokens(self, pieces: TokenizedText | None) -> None:
        """Shows these tokens; None empties the strip."""
        self._strip.show_tokens(pieces)
        notes = []
        if pieces is not None:
            if pieces.cut_tokens:
                notes.append(Sentence("gui.load_model.more_tokens_beyond_maximum_length", cut_tokens=pieces.cut_tokens))
            if len(pieces.tokens) > MOST_SHOWN:
                notes.append(
                    Sentence("gui.load_model.first_tokens_shown", most_shown=MOST_SHOWN, tokens=len(pieces.tokens))
                )
        self._note.setText(" ".join(notes))
        self._note.setVisible(bool(notes))


class _Strip(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._chips: list[_Chip] = []
        self._lines = 2
        self._pieces: TokenizedText | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(Sentence("gui.load_model.tokens_3"))
        appearance().changed.connect(self.update)

    def show_tokens(self, pieces: TokenizedText | None) -> None:
        self._pieces = pieces
        self._chips = _chips_of(pieces) if pieces is not None else []
        self._lines = 3 if pieces is not None and pieces.labels else 2
        self._place(self.width())
        spoken = " ".join(pieces.tokens[:200]) if pieces is not None else Sentence("gui.load_model.none_yet")
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
            QToolTip.showText(event.globalPos(), _spoken(chip) if chip is not None else "", self)
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
            painter.setPen(colors.color("line"))
            painter.setBrush(Qt.BrushStyle.NoBrush if chip.special else colors.color("soft"))
            painter.drawRoundedRect(body.adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)
            painter.setFont(code_font())
            painter.setPen(colors.color("secondary" if chip.special else "text"))
            painter.drawText(body, Qt.AlignmentFlag.AlignCenter, _elided(chip.token, code_font()))
            painter.setFont(small)
            for number, text in enumerate(chip.lines):
                line = QRectF(body.left() - HALF, body.bottom() + 1 + number * LINE, body.width() + 2 * HALF, LINE)
                role = "accent" if number == 2 and chip.labelled else "secondary"
                painter.setPen(colors.color(role))
                painter.drawText(line, Qt.AlignmentFlag.AlignCenter, _elided(text, small))
        if self.hasFocus():
            painter.setPen(colors.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)

    def _place(self, width: int, *, keep: bool = True) -> int:
        """Puts the chips into lines of this width and returns the height they need."""
        names, small = QFontMetricsF(code_font()), QFontMetricsF(_small_font())
        x, y = 0.0, 0.0
        height = CHIP + self._lines * LINE
        for chip in self._chips:
            widest = max(
                names.horizontalAdvance(chip.token) + 2 * SPACE,
                *(small.horizontalAdvance(line) + HALF for line in chip.lines),
            )
            wide = min(widest, LONGEST_NAME)
            gap = 1.0 if chip.continued else SPACE
            if x > 0 and x + gap + wide > width:
                x, y = 0.0, y + height + SPACE
            elif x > 0:
                x += gap
            if keep:
                chip.area = QRectF(x, y, wide, height)
            x += wide
        return round(y + height) if self._chips else 0


def _chips_of(pieces: TokenizedText) -> list[_Chip]:
    chips: list[_Chip] = []
    before: int | None = None
    for number, token in enumerate(pieces.tokens[:MOST_SHOWN]):
        word = pieces.word_ids[number]
        lines = [str(pieces.input_ids[number]), str(pieces.attention_mask[number])]
        label = ""
        if pieces.labels:
            label = pieces.labels[number]
            lines.append(label or "−100")
        continued = word is not None and word == before
        chips.append(_Chip(visible(token), tuple(lines), word is None, continued, bool(label), QRectF()))
        before = word
    return chips


def _spoken(chip: _Chip) -> str:
    lines = [
        chip.token,
        Sentence("gui.load_model.input_id", id_=chip.lines[0]),
        Sentence("gui.load_model.attention_mask", mask=chip.lines[1]),
    ]
    if len(chip.lines) > 2:
        lines.append(Sentence("gui.load_model.label", label=chip.lines[2]))
    return f"<p>{'<br>'.join(map(escape, lines))}</p>"


def _small_font() -> QFont:
    font = code_font()
    font.setPixelSize(11)
    return font


def _elided(text: str, font: QFont) -> str:
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideMiddle, LONGEST_NAME - HALF)
