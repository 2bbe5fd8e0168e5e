"""Four hints at the first start: the steps, the button that comes next, Why and Code, the guide.

A small card beside what it is about; nothing waits for it. It can be skipped, and does not come back: what is kept is a
preference (`tour_seen`). The menu shows it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from engine.contract.sentences import Sentence
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.plain_label import PlainLabel
from gui.design.theme import CORNER, INSIDE, SPACE, theme

WIDTH = 320  # pixels
FRAME = 2  # pixels of the line around what a hint is about


class Hint(NamedTuple):
    """What is pointed at, and what is said about it."""

    target: Callable[[], QWidget]  # found when the hint is shown: panels fold, buttons come and go
    heading: Sentence
    text: Sentence


class Tour(QFrame):
    """The card; its parent is the window that the targets are in."""

    ended = Signal()  # skipped, or seen to the end

    def __init__(self, window: QWidget, hints: Sequence[Hint]) -> None:
        super().__init__(window)
        self._window = window
        self._hints = tuple(hints)
        self._shown = 0
        self.setProperty("kind", "drawer")
        self.setObjectName("tour")
        self.setAutoFillBackground(True)
        self.heading = PlainLabel(role="group", wrap=True)
        self.text = PlainLabel(wrap=True)
        self.count = PlainLabel(role="secondary")
        self.skip_button = QPushButton(Sentence("gui.tour.skip"))
        self.skip_button.setProperty("kind", "quiet")
        self.next_button = QPushButton()
        self.next_button.setProperty("kind", "primary")
        buttons = horizontal(None, self.count, STRETCH, self.skip_button, self.next_button, gap=SPACE)
        column = vertical(self, self.heading, self.text, buttons, gap=SPACE)
        column.setContentsMargins(INSIDE + SPACE, INSIDE, INSIDE, INSIDE)
        self._frame = _Frame(window)
        self.setFixedWidth(WIDTH)
        self.hide()
        self.skip_button.clicked.connect(self.end)
        self.next_button.clicked.connect(self._go_on)
        window.installEventFilter(self)

    def begin(self) -> None:
        """Shows the first hint and gives it the keyboard."""
        self._show(0)
        self.next_button.setFocus()

    def end(self) -> None:
        """Takes the hints away."""
        self._frame.hide()
        if not self.isHidden():
            self.hide()
            self.ended.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and not self.isHidden():
            QTimer.singleShot(0, self, self._place)  # after the window has laid its parts out
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("accent"), FRAME))
        painter.setBrush(theme().color("raised"))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), CORNER, CORNER)

    def _go_on(self) -> None:
        if self._shown + 1 < len(self._hints):
            self._show(self._shown + 1)
        else:
            self.end()

    def _show(self, number: int) -> None:
        self._shown = number
        hint = self._hints[number]
        last = number + 1 == len(self._hints)
        self.heading.setText(hint.heading)
        self.text.setText(hint.text)
        self.count.setText(Sentence("gui.tour.count", number=number + 1, hints=len(self._hints)))
        self.next_button.setText(Sentence("gui.tour.done") if last else Sentence("gui.tour.next"))
        self.skip_button.setVisible(not last)
        self.setAccessibleName(hint.heading)
        self.setAccessibleDescription(hint.text)
        self.next_button.setAccessibleDescription(f"{hint.heading} {hint.text}")  # what a screen reader reads
        self.show()
        self._place()

    def _place(self) -> None:
        """Puts the card beside its target, inside of the window."""
        window, target = self._window, self._hints[self._shown].target()
        place = QRect(target.mapTo(window, QPoint(0, 0)), target.size())
        self.resize(WIDTH, self.heightForWidth(WIDTH) if self.hasHeightForWidth() else self.sizeHint().height())
        room = window.rect().adjusted(SPACE, SPACE, -SPACE, -SPACE)
        if place.right() + SPACE + WIDTH <= room.right():
            corner = QPoint(place.right() + SPACE, place.top())
        elif place.left() - SPACE - WIDTH >= room.left() and place.height() > self.height():
            corner = QPoint(place.left() - SPACE - WIDTH, place.top() + SPACE)
        elif place.top() - SPACE - self.height() >= room.top():
            corner = QPoint(place.right() - WIDTH, place.top() - SPACE - self.height())
        else:
            corner = QPoint(place.right() - WIDTH, place.bottom() + SPACE)
        x = max(room.left(), min(corner.x(), room.right() - WIDTH))
        y = max(room.top(), min(corner.y(), room.bottom() - self.height()))
        self.move(x, y)
        self._frame.setGeometry(place.adjusted(-FRAME, -FRAME, FRAME, FRAME))
        self._frame.show()
        self._frame.raise_()
        self.raise_()


class _Frame(QWidget):
    """A line around what the hint is about; the mouse goes through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("accent"), FRAME))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), CORNER, CORNER)
