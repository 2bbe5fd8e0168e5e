"""Closing the window: a training is saved first, and the user is shown why the window is still there."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.contract.messages import FineTune, Search
from engine.contract.sentences import Sentence
from gui.components.question import Question
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
        self._question = Question(window)
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
        """Stores the window's place and ends the engine; a running stage saves what it has."""
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
        self._question.ask(
            Sentence("gui.shell.training_running"),
            Sentence("gui.shell.can_saved_now_continued_next"),
            yes=Sentence("gui.shell.save_close"),
            no=Sentence("gui.shell.don_t_close"),
            act=self.begin,
            decline=self.stayed.emit,
        )

    def _engine_ended(self) -> None:
        self._has_ended = True
        self._window.close()
        self.ended.emit()
