"""Whole runs survive kills, stops, poisoned numbers and a full memory, and continue from any step. T1, T5, T6, C11.

The ordinary tests take a few drawn cases (test_resume.py those of going on), the nightly ones all of them; the seed is
printed.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from safetensors.torch import load_file

from engine.contract.errors import NumbersDiverged, StopRequested
from engine.contract.events import Event, Noted
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset, TrainingRun
from engine.tasks.text_classification.task import TextClassification
from engine.training.checkpoints import files as checkpoints
from engine.training.checkpoints import saver
from engine.training.checkpoints.saver import CheckpointSaver
from engine.training.fine_tune import fine_tune
from engine.training.loop import reports
from engine.training.step import update
from engine.training.step.progress import Progress
from engine.training.step.training import Training
from engine.training.step.update import Updated
from engine.workspace import atomic_files
from engine.workspace.layout import Workspace
from engine.workspace.runs import interrupted_runs, list_runs, read_run, run_folder, save_run
from tests.engine.small_runs import Listener, small_settings
from tests.engine.training.failing_disk import needs_fork
from tests.engine.training.memory.test_out_of_memory import FULL_MEMORIES, PLACES, OnceFull

SEED = int(os.environ.get("TUNEWRIGHT_TEST_SEED", "1"))
SIXTY = small_settings(batch_size=3, epochs=2.5, gradient_accumulation=2, evaluation_interval=7)  # 60 steps, dropout


@pytest.fixture
def every_step_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CheckpointSaver, "is_due", lambda self: True)
    monkeypatch.setattr(CheckpointSaver, "_is_time", lambda self: True)
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def assert_equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor], *told: object) -> None:
    assert one.keys() == other.keys()
    for name, tensor in one.items():
        assert torch.equal(tensor, other[name]), (name, *told)


# ── Going on from any step ──────────────────────────────────────────────────────────────────────────────────────


def go_on_from(
    dataset: PreparedDataset, workspace: Workspace, steps: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run keeps all its checkpoints; continued from each, it ends with the same numbers."""
    monkeypatch.setattr(saver, "KEPT", 1_000)
    monkeypatch.setattr(checkpoints, "remove_old", lambda *_, **__: None)

    def always_better(progress: Progress, score: float | None, loss: float | None, **_: bool) -> bool:
        progress.best_step, progress.best_score = progress.step, score
        return True

    monkeypatch.setattr(Progress, "take_score", always_better)  # so that the last step is saved, too
    whole = fine_tune(dataset, SIXTY, Listener(), workspace=workspace)
    assert (whole.steps, len(whole.history)) == (60, 8)
    folder = Path(whole.folder)
    last = folder / "checkpoints" / "step-000060"
    expected = {**weights(last), **load_file(last / "optimizer.safetensors")}
    shutil.copytree(folder, folder.with_name("all"))
    for at in steps:
        shutil.rmtree(folder / "checkpoints")
        (folder / "checkpoints").mkdir()
        name = f"checkpoints/step-{at:06d}"
        shutil.copytree(folder.with_name("all") / name, folder / name)
        (folder / "best.json").unlink(missing_ok=True)
        ended = read_run(workspace, whole.id)
        save_run(workspace, msgspec.structs.replace(ended, status="training", step=at, run=None))
        resumed = fine_tune(dataset, SIXTY, Listener(), continue_run=whole.id, workspace=workspace)
        assert_equal(expected, {**weights(last), **load_file(last / "optimizer.safetensors")}, at)
        assert resumed.history == whole.history, at
    print(f"went on from {len(steps)} steps")


@pytest.mark.nightly
@pytest.mark.parametrize("first", range(1, 60, 10))
def test_going_on_from_each_of_59_steps(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, every_step_saved: None, first: int
) -> None:
    """G11: dropout, accumulation, the middle of an epoch, its end, two epochs and a half."""
    go_on_from(reviews, workspace, list(range(first, min(60, first + 10))), monkeypatch)


# ── Kills ───────────────────────────────────────────────────────────────────────────────────────────────────────


