"""A worker that hangs is reported after a while, asked about later, and can be replaced; one that sleeps wakes up."""

from __future__ import annotations

import os
import signal

import pytest

from engine.contract.events import EngineHeard, EngineSilent, Paused, StageFailed, StageSucceeded, StepsTrained
from engine.contract.recovery_actions import RecoveryAction
from engine.runtime import watchdog as silence
from tests.engine.runtime.test_thread import Engine, engine

__all__ = ["engine"]


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "WORTH_A_WORD", 0.4)
    monkeypatch.setattr(silence, "WORTH_A_QUESTION", 0.8)


def test_a_worker_that_hangs_is_told_twice_and_can_be_replaced(engine: Engine) -> None:
    number = engine.load("hang")
    engine.qtbot.waitUntil(lambda: len(silences(engine, number)) == 2, timeout=60_000)
    assert [round(told.seconds, 1) for told in silences(engine, number)] == pytest.approx([0.4, 0.8], abs=0.35)
    engine.thread.replace(number)
    outcome = engine.outcome(number)
    assert isinstance(outcome, StageFailed)
    assert (outcome.error.id, outcome.error.actions) == ("T3", (RecoveryAction.TRY_AGAIN,))
    assert isinstance(engine.outcome(engine.load("count")), StageSucceeded)


def test_a_training_that_stands_still_tells_what_was_saved_and_is_heard_again(engine: Engine) -> None:
    number = engine.train()
    engine.qtbot.waitUntil(lambda: steps(engine, number) > 6, timeout=60_000)
    os.kill(engine.worker_pid(), signal.SIGSTOP)
    engine.qtbot.waitUntil(lambda: len(silences(engine, number)) > 0, timeout=60_000)
    assert silences(engine, number)[0].saved_step == 5
    os.kill(engine.worker_pid(), signal.SIGCONT)
    engine.wait_for(number, EngineHeard)


def test_a_training_that_is_paused_is_not_silent(engine: Engine) -> None:
    number = engine.train()
    engine.wait_for(number, StepsTrained)
    engine.thread.pause(number, True)
    engine.wait_for(number, Paused)
    engine.qtbot.wait(700)
    assert silences(engine, number) == []


def test_a_worker_that_speaks_is_not_silent(engine: Engine) -> None:
    number = engine.load("endless")
    engine.qtbot.wait(900)
    told = silences(engine, number)
    assert all(event.seconds > 0.35 for event in told)  # before its first word, at most
    engine.thread.stop(number)
    engine.outcome(number)


def silences(engine: Engine, number: int) -> list[EngineSilent]:
    return [event for event in engine.of(number) if isinstance(event, EngineSilent)]


def steps(engine: Engine, number: int) -> int:
    return max((event.step for event in engine.of(number) if isinstance(event, StepsTrained)), default=0)
