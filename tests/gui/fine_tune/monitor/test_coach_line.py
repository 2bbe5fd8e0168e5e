"""Advice on the Fine-tune page: one line with one button, which does what is written on it."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtWidgets import QMessageBox

from engine.contract.errors import ErrorReport
from engine.contract.events import Advised, TrainingStarted
from engine.contract.messages import FineTune
from engine.contract.presets import planned_steps
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import FineTuneSettings
from engine.workspace.event_log import RunLog
from engine.workspace.runs import create_run, run_folder, save_run
from gui.fine_tune.page import FineTunePage, stop_caption
from gui.session import Session
from tests.builders import a_dataset, a_run
from tests.gui.conftest import StandInEngine


def start(page: FineTunePage, engine: StandInEngine) -> FineTuneSettings:
    page.set_settings(FineTuneSettings(learning_rate=4e-5, precision="bf16"))
    page.take_primary_action()
    engine.send(TrainingStarted("20261123-120000", "/r", 300, 100.0, 0, "cpu", "bf16", "macro_f1"))
    return page.settings()


def press(page: FineTunePage) -> None:
    (button,) = page.coach.buttons()
    button.click()


def answer(page: FineTunePage, caption: str) -> None:
    (box,) = page.window().findChildren(QMessageBox)
    next(button for button in box.buttons() if button.text() == caption).click()


def test_a_run_is_not_stopped_where_the_question_is_declined(page: FineTunePage, engine: StandInEngine) -> None:
    start(page, engine)
    engine.send(Advised("The training loss rises.", RecoveryAction.HALVE_LEARNING_RATE))
    press(page)
    (box,) = page.window().findChildren(QMessageBox)
    assert "The learning rate is 2e-5 now." in box.informativeText()
    answer(page, "Keep training")
    assert engine.stopped_stages() == []
    assert page.coach.buttons()


def test_the_question_goes_when_the_run_has_ended(page: FineTunePage, engine: StandInEngine) -> None:
    start(page, engine)
    engine.send(Advised("The training loss rises.", RecoveryAction.HALVE_LEARNING_RATE))
    press(page)
    engine.succeed(a_run())
    assert not [box for box in page.window().findChildren(QMessageBox) if box.isVisible()]


def test_advice_is_above_the_charts_as_it_is_written(page: FineTunePage, engine: StandInEngine) -> None:
    start(page, engine)
    assert not page.coach.isVisible()
    engine.send(Advised("Every row gets “<b>”.", RecoveryAction.STOP_KEEP_BEST))
    assert page.coach.message() == "Every row gets “<b>”."
    assert [button.text() for button in page.coach.buttons()] == ["Stop, keep the best"]


def test_stop_keeps_the_best_and_shows_the_result(page: FineTunePage, engine: StandInEngine) -> None:
    start(page, engine)
    engine.send(Advised("Overfitting has begun.", RecoveryAction.STOP_KEEP_BEST))
    press(page)
    assert engine.stopped_stages() == [(engine.stage_number(), False)]
    engine.succeed(a_run(stopped_early=True))
    assert page._watch.result.isVisible()
    assert not page.coach.isVisible()


@pytest.mark.parametrize(
    ("action", "rate"),
    [
        (RecoveryAction.HALVE_LEARNING_RATE, 2e-5),
        (RecoveryAction.TRIPLE_LEARNING_RATE, 1.2e-4),
        (RecoveryAction.USE_PRESET_RATE, 1e-4),
    ],
)
@pytest.mark.parametrize("outcome", ["kept", "nothing"])
def test_another_rate_stops_this_run_and_prepares_the_next(
    page: FineTunePage, engine: StandInEngine, action: RecoveryAction, rate: float, outcome: str
) -> None:
    settings = start(page, engine)
    engine.send(Advised("The training loss rises.", action))
    press(page)
    assert engine.stopped_stages() == []
    answer(page, stop_caption())
    assert engine.stopped_stages() == [(engine.stage_number(), False)]
    if outcome == "kept":
        engine.succeed(a_run(stopped_early=True, settings=settings))
    else:
        engine.stopped()
    assert page._setup.isVisible()
    assert page.settings() == msgspec.structs.replace(settings, learning_rate=rate)
    assert "learning rate" in page.coach.message()
    assert page.primary_enabled()
    page.take_primary_action()
    assert not page.coach.isVisible()


def test_train_longer_stops_this_run_and_prepares_one_with_more_updates(
    page: FineTunePage, engine: StandInEngine
) -> None:
    settings = start(page, engine)
    planned = planned_steps(a_dataset(), settings)
    engine.send(Advised("18 updates are few.", RecoveryAction.TRAIN_LONGER))
    press(page)
    answer(page, stop_caption())
    engine.succeed(a_run(stopped_early=True, settings=settings))
    assert page.settings() == msgspec.structs.replace(settings, updates=2 * planned)
    assert page.coach.message() == f"Training takes {2 * planned:,} updates of the weights now."


def test_advice_goes_when_the_run_has_ended(page: FineTunePage, engine: StandInEngine) -> None:
    start(page, engine)
    engine.send(Advised("The training loss rises.", RecoveryAction.HALVE_LEARNING_RATE))
    engine.succeed(a_run())
    assert not page.coach.isVisible()
    assert page.settings() == a_run().settings


@pytest.mark.parametrize(
    ("action", "changed"),
    [(RecoveryAction.LOWER_LEARNING_RATE, {"learning_rate": 2e-5}), (RecoveryAction.USE_FP32, {"precision": "fp32"})],
)
def test_a_run_that_diverged_goes_on_from_its_checkpoint(
    page: FineTunePage, engine: StandInEngine, session: Session, action: RecoveryAction, changed: dict[str, object]
) -> None:
    settings = start(page, engine)
    record = create_run(session.workspace, a_dataset(), settings)
    save_run(session.workspace, msgspec.structs.replace(record, status="failed"))
    (run_folder(session.workspace, record.id) / "checkpoints" / "step-000100").mkdir(parents=True)
    engine.send(TrainingStarted(record.id, "/r", 300, 100.0, 0, "cpu", "bf16", "macro_f1"))
    error = ErrorReport(
        "NumbersDiverged",
        "T5",
        "Training stopped.",
        actions=(RecoveryAction.LOWER_LEARNING_RATE, RecoveryAction.USE_FP32),
    )
    engine.fail(error)
    page.solve(action, error)
    job = engine.jobs[engine.stage_number() - 1]
    assert job == FineTune(a_dataset(), settings, continue_run=record.id, action=action)
    assert page.settings() == msgspec.structs.replace(settings, **changed)


def test_a_run_that_diverged_before_its_first_checkpoint_begins_again(
    page: FineTunePage, engine: StandInEngine
) -> None:
    settings = start(page, engine)
    error = ErrorReport("NumbersDiverged", "T5", "Training stopped.", actions=(RecoveryAction.LOWER_LEARNING_RATE,))
    engine.fail(error)
    page.solve(RecoveryAction.LOWER_LEARNING_RATE, error)
    job = engine.jobs[engine.stage_number() - 1]
    assert job == FineTune(a_dataset(), msgspec.structs.replace(settings, learning_rate=2e-5))


def test_advice_on_a_run_that_is_opened_later_is_shown_again_and_prepares_the_next_one(
    page: FineTunePage, session: Session
) -> None:
    settings = FineTuneSettings(learning_rate=4e-5)
    record = create_run(session.workspace, a_dataset(), settings)
    log = RunLog(run_folder(session.workspace, record.id))
    log.append(Advised("The loss does not fall.", RecoveryAction.HALVE_LEARNING_RATE))
    log.close()
    session.go_to(a_run(id=record.id, settings=settings))
    assert page.coach.message() == "The loss does not fall."
    press(page)
    assert page.settings().learning_rate == 2e-5
    assert page._setup.isVisible()


def test_of_advice_to_stop_a_finished_run_only_the_finding_is_left(page: FineTunePage, session: Session) -> None:
    record = create_run(session.workspace, a_dataset(), FineTuneSettings())
    log = RunLog(run_folder(session.workspace, record.id))
    log.append(Advised("Overfitting has begun.", RecoveryAction.STOP_KEEP_BEST))
    log.close()
    session.go_to(a_run(id=record.id))
    assert page.coach.message() == "Overfitting has begun."
    assert not page.coach.buttons()
    session.go_to(a_dataset())
    assert not page.coach.isVisible()
