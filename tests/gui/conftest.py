"""What every test of a window needs: no screen, a stand-in engine, and a look for windows left behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.contract import messages as wire
from engine.contract.errors import ErrorReport
from engine.contract.events import Answered, Event, StageFailed, StageStopped, StageSucceeded
from engine.contract.queries import Answer
from engine.contract.states import State
from engine.workspace.layout import Workspace
from gui.components import background
from gui.design import application_style
from gui.page import Page
from gui.session import Session

if TYPE_CHECKING:
    from gui.shell.window import Window

Reply = Answer | ErrorReport | None  # None: no answer ever comes
AnyPage = TypeVar("AnyPage", bound=Page)
Settle = Callable[[Callable[[], bool]], None]
WindowWith = Callable[[Sequence[type[Page]]], "Window"]


class StandInEngine(QObject):
    """Behaves like `EngineThread`, but a test decides what happens and when.

    Questions are answered soon by the function given for their type. Stages wait until the test calls `send`,
    `succeed`, `fail` or `stopped`; `jobs` holds everything that was submitted.
    """

    happened = Signal(object)
    finished = Signal()

    def __init__(self, answers: dict[type, Callable[[object], Reply]] | None = None) -> None:
        super().__init__()
        self.answers = dict(answers or {})
        self.jobs: list[wire.Job] = []
        self.stopped_jobs: list[tuple[int, bool]] = []
        self.paused_jobs: list[tuple[int, bool]] = []
        self.replaced_jobs: list[int] = []
        self.environment: dict[str, str] = {}  # of the worker
        self.closed = False

    def start(self) -> None:
        pass

    def submit(self, job: wire.Job) -> int:
        self.jobs.append(job)
        number = len(self.jobs)
        answer = self.answers.get(type(job))
        if answer is not None:
            reply = answer(job)
            if reply is not None:
                self._later(number, StageFailed(reply) if isinstance(reply, ErrorReport) else Answered(reply))
        return number

    def stop(self, number: int, *, discard: bool = False) -> None:
        self.stopped_jobs.append((number, discard))

    def pause(self, number: int, paused: bool) -> None:
        self.paused_jobs.append((number, paused))

    def set_environment(self, values: dict[str, str]) -> None:
        self.environment = values

    def replace(self, number: int) -> None:
        self.replaced_jobs.append(number)

    def close(self) -> None:
        self.closed = True
        self.finished.emit()

    def wait(self) -> bool:
        return True

    # ── What a test does ────────────────────────────────────────────────────────────────────────────────────────

    def stage_number(self) -> int:
        """The number of the last stage that was started."""
        for number in range(len(self.jobs), 0, -1):
            if isinstance(self.jobs[number - 1], wire.StageJob):
                return number
        raise AssertionError("no stage was started")

    def stopped_stages(self) -> list[tuple[int, bool]]:
        """The stops of stages; `stopped_jobs` holds withdrawn queries besides, of which there may be any number."""
        return [stop for stop in self.stopped_jobs if isinstance(self.jobs[stop[0] - 1], wire.StageJob)]

    def send(self, event: Event, number: int | None = None) -> None:
        """Lets something happen in the running stage."""
        self.happened.emit(wire.Happened(self.stage_number() if number is None else number, event))

    def send_all(self, events: Sequence[Event]) -> None:
        """Lets several things happen, one after the other."""
        for event in events:
            self.send(event)

    def succeed(self, state: State) -> None:
        """Ends the running stage with this state."""
        self.send(StageSucceeded(state))

    def fail(self, error: ErrorReport) -> None:
        """Ends the running stage with an error."""
        self.send(StageFailed(error))

    def stopped(self) -> None:
        """Ends the running stage as stopped by the user."""
        self.send(StageStopped())

    def _later(self, number: int, event: Event) -> None:
        """As with the real thread, the answer comes after the session has learnt its number."""
        QTimer.singleShot(0, self, lambda: self.send(event, number))


def show_page(page: AnyPage, qtbot: QtBot, *, width: int, height: int, state: State | None = None) -> AnyPage:
    """Shows a page without a window around it, and passes on what its session reports; goes to `state`, if any."""
    session = page.session
    qtbot.addWidget(page)
    session.stage_event.connect(page.show_event)
    session.state_changed.connect(lambda: page.show_state(session.state))
    if state is not None:
        session.go_to(state)
    page.resize(width, height)
    page.show()
    return page


@pytest.fixture(scope="session", autouse=True)
def _looks(qapp: QApplication) -> Iterator[None]:
    """What a test adds to `qtbot` looks as it does in the program, whose window has the style sheet."""
    application_style.set_up(qapp, "light")
    add = QtBot.addWidget

    def add_styled(bot: QtBot, widget: QWidget, **options: Any) -> None:
        add(bot, widget, **options)
        if widget.parentWidget() is None and not widget.styleSheet():
            application_style.style_window(widget)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QtBot, "addWidget", add_styled)
        yield


@pytest.fixture(scope="module", autouse=True)
def _windows_are_collected(garbage_stays: None) -> None:
    pass


@pytest.fixture(autouse=True)
def no_window_left_behind(qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a visible window open."""
    before = set(qapp.topLevelWidgets())
    yield
    left = [widget for widget in qapp.topLevelWidgets() if widget not in before and widget.isVisible()]
    names = [f"{type(widget).__name__} {widget.windowTitle()!r}" for widget in left]
    for widget in left:
        widget.hide()
        widget.deleteLater()
    assert not names, f"windows left open: {names}; add them with qtbot.addWidget"


@pytest.fixture(autouse=True)
def no_key_stays_pressed(qapp: QApplication) -> Iterator[None]:
    """A click with Shift leaves Shift pressed for Qt, and the next test would select something else."""
    yield
    if qapp.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:
        widget = QWidget()
        QTest.keyClick(widget, Qt.Key.Key_F24)
        widget.deleteLater()
        assert qapp.keyboardModifiers() == Qt.KeyboardModifier.NoModifier


@pytest.fixture(autouse=True)
def no_folder_is_still_read() -> Iterator[None]:
    """Threads that list folders end before those folders go, and before the program does."""
    yield
    background.cancel_all()
    assert background.wait_for_all(10)


@pytest.fixture
def engine() -> Iterator[StandInEngine]:
    """The stand-in engine; give it answers with `engine.answers[AskDevices] = lambda question: …`."""
    stand_in = StandInEngine()
    yield stand_in
    stand_in.deleteLater()


@pytest.fixture
def session(engine: StandInEngine, tmp_path: Path) -> Iterator[Session]:
    """A session on the stand-in engine, with an empty workspace."""
    session = Session(Workspace(tmp_path / "workspace").create(), engine)  # type: ignore[arg-type]
    yield session
    session.deleteLater()


@pytest.fixture
def window_with(session: Session, qtbot: QtBot) -> WindowWith:
    """Shows a window with these pages, 1280 by 800."""
    from gui.shell.window import Window

    def show(pages: Sequence[type[Page]]) -> Window:
        window = Window(session, pages)
        qtbot.addWidget(window, before_close_func=Window.save_and_close)
        window.resize(1280, 800)
        window.show()
        return window

    return show


def settling(qtbot: QtBot) -> Settle:
    """Waits until something holds, and then for what the window does in turns of its own."""

    def settle(holds: Callable[[], bool]) -> None:
        qtbot.waitUntil(holds)
        for _ in range(4):
            QApplication.processEvents()

    return settle
