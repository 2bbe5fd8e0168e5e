"""Several views in one place, of which one is shown. The others ask for no room, unlike those of a QStackedWidget."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


class OneAtATime(QWidget):
    """Shows the first view that was added until another one is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._shown: QWidget | None = None

    def addWidget(self, view: QWidget) -> None:
        """Adds a view."""
        self._column.addWidget(view)
        view.setVisible(self._shown is None)
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
