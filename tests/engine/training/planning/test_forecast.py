"""What a run will need is forecast before it starts, and is compared with what it needed afterwards."""

from __future__ import annotations

import mmap
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch

from engine.contract.errors import DiskFull, StopRequested
from engine.contract.events import Evaluated
from engine.contract.states import PreparedDataset
from engine.devices import detection as devices
from engine.training.batching.rows import read_splits
from engine.training.checkpoints.saver import most_on_disk
from engine.training.fine_tune import fine_tune
from engine.training.loop.assembly import assemble
from engine.training.loop.early_stopping import count_evaluations
from engine.training.memory import peak_memory
from engine.training.memory.peak_memory import PeakMemory
from engine.training.planning import forecast as forecasts
from engine.training.planning.forecast import forecast, seconds_of
from engine.training.planning.step_profiler import Cost, _beside_graphs
from engine.training.step import update
from engine.workspace.layout import Workspace
from engine.workspace.runs import list_runs, read_run
from tests.engine.small_runs import Listener, small_settings


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forecasts._cached.clear()
    yield
    forecasts._cached.clear()


def test_a_forecast_leaves_no_trace(reviews: PreparedDataset, workspace: Workspace) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    found = forecast(reviews, small_settings(), Listener(), workspace=workspace)
    assert torch.equal(torch.get_rng_state(), before)
    assert list_runs(workspace) == ()
    assert not list(workspace.runs.iterdir())
    assert found.expected.seconds > 0
    assert found.expected.device == "cpu (1 thread)"
    assert found.warnings == ()


def test_a_run_with_a_forecast_ends_like_one_without(reviews: PreparedDataset, workspace: Workspace) -> None:
    alone = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    expected = forecast(reviews, small_settings(), Listener(), workspace=workspace).expected
    run = fine_tune(reviews, small_settings(), Listener(), forecast=expected, workspace=workspace)
    assert run.history == alone.history
    assert run.forecast == expected
    assert run.memory_bytes == pytest.approx(expected.memory_bytes, rel=0.1)
    record = read_run(workspace, run.id)
    assert record.run is not None
    assert record.run.forecast == expected


