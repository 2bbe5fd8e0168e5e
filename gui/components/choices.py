"""A choice, a number field and a slider that let the mouse wheel scroll the page.

Qt changes their value where the pointer rests while the user scrolls. These take the wheel only with the focus, and
get no focus from it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSlider, QSpinBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget


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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's own picture, but for a text that is too long: a style sheet cuts it off without a sign."""
        if self.shown_text() == self.currentText():
            super().paintEvent(event)
            return
        option = self._option()
        option.currentText = self.shown_text()
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def shown_text(self) -> str:
        """What is chosen, with an ellipsis where it is wider than its place."""
        control, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(control, self._option(), field, self).width()
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def _option(self) -> QStyleOptionComboBox:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        return option


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
