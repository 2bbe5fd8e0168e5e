"""Text that is never interpreted: every word that comes from outside goes through here."""

from __future__ import annotations

import html
import unicodedata
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QWidget

Role = Literal["title", "group", "strong", "body", "secondary", "quiet", "good", "caution", "bad", "badge"]

NARROWEST = 80  # pixels that a text which wraps insists on


class PlainLabel(QLabel):
    """A label that shows markup as it is written.

    With `elide`, it is one line that gives way and ends in an ellipsis, with the whole text as its tooltip.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        role: Role = "body",
        wrap: bool = False,
        elide: bool = False,
        selectable: bool = False,
    ) -> None:
        super().__init__(parent)
        self._elide = elide
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setWordWrap(wrap)
        if wrap:
            policy = self.sizePolicy()
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if selectable:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.setText(text)

    def setText(self, text: str) -> None:
        """Shows this text; line breaks become spaces where there is one line only."""
        super().setText(" ".join(text.split()) if self._elide else text)
        self._show_whole_text_on_hover()

    def set_role(self, role: Role) -> None:
        """Takes another look."""
        if self.property("role") != role:
            self.setProperty("role", role)
            repolish(self)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        if self._elide:
            return QSize(0, hint.height())
        # Text that wraps can be as narrow as its longest word; Qt asks for much more.
        return QSize(min(hint.width(), NARROWEST), self.fontMetrics().height()) if self.wordWrap() else hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_whole_text_on_hover()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._elide:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        area = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        self.style().drawItemText(
            painter, area, int(self.alignment()), self.palette(), self.isEnabled(), shown, self.foregroundRole()
        )

    def _show_whole_text_on_hover(self) -> None:
        if self._elide:
            cut = self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()
            set_tooltip(self, self.text() if cut else "")


def set_tooltip(widget: QWidget, text: str) -> None:
    """Gives a widget a tooltip that shows the text as written and wraps long sentences."""
    widget.setToolTip(plain_tooltip(text))


def plain_tooltip(text: str) -> str:
    """The text as a tooltip that shows it as written and wraps it."""
    return f"<p style='white-space:pre-wrap'>{html.escape(text)}</p>" if text else ""


def button_text(text: str) -> str:
    """Foreign text as a button's caption, its ampersands no shortcuts."""
    return text.replace("&", "&&")


def repolish(widget: QWidget) -> None:
    """Applies the style sheet again after a property it looks at has changed."""
    style: QStyle = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


# Foreign characters made safe to draw in a row of cells: nothing reorders its neighbours, nothing is invisible.
#
# Control characters become their pictures (␀, ␇), direction overrides and lone invisible characters their code points,
# and a combining mark without a letter stands on a dotted circle. Letters of any script stay as they are.

_LINE_BREAKS = {0x0A: "⏎", 0x0D: "␍", 0x2028: "⏎", 0x2029: "⏎", 0x85: "⏎", 0x09: "⇥"}
_CONTROLS = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "␡"}
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # embeddings, overrides, isolates
UNSEEN_SIGNS: dict[int, str] = {
    **_CONTROLS,
    **{code: f"⟨U+{code:04X}⟩" for code in (*range(0x80, 0xA0), *_DIRECTIONS, *range(0xD800, 0xE000))},
    **_LINE_BREAKS,
}
_UNSEEN = ("Cf", "Zs", "Zl", "Zp", "Cc")  # categories without anything to see
_JOINS_TO_NOTHING = ("", "#", "▁", "Ġ", "@")  # what stands before a mark that has no letter of its own
_RIGHT_TO_LEFT = ("R", "AL")


def visible(text: str, longest: int = 400) -> str:
    """The text for a single cell, cut after `longest` characters."""
    shown = text[: longest + 1]
    if shown.isascii() and shown.isprintable() and shown.strip():
        return shown if len(shown) <= longest else shown[:longest] + "…"
    more = len(shown) > longest
    shown = shown[:longest]
    if shown and all(unicodedata.category(sign) in _UNSEEN for sign in shown):
        return "".join(_named(sign) for sign in shown) + ("…" if more else "")
    shown = "".join(_on_circle(shown, place) for place in range(len(shown)))
    return shown.translate(UNSEEN_SIGNS) + ("…" if more else "")


def runs_right_to_left(text: str) -> bool:
    """Whether some of the text is written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text)


def _named(sign: str) -> str:
    """A picture, or the code point, of a character that cannot be seen."""
    return UNSEEN_SIGNS.get(ord(sign), "␣" if sign == " " else f"⟨U+{ord(sign):04X}⟩")


def _on_circle(text: str, place: int) -> str:
    """The character at this place; a mark that would join a cell's edge or a sign of the tokenizer gets a circle."""
    sign = text[place]
    before = text[place - 1] if place else ""
    if unicodedata.category(sign) in ("Mn", "Mc", "Me") and before in _JOINS_TO_NOTHING:
        return f"◌{sign}"
    return sign