def kill_runs(dataset: PreparedDataset, workspace: Workspace, kills: int, seed: int) -> None:
    """A forked run is killed at a random time; continued, it ends with the same bits."""
    settings = small_settings(evaluation_interval=4)
    whole = fine_tune(dataset, settings, Listener(), workspace=workspace)
    expected = weights(Path(whole.checkpoint))
    drawn = random.Random(seed)
    continued = 0
    for kill in range(kills):
        before = {record.id for record in list_runs(workspace)}
        child = os.fork()
        if child == 0:
            fine_tune(dataset, settings, lambda _: None, workspace=workspace)
            os._exit(0)
        time.sleep(drawn.uniform(0.0, 1.25))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for record in list_runs(workspace):
            if record.id in before:
                continue
            if record in interrupted_runs(workspace):
                resumed = fine_tune(dataset, settings, Listener(), continue_run=record.id, workspace=workspace)
                assert_equal(expected, weights(Path(resumed.checkpoint)), seed, kill)
                continued += 1
            shutil.rmtree(run_folder(workspace, record.id))
    print(f"seed {seed}: {kills} kills, {continued} runs continued")


@needs_fork
def test_a_run_killed_at_a_random_time_ends_with_the_same_bits(
    reviews: PreparedDataset, workspace: Workspace, every_step_saved: None
) -> None:
    kill_runs(reviews, workspace, 1, SEED)


@needs_fork
@pytest.mark.nightly
@pytest.mark.parametrize("part", range(5))
def test_a_hundred_runs_killed_at_random_times(
    reviews: PreparedDataset, workspace: Workspace, every_step_saved: None, part: int
) -> None:
    kill_runs(reviews, workspace, 20, 100 * SEED + part)


# ── Stops ───────────────────────────────────────────────────────────────────────────────────────────────────────


def stop_runs(dataset: PreparedDataset, workspace: Workspace, stops: int, seed: int) -> None:
    """Stop, or stop and discard, at a random word of the run: loading, steps, evaluation, saving."""
    settings = small_settings(evaluation_interval=4)
    listener = Listener()
    whole = fine_tune(dataset, settings, listener, workspace=workspace)
    expected, words = weights(Path(whole.checkpoint)), len(listener.events)
    drawn = random.Random(seed)
    kept = 0
    for press in range(stops):
        at, discard = drawn.randrange(words), drawn.random() < 0.3
        counter = itertools.count()

        def asked(event: Event, counter: Any = counter, at: int = at, discard: bool = discard) -> BaseException | None:
            return StopRequested(discard) if next(counter) == at else None

        before = {record.id for record in list_runs(workspace)}
        try:
            run: TrainingRun | None = fine_tune(dataset, settings, Listener(asked), workspace=workspace)
        except StopRequested:
            run = None
        left = [record for record in list_runs(workspace) if record.id not in before]
        if run is None:
            assert left == [], (seed, press, at, discard)
            continue
        kept += 1
        assert not discard or not run.stopped_early, (seed, press, at)
        assert [record.status for record in left] == ["stopped" if run.stopped_early else "finished"]
        assert atomic_files.is_whole(Path(run.checkpoint)), (seed, press, at)
        if run.stopped_early:
            run = fine_tune(dataset, settings, Listener(), continue_run=run.id, workspace=workspace)
        assert_equal(expected, weights(Path(run.checkpoint)), seed, press, at)
        shutil.rmtree(run.folder)
    print(f"seed {seed}: {stops} stops among {words} words, {kept} runs kept and continued")


def test_a_stop_at_any_word_leaves_a_run_that_goes_on_or_nothing(
    reviews: PreparedDataset, workspace: Workspace, every_step_saved: None
) -> None:
    stop_runs(reviews, workspace, 2, SEED)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(10))
def test_two_hundred_stops(reviews: PreparedDataset, workspace: Workspace, every_step_saved: None, part: int) -> None:
    """G8, T6: in the run itself; test_pausing.py presses on the protocol."""
    stop_runs(reviews, workspace, 20, 100 * SEED + part)


