"""A choice, a number field and a slider that let the mouse wheel scroll the page.

Qt changes their value where the pointer rests while the user scrolls. These take the wheel only with the focus, and
get no focus from it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSlider, QSpinBox, QStyle, QStyleOptionComboBox, QWidget


def _turn(widget: QWidget, event: QWheelEvent, turn: Callable[[QWheelEvent], None]) -> None:
    if widget.hasFocus():
        turn(event)
    else:
        event.ignore()  # the scroll area above takes it


class Choice(QComboBox):
    """A combo box that changes by the wheel only while it has the focus."""

    def __init__(self, parent: QWidget | None = None, *, popup_width: int = 0) -> None:
        """`popup_width` is the least width of the list, in pixels, where the field itself may be narrower."""
        super().__init__(parent)
        self._popup_width = popup_width
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def showPopup(self) -> None:
        self.view().setMinimumWidth(self._popup_width)  # not before: asked for its view, Qt makes a window for the list
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        _turn(self, event, super().wheelEvent)


def bounded(choice: QComboBox, characters: int) -> None:
    """Keeps a choice about so many characters wide, however long its entries are; they are cut with an ellipsis."""
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    choice.setMinimumContentsLength(characters)


def fit_to_choice(choice: QComboBox, least: int, most: int) -> bool:
    """Makes a choice as wide as what is chosen needs, within these pixels; returns whether that is enough."""
    option = QStyleOptionComboBox()
    choice.initStyleOption(option)
    text = QSize(choice.fontMetrics().horizontalAdvance(choice.currentText()) + 2, choice.fontMetrics().height())
    needed = choice.style().sizeFromContents(QStyle.ContentsType.CT_ComboBox, option, text, choice).width()
    choice.setMinimumWidth(max(least, min(most, needed)))
    return needed <= most


class NumberBox(QSpinBox):
    """A spin box that changes by the wheel only while it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _turn(self, event, super().wheelEvent)


class Slider(QSlider):
    """A slider that moves by the wheel only while it has the focus."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _turn(self, event, super().wheelEvent)
