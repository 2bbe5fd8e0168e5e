"""The one variable of the window: the furthest state reached, and the engine that moves it.

Pages never talk to each other or to the engine thread; they read `session.state`, call `run_stage` or `ask`, and
listen. One stage runs at a time. Uses no widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.contract.errors import ErrorReport
from engine.contract.events import (
    Answered,
    Continued,
    DiskFilled,
    Event,
    Paused,
    StageFailed,
    StageStopped,
    StageSucceeded,
    is_outcome,
)
from engine.contract.messages import Happened, StageJob
from engine.contract.network import environment_of
from engine.contract.queries import Answer, Device, DevicesFound, Question
from engine.contract.states import State
from engine.runtime.thread import EngineThread
from engine.workspace.layout import SETTINGS, Workspace
from engine.workspace.runs import RunRecord
from gui.preferences import PreferenceStore

Receive = Callable[[Answer | ErrorReport], None]
OnEvent = Callable[[Event], None]


class Session(QObject):
    """Holds the furthest state, runs stages, asks questions."""

    state_changed = Signal()  # `state` is another one
    busy_changed = Signal()  # `busy` is another one
    stage_event = Signal(object)  # engine.events.Event of the running stage, its outcome included
    engine_event = Signal(object)  # events that belong to no job, such as EngineReady
    runs_changed = Signal()  # the list of runs on disk may have changed
    row_edits_changed = Signal(object)  # the stored edits of this RowSource, by a page that is not Choose data
    devices_found = Signal()  # `devices` were looked at again
    device_chosen = Signal(str)  # what the next training would use: auto, cpu, cuda:0
    closed = Signal()  # the engine has ended after `begin_closing`

    def __init__(self, workspace: Workspace, engine: EngineThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.preferences = PreferenceStore(workspace.root / SETTINGS)
        self._engine = engine
        self._state: State | None = None
        self.devices: tuple[Device, ...] = ()  # the one that Auto takes first; empty until the worker has answered
        self._stage: tuple[int, StageJob] | None = None
        self._stopping = False
        self._paused = False
        self._questions: dict[int, Receive] = {}
        self._listeners: dict[int, OnEvent] = {}  # of questions that take long
        self._token = ""  # for the Hub; in memory and in the environment of the worker, nowhere else
        self._environment: dict[str, str] = {}
        engine.happened.connect(self._receive)
        engine.finished.connect(self.closed)
        self.preferences.changed.connect(self._send_environment)
        self._send_environment()

    @property
    def state(self) -> State | None:
        """The furthest state reached, or None before a model is loaded."""
        return self._state

    @property
    def busy(self) -> bool:
        """Whether a stage runs."""
        return self._stage is not None

    @property
    def stopping(self) -> bool:
        """Whether the running stage was asked to stop."""
        return self._stopping

    @property
    def paused(self) -> bool:
        """Whether the running stage is paused, or was asked to."""
        return self._paused

    @property
    def stage_job(self) -> StageJob | None:
        """The job of the running stage."""
        return self._stage[1] if self._stage is not None else None

    def run_stage(self, job: StageJob) -> bool:
        """Starts a stage; returns False, and does nothing, while another one runs."""
        if self._stage is not None:
            return False
        self._stopping = self._paused = False
        self._stage = (self._engine.submit(job), job)
        self.busy_changed.emit()
        return True

    def stop(self, *, discard: bool = False) -> None:
        """Asks the running stage to stop; asked twice, its process is ended."""
        if self._stage is not None:
            self._stopping = True
            self._engine.stop(self._stage[0], discard=discard)

    def restart(self) -> None:
        """Ends the process of a stage that does not answer; the stage fails, and the next one has a new process."""
        if self._stage is not None:
            self._engine.replace(self._stage[0])

    def take_devices(self, found: DevicesFound) -> None:
        """Keeps what the worker answered about this computer, for every page."""
        self.devices = found.devices
        self.devices_found.emit()

    def pause(self, paused: bool) -> None:
        """Lets the running stage pause at its next event, or continue."""
        if self._stage is not None:
            self._paused = paused
            self._engine.pause(self._stage[0], paused)

    def ask(self, question: Question, receive: Receive, on_event: OnEvent | None = None) -> int:
        """Asks a question; `receive` gets the answer, or its error, in this thread.

        `receive` gets the events meanwhile.
        """
        number = self._engine.submit(question)
        self._questions[number] = receive
        if on_event is not None:
            self._listeners[number] = on_event
        return number

    def forget(self, number: int) -> None:
        """Withdraws a question: its answer will not be delivered."""
        self._listeners.pop(number, None)
        if self._questions.pop(number, None) is not None:
            self._engine.stop(number)

    def open_run(self, record: RunRecord) -> None:
        """Goes to the furthest state of a run on disk."""
        self.go_to(record.furthest or record.dataset)

    def go_to(self, state: State | None) -> None:
        """Makes this the furthest state; later results are closed."""
        self._state = state
        self.state_changed.emit()

    @property
    def has_token(self) -> bool:
        """Whether an access token for the Hub was given in this start."""
        return bool(self._token)

    def take_token(self, token: str) -> None:
        """Uses this access token for the Hub until the program ends; an empty one ends its use."""
        self._token = token
        self._send_environment()

    def begin_closing(self) -> None:
        """Asks the engine to end, the running stage to save what it has; `closed` follows."""
        self._engine.close()

    def close(self) -> None:
        """Ends the engine; the running stage saves what it has."""
        self._engine.close()
        self._engine.wait()

    def _send_environment(self) -> None:
        wanted = environment_of(self.preferences.network(), self._token)
        if wanted != self._environment:
            self._environment = wanted
            self._engine.set_environment(wanted)

    def _receive(self, happened: Happened) -> None:
        event: Event = happened.event
        if happened.number == 0:
            self.engine_event.emit(event)
        elif self._stage is not None and happened.number == self._stage[0]:
            self._receive_stage_event(event)
        elif is_outcome(event):
            self._listeners.pop(happened.number, None)
            self._deliver(happened.number, event)
        elif happened.number in self._listeners:
            self._listeners[happened.number](event)

    def _receive_stage_event(self, event: Event) -> None:
        if not is_outcome(event):
            if isinstance(event, Paused | DiskFilled | Continued):
                self._paused = not isinstance(event, Continued)
            self.stage_event.emit(event)
            return
        self._stage = None
        self._stopping = self._paused = False
        if isinstance(event, StageSucceeded):
            self._state = event.state
        self.stage_event.emit(event)
        self.busy_changed.emit()
        if isinstance(event, StageSucceeded):
            self.state_changed.emit()
        self.runs_changed.emit()

    def _deliver(self, number: int, event: Event) -> None:
        receive = self._questions.pop(number, None)
        if receive is None:
            return
        match event:
            case Answered():
                receive(event.answer)
            case StageFailed():
                receive(event.error)
            case StageStopped():
                pass
            case _:
                raise AssertionError(f"{type(event).__name__} does not answer a question")


def open_session(workspace_root: Path, parent: QObject | None = None) -> Session:
    """A session with its engine thread started; the worker process starts at once, in the background."""
    workspace = Workspace(workspace_root).create()
    engine = EngineThread(workspace.root)
    session = Session(workspace, engine, parent)
    engine.start()
    return session
