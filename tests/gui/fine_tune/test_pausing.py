"""Pause and Continue in the footer, and the question of a full disk, in the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.events import CheckpointSaved, Continued, DiskFilled, Event, Paused, StepsTrained, TrainingStarted
from gui.application import page_types
from gui.fine_tune.monitor.training_curves import TrainingCurves
from gui.fine_tune.page import FineTunePage
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_dataset, a_run
from tests.gui.conftest import StandInEngine

TRAINING: list[Event] = [
    TrainingStarted("20261123-120000", "/r", 3_000, 1_000.0, 0, "cpu", "fp32", "macro_f1"),
    StepsTrained(1_200, 3_000, 1.2, 0.68, 1e-5, 1.0, 900.0, 3.0),
]
FULL = DiskFilled("/r", 1_200_000_000, 80_000_000, True, 1_250, 1_000)
TUNE = 2


@pytest.fixture
def window(qtbot: QtBot, session: Session) -> Iterator[Window]:
    window = Window(session, page_types())
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    session.go_to(a_dataset())
    window.go_to(TUNE)
    yield window
    session.go_to(None)


def start(window: Window, engine: StandInEngine) -> FineTunePage:
    page = window.page(TUNE)
    assert isinstance(page, FineTunePage)
    assert window.footer.pause.isHidden()
    page.take_primary_action()
    engine.send_all(TRAINING)
    return page


def test_pause_and_go_on_are_in_the_footer(window: Window, engine: StandInEngine) -> None:
    page = start(window, engine)
    button = window.footer.pause
    assert (button.text(), button.isVisible()) == ("Pause", True)
    button.click()
    assert engine.paused_jobs == [(engine.stage_number(), True)]
    assert page._progress.phase() == "Pausing after this step"
    engine.send(Paused())
    assert page._progress.phase() == "Paused at step 1,200"
    assert button.text() == "Continue"
    button.click()
    assert engine.paused_jobs[-1] == (engine.stage_number(), False)
    engine.send(Continued(5.0))
    assert page._progress.phase() == "Training"
    assert button.text() == "Pause"
    engine.stopped()
    assert button.isHidden()


def test_pause_is_reached_by_the_keyboard_and_keeps_the_focus(window: Window, engine: StandInEngine) -> None:
    start(window, engine)
    footer = window.footer
    following = footer.pause.nextInFocusChain()
    assert following is footer.stops[0]
    footer.pause.setFocus()
    footer.pause.click()
    engine.send(Paused())
    assert window.focusWidget() is footer.pause
    engine.stopped()


def test_a_stage_that_is_stopping_cannot_be_paused(window: Window, engine: StandInEngine) -> None:
    start(window, engine)
    window.footer.stops[0].click()
    assert window.footer.pause.isHidden()
    engine.stopped()


def test_after_stop_the_focus_waits_in_the_footer_and_then_is_on_what_comes_next(
    window: Window, engine: StandInEngine, qtbot: QtBot
) -> None:
    start(window, engine)
    footer = window.footer
    footer.stops[0].setFocus()
    footer.stops[0].click()
    assert [button.text() for button in footer.stops] == ["End at once"]
    qtbot.waitUntil(lambda: not footer._settling.isActive())
    assert window.focusWidget() is footer  # not on “End at once”, which a second press would take
    engine.succeed(a_run(stopped_early=True))
    qtbot.waitUntil(lambda: window.focusWidget() is footer.next)


def test_a_full_disk_is_a_question_with_three_answers(window: Window, engine: StandInEngine) -> None:
    page = start(window, engine)
    engine.send(FULL)
    banner = window.content_area.banner
    assert banner.message() == "The disk is full: the checkpoint needs 1.2 GB, 80 MB are free."
    assert [button.text() for button in banner.buttons()] == ["Try again", "Other folder", "Stop"]
    assert page._progress.phase() == "Paused at step 1,200: the disk is full"
    assert window.footer.pause.text() == "Continue"
    banner.buttons()[0].click()
    assert engine.paused_jobs == [(engine.stage_number(), False)]
    engine.send(Continued(1.0))
    assert banner.message() == ""
    engine.send(FULL)
    banner.buttons()[2].click()
    assert engine.stopped_stages()[-1] == (engine.stage_number(), False)
    engine.stopped()


def test_how_much_could_be_lost_is_reported_where_checkpoints_are_rare(window: Window, engine: StandInEngine) -> None:
    page = start(window, engine)
    engine.send(CheckpointSaved(1_200, 3.0))
    assert page._progress._saved.text() == "saved at step 1,200"
    engine.send(CheckpointSaved(1_200, 3.0, 150.0))
    assert page._progress._saved.text() == "saved at step 1,200 · at most 2:30 min can be lost"
    engine.stopped()


def test_a_pause_does_not_lengthen_the_time_left() -> None:
    now = 100.0
    curves = TrainingCurves(clock=lambda: now)
    curves.on_event(TRAINING[0])
    now = 110.0
    curves.on_event(TRAINING[1])
    assert curves.seconds_left() == pytest.approx(15.0)
    curves.on_event(Paused())
    now = 210.0
    assert curves.seconds_left() == pytest.approx(15.0)
    curves.on_event(Continued(100.0))
    assert curves.seconds_left() == pytest.approx(15.0)
