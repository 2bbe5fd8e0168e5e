"""Two widgets beside each other where there is room for both, one above the other where there is not."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from gui.theme import SPACE

GAP = 2 * SPACE


class SideBySide(QWidget):
    """Shares its width in proportion to what the two need; stacks them where that is too little."""

    def __init__(self, first: QWidget, second: QWidget, needs: tuple[int, int], parent: QWidget | None = None) -> None:
        """`needs` are the pixels that the first and the second widget need."""
        super().__init__(parent)
        self._needs = needs
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(GAP)
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

    def is_stacked(self) -> bool:
        """Whether the second widget stands below the first."""
        return self._box.direction() == QBoxLayout.Direction.TopToBottom

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        stacked = self.width() < sum(self._needs) + GAP
        self._box.setDirection(QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight)
        for position, need in enumerate(self._needs):
            self._box.setStretch(position, 0 if stacked else need)
