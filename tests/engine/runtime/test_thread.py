"""The engine thread and its worker process: order, stop, death, close."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.contract import messages as wire
from engine.contract.events import (
    Answered,
    EngineReady,
    Event,
    Progressed,
    StageFailed,
    StageStopped,
    StageSucceeded,
    StepsTrained,
    is_outcome,
)
from engine.contract.queries import AskDevices
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import FineTuneSettings, FolderModel
from engine.contract.states import TrainingRun
from engine.runtime import thread as thread_file
from engine.runtime.thread import EngineThread
from tests.builders import a_dataset

STAND_IN = Path(__file__).with_name("stand_in_worker.py")
WAIT = 5_000 * int(os.environ.get("TUNEWRIGHT_TEST_PATIENCE", "5"))


class Engine:
    """A running engine thread and everything it said."""

    def __init__(self, qtbot: QtBot, workspace: Path) -> None:
        self.qtbot = qtbot
        self.said: list[wire.Happened] = []
        self.thread = EngineThread(workspace, worker_command=[sys.executable, str(STAND_IN), str(workspace)])
        self.thread.happened.connect(self.said.append)
        self.thread.start()

    def load(self, what: str) -> int:
        return self.thread.submit(wire.LoadModel(FolderModel(what)))

    def train(self) -> int:
        return self.thread.submit(wire.FineTune(a_dataset(), FineTuneSettings()))

    def of(self, number: int) -> list[Event]:
        return [happened.event for happened in self.said if happened.number == number]

    def outcome(self, number: int) -> Event:
        self.qtbot.waitUntil(lambda: any(is_outcome(event) for event in self.of(number)), timeout=WAIT)
        outcomes = [event for event in self.of(number) if is_outcome(event)]
        assert outcomes == [self.of(number)[-1]]
        return outcomes[0]

    def wait_for(self, number: int, kind: type[Event]) -> None:
        self.qtbot.waitUntil(lambda: any(isinstance(e, kind) for e in self.of(number)), timeout=WAIT)

    def worker_pid(self) -> int:
        self.wait_for(0, EngineReady)
        return [e.pid for e in self.of(0) if isinstance(e, EngineReady)][-1]


@pytest.fixture
def engine(qtbot: QtBot, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(qtbot, tmp_path)
    yield engine
    engine.thread.close()
    assert engine.thread.wait(WAIT)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_events_arrive_in_order_and_the_outcome_last(engine: Engine) -> None:
    number = engine.load("count")
    assert isinstance(engine.outcome(number), StageSucceeded)
    assert [event.done for event in engine.of(number) if isinstance(event, Progressed)] == [0, 1, 2, 3]


def test_jobs_run_one_after_the_other(engine: Engine) -> None:
    numbers = [engine.load("count") for _ in range(3)]
    engine.outcome(numbers[-1])
    order = [happened.number for happened in engine.said if happened.number]
    assert order == sorted(order)


def test_a_question_is_answered(engine: Engine) -> None:
    assert isinstance(engine.outcome(engine.thread.submit(AskDevices())), Answered)


def test_a_stray_print_does_not_break_the_protocol(engine: Engine) -> None:
    assert isinstance(engine.outcome(engine.load("print")), StageSucceeded)


def test_a_library_that_reads_standard_input_gets_nothing(engine: Engine) -> None:
    assert isinstance(engine.outcome(engine.load("read")), StageSucceeded)


def test_a_failure_arrives_with_its_id(engine: Engine) -> None:
    outcome = engine.outcome(engine.load("fail"))
    assert isinstance(outcome, StageFailed)
    assert (outcome.error.id, outcome.error.message) == ("M5", "Nothing is there.")


def test_a_bug_is_reported_without_a_traceback_in_the_sentence(engine: Engine) -> None:
    outcome = engine.outcome(engine.load("bug"))
    assert isinstance(outcome, StageFailed)
    assert outcome.error.id == "A6"
    assert "Traceback" not in outcome.error.message + outcome.error.hint
    assert "ZeroDivisionError" in outcome.error.details


def test_a_stop_ends_a_stage_at_its_next_word(engine: Engine) -> None:
    number = engine.load("endless")
    engine.wait_for(number, Progressed)
    engine.thread.stop(number)
    assert engine.outcome(number) == StageStopped()
    assert isinstance(engine.outcome(engine.load("count")), StageSucceeded)


def test_a_job_that_waits_is_forgotten_when_it_is_stopped(engine: Engine) -> None:
    running, waiting = engine.load("endless"), engine.load("count")
    engine.thread.stop(waiting)
    assert engine.outcome(waiting) == StageStopped()
    assert not any(isinstance(event, Progressed) for event in engine.of(waiting))
    engine.thread.stop(running)
    engine.outcome(running)


def test_a_stopped_training_returns_what_it_has(engine: Engine, tmp_path: Path) -> None:
    number = engine.train()
    engine.wait_for(number, StepsTrained)
    engine.thread.stop(number)
    outcome = engine.outcome(number)
    assert isinstance(outcome, StageSucceeded)
    assert isinstance(outcome.state, TrainingRun)
    assert outcome.state.stopped_early
    assert (tmp_path / "saved").read_text() == "keep"


@pytest.mark.parametrize("way", ["kill", "exit"])
def test_a_dead_worker_is_reported_and_replaced(engine: Engine, way: str) -> None:
    outcome = engine.outcome(engine.load(way))
    assert isinstance(outcome, StageFailed)
    assert (outcome.error.kind, outcome.error.id) == ("WorkerDied", "T3")
    assert isinstance(engine.outcome(engine.load("count")), StageSucceeded)


def test_a_worker_that_dies_while_training_shows_what_was_saved(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "die").touch()
    outcome = engine.outcome(engine.train())
    assert isinstance(outcome, StageFailed)
    assert "step 5" in outcome.error.hint
    assert outcome.error.actions == (RecoveryAction.CONTINUE_RUN,)


def notes(engine: Engine, number: int) -> list[str]:
    engine.outcome(number)
    return [str(event.note) for event in engine.of(number) if isinstance(event, Progressed)][1:]


def test_a_worker_that_waits_is_replaced_when_its_environment_changes(engine: Engine, tmp_path: Path) -> None:
    pid = engine.worker_pid()
    engine.thread.set_environment({"HF_TOKEN": "hf_secret"})
    assert notes(engine, engine.load("environment")) == ["hf_secret"]
    assert not is_alive(pid)
    started = engine.worker_pid()
    assert b"hf_secret" not in Path(f"/proc/{started}/cmdline").read_bytes() if sys.platform == "linux" else True
    engine.thread.set_environment({"HF_TOKEN": "hf_secret"})  # the same again
    assert notes(engine, engine.load("environment")) == ["hf_secret"]
    assert engine.worker_pid() == started
    engine.thread.set_environment({})
    assert notes(engine, engine.load("environment")) == ["no token"]
    log = tmp_path / "logs" / "engine.log"
    assert not log.exists() or "hf_secret" not in log.read_text()


def test_a_job_that_runs_is_finished_before_the_environment_changes(engine: Engine) -> None:
    running = engine.load("endless")
    engine.wait_for(running, Progressed)
    engine.thread.set_environment({"HF_TOKEN": "hf_secret"})
    following = engine.load("environment")
    engine.thread.stop(running)
    assert engine.outcome(running) == StageStopped()
    assert notes(engine, following) == ["hf_secret"]


def test_a_worker_that_dies_while_idle_is_replaced_at_the_next_job(engine: Engine) -> None:
    pid = engine.worker_pid()
    os.kill(pid, signal.SIGKILL)
    engine.qtbot.waitUntil(lambda: not is_alive(pid), timeout=WAIT)
    assert isinstance(engine.outcome(engine.load("count")), StageSucceeded)


def test_a_second_stop_ends_a_worker_that_hangs(engine: Engine) -> None:
    number = engine.load("hang")
    engine.wait_for(number, Progressed)
    engine.thread.stop(number)
    engine.thread.stop(number)
    assert engine.outcome(number) == StageStopped()
    assert isinstance(engine.outcome(engine.load("count")), StageSucceeded)


def test_a_worker_that_does_not_answer_a_stop_is_replaced(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_file, "PATIENCE", 0.3)
    number = engine.load("hang")
    engine.wait_for(number, Progressed)
    engine.thread.stop(number)
    assert engine.outcome(number) == StageStopped()


def test_a_job_that_waits_is_done_by_the_worker_that_replaces_one_that_hangs(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_file, "PATIENCE", 0.3)
    hanging = engine.load("hang")
    engine.wait_for(hanging, Progressed)
    engine.thread.stop(hanging)
    assert isinstance(engine.outcome(engine.load("count")), StageSucceeded)


def test_a_job_that_waits_is_done_by_the_worker_that_replaces_a_dead_one(engine: Engine) -> None:
    engine.load("kill")
    assert isinstance(engine.outcome(engine.load("count")), StageSucceeded)


def test_closing_while_training_saves_and_leaves_no_process(engine: Engine, tmp_path: Path) -> None:
    number = engine.train()
    engine.wait_for(number, StepsTrained)
    pid = engine.worker_pid()
    engine.thread.close()
    assert engine.thread.wait(WAIT)
    assert (tmp_path / "saved").read_text() == "keep"
    assert not is_alive(pid)


def test_a_worker_whose_window_was_killed_saves_and_leaves(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, str(STAND_IN), str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(wire.encode(wire.StartJob(1, wire.FineTune(a_dataset(), FineTuneSettings()))))
    worker.stdin.flush()
    while b"steps_trained" not in worker.stdout.readline():
        pass
    worker.stdin.close()
    worker.stdout.close()  # as when the process of the window is gone: both ends
    assert worker.wait(timeout=WAIT / 1000) == 0
    assert (tmp_path / "saved").read_text() == "keep"


def test_a_worker_that_cannot_start_is_reported(qtbot: QtBot, tmp_path: Path) -> None:
    engine = EngineThread(tmp_path, worker_command=[str(tmp_path / "missing")])
    said: list[wire.Happened] = []
    engine.happened.connect(said.append)
    engine.start()
    number = engine.submit(AskDevices())
    qtbot.waitUntil(lambda: bool(said), timeout=WAIT)
    engine.close()
    assert engine.wait(WAIT)
    assert said[-1].number == number
    assert isinstance(said[-1].event, StageFailed)


def test_the_log_keeps_what_the_worker_wrote_to_standard_error(engine: Engine, tmp_path: Path) -> None:
    engine.outcome(engine.load("print"))
    log = tmp_path / "logs" / "engine.log"
    deadline = time.monotonic() + WAIT / 1000
    while time.monotonic() < deadline and not (log.exists() and "descriptor 1" in log.read_text()):
        engine.qtbot.wait(20)
    assert "a library speaks" in log.read_text()
