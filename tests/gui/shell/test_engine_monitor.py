"""For an engine that sends nothing there is a note, then a question; a GPU that is lost is tried once more."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.errors import ErrorReport
from engine.contract.events import CheckpointSaved, EngineResponded, EngineSilent, TrainingStarted
from engine.contract.messages import FineTune, StageJob
from engine.contract.recovery_actions import RecoveryAction
from engine.workspace.runs import RunRecord
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_model
from tests.gui.conftest import StandInEngine, WindowWith
from tests.gui.stand_in_pages import PAGES
from tests.gui.stored_runs import run_with_checkpoint

DIED = ErrorReport("WorkerDied", "T3", "Training stopped.", "Saved up to step 120.", (RecoveryAction.CONTINUE_RUN,))
LOST = ErrorReport(
    "WorkerDied", "T11", "The GPU stopped answering.", "", (RecoveryAction.CONTINUE_RUN, RecoveryAction.USE_CPU)
)


@pytest.fixture
def window(window_with: WindowWith) -> Window:
    return window_with(PAGES)


@pytest.fixture
def record(session: Session) -> RunRecord:
    return run_with_checkpoint(session)


def train(window: Window, engine: StandInEngine, record: RunRecord) -> None:
    """The run of the record is being trained on the third page."""
    window.session.go_to(record.dataset)
    window.go_to(2)
    window.footer.primary.click()
    engine.send(TrainingStarted(record.id, "folder", 300, 3.0, 0, "cuda:0", "bf16", "macro_f1"))


def stages(engine: StandInEngine) -> list[StageJob]:
    return [job for job in engine.jobs if isinstance(job, StageJob)]


def actions(window: Window) -> tuple[RecoveryAction, ...]:
    report = window.content_area.banner.report
    return report.actions if report is not None else ()


def test_silence_is_reported_and_taken_back(window: Window, engine: StandInEngine, session: Session) -> None:
    window.footer.primary.click()
    engine.send(EngineSilent(61.0))
    assert window.content_area.banner.message() == "The engine has reported nothing for 1:01 min."
    assert actions(window) == ()
    engine.send(EngineResponded())
    assert window.content_area.banner.message() == ""
    engine.succeed(a_model())


def test_long_silence_is_a_question_that_waiting_answers(
    window: Window, engine: StandInEngine, record: RunRecord
) -> None:
    train(window, engine, record)
    engine.send(EngineSilent(301.0, 120))
    assert actions(window) == (RecoveryAction.RESTART_ENGINE, RecoveryAction.WAIT)
    assert "from step 120" in window.content_area.banner.accessibleName()
    window.content_area.banner.buttons()[1].click()
    assert actions(window) == ()
    assert engine.replaced_jobs == []
    engine.stopped()


def test_a_restart_ends_the_process_and_goes_on_from_the_checkpoint(
    window: Window, engine: StandInEngine, record: RunRecord, qtbot: QtBot
) -> None:
    train(window, engine, record)
    engine.send(EngineSilent(301.0, 120))
    window.content_area.banner.buttons()[0].click()
    assert engine.replaced_jobs == [engine.stage_number()]
    engine.fail(DIED)
    qtbot.waitUntil(lambda: len(stages(engine)) == 2)
    assert stages(engine)[1] == FineTune(record.dataset, record.settings, continue_run=record.id)
    assert "continues from its last checkpoint" in window.content_area.banner.message()
    engine.stopped()


def test_a_lost_device_is_tried_once_more_and_then_reported(
    window: Window, engine: StandInEngine, record: RunRecord, qtbot: QtBot
) -> None:
    train(window, engine, record)
    engine.send(CheckpointSaved(120, 0.1))
    engine.fail(LOST)
    qtbot.waitUntil(lambda: len(stages(engine)) == 2)
    assert stages(engine)[1] == FineTune(record.dataset, record.settings, continue_run=record.id)
    engine.send(TrainingStarted(record.id, "folder", 300, 3.0, 120, "cuda:0", "bf16", "macro_f1"))
    engine.fail(LOST)
    qtbot.wait(50)
    assert len(stages(engine)) == 2
    assert actions(window) == LOST.actions


def test_another_failure_is_only_reported(
    window: Window, engine: StandInEngine, record: RunRecord, qtbot: QtBot
) -> None:
    train(window, engine, record)
    engine.send(CheckpointSaved(120, 0.1))
    engine.fail(DIED)
    qtbot.wait(50)
    assert len(stages(engine)) == 1
    assert actions(window) == DIED.actions
