"""A query that is sent again and again while its subject changes: only the newest one counts.

Older queries are withdrawn, so a late answer never overwrites a newer one. While a stage runs the query waits here,
not in the engine's queue, and is sent once the stage has ended.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.contract.errors import ErrorReport
from engine.contract.queries import Answer, Question
from gui.session import Receive, Session


class LatestQuery(QObject):
    """Sends queries through the session; `receive` gets the answer to the newest one and to no other."""

    waiting_changed = Signal()  # `is_waiting` is another one

    def __init__(self, session: Session, receive: Receive, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._receive = receive
        self._number: int | None = None
        self._waiting: Question | None = None
        session.busy_changed.connect(self._busy_changed)

    @property
    def is_waiting(self) -> bool:
        """Whether a query waits for the running stage."""
        return self._waiting is not None

    def ask(self, question: Question) -> None:
        """Sends this instead of the query before."""
        self.withdraw()
        if self._session.busy:
            self._wait_with(question)
        else:
            self._number = self._session.ask(question, self._take_answer)

    def withdraw(self) -> None:
        """No answer is delivered any more."""
        if self._number is not None:
            self._session.forget(self._number)
            self._number = None
        self._wait_with(None)

    def _take_answer(self, answer: Answer | ErrorReport) -> None:
        self._number = None
        self._receive(answer)

    def _busy_changed(self) -> None:
        if not self._session.busy and self._waiting is not None:
            self.ask(self._waiting)

    def _wait_with(self, question: Question | None) -> None:
        changed = (self._waiting is None) != (question is None)
        self._waiting = question
        if changed:
            self.waiting_changed.emit()
