"""Stop, Pause, Continue, and Stop and discard at random moments, on the real worker process. T6, T19, C11.

Whatever is pressed and when: a kept run is on disk as whole as recorded, a discarded one is gone, one that was only
paused has the weights of one that was not, and no process stays behind. The seed is printed.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest
from pytestqt.qtbot import QtBot

from engine.contract import messages as wire
from engine.contract.events import EngineReady, Event, StageFailed, StageStopped, StageSucceeded, is_outcome
from engine.contract.states import PreparedDataset, TrainingRun
from engine.runtime.thread import EngineThread
from engine.runtime.worker import command_line
from engine.workspace import atomic_files
from engine.workspace.layout import Workspace
from engine.workspace.runs import delete_run, list_runs
from tests.engine.small_runs import small_settings
from tests.paths import ROOT

SEED = int(os.environ.get("TUNEWRIGHT_TEST_SEED", "1"))
WAIT = 60_000 * int(os.environ.get("TUNEWRIGHT_TEST_PATIENCE", "5"))
SETTINGS = small_settings(epochs=3, evaluation_interval=9)


class RealEngine:
    """The engine thread with the worker of the product, and everything it said."""

    def __init__(self, qtbot: QtBot, workspace: Workspace, dataset: PreparedDataset, python: str) -> None:
        self.workspace = workspace
        self.said: list[wire.Happened] = []
        self.processes: set[int] = set()
        self._qtbot = qtbot
        self._dataset = dataset
        self.thread = EngineThread(workspace.root, worker_command=command_line(ROOT, workspace.root, python))
        self.thread.happened.connect(self._hear)
        self.thread.start()

    def _hear(self, happened: wire.Happened) -> None:
        self.said.append(happened)
        if isinstance(happened.event, EngineReady):
            self.processes.add(happened.event.pid)

    def train(self) -> int:
        return self.thread.submit(wire.FineTune(self._dataset, SETTINGS))

    def outcome(self, number: int) -> Event:
        def outcomes() -> list[Event]:
            return [one.event for one in self.said if one.number == number and is_outcome(one.event)]

        self._qtbot.waitUntil(lambda: bool(outcomes()), timeout=WAIT)
        return outcomes()[0]

    def wait(self, seconds: float) -> None:
        self._qtbot.wait(round(1000 * seconds))


@pytest.fixture
def engine(qtbot: QtBot, workspace: Workspace, reviews: PreparedDataset, warm_python: str) -> Iterator[RealEngine]:
    engine = RealEngine(qtbot, workspace, reviews, warm_python)
    yield engine
    engine.thread.close()
    assert engine.thread.wait(WAIT)


def weights_of(run: TrainingRun) -> str:
    return atomic_files.sha256_of(Path(run.checkpoint) / "model.safetensors")


def press_at_random(engine: RealEngine, presses: int) -> None:
    """Lets runs end as is drawn and looks what is on disk afterwards."""
    drawn = random.Random(SEED)
    undisturbed = engine.outcome(engine.train())
    assert isinstance(undisturbed, StageSucceeded)
    assert isinstance(undisturbed.state, TrainingRun)
    begun = time.monotonic()
    again = engine.outcome(engine.train())  # the first one has warmed the worker up
    length = time.monotonic() - begun
    assert isinstance(again, StageSucceeded)
    counts = {"stop": 0, "discard": 0, "run on": 0}
    cut_short = 0  # runs that are gone, as they were to be
    answers: list[float] = []
    for press in range(presses):
        before = {record.id for record in list_runs(engine.workspace)}
        case = (SEED, press)
        number = engine.train()
        for paused in (True, False) * drawn.randrange(3):
            engine.wait(drawn.random() * length / 6)
            engine.thread.pause(number, paused)
        engine.wait(drawn.random() * length / 2)
        wanted = drawn.choice(("stop", "stop", "discard", "discard", "run on"))
        counts[wanted] += 1
        pressed = time.monotonic()
        if wanted != "run on":
            if drawn.random() < 0.3:
                engine.thread.pause(number, True)  # a run that is paused takes Stop too
            engine.thread.stop(number, discard=wanted == "discard")
        outcome = engine.outcome(number)
        if wanted != "run on":
            answers.append(time.monotonic() - pressed)
        made = [record for record in list_runs(engine.workspace) if record.id not in before]
        if isinstance(outcome, StageStopped):
            cut_short += 1
            assert wanted != "run on", case
            assert made == [], case
            continue
        assert isinstance(outcome, StageSucceeded), (case, outcome)
        run = outcome.state
        assert isinstance(run, TrainingRun)
        assert [record.id for record in made] == [run.id], case
        assert atomic_files.is_whole(Path(run.checkpoint)), case
        assert wanted == "stop" or not run.stopped_early, case
        if wanted == "run on":
            assert run.best_step == undisturbed.state.best_step, case
        if run.best_step == undisturbed.state.best_step:  # else the stop was noticed before that look was over
            assert weights_of(run) == weights_of(undisturbed.state), case  # pauses have changed nothing
        delete_run(engine.workspace, run.id)
    assert cut_short > 0, f"all {presses} runs had ended before anything was pressed"
    assert len(engine.processes) == 1, "a worker had to be replaced"
    answers.sort()
    print(
        f"seed {SEED}: {counts}, a run takes {length:.2f} s; answered within {answers[int(0.95 * len(answers))]:.2f} s "
        f"at the 95th percentile, {answers[-1]:.2f} s at most"
    )
    engine.thread.close()
    assert engine.thread.wait(WAIT)
    for process in engine.processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_presses_at_random_moments_end_as_was_asked(engine: RealEngine) -> None:
    press_at_random(engine, 6)


@pytest.mark.release
def test_200_presses_at_random_moments_end_as_was_asked(engine: RealEngine) -> None:
    press_at_random(engine, 200)


# ── Many trainings, one after the other ─────────────────────────────────────────────────────────────────────────────

TRAININGS = int(os.environ.get("TUNEWRIGHT_TRAININGS", "50"))
MOST_GROWTH = 50_000  # bytes a training


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts handles as Linux has them")
def test_fifty_trainings_in_one_worker_leave_nothing_behind(engine: RealEngine, reviews: PreparedDataset) -> None:
    """Every fifth is discarded, every seventh fails."""
    gone = msgspec.structs.replace(reviews, folder=f"{reviews.folder} that is not there")
    seen: list[tuple[int, int, int, int, int]] = []
    failed = 0
    for training in range(TRAININGS):
        fails = training % 7 == 6
        number = engine.thread.submit(wire.FineTune(gone, SETTINGS)) if fails else engine.train()
        if training % 5 == 4:
            engine.thread.stop(number, discard=True)
        failed += isinstance(engine.outcome(number), StageFailed)
        (process,) = engine.processes
        worker = psutil.Process(process)
        seen.append(
            (
                training,
                worker.memory_info().rss,
                worker.num_threads(),
                worker.num_fds(),
                len(worker.children(recursive=True)),
            )
        )
    assert failed > 0
    steady = seen[len(seen) // 5 :]
    trainings, memory, threads, handles, children = zip(*steady, strict=True)
    slope = statistics.linear_regression(trainings, memory).slope
    print(f"{slope / 1000:.1f} kB a training", *seen, sep="\n")
    assert slope <= MOST_GROWTH
    for counted in (threads, handles, children):
        assert counted[-1] <= max(counted[: len(counted) // 2])
