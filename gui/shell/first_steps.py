"""Loads a model and prepares rows, one stage after the other, where both were chosen elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from engine.contract.events import Event, StageFailed, StageStopped, StageSucceeded
from engine.contract.messages import LoadModel, PrepareDataset, StageJob
from engine.contract.settings import ModelSource, PrepareSettings, RowSource
from engine.contract.states import ModelHandle, PreparedDataset, find
from gui.session import Session
from gui.shell.steps import Steps


class FirstSteps(QObject):
    """Goes through the first two steps; where one fails or is stopped, its page shows why and nothing follows."""

    step_requested = Signal(int)

    def __init__(self, session: Session, steps: Steps, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._steps = steps
        self._rows: tuple[RowSource, PrepareSettings] | None = None
        self._done: Callable[[], None] | None = None  # what follows, while it is on its way
        session.stage_event.connect(self._stage_event)

    def go(self, model: ModelSource, rows: tuple[RowSource, PrepareSettings] | None, done: Callable[[], None]) -> None:
        """Loads this model unless it is loaded, prepares `rows` where there are some, and calls `done`."""
        self._rows, self._done = rows, done
        loaded = find(self._session.state, ModelHandle)
        if loaded is not None and loaded.source == model:
            self._session.go_to(loaded)
            self._prepare()
        else:
            self._session.go_to(None)
            self._run(LoadModel(model))

    def _stage_event(self, event: Event) -> None:
        if self._done is None:
            return
        match event:
            case StageSucceeded(state=ModelHandle()):
                QTimer.singleShot(0, self, self._prepare)  # once the session has taken the state
            case StageSucceeded(state=PreparedDataset()):
                QTimer.singleShot(0, self, self._end)
            case StageFailed() | StageStopped():
                self._done = None

    def _prepare(self) -> None:
        model = find(self._session.state, ModelHandle)
        if self._done is None or model is None:
            return
        if self._rows is None:
            self._end()
        else:
            self._run(PrepareDataset(model, *self._rows))

    def _run(self, job: StageJob) -> None:
        self.step_requested.emit(self._steps.page_of(job))  # its page must exist when the stage starts
        if not self._session.run_stage(job):
            self._done = None

    def _end(self) -> None:
        done, self._done = self._done, None
        if done is not None:
            done()
