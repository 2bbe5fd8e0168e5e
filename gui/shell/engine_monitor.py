"""An engine that does not respond, or whose GPU is lost: a note, a question, and continuing from the last checkpoint.

A device that stops responding during training is tried once more automatically, since mostly a computer has just
woken up; the second time without a checkpoint in between, the error with its actions is shown.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from engine.contract.errors import DEVICE_LOST, ErrorReport
from engine.contract.events import (
    CheckpointSaved,
    EngineResponded,
    EngineSilent,
    Event,
    StageFailed,
    TrainingStarted,
    is_outcome,
)
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.runtime.watchdog import WORTH_A_QUESTION
from engine.workspace.runs import can_continue, read_run
from gui.session import Session
from gui.shell.content_area import ContentArea

SILENT = "T8"


class EngineMonitor(QObject):
    """Receives the events of the running stage before its page does; `index` is that page's."""

    continue_requested = Signal(object)  # RunRecord

    def __init__(self, session: Session, content_area: ContentArea, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._content_area = content_area
        self._note = ""
        self._asks = False
        self._run = ""  # that is being trained
        self._saved = False  # a checkpoint since it began or was continued
        self._restarts = False  # it is continued as soon as the process has ended

    def begin(self) -> None:
        """A stage begins."""
        self._run, self._saved, self._restarts = "", False, False

    def on_event(self, index: int, event: Event) -> bool:
        """Takes an event; returns whether it is for nobody else."""
        match event:
            case EngineSilent():
                self._show_no_response(index, event)
                return True
            case EngineResponded():
                self._take_back(index)
                return True
            case TrainingStarted():
                self._run = event.run_id
                self._saved = False
            case CheckpointSaved():
                self._saved = True
            case StageFailed() if self._can_continue(event.error):
                self._take_back(index)
                why = (
                    Sentence("gui.shell.engine_did_not_answer")
                    if self._restarts
                    else Sentence("gui.shell.gpu_stopped_answering")
                )
                QTimer.singleShot(0, self, lambda: self._continue(why))
            case _ if is_outcome(event):
                self._take_back(index)
            case _:
                pass
        return False

    def wait(self) -> None:
        """The user continues waiting."""
        self._asks = False

    def restart(self) -> None:
        """Ends the process that does not answer; a run continues from its last checkpoint in a new one."""
        self._asks = False
        self._restarts = bool(self._run)
        self._session.restart()

    # ── No response ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _show_no_response(self, index: int, event: EngineSilent) -> None:
        content, silent = self._content_area, Sentence("gui.t8.no_response", seconds=event.seconds)
        if event.seconds < WORTH_A_QUESTION:
            self._note = silent
            content.show_note("caution", silent, Sentence("gui.shell.may_busy_something_long_you"))
            return
        self._note, self._asks = "", True
        if event.saved_step:
            hint = Sentence("gui.t8.continues_from_step", step=event.saved_step)
        else:
            hint = Sentence("gui.t8.nothing_lost")
        actions = (RecoveryAction.RESTART_ENGINE, RecoveryAction.WAIT)
        content.keep_error(index, ErrorReport("EngineSilent", SILENT, silent, hint, actions=actions))

    def _take_back(self, index: int) -> None:
        if self._note and self._content_area.banner.message() == self._note:
            self._content_area.banner.clear()
        if self._asks:
            self._content_area.forget_error(index)
        self._note, self._asks = "", False

    # ── Continuing ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _can_continue(self, error: ErrorReport) -> bool:
        wanted = self._restarts or (error.id == DEVICE_LOST and self._saved)
        return wanted and bool(self._run) and can_continue(self._session.workspace, self._run)

    def _continue(self, why: str) -> None:
        self.continue_requested.emit(read_run(self._session.workspace, self._run))
        self._content_area.show_note("news", Sentence("gui.shell.run_continues_from_last_checkpoint", why=why))
