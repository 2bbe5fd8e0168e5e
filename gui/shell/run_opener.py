"""Runs on disk: the offer to continue an interrupted one, and opening any of them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.contract.errors import ErrorReport
from engine.contract.messages import FineTune
from engine.contract.queries import Answer, AskRunDifferences, RunDifferences
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, ExportedModel
from engine.workspace.runs import RunRecord, RunRow
from gui.components.latest_query import LatestQuery
from gui.runs.run_index import RunIndex
from gui.runs.run_list import RunList
from gui.session import Session
from gui.shell.content_area import ContentArea
from gui.shell.steps import Steps


class RunOpener(QObject):
    """Offers an interrupted run once per start, and asks for the step where a chosen run is shown."""

    step_requested = Signal(int)
    offer_changed = Signal()  # the offer has appeared

    def __init__(
        self,
        session: Session,
        steps: Steps,
        content_area: ContentArea,
        runs: RunIndex,
        run_list: RunList,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._steps = steps
        self._content_area = content_area
        self._runs = runs
        self._has_offered = False
        runs.changed.connect(self._offer)
        run_list.evaluate_pressed.connect(lambda row: self._open(row, EvaluationReport))
        run_list.export_pressed.connect(lambda row: self._open(row, ExportedModel))
        run_list.continue_pressed.connect(self._continue)
        self._comparison = run_list.comparison
        self._differences = LatestQuery(session, self._show_differences, self)
        self._comparison.differences_requested.connect(self._ask_differences)
        self._comparison.ended.connect(self._differences.withdraw)

    def continue_run(self, record: RunRecord) -> None:
        """Continues an interrupted run from its last checkpoint."""
        if self._is_free():
            job = FineTune(record.dataset, record.settings, continue_run=record.id)
            self._session.go_to(record.dataset)
            self.step_requested.emit(self._steps.page_of(job))  # its page must exist when the stage starts
            self._session.run_stage(job)

    def _continue(self, row: RunRow) -> None:
        self._runs.open(row, self.continue_run)

    def _open(self, row: RunRow, made: type) -> None:
        def show(record: RunRecord) -> None:
            if self._is_free():  # also now that it has been read
                self._session.open_run(record)
                self.step_requested.emit(self._steps.page_making(made))

        if self._is_free():
            self._runs.open(row, show)

    def _ask_differences(self, question: AskRunDifferences) -> None:
        self._differences.ask(question)
        if self._differences.is_waiting:
            self._comparison.show_problem(Sentence("gui.shell.runs_compared_when_running_step"))

    def _show_differences(self, answer: Answer | ErrorReport) -> None:
        if isinstance(answer, RunDifferences):
            self._comparison.show_differences(answer)
        elif isinstance(answer, ErrorReport):
            self._comparison.show_problem(f"{answer.message} {answer.hint}".strip())

    def _is_free(self) -> bool:
        if self._session.busy:
            self._content_area.show_note("caution", Sentence("gui.shell.another_step_running_wait_stop"))
        return not self._session.busy

    def _offer(self) -> None:
        found = self._runs.interrupted
        if not self._has_offered and found and not self._session.busy and self._session.state is None:
            row = found[0]
            steps = (
                Sentence("gui.shell.step", step=row.step, total_steps=row.total_steps)
                if row.total_steps
                else Sentence("gui.shell.last_checkpoint")
            )
            self._content_area.recovery.show_note(
                "news",
                Sentence("gui.shell.continue_where_you_left_off"),
                Sentence("gui.shell.was_interrupted_was_saved_safe", name=row.name, steps=steps),
                (
                    (Sentence("gui.shell.continue"), self._continue_newest),
                    (Sentence("gui.shell.not_now"), self._content_area.recovery.clear),
                ),
            )
            self.offer_changed.emit()
        self._has_offered = True

    def _continue_newest(self) -> None:
        self._content_area.recovery.clear()
        if self._runs.interrupted:
            self._continue(self._runs.interrupted[0])