def test_four_steps_are_taken_and_none_again_for_other_epochs(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute_update, taken = update.compute_update, []

    def counted(*arguments: object) -> object:
        taken.append(1)
        return compute_update(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(update, "compute_update", counted)
    monkeypatch.setattr("engine.training.planning.step_profiler.ENOUGH", 0.0)
    one = forecast(reviews, small_settings(epochs=1), Listener(), workspace=workspace).expected
    assert 2 <= len(taken) <= 4  # one to warm up, and one for each different length
    steps = len(taken)
    ten = forecast(reviews, small_settings(epochs=10, learning_rate=1e-4), Listener(), workspace=workspace).expected
    assert len(taken) == steps
    assert ten.seconds == pytest.approx(10 * one.seconds)
    forecast(reviews, small_settings(batch_size=4), Listener(), workspace=workspace)
    assert len(taken) > steps


def test_a_forecast_can_be_stopped(reviews: PreparedDataset, workspace: Workspace) -> None:
    threads = torch.get_num_threads()
    with pytest.raises(StopRequested):
        forecast(reviews, small_settings(), Listener(lambda _: StopRequested()), workspace=workspace)
    assert torch.get_num_threads() == threads
    assert not forecasts._cached


def test_times_between_and_beyond_measured_batches_lie_on_lines() -> None:
    costs = [Cost(100, 9.0, 5.0, 1.0), Cost(200, 9.0, 5.0, 2.0), Cost(400, 9.0, 5.0, 6.0)]
    assert seconds_of(150, costs).later == pytest.approx(1.5)
    assert seconds_of(300, costs).later == pytest.approx(4.0)
    assert seconds_of(500, costs).later == pytest.approx(8.0)
    assert seconds_of(50, costs).later == pytest.approx(0.5)
    assert seconds_of(1, [Cost(100, 1, 1, 1.0), Cost(200, 1, 1, 5.0)]).later == 0.0
    assert seconds_of(50, costs[:1]) == Cost(50, 4.5, 2.5, 0.5)


@pytest.mark.parametrize(("epochs", "interval"), [(2, 0), (2, 4), (2, 9), (0.5, 0), (1.5, 2)])
def test_evaluations_are_counted_as_the_loop_makes_them(
    reviews: PreparedDataset, workspace: Workspace, epochs: float, interval: int
) -> None:
    listener = Listener()
    run = fine_tune(reviews, small_settings(epochs=epochs, evaluation_interval=interval), listener, workspace=workspace)
    expected = count_evaluations(steps_per_epoch=9, total_steps=run.steps, interval=interval)
    assert expected == len(listener.of(Evaluated))


def test_disk_is_counted_as_the_saver_fills_it() -> None:
    assert most_on_disk(10, 20, [5.0], interval=60) == 30
    assert most_on_disk(10, 20, [5.0, 10.0, 15.0], interval=60) == 30 + 10 + 10
    # two complete ones, the best of them elsewhere, a new one being written
    assert most_on_disk(10, 20, [50.0 * n for n in range(1, 30)], interval=60) <= 4 * 30
    assert most_on_disk(10, 20, [500.0 * n for n in range(1, 9)], interval=60) == 4 * 30


def test_disk_is_forecast_and_measured_alike(reviews: PreparedDataset, workspace: Workspace) -> None:
    expected = forecast(reviews, small_settings(), Listener(), workspace=workspace).expected
    run = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    assert 0 < run.disk_bytes <= 1.5 * expected.disk_bytes + 40_000  # tiny tensors, long headers


def test_too_little_memory_is_reported_with_the_change_that_fits(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = forecast(reviews, small_settings(batch_size=16), Listener(), workspace=workspace)
    key, known = next(iter(forecasts._cached.items()))
    forecasts._cached[key] = known._replace(memory_fixed=600, memory_batch=800, network_bytes=0, moments_bytes=0)
    monkeypatch.setattr(peak_memory, "held", lambda _: 700)
    monkeypatch.setattr(peak_memory, "free", lambda _: 200)
    (warning,) = forecast(reviews, measured.settings, Listener(), workspace=workspace).warnings
    assert "4 rows at a time" in warning.sentence
    assert warning.action == "Use less memory"
    assert warning.settings == small_settings(batch_size=16, gradient_accumulation=4)
    monkeypatch.setattr(peak_memory, "free", lambda _: -100)
    (warning,) = forecast(reviews, measured.settings, Listener(), workspace=workspace).warnings
    assert (warning.settings, warning.action) == (None, "")


def test_a_batch_that_does_not_fit_is_measured_in_parts(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute_update, sizes = update.compute_update, []

    def small_only(training: object, parts: object, *others: object) -> object:
        batches = list(parts)  # type: ignore[call-overload]
        sizes.append(max(len(batch["input_ids"]) for batch in batches))
        if sizes[-1] > 2:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")
        return compute_update(training, batches, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(update, "compute_update", small_only)
    forecast(reviews, small_settings(), Listener(), workspace=workspace)
    assert sizes[:3] == [8, 4, 2]


def test_too_little_disk_is_reported_before_the_first_step(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**6, 10**6 - 5_000, 5_000))
    found = forecast(reviews, small_settings(), Listener(), workspace=workspace)
    (warning,) = found.warnings
    assert "5.0 kB are free" in warning.sentence
    for expected in (None, found.expected):
        with pytest.raises(DiskFull, match=r"need \d+ kB, 5\.0 kB are free") as caught:
            fine_tune(reviews, small_settings(), Listener(), forecast=expected, workspace=workspace)
        assert caught.value.id == "C5"


def test_a_peak_is_measured_from_the_moment_it_is_asked_for() -> None:
    device = torch.device("cpu")
    peak = PeakMemory(device)
    before = peak.bytes()
    with mmap.mmap(-1, 50_000_000) as block:  # whose memory is given back for certain
        for page in range(0, len(block), mmap.PAGESIZE):
            block[page] = 1
    assert peak.bytes() >= before + 40_000_000
    if Path("/proc/self/clear_refs").exists():
        assert PeakMemory(device).bytes() < before + 40_000_000


def test_a_trial_computes_what_a_run_holds_beside_its_recordings(reviews: PreparedDataset) -> None:
    settings = small_settings()
    training = assemble(reviews, settings, devices.choose("cpu", threads=1), read_splits(reviews))
    batches = training.plan.epoch(0)
    padded = training.train_batches.padded_tokens
    computed: list[np.ndarray] = []

    def full(rows: np.ndarray) -> None:
        computed.append(rows)
        raise torch.OutOfMemoryError("CUDA out of memory.")

    _beside_graphs(training, full)
    *last, longest = computed
    assert [len(rows) for rows in last] == [len(rows) for rows in batches if len(rows) < settings.batch_size]
    assert len(longest) == settings.batch_size - 1
    assert padded(longest) // len(longest) == max(padded(rows) // len(rows) for rows in batches)

    def broken(rows: np.ndarray) -> None:
        raise ValueError("not a matter of memory")

    with pytest.raises(ValueError, match="not a matter"):
        _beside_graphs(training, broken)
