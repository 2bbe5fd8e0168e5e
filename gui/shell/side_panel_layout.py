"""Where the side panel is: beside the page, or over it as a drawer where the window is narrow."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from gui.design.theme import DRAWER_BELOW
from gui.preferences import PreferenceStore
from gui.shell.side_panel import SidePanel


class SidePanelLayout:
    """Folds and unfolds the panel. Beside the page its fold is remembered; a drawer begins closed."""

    def __init__(
        self,
        window: QWidget,
        row: QHBoxLayout,
        panel: SidePanel,
        line: QFrame,
        opener: QPushButton,
        preferences: PreferenceStore,
    ) -> None:
        self._window = window
        self._row = row
        self._panel = panel
        self._line = line
        self._opener = opener
        self._preferences = preferences
        self._is_drawer = False
        self._drawer_open = False

    def fold(self) -> None:
        """Puts the panel away."""
        self._drawer_open = False
        if not self._is_drawer:
            self._preferences.change(side_panel_open=False)
        self.place()
        self._opener.setFocus()

    def toggle(self) -> None:
        """Brings the panel back, or closes the drawer."""
        if self._is_drawer:
            self._drawer_open = not self._drawer_open
        else:
            self._preferences.change(side_panel_open=True)
        self.place()

    def place(self, *, height: int | None = None) -> None:
        """Fits the panel into the window's present width; a drawer is `height` high."""
        is_drawer = self._window.width() < DRAWER_BELOW
        if is_drawer != self._is_drawer:
            self._is_drawer = is_drawer
            self._panel.set_drawer(is_drawer)
            if is_drawer:
                self._row.removeWidget(self._panel)
                self._panel.setParent(self._window)
            else:
                self._row.addWidget(self._panel)
        shown = self._drawer_open if is_drawer else self._preferences.now.side_panel_open
        self._panel.setVisible(shown)
        self._line.setVisible(shown and not is_drawer)
        self._opener.setVisible(is_drawer or not shown)
        if is_drawer and shown:
            tall = self._row.geometry().height() if height is None else height
            self._panel.setGeometry(self._window.width() - self._panel.width(), 0, self._panel.width(), tall)
            self._panel.raise_()
