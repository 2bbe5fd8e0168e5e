"""A disk that is full or fails keeps training waiting; it continues, or stops with what is safe."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import torch

from engine.cli.terminal import Interrupts, Silent
from engine.contract.errors import DiskFull, StopRequested
from engine.contract.events import CheckpointSaved, DiskFilled, Event, Noted, StepsTrained
from engine.contract.states import PreparedDataset
from engine.training.checkpoints import saver
from engine.training.checkpoints.files import Snapshot, newest_whole, write_checkpoint
from engine.training.checkpoints.saver import CheckpointSaver
from engine.training.fine_tune import fine_tune
from engine.training.loop import reports
from engine.training.loop.reports import WorkingClock
from engine.workspace import atomic_files, runs, state_files
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings


class Usage(NamedTuple):
    free: int


class Disk:
    """A disk that takes nothing while `is_full`; counts what it refused."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        self.refused = 0
        sync = os.fsync

        def fsync(handle: int) -> None:
            if self.is_full:
                self.refused += 1
                raise OSError(errno.ENOSPC, "No space left on device")
            sync(handle)

        monkeypatch.setattr(os, "fsync", fsync)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    monkeypatch.setattr(CheckpointSaver, "is_due", lambda self: True)
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)
    return Disk(monkeypatch)


def test_a_disk_that_is_full_when_a_checkpoint_gets_its_name_is_full_at_the_next_try_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files are on the disk, the entry of the folder is not: the second try has nothing to write but that."""
    taken = Snapshot(2, "{}", {"weight": torch.ones(3)}, None, b"{}")
    (tmp_path / "checkpoints").mkdir()

    def full(folder: Path) -> None:
        if folder == tmp_path / "checkpoints":
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(atomic_files, "sync_folder", full)
        for _ in range(2):
            with pytest.raises(DiskFull) as caught:
                write_checkpoint(tmp_path, taken)
            assert caught.value.id == "C4"
            assert atomic_files.is_whole(tmp_path / "checkpoints" / "best-000002")
    assert atomic_files.is_whole(write_checkpoint(tmp_path, taken))


def hearing(act: Callable[[Event], None]) -> Listener:
    def listen(event: Event) -> BaseException | None:
        try:
            act(event)
        except StopRequested as stop:
            return stop
        return None

    return Listener(listen)


def test_training_waits_for_room_and_ends_as_if_nothing_had_happened(
    reviews: PreparedDataset, workspace: Workspace, disk: Disk
) -> None:
    settings = small_settings(evaluation_interval=4)
    whole = fine_tune(reviews, settings, Listener(), workspace=workspace)
    asked: list[DiskFilled] = []

    def act(event: Event) -> None:
        if isinstance(event, CheckpointSaved) and not disk.refused:
            disk.is_full = True
        if isinstance(event, DiskFilled):
            asked.append(event)
            disk.is_full = len(asked) < 2  # still full at the first try again

    listener = hearing(act)
    run = fine_tune(reviews, settings, listener, workspace=workspace)
    assert len(asked) == 2
    assert asked[0].kept_step > 0
    assert asked[0].needed > 10_000
    assert asked[0].is_full
    assert run.history == whole.history
    assert not run.stopped_early
    folder = Path(run.folder)
    assert not list((folder / "checkpoints").glob(atomic_files.STAGING + "*"))
    assert atomic_files.is_whole(Path(run.checkpoint))
    saved = [event.step for event in listener.of(CheckpointSaved)]
    assert asked[0].step in saved or asked[0].step == run.best_step


def test_a_stop_while_the_disk_is_full_keeps_the_last_whole_checkpoint(
    reviews: PreparedDataset, workspace: Workspace, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_file = atomic_files.write_file

    def small_records_fit(path: Path, content: bytes) -> None:
        full, disk.is_full = disk.is_full, False
        write_file(path, content)
        disk.is_full = full

    for module in (atomic_files, runs, state_files):
        monkeypatch.setattr(module, "write_file", small_records_fit, raising=False)

    def act(event: Event) -> None:
        if isinstance(event, CheckpointSaved):
            disk.is_full = True
        if isinstance(event, DiskFilled):
            raise StopRequested()

    run = fine_tune(reviews, small_settings(epochs=9), hearing(act), workspace=workspace)
    folder, damaged = newest_whole(Path(run.folder))
    assert damaged == ()
    assert run.steps == int(folder.name[-6:])
    assert run.stopped_early
    assert f"Step {run.steps} is kept" in run.notes[-1]
    disk.is_full = False
    resumed = fine_tune(reviews, small_settings(), Listener(), continue_run=run.id, workspace=workspace)
    assert resumed.steps == resumed.steps_planned


def test_a_listener_that_never_waits_is_asked_three_times(
    reviews: PreparedDataset, workspace: Workspace, disk: Disk
) -> None:
    def act(event: Event) -> None:
        disk.is_full = disk.is_full or isinstance(event, CheckpointSaved)

    listener = hearing(act)
    with pytest.raises(DiskFull):
        fine_tune(reviews, small_settings(epochs=9), listener, workspace=workspace)
    assert len(listener.of(DiskFilled)) == saver.MOST_TRIES


def test_the_command_line_waits_for_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    free = iter([100, 200, 2_000])
    monkeypatch.setattr("engine.cli.terminal.ROOM_INTERVAL", 0.0)
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(next(free)))
    with Interrupts(Silent()) as interrupts:
        interrupts.emit(DiskFilled(str(tmp_path), 1_000, 0, True, 7, 5))
    assert list(free) == []


def test_the_command_line_can_be_stopped_while_it_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("engine.cli.terminal.ROOM_INTERVAL", 0.0)

    def interrupt(_: object) -> Usage:
        os.kill(os.getpid(), signal.SIGINT)
        return Usage(0)

    monkeypatch.setattr("shutil.disk_usage", interrupt)
    with Interrupts(Silent()) as interrupts, pytest.raises(StopRequested):
        interrupts.emit(DiskFilled(str(tmp_path), 1_000, 0, True, 7, 5))


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets the clock of the reports go forward by so many seconds at once."""
    waited = [0.0]
    monkeypatch.setattr(reports, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + sum(waited)))
    return waited.append


def test_time_that_the_listener_takes_is_no_work(wait: Callable[[float], None]) -> None:
    clock = WorkingClock()
    begun = clock()
    clock.without_time_of(lambda _: wait(1_000.0))(Noted(""))
    assert clock() - begun < 500


def test_a_pause_is_not_time_of_training(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, wait: Callable[[float], None]
) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)

    def act(event: Event) -> None:
        if isinstance(event, StepsTrained) and event.step == 5:
            wait(1_000.0)

    listener = hearing(act)
    run = fine_tune(reviews, small_settings(), listener, workspace=workspace)
    before, after = [event for event in listener.of(StepsTrained) if event.step in (5, 6)]
    assert after.seconds - before.seconds < 500
    assert after.tokens_per_second > 1  # 0.05 with the pause
    assert run.seconds < 500


@pytest.mark.parametrize(("asked", "told"), [(60.0, 100.0), (120.0, 0.0)])
def test_the_interval_grows_until_copies_cost_two_percent(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, asked: float, told: float
) -> None:
    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    take = saver.snapshot

    def slow_snapshot(*arguments: object, **named: object) -> object:
        clock.now += 2.0
        return take(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(saver, "time", clock)
    monkeypatch.setattr(saver, "snapshot", slow_snapshot)
    listener = Listener()
    fine_tune(reviews, small_settings(checkpoint_interval=asked), listener, workspace=workspace)
    assert listener.of(CheckpointSaved)[0].interval == told
