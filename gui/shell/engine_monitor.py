"""An engine that says nothing, or whose GPU is gone: a word, a question, and the way on from the last checkpoint.

A device that stops answering while a run is trained is tried once more by itself, since mostly a computer has just
woken up; the second time without a checkpoint in between, the error and its buttons stand there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from engine.contract.errors import DEVICE_LOST, ErrorReport
from engine.contract.events import (
    CheckpointSaved,
    EngineHeard,
    EngineSilent,
    Event,
    StageFailed,
    TrainingStarted,
    is_outcome,
)
from engine.contract.formatting import duration
from engine.runtime.watchdog import WORTH_A_QUESTION
from engine.workspace.runs import can_continue, read_run

if TYPE_CHECKING:
    from gui.shell.run_resume import Resuming
    from gui.shell.window import Window

SILENT = "T8"
WAIT = "Wait"
RESTART = "Restart"


class EngineWatch(QObject):
    """Hears what the running stage says, beside its page; `index` is that page's."""

    def __init__(self, window: Window, resuming: Resuming) -> None:
        super().__init__(window)
        self._window = window
        self._resuming = resuming
        self._note = ""
        self._asks = False
        self._run = ""  # that is being trained
        self._saved = False  # a checkpoint since it began, or went on
        self._restarts = False  # it is to go on as soon as the process has ended

    def begin(self) -> None:
        """A stage begins."""
        self._run, self._saved, self._restarts = "", False, False

    def hear(self, index: int, event: Event) -> bool:
        """Takes an event; returns whether it is for nobody else."""
        match event:
            case EngineSilent():
                self._tell(index, event)
                return True
            case EngineHeard():
                self._take_back(index)
                return True
            case TrainingStarted():
                self._run = event.run_id
                self._saved = False
            case CheckpointSaved():
                self._saved = True
            case StageFailed() if self._goes_on(event.error):
                self._take_back(index)
                why = "The engine did not answer" if self._restarts else "The GPU stopped answering"
                QTimer.singleShot(0, self, lambda: self._go_on(why))
            case _ if is_outcome(event):
                self._take_back(index)
            case _:
                pass
        return False

    def solve(self, caption: str) -> None:
        """A button of the question was pressed."""
        self._asks = False
        if caption.startswith(RESTART):
            self._restarts = bool(self._run)
            self._window.session.restart()

    # ── Silence ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self, index: int, event: EngineSilent) -> None:
        middle, silent = self._window.middle, f"The engine has said nothing for {duration(event.seconds)}."
        if event.seconds < WORTH_A_QUESTION:
            self._note = silent
            middle.show_note("caution", silent, "It may be busy with something long. You can wait, or stop it.")
            return
        self._note, self._asks = "", True
        if event.saved_step:
            restart, hint = f"{RESTART} from step {event.saved_step:,}", "What was saved is safe."
        else:
            restart, hint = f"{RESTART} the engine", "Nothing that was saved is lost."
        middle.keep_error(
            index,
            ErrorReport("EngineSilent", SILENT, silent, f"It seems to hang. {hint}", actions=(restart, WAIT)),
        )

    def _take_back(self, index: int) -> None:
        middle = self._window.middle
        if self._note and middle.banner.message() == self._note:
            middle.banner.clear()
        if self._asks:
            middle.forget_error(index)
        self._note, self._asks = "", False

    # ── Going on ────────────────────────────────────────────────────────────────────────────────────────────────

    def _goes_on(self, error: ErrorReport) -> bool:
        wanted = self._restarts or (error.id == DEVICE_LOST and self._saved)
        return wanted and bool(self._run) and can_continue(self._window.session.workspace, self._run)

    def _go_on(self, why: str) -> None:
        self._resuming.continue_run(read_run(self._window.session.workspace, self._run))
        self._window.middle.show_note("news", f"{why}: the run goes on from its last checkpoint.")
