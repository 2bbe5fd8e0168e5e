"""A query that takes long: a button that sends it, its progress while it is answered, and Cancel.

The answer goes to `answered`. While a stage runs nothing can be sent, and the button's tooltip has the reason.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.contract.errors import ErrorReport
from engine.contract.events import Event
from engine.contract.queries import Answer, Question
from engine.contract.sentences import Sentence
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.progress_line import ProgressLine
from gui.design.theme import INSIDE, SPACE
from gui.session import Session


class LongQuery(QWidget):
    """Sends one query at a time through the session."""

    answered = Signal(object)  # Answer
    running_changed = Signal()

    def __init__(self, session: Session, caption: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._caption, self._tip = caption, tip
        self._question: Question | None = None
        self._number: int | None = None
        self.start_button = QPushButton(caption)
        self.cancel_button = QPushButton(Sentence("gui.components.cancel"))
        self.progress = ProgressLine()
        self.problem = PlainLabel(role="caution", wrap=True)
        line = horizontal(None, self.start_button, self.cancel_button, STRETCH, gap=INSIDE)
        vertical(self, line, self.progress, self.problem, gap=SPACE)
        self.start_button.clicked.connect(self.start)
        self.cancel_button.clicked.connect(self.cancel)
        session.busy_changed.connect(self._show)
        self.problem.hide()
        self._show()

    @property
    def is_running(self) -> bool:
        """Whether an answer is awaited."""
        return self._number is not None

    def offer(self, question: Question | None) -> None:
        """What the button sends from now on; an answer to another query is not delivered any more."""
        if question != self._question:
            self.cancel()
            self._question = question
            self.problem.hide()
        self._show()

    def start(self) -> None:
        """Sends the query, unless it is being answered or a stage runs."""
        if self._question is None or self.is_running or self._session.busy:
            return
        self.problem.hide()
        self.progress.reset(self._caption)
        self._number = self._session.ask(self._question, self._take, self._on_event)
        self._show()
        self.running_changed.emit()

    def cancel(self) -> None:
        """Withdraws the query."""
        if self._number is not None:
            self._session.forget(self._number)
            self._number = None
            self._show()
            self.running_changed.emit()

    def _on_event(self, event: Event) -> None:
        self.progress.show_event(event)

    def _take(self, answer: Answer | ErrorReport) -> None:
        self._number = None
        self._show()
        self.running_changed.emit()
        if isinstance(answer, ErrorReport):
            self.problem.setText(f"{answer.message} {answer.hint}".strip())
            self.problem.show()
        else:
            self.answered.emit(answer)

    def _show(self) -> None:
        self.start_button.setVisible(not self.is_running)
        self.start_button.setEnabled(self._question is not None and not self._session.busy)
        set_tooltip(
            self.start_button,
            Sentence("gui.components.another_step_runs_wait_stop") if self._session.busy else self._tip,
        )
        self.cancel_button.setVisible(self.is_running)
        self.progress.setVisible(self.is_running)
