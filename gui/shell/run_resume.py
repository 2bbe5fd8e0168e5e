"""Runs that lie on disk: the offer to go on with an interrupted one, and opening any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.contract.messages import FineTune
from engine.contract.states import EvaluationReport, ExportedModel
from engine.workspace.runs import RunRecord
from gui.runs.run_index import RunIndex

if TYPE_CHECKING:
    from gui.shell.window import Window

BUSY = "Another step runs. It must end or be stopped first."
CONTINUE = "Continue"
NOT_NOW = "Not now"


class Resuming(QObject):
    """Offers an interrupted run once per start, and takes the window to the run that was chosen."""

    def __init__(self, window: Window, runs: RunIndex) -> None:
        super().__init__(window)
        self._window = window
        self._runs = runs
        self._has_offered = False
        runs.changed.connect(self._runs_read)
        window.middle.recovery.action_taken.connect(self._answered)
        window.run_list.evaluate_pressed.connect(lambda record: self._open(record, EvaluationReport))
        window.run_list.export_pressed.connect(lambda record: self._open(record, ExportedModel))
        window.run_list.continue_pressed.connect(self.continue_run)

    def continue_run(self, record: RunRecord) -> None:
        """Goes on with an interrupted run from its last checkpoint."""
        window, session = self._window, self._window.session
        if session.busy:
            window.middle.show_note("caution", BUSY)
            return
        job = FineTune(record.dataset, record.settings, continue_run=record.id)
        index = window.steps.page_of(job)
        session.go_to(record.dataset)
        window.page(index)
        session.run_stage(job)
        window.go_to(index)

    def _open(self, record: RunRecord, made: type) -> None:
        if self._window.session.busy:
            self._window.middle.show_note("caution", BUSY)
            return
        self._window.session.open_run(record)
        self._window.go_to(self._window.steps.page_making(made))

    def _runs_read(self) -> None:
        window, found = self._window, self._runs.interrupted
        window.left.show_runs(len(self._runs.records))
        if not self._has_offered and found and not window.session.busy and window.session.state is None:
            record = found[0]
            steps = f"step {record.step:,} of {record.total_steps:,}" if record.total_steps else "its last checkpoint"
            window.middle.recovery.show_note(
                "news",
                "Continue where you left off",
                f"{record.name} was interrupted. What was saved is safe; it goes on from {steps}.",
                (CONTINUE, NOT_NOW),
            )
            window.show_frame()
        self._has_offered = True

    def _answered(self, caption: str, _report: object) -> None:
        self._window.middle.recovery.clear()
        if caption == CONTINUE and self._runs.interrupted:
            self.continue_run(self._runs.interrupted[0])
