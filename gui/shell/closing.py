"""Closing the window: a training is saved first, and nobody waits without being told why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox

from engine.contract.messages import FineTune, Search

if TYPE_CHECKING:
    from gui.shell.window import Window


class Leaving(QObject):
    """Decides whether the window may close, and sees the engine off."""

    left = Signal()  # the engine has ended

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._question: QMessageBox | None = None
        self.has_begun = False
        self._has_ended = False
        window.session.closed.connect(self._ended)

    def may_close(self) -> bool:
        """Whether the window may close at once; begins whatever must come before."""
        if self._has_ended:
            return True
        if self.has_begun:
            return False
        if isinstance(self._window.session.stage_job, FineTune | Search):
            self._ask()
        else:
            self.begin()
        return self._has_ended

    def begin(self) -> None:
        """Remembers where the window stood and ends the engine; a running stage saves what it has."""
        if self.has_begun:
            return
        self.has_begun = True
        window = self._window
        geometry = window.normalGeometry()
        window.session.preferences.change(
            geometry=(geometry.x(), geometry.y(), geometry.width(), geometry.height()), maximized=window.isMaximized()
        )
        if window.session.busy:
            window.middle.show_note("news", "Saving and closing", "The window closes when everything is saved.")
            window.setEnabled(False)
        else:
            window.hide()
        window.session.begin_closing()

    def _ask(self) -> None:
        if self._question is not None:
            self._question.raise_()
            return
        box = QMessageBox(self._window)
        box.setWindowTitle("Tunewright")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText("Training is running.")
        box.setInformativeText("It can be saved now and continued at the next start.")
        save = box.addButton("Save and close", QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton("Don't close", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        box.setEscapeButton(stay)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._question = box

        def answered(_result: int) -> None:
            self._question = None
            if box.clickedButton() is save:
                self.begin()

        box.finished.connect(answered)
        box.open()

    def _ended(self) -> None:
        self._has_ended = True
        self._window.close()
        self.left.emit()
