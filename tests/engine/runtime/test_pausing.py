"""A stage that is asked to pause does so at its next event, and still receives Stop and the end of the window."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.contract import messages as wire
from engine.contract.events import (
    Continued,
    DiskFilled,
    Paused,
    StageStopped,
    StageSucceeded,
    StepsTrained,
    StopAccepted,
)
from engine.contract.settings import FineTuneSettings
from engine.contract.states import TrainingRun
from tests.builders import a_dataset
from tests.engine.runtime.test_thread import STAND_IN, WAIT, Engine, is_alive


@pytest.fixture
def engine(qtbot: QtBot, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(qtbot, tmp_path)
    yield engine
    engine.thread.close()
    assert engine.thread.wait(WAIT)


def kinds(engine: Engine, number: int) -> list[type]:
    return [type(event) for event in engine.of(number)]


def test_a_paused_training_reports_nothing_until_it_goes_on(engine: Engine) -> None:
    number = engine.train()
    engine.wait_for(number, StepsTrained)
    engine.thread.pause(number, True)
    engine.wait_for(number, Paused)
    engine.thread.pause(number, False)
    engine.wait_for(number, Continued)
    said = kinds(engine, number)
    assert said[said.index(Paused) + 1] is Continued
    (went_on,) = [event for event in engine.of(number) if isinstance(event, Continued)]
    assert went_on.seconds > 0
    steps = len([kind for kind in said if kind is StepsTrained])
    engine.qtbot.waitUntil(lambda: kinds(engine, number).count(StepsTrained) > steps, timeout=WAIT)
    engine.thread.stop(number)
    assert isinstance(engine.outcome(number), StageSucceeded)


def test_a_paused_training_can_be_stopped(engine: Engine, tmp_path: Path) -> None:
    number = engine.train()
    engine.wait_for(number, StepsTrained)
    engine.thread.pause(number, True)
    engine.wait_for(number, Paused)
    engine.thread.stop(number)
    outcome = engine.outcome(number)
    assert isinstance(outcome, StageSucceeded)
    assert isinstance(outcome.state, TrainingRun)
    assert (tmp_path / "saved").read_text() == "keep"
    assert StopAccepted in kinds(engine, number)


def test_closing_while_paused_saves_and_leaves_no_process(engine: Engine, tmp_path: Path) -> None:
    number = engine.train()
    engine.wait_for(number, StepsTrained)
    engine.thread.pause(number, True)
    engine.wait_for(number, Paused)
    pid = engine.worker_pid()
    engine.thread.close()
    assert engine.thread.wait(WAIT)
    assert (tmp_path / "saved").read_text() == "keep"
    assert not is_alive(pid)


def test_a_paused_worker_whose_window_was_killed_saves_and_leaves(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, str(STAND_IN), str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    job = wire.FineTune(a_dataset(), FineTuneSettings())
    worker.stdin.write(wire.encode(wire.StartJob(1, job)))
    worker.stdin.flush()
    while b'"steps_trained"' not in worker.stdout.readline():
        pass
    worker.stdin.write(wire.encode(wire.PauseJob(1, True)))
    worker.stdin.flush()
    while b'"paused"' not in worker.stdout.readline():
        pass
    worker.stdin.close()
    worker.stdout.close()
    assert worker.wait(timeout=WAIT / 1000) == 0
    assert (tmp_path / "saved").read_text() == "keep"


def test_a_full_disk_waits_for_an_answer(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "full").touch()
    number = engine.train()
    engine.wait_for(number, DiskFilled)
    assert kinds(engine, number)[-1] is DiskFilled
    engine.thread.pause(number, False)
    engine.wait_for(number, Continued)
    assert Paused not in kinds(engine, number)
    engine.thread.stop(number)
    engine.outcome(number)


def test_a_full_disk_can_be_answered_with_stop(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "full").touch()
    number = engine.train()
    engine.wait_for(number, DiskFilled)
    engine.thread.stop(number)
    assert isinstance(engine.outcome(number), StageSucceeded)


def press_at_random(engine: Engine, root: Path, presses: int, seed: int) -> None:
    """Pauses, continues, stops or discards after random times; every training ends in time, with what was asked."""
    drawn = random.Random(seed)
    answers: list[float] = []
    for press in range(presses):
        (root / "saved").unlink(missing_ok=True)
        number = engine.train()
        discard = drawn.random() < 0.3
        for paused in (True, False, True)[: drawn.randrange(4)]:
            engine.qtbot.wait(drawn.randrange(12))
            engine.thread.pause(number, paused)
        engine.qtbot.wait(drawn.randrange(25))
        begun = time.monotonic()
        engine.thread.stop(number, discard=discard)
        outcome = engine.outcome(number)
        answers.append(time.monotonic() - begun)
        assert isinstance(outcome, StageSucceeded | StageStopped), (seed, press, outcome)
        if isinstance(outcome, StageSucceeded):
            assert (root / "saved").read_text() == ("discard" if discard else "keep"), (seed, press)
    answers.sort()
    print(f"seed {seed}: {presses} presses, p95 {answers[int(0.95 * presses)]:.3f} s, longest {answers[-1]:.3f} s")


def test_pause_and_stop_work_at_random_moments(engine: Engine, tmp_path: Path) -> None:
    press_at_random(engine, tmp_path, 12, seed=1)


@pytest.mark.nightly
def test_pause_and_stop_work_at_two_hundred_random_moments(engine: Engine, tmp_path: Path) -> None:
    """G8, T6: on the stand-in worker, so that the moments fall everywhere in the protocol."""
    pid = engine.worker_pid()
    press_at_random(engine, tmp_path, 200, seed=int(os.environ.get("TUNEWRIGHT_TEST_SEED", "2")))
    assert engine.worker_pid() == pid  # no worker had to be replaced
