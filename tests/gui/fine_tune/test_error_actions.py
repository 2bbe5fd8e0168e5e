"""Every button that an error or advice can bring to the Fine-tune page does something, namely what is written on it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from engine.contract.errors import ErrorReport
from engine.contract.events import Advised, DiskFilled, StepsTrained, TrainingStarted
from engine.contract.messages import FineTune, Search
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import SearchSettings
from engine.workspace.checkpoint_locations import checkpoint_places
from engine.workspace.runs import run_folder
from gui.application import page_types
from gui.fine_tune import error_actions as training_actions
from gui.fine_tune.page import FineTunePage, stop_caption
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_dataset
from tests.gui.conftest import StandInEngine
from tests.gui.stored_runs import run_with_checkpoint


def job_of(engine: StandInEngine) -> FineTune | Search:
    job = engine.jobs[engine.stage_number() - 1]
    assert isinstance(job, FineTune | Search)
    return job


def fail_with(page: FineTunePage, engine: StandInEngine, action: RecoveryAction, run: str = "") -> ErrorReport:
    if run:
        engine.send(TrainingStarted(run, "/r", 300, 100.0, 0, "cpu", "fp32", "macro_f1"))
    error = ErrorReport("EngineError", "T0", "It did not work.", actions=(action,))
    engine.fail(error)
    return error


@pytest.mark.parametrize(
    "action", [RecoveryAction.STOP_KEEP_BEST, RecoveryAction.HALVE_LEARNING_RATE, RecoveryAction.TRIPLE_LEARNING_RATE]
)
def test_advice_can_be_taken(page: FineTunePage, engine: StandInEngine, action: RecoveryAction) -> None:
    page.take_primary_action()
    engine.send(Advised("The loss does not fall.", action))
    (button,) = page.coach.buttons()
    button.click()
    for box in page.window().findChildren(QMessageBox):
        next(one for one in box.buttons() if one.text() == stop_caption()).click()
    assert engine.stopped_stages()


def test_other_data_than_the_runs_lead_to_a_new_run(
    page: FineTunePage, engine: StandInEngine, session: Session
) -> None:
    record = run_with_checkpoint(session, "failed", 100)
    session.run_stage(FineTune(a_dataset(), record.settings, continue_run=record.id))
    page.solve(RecoveryAction.START_NEW_RUN, fail_with(page, engine, RecoveryAction.START_NEW_RUN))
    job = job_of(engine)
    assert isinstance(job, FineTune)
    assert job.continue_run == ""


def test_a_run_without_a_readable_checkpoint_starts_again_with_its_own_settings(
    page: FineTunePage, engine: StandInEngine, session: Session
) -> None:
    record = run_with_checkpoint(session, "failed", 100)
    session.run_stage(FineTune(a_dataset(), record.settings, continue_run=record.id))
    page.solve(RecoveryAction.START_AGAIN, fail_with(page, engine, RecoveryAction.START_AGAIN))
    job = job_of(engine)
    assert isinstance(job, FineTune)
    assert (job.continue_run, job.settings.epochs) == ("", 2)


def test_the_cpu_takes_over_the_run_that_was_to_go_on(
    page: FineTunePage, engine: StandInEngine, session: Session
) -> None:
    record = run_with_checkpoint(session, "failed", 100)
    settings = msgspec.structs.replace(record.settings, device="cuda:1")
    session.run_stage(FineTune(a_dataset(), settings, continue_run=record.id))
    page.solve(RecoveryAction.USE_CPU, fail_with(page, engine, RecoveryAction.USE_CPU))
    job = job_of(engine)
    assert isinstance(job, FineTune)
    assert (job.continue_run, job.settings) == (record.id, msgspec.structs.replace(settings, device="cpu"))


@pytest.mark.parametrize(
    "action", [RecoveryAction.TRY_AGAIN, RecoveryAction.USE_LESS_MEMORY, RecoveryAction.LOWER_LEARNING_RATE]
)
def test_a_search_that_failed_is_searched_again(
    page: FineTunePage, engine: StandInEngine, session: Session, action: RecoveryAction
) -> None:
    before = page.settings()
    session.run_stage(Search(a_dataset(), before, SearchSettings(trials=3)))
    page.solve(action, fail_with(page, engine, action))
    job = job_of(engine)
    assert isinstance(job, Search)
    assert job.search.trials == 3
    assert (job.settings == before) == (action is RecoveryAction.TRY_AGAIN)


def test_try_again_after_a_bug_of_the_engine_reaches_the_page(
    qtbot: QtBot, engine: StandInEngine, session: Session
) -> None:
    window = Window(session, page_types())
    qtbot.addWidget(window)
    window.show()
    session.go_to(a_dataset())
    window.go_to(2)
    window.page(2).take_primary_action()
    engine.fail(ErrorReport("UnexpectedError", "A6", "Something went wrong.", actions=(RecoveryAction.TRY_AGAIN,)))
    window.content_area.banner.buttons()[0].click()
    assert session.busy
    engine.stopped()
    session.go_to(None)


# ── The disk ────────────────────────────────────────────────────────────────────────────────────────────────────


def fill_disk(page: FineTunePage, engine: StandInEngine, session: Session) -> tuple[DiskFilled, ErrorReport]:
    record = run_with_checkpoint(session, "failed", 100)
    folder = run_folder(session.workspace, record.id)
    page.take_primary_action()
    engine.send(TrainingStarted(record.id, str(folder), 300, 100.0, 0, "cpu", "fp32", "macro_f1"))
    engine.send(StepsTrained(10, 300, 0.1, 0.68, 1e-5, 1.0, 900.0, 3.0))
    errors: list[ErrorReport] = []
    page.error_found.connect(errors.append)
    event = DiskFilled(str(folder), 1_000, 80, True, 120, 100)
    engine.send(event)
    return event, errors[-1]


def test_another_folder_is_asked_for_and_taken(
    page: FineTunePage, engine: StandInEngine, session: Session, tmp_path: Path
) -> None:
    event, question = fill_disk(page, engine, session)
    assert question.actions == (RecoveryAction.TRY_AGAIN, RecoveryAction.SAVE_IN_OTHER_FOLDER, RecoveryAction.STOP_RUN)
    page.solve(RecoveryAction.SAVE_IN_OTHER_FOLDER, question)
    (dialog,) = page.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    assert checkpoint_places(Path(event.folder))[-1].parent == tmp_path
    assert engine.paused_jobs == [(engine.stage_number(), False)]


def test_a_folder_that_does_not_do_is_reported_and_the_question_stays(
    page: FineTunePage, engine: StandInEngine, session: Session, tmp_path: Path
) -> None:
    event, _ = fill_disk(page, engine, session)
    errors: list[ErrorReport] = []
    page.error_found.connect(errors.append)
    page._actions.save_in(event, str(tmp_path / "gone"))
    assert errors[-1].message == "Nothing can be written into “gone”."
    assert errors[-1].actions == (
        RecoveryAction.TRY_AGAIN,
        RecoveryAction.SAVE_IN_OTHER_FOLDER,
        RecoveryAction.STOP_RUN,
    )
    assert engine.paused_jobs == []
    assert session.paused


def test_a_folder_chosen_after_the_run_has_ended_changes_nothing(
    page: FineTunePage, engine: StandInEngine, session: Session, tmp_path: Path
) -> None:
    event, _ = fill_disk(page, engine, session)
    engine.stopped()
    page._actions.save_in(event, str(tmp_path))
    assert checkpoint_places(Path(event.folder)) == (Path(event.folder) / "checkpoints",)


def test_the_question_names_what_happened_to_the_disk() -> None:
    full = training_actions.question(DiskFilled("/r", 1_000, 80, True, 120, 0))
    broken = training_actions.question(DiskFilled("/r", 1_000, 80, False, 120, 0))
    assert (full.id, broken.id) == ("C4", "C6")
    assert full.actions[-1] == RecoveryAction.STOP_RUN
    assert "another folder" in full.hint