# ── Poisoned numbers ────────────────────────────────────────────────────────────────────────────────────────────


def poison(
    dataset: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, at: int, where: str, value: float
) -> None:
    """A value that is not finite in the loss or the gradient of this step: no weight takes it in, none is saved."""
    compute_update, seen = update.compute_update, {"steps": 0}

    def compute_with_poison(training: Training, *others: Any) -> Updated:
        seen["steps"] += 1
        if seen["steps"] != at:
            return compute_update(training, *others)
        weight = training.network.classifier.weight
        before = weight.detach().clone()
        with pytest.MonkeyPatch.context() as patch:
            if where == "loss":
                patch.setattr(TextClassification, "loss", lambda _, logits, *others: logits.sum() * value)
                result = compute_update(training, *others)
            else:
                handle = weight.register_hook(lambda gradient: gradient * value)
                result = compute_update(training, *others)
                handle.remove()
        assert torch.equal(before, weight), (at, where, value)
        return result

    with monkeypatch.context() as patch:
        patch.setattr(update, "compute_update", compute_with_poison)
        with pytest.raises(NumbersDiverged, match=f"before step {at}"):
            fine_tune(dataset, small_settings(epochs=6), Listener(), workspace=workspace)
    (record,) = list_runs(workspace)
    folder = run_folder(workspace, record.id)
    assert record.status == "failed"
    for saved in (folder / "checkpoints").glob("*/*.safetensors"):
        assert all(torch.isfinite(tensor.float()).all() for tensor in load_file(saved).values()), (at, where, saved)
    shutil.rmtree(folder)


CASES = [
    (at, where, value)
    for at, (where, value) in zip(
        range(1, 51),
        itertools.cycle([("loss", torch.nan), ("gradient", torch.nan), ("loss", torch.inf), ("gradient", torch.inf)]),
        strict=False,
    )
]


def test_a_poisoned_step_reaches_no_weight_and_no_checkpoint(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, every_step_saved: None
) -> None:
    for at, where, value in random.Random(SEED).sample(CASES, 2):
        poison(reviews, workspace, monkeypatch, at, where, value)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(4))
def test_a_hundred_poisoned_steps(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, every_step_saved: None, part: int
) -> None:
    """G10."""
    other = {"loss": "gradient", "gradient": "loss"}
    cases = [*CASES, *((at, other[where], value) for at, where, value in CASES)][part::4]
    for at, where, value in cases:
        poison(reviews, workspace, monkeypatch, at, where, value)
    print(f"{len(cases)} poisoned steps")


# ── A full memory ───────────────────────────────────────────────────────────────────────────────────────────────


class OnceRaising(OnceFull):
    """Raises one of the many errors that mean a full memory."""

    def __init__(self, function: Any, error: Exception, *, at: int) -> None:
        super().__init__(function, at=at)
        self.error = error

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.calls += 1
        if self.calls == self.at:
            raise self.error
        return self.function(*given, **named)


@pytest.mark.nightly
@pytest.mark.parametrize("place", list(PLACES))
@pytest.mark.parametrize("error", FULL_MEMORIES, ids=repr)
def test_each_text_of_a_full_memory_heals_at_each_place(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, error: Exception, place: str
) -> None:
    """G9: the batch stays whole, the steps stay as many, and one try is enough."""
    owner, name, at = PLACES[place]
    settings: FineTuneSettings = small_settings(batch_size=10 if "short" in place else 8)
    steps = 16 if "short" in place else 18
    failing = OnceRaising(getattr(owner, name), error, at=min(at, steps))
    replaced = (lambda *given, **named: failing(*given, **named)) if isinstance(owner, type) else failing
    monkeypatch.setattr(owner, name, replaced)
    listener = Listener()
    run = fine_tune(reviews, settings, listener, workspace=workspace)
    half = settings.batch_size // 2
    assert run.steps == run.steps_planned == steps
    assert Noted(f"Using less memory: 2 × {half} instead of {settings.batch_size}") in listener.events
