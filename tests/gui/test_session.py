"""The one variable: stages move it, questions do not."""

from __future__ import annotations

from engine.contract.errors import ErrorReport
from engine.contract.events import Answered, EngineReady, Progressed, StageStopped
from engine.contract.messages import LoadModel
from engine.contract.queries import AskDevices, DevicesFound
from engine.contract.settings import StarterModel
from gui.session import Session
from tests.builders import a_dataset, a_model
from tests.gui.conftest import StandInEngine

LOAD = LoadModel(StarterModel())
NOTHING = DevicesFound((), "")


def test_a_stage_that_succeeds_moves_the_state(session: Session, engine: StandInEngine) -> None:
    received: list[object] = []
    session.stage_event.connect(received.append)
    assert session.run_stage(LOAD)
    assert session.busy
    assert session.stage_job == LOAD
    engine.send(Progressed(1, 2, "half"))
    engine.succeed(a_model())
    assert not session.busy
    assert session.state == a_model()
    assert [type(event).__name__ for event in received] == ["Progressed", "StageSucceeded"]


def test_a_second_stage_waits_for_the_first(session: Session, engine: StandInEngine) -> None:
    assert session.run_stage(LOAD)
    assert not session.run_stage(LOAD)
    assert engine.jobs == [LOAD]


def test_a_stage_that_fails_or_stops_leaves_the_state(session: Session, engine: StandInEngine) -> None:
    session.go_to(a_dataset())
    session.run_stage(LOAD)
    engine.fail(ErrorReport("ModelNotFound", "M1", "Nothing here."))
    session.run_stage(LOAD)
    session.stop()
    assert session.stopping
    engine.stopped()
    assert session.state == a_dataset()
    assert not session.busy
    assert not session.stopping


def test_an_answer_reaches_who_asked_and_moves_nothing(session: Session, engine: StandInEngine) -> None:
    got: list[object] = []
    number = session.ask(AskDevices(), got.append)
    engine.send(Answered(NOTHING), number)
    assert got == [NOTHING]
    assert session.state is None


def test_a_forgotten_question_is_stopped_and_its_answer_is_not_delivered(
    session: Session, engine: StandInEngine
) -> None:
    got: list[object] = []
    number = session.ask(AskDevices(), got.append)
    session.forget(number)
    engine.send(StageStopped(), number)
    engine.send(Answered(NOTHING), number)
    assert got == []
    assert engine.stopped_jobs == [(number, False)]


def test_a_refused_question_delivers_its_error(session: Session, engine: StandInEngine) -> None:
    error = ErrorReport("DownloadFailed", "M3", "The Hub does not answer.")
    engine.answers[AskDevices] = lambda _question: error
    got: list[object] = []
    session.ask(AskDevices(), got.append)
    from PySide6.QtCore import QCoreApplication

    QCoreApplication.processEvents()
    assert got == [error]


def test_events_without_a_job_are_distinguished(session: Session, engine: StandInEngine) -> None:
    received: list[object] = []
    session.engine_event.connect(received.append)
    engine.send(EngineReady(42), 0)
    assert received == [EngineReady(42)]


def test_closing_is_announced_when_the_engine_has_ended(session: Session, engine: StandInEngine) -> None:
    engine_closed: list[bool] = []
    session.closed.connect(lambda: engine_closed.append(engine.closed))
    session.begin_closing()
    assert engine_closed == [True]
