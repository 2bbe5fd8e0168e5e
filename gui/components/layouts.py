"""Layouts: rows and columns without margins, rows that wrap, one of several views, two widgets beside each other."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QLayoutItem, QSizePolicy, QVBoxLayout, QWidget

from gui.design.theme import SPACE

STRETCH = 1  # among the parts of a row or column: what takes the room that is left
SIDE_GAP = 2 * SPACE  # pixels between two widgets beside each other

Part = QWidget | QLayout | int
Box = TypeVar("Box", bound=QBoxLayout)


def vertical(parent: QWidget | None, *parts: Part, gap: int | None = None) -> QVBoxLayout:
    """The parts one below the other, without margins; `gap` pixels apart, or as far as Qt's style has it."""
    return _filled(QVBoxLayout(parent) if parent is not None else QVBoxLayout(), parts, gap)


def horizontal(parent: QWidget | None, *parts: Part, gap: int | None = None) -> QHBoxLayout:
    """The parts from left to right, without margins; `gap` pixels apart, or as far as Qt's style has it."""
    return _filled(QHBoxLayout(parent) if parent is not None else QHBoxLayout(), parts, gap)


def tab_after(anchor: QWidget, part: QWidget) -> None:
    """Lets Tab go from the anchor through everything in `part`; by itself it would come last in the window.

    The order is that of the children. Qt's own chain must not be walked here: PySide takes each widget that
    `nextInFocusChain` returns for a child of the one before, and once that one goes it calls half the window deleted.
    """
    for reached in part.findChildren(QWidget):
        if part.isAncestorOf(reached) and reached.focusPolicy() != Qt.FocusPolicy.NoFocus:  # not in a pop-up
            QWidget.setTabOrder(anchor, reached)
            anchor = reached


class FlowRow(QLayout):
    """A row of widgets that continues in the next line where there is no more room; each has its preferred size."""

    def __init__(
        self, parent: QWidget | None = None, *, gap: int, line_gap: int = 0, last_at_right: bool = False
    ) -> None:
        """`last_at_right` puts the last widget at the right end of its line."""
        super().__init__(parent)
        self._last_at_right = last_at_right
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._line_gap = line_gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # Qt asks beyond the end
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # Qt asks beyond the end
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        self._place(area, move=True)

    def sizeHint(self) -> QSize:
        hints = [item.sizeHint() for item in self._shown()]
        width = sum(hint.width() for hint in hints) + self._gap * max(0, len(hints) - 1)
        return QSize(width, max((hint.height() for hint in hints), default=0))

    def minimumSize(self) -> QSize:
        width = max((item.minimumSize().width() for item in self._shown()), default=0)
        return QSize(width, max((item.minimumSize().height() for item in self._shown()), default=0))

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _place(self, area: QRect, *, move: bool) -> int:
        """Returns the height that all lines need at this width."""
        lines: list[list[tuple[QLayoutItem, int, QSize]]] = [[]]
        x = 0
        for item in self._shown():
            size = item.sizeHint()
            if x and x + size.width() > area.width():
                lines.append([])
                x = 0
            lines[-1].append((item, x, QSize(min(size.width(), max(1, area.width())), size.height())))
            x += size.width() + self._gap
        if self._last_at_right and lines[-1]:
            item, _, size = lines[-1][-1]
            lines[-1][-1] = (item, area.width() - size.width(), size)
        y = area.y()
        for line in lines:
            height = max((size.height() for _, _, size in line), default=0)
            if move:
                for item, left, size in line:
                    item.setGeometry(QRect(QPoint(area.x() + left, y + (height - size.height()) // 2), size))
            y += height + self._line_gap
        return max(0, y - self._line_gap - area.y())


class OneAtATime(QWidget):
    """Several views in one place: shows the first that was added until another one is chosen.

    Unlike in a `QStackedWidget`, views that are not shown ask for no room.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget | None = None

    def addWidget(self, view: QWidget) -> None:
        """Adds a view."""
        self._column.addWidget(view)
        if self._shown is not None:
            view.hide()
        elif view.isHidden():  # otherwise not shown here: it would be styled now, and again with each widget around it
            view.show()
        self._shown = self._shown or view

    def currentWidget(self) -> QWidget | None:
        """The view that is shown."""
        return self._shown

    def setCurrentWidget(self, view: QWidget) -> None:
        """Shows this view instead of the other."""
        if view is not self._shown:
            if self._shown is not None:
                self._shown.hide()
            self._shown = view
            view.show()


class SideBySide(QWidget):
    """Two widgets beside each other, in proportion to what they need; one above the other where that is too little."""

    arranged = Signal()  # from one to the other

    def __init__(self, first: QWidget, second: QWidget, needs: tuple[int, int], parent: QWidget | None = None) -> None:
        """`needs` are the pixels that the first and the second widget need."""
        super().__init__(parent)
        self._needs = needs
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(SIDE_GAP)
        for widget in (first, second):
            policy = widget.sizePolicy()
            policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)  # their shares are ours to decide
            widget.setSizePolicy(policy)
            self._box.addWidget(widget)
        self._arrange()

    def need(self, first: int, second: int) -> None:
        """Other needs from now on."""
        self._needs = (first, second)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def is_stacked(self) -> bool:
        """Whether one is above the other."""
        return self._box.direction() == QBoxLayout.Direction.TopToBottom

    def _arrange(self) -> None:
        stacked = self.width() < sum(self._needs) + SIDE_GAP
        was_stacked = self.is_stacked()
        self._box.setDirection(QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight)
        for position, need in enumerate(self._needs):
            self._box.setStretch(position, 0 if stacked else need)
        if stacked != was_stacked:
            self.arranged.emit()


def _filled(box: Box, parts: tuple[Part, ...], gap: int | None) -> Box:
    box.setContentsMargins(0, 0, 0, 0)
    if gap is not None:
        box.setSpacing(gap)
    for part in parts:
        if isinstance(part, QWidget):
            box.addWidget(part)
        elif isinstance(part, QLayout):
            box.addLayout(part)
        else:
            box.addStretch(part)
    return box
