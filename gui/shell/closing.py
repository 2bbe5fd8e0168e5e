"""Closing the window: a training is saved first, and the user sees why the window is still there."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from engine.contract.messages import FineTune, Search
from engine.contract.sentences import Sentence
from gui.session import Session


class Closing(QObject):
    """Decides whether the window may close, and ends the engine."""

    saving = Signal()  # the window stays until the running stage has saved what it has
    ended = Signal()  # the engine has ended
    stayed = Signal()  # the user would rather keep the window

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._question: QMessageBox | None = None
        self.has_begun = False
        self._has_ended = False
        session.closed.connect(self._engine_ended)

    def may_close(self) -> bool:
        """Whether the window may close at once; begins whatever must come before."""
        if self._has_ended:
            return True
        if self.has_begun:
            return False
        if isinstance(self._session.stage_job, FineTune | Search):
            self._ask()
        else:
            self.begin()
        return self._has_ended

    def begin(self) -> None:
        """Remembers the window's place and ends the engine; a running stage saves what it has."""
        if self.has_begun:
            return
        self.has_begun = True
        geometry = self._window.normalGeometry()
        self._session.preferences.change(
            geometry=(geometry.x(), geometry.y(), geometry.width(), geometry.height()),
            maximized=self._window.isMaximized(),
        )
        if self._session.busy:
            self.saving.emit()
            self._window.setEnabled(False)
        else:
            self._window.hide()
        self._session.begin_closing()

    def _ask(self) -> None:
        if self._question is not None:
            self._question.raise_()
            return
        box = QMessageBox(self._window)
        box.setWindowTitle("Tunewright")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(Sentence("gui.shell.training_running"))
        box.setInformativeText(Sentence("gui.shell.can_saved_now_continued_next"))
        save = box.addButton(Sentence("gui.shell.save_close"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(Sentence("gui.shell.don_t_close"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        box.setEscapeButton(stay)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._question = box

        def answered(_result: int) -> None:
            self._question = None
            if box.clickedButton() is save:
                self.begin()
            else:
                self.stayed.emit()

        box.finished.connect(answered)
        box.open()

    def _engine_ended(self) -> None:
        self._has_ended = True
        self._window.close()
        self.ended.emit()
