"""A bordered group, and a card that can be chosen among others."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.components.plain_label import PlainLabel
from gui.design.theme import CORNER, HALF, INSIDE, SPACE, appearance, theme


class Card(QFrame):
    """A surface with one line around it, an optional heading, and `column` for its content."""

    def __init__(self, heading: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(INSIDE + HALF, INSIDE, INSIDE + HALF, INSIDE + HALF)
        self.column.setSpacing(SPACE)
        self.heading = PlainLabel(heading, role="group")
        self.column.addWidget(self.heading)
        if not heading:
            self.heading.hide()


class ChoiceCard(QAbstractButton):
    """A large radio button: title, a sentence, small facts, and room for a control of its own.

    Put several into one `QButtonGroup`; arrow keys move between them.
    """

    def __init__(self, title: str, sentence: str = "", facts: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.title = PlainLabel(title, role="strong", wrap=True)
        self.sentence = PlainLabel(sentence, role="quiet", wrap=True)
        self.facts = PlainLabel(facts, role="secondary", wrap=True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(44, INSIDE, INSIDE + HALF, INSIDE + HALF)
        self.column.setSpacing(HALF)
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        self.column.addLayout(top)
        self.column.addWidget(self.sentence)
        self.column.addWidget(self.facts)
        self.column.addStretch(1)
        for label in (self.title, self.sentence, self.facts):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.set_texts(title, sentence, facts)
        appearance().changed.connect(self.update)

    def set_texts(self, title: str, sentence: str, facts: str) -> None:
        """Shows another text on the card."""
        self.title.setText(title)
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.facts.setText(facts)
        self.facts.setVisible(bool(facts))
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{sentence} {facts}".strip())

    def sizeHint(self) -> QSize:
        return self.column.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.column.minimumSize()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self.column.heightForWidth(width) if self.column.hasHeightForWidth() else self.column.sizeHint().height()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.EnabledChange:
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        emphasis = self.isChecked() or self.hasFocus()
        width = 2.0 if emphasis else 1.0
        area = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        if self.isChecked():
            ground = "soft" if self.isEnabled() else "hover"
        else:
            ground = "hover" if self.isEnabled() and self.underMouse() else "surface"
        edge = "accent" if emphasis and self.isEnabled() else "line"
        # The dots distinguish the card that has the focus from the one that is chosen.
        dotted = self.hasFocus() and not self.isChecked()
        painter.setPen(QPen(colors.color(edge), width, Qt.PenStyle.DotLine if dotted else Qt.PenStyle.SolidLine))
        painter.setBrush(colors.color(ground))
        painter.drawRoundedRect(area, CORNER, CORNER)
        self._paint_mark(painter)

    def _paint_mark(self, painter: QPainter) -> None:
        colors = theme()
        circle = QRectF(INSIDE + HALF, INSIDE + 1, 16, 16)
        mark = colors.color(("accent" if self.isChecked() else "secondary") if self.isEnabled() else "disabled")
        painter.setPen(QPen(mark, 1.5))
        painter.setBrush(colors.color("surface"))
        painter.drawEllipse(circle.adjusted(0.75, 0.75, -0.75, -0.75))
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(mark)
            painter.drawEllipse(circle.adjusted(4, 4, -4, -4))
