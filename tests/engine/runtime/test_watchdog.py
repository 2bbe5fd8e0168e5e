"""A worker that hangs is reported after a while, asked about later, and can be replaced; one that sleeps wakes up."""

from __future__ import annotations

import itertools
import os
import signal
from types import SimpleNamespace

import pytest

from engine.contract.events import (
    EngineResponded,
    EngineSilent,
    Event,
    Paused,
    Progressed,
    StageFailed,
    StageSucceeded,
    StepsTrained,
)
from engine.contract.recovery_actions import RecoveryAction
from engine.runtime import watchdog as silence
from tests.engine.runtime.test_thread import Engine, engine

__all__ = ["engine"]


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "WORTH_A_WORD", 0.4)
    monkeypatch.setattr(silence, "WORTH_A_QUESTION", 0.8)


def test_a_worker_that_hangs_is_reported_twice_and_can_be_replaced(engine: Engine) -> None:
    number = engine.load("hang")
    engine.wait_for(number, Progressed)  # its first and only word
    engine.qtbot.waitUntil(lambda: len(silence_now(engine, number)) == 2, timeout=60_000)
    first, second = (event.seconds for event in silence_now(engine, number))
    assert 0.4 <= first < second
    assert second >= 0.8
    engine.thread.replace(number)
    outcome = engine.outcome(number)
    assert isinstance(outcome, StageFailed)
    assert (outcome.error.id, outcome.error.actions) == ("T3", (RecoveryAction.TRY_AGAIN,))
    assert isinstance(engine.outcome(engine.load("count")), StageSucceeded)


def test_a_training_that_stalls_names_what_was_saved_and_answers_again(engine: Engine) -> None:
    number = engine.train()
    engine.qtbot.waitUntil(lambda: steps(engine, number) > 6, timeout=60_000)
    os.kill(engine.worker_pid(), signal.SIGSTOP)
    engine.qtbot.waitUntil(lambda: len(silence_now(engine, number)) > 0, timeout=60_000)
    assert silence_now(engine, number)[0].saved_step == 5
    os.kill(engine.worker_pid(), signal.SIGCONT)
    engine.qtbot.waitUntil(lambda: not silence_now(engine, number), timeout=60_000)
    assert silence_is_always_answered(engine.of(number))


def test_a_training_that_is_paused_is_not_silent(engine: Engine) -> None:
    number = engine.train()
    engine.wait_for(number, StepsTrained)
    engine.thread.pause(number, True)
    engine.wait_for(number, Paused)
    engine.qtbot.wait(700)
    said = engine.of(number)
    paused = next(place for place, event in enumerate(said) if isinstance(event, Paused))
    assert [event for event in said[paused:] if isinstance(event, EngineSilent)] == []


def test_a_worker_that_sends_messages_is_not_called_silent(engine: Engine) -> None:
    """A word every 10 ms; on a busy computer nothing may come all the same, and answers then."""
    number = engine.load("endless")
    engine.qtbot.waitUntil(lambda: len(words(engine, number)) > 100, timeout=60_000)
    assert silence_is_always_answered(engine.of(number))
    engine.thread.stop(number)
    engine.outcome(number)


def test_every_word_begins_the_silence_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(silence, "time", SimpleNamespace(monotonic=lambda: now[0]))
    timer = silence.SilenceTimer()
    timer.begin(watched=True)
    for _ in range(10):
        now[0] += 0.3
        assert timer.unreported_seconds() is None
        assert not timer.message_received()
    now[0] += 0.5
    assert timer.unreported_seconds() == pytest.approx(0.5)
    assert timer.unreported_seconds() is None  # once
    now[0] += 0.5
    assert timer.unreported_seconds() == pytest.approx(1.0)
    assert timer.message_received()
    assert not timer.message_received()


def words(engine: Engine, number: int) -> list[Progressed]:
    return [event for event in engine.of(number) if isinstance(event, Progressed)]


def silence_now(engine: Engine, number: int) -> list[EngineSilent]:
    """What was said of a silence that nothing has ended: one before the first word, on a busy computer, has ended."""
    last = itertools.takewhile(lambda event: isinstance(event, EngineSilent), reversed(engine.of(number)))
    return [event for event in last if isinstance(event, EngineSilent)][::-1]


def silence_is_always_answered(said: list[Event]) -> bool:
    """Whether the first word after each silence is that the worker answers again."""
    after = [type(event) for event, before in zip(said[1:], said, strict=False) if isinstance(before, EngineSilent)]
    return set(after) <= {EngineSilent, EngineResponded}


def steps(engine: Engine, number: int) -> int:
    return max((event.step for event in engine.of(number) if isinstance(event, StepsTrained)), default=0)
