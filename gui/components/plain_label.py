"""A label for foreign text, and what else shows text on a widget: tooltips and style roles."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QWidget

from gui.components.plain_text import tooltip

Role = Literal["title", "group", "strong", "body", "secondary", "quiet", "good", "caution", "bad", "badge"]

NARROWEST = 80  # pixels of a text that wraps


class PlainLabel(QLabel):
    """A label that shows markup as it is written.

    With `elide`, it is one line that shrinks and ends in an ellipsis, with the whole text as its tooltip.
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
        """Takes another style."""
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
    widget.setToolTip(tooltip(text))


def repolish(widget: QWidget) -> None:
    """Applies the style sheet again after a property that it depends on has changed."""
    style: QStyle = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
