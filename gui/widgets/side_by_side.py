"""Two widgets beside each other where there is room for both, one above the other where there is not."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from gui.theme import SPACE


class SideBySide(QWidget):
    """Stacks its two widgets when it is narrower than `needed_width` pixels."""

    def __init__(self, first: QWidget, second: QWidget, needed_width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._needed = needed_width
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(2 * SPACE)
        for widget in (first, second):
            self._box.addWidget(widget, 1)

    def need_width(self, width: int) -> None:
        """Stacks below this width from now on."""
        self._needed = width
        self._arrange()

    def is_stacked(self) -> bool:
        """Whether the second widget stands below the first."""
        return self._box.direction() == QBoxLayout.Direction.TopToBottom

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        stacked = self.width() < self._needed
        self._box.setDirection(QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight)
