"""Saving survives: a kill at every file operation, a power loss, a disk that fails. Faults C1 to C4, C6 and C8."""

from __future__ import annotations

import errno
import itertools
import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from engine.contract.events import DiskFilled, Event
from engine.training.checkpoints.files import newest_whole
from engine.workspace import atomic_files
from engine.workspace.layout import Workspace
from tests.engine.training.failing_disk import (
    PowerLog,
    SavedRun,
    a_saved_run,
    a_snapshot,
    in_child,
    killing_at,
    needs_fork,
    operations,
)

SEED = int(os.environ.get("TUNEWRIGHT_TEST_SEED", "1"))
pytestmark = needs_fork


@pytest.fixture
def run(tmp_path: Path) -> SavedRun:
    return a_saved_run(tmp_path / "workspace")


def kill_everywhere(run: SavedRun, tmp_path: Path, *, every: int) -> int:
    """A kill at each `every`-th file operation of a save; returns how many operations there are."""
    shutil.copytree(run.workspace.root, tmp_path / "before")
    found = set()
    for number in itertools.count(1, every):
        with operations(run.workspace.root, killing_at(number)):
            ended = in_child(lambda: run.save(30) and None)
        found.add(run.newest())
        assert run.newest() in (20, 30), number
        run.save(40)  # the run continues, whatever lies around
        assert run.newest() == 40
        if ended == 0:
            break
        assert ended == signal.SIGKILL
        shutil.rmtree(run.workspace.root)
        shutil.copytree(tmp_path / "before", run.workspace.root)
    assert found == {20, 30}
    print(f"{number} places, a kill at every {every}")
    return number


def test_a_kill_at_a_file_operation_leaves_the_old_or_the_new_checkpoint(run: SavedRun, tmp_path: Path) -> None:
    assert kill_everywhere(run, tmp_path, every=11) > 30


@pytest.mark.nightly
def test_a_kill_at_every_file_operation(run: SavedRun, tmp_path: Path) -> None:
    """G1, the enumeration."""
    assert kill_everywhere(run, tmp_path, every=1) > 30


def kill_at_random(run: SavedRun, kills: int, seed: int) -> None:
    """A process saves on and on and is killed; what it has called safe is there, at most one step newer is too."""
    drawn = random.Random(seed)
    step = 20
    for kill in range(kills):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            for later in itertools.count(step + 10, 10):
                run.save(later, is_best=later % 30 == 0)
                os.write(writing, later.to_bytes(8, "big"))
        os.close(writing)
        time.sleep(drawn.uniform(0, 0.06))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as told:
            content = told.read()
        promised = int.from_bytes(content[-8:], "big") if content else step
        step = run.newest()
        assert step in (promised, promised + 10), (seed, kill)
    print(f"seed {seed}: {kills} kills, {step // 10} checkpoints")


def test_a_kill_at_a_random_time_loses_no_checkpoint_that_was_reported(run: SavedRun) -> None:
    kill_at_random(run, 10, SEED)


@pytest.mark.nightly
def test_a_thousand_kills_at_random_times(run: SavedRun) -> None:
    """G1, the random kills, on saves that follow each other without a pause."""
    kill_at_random(run, 1_000, SEED)


def lose_power(run: SavedRun, tmp_path: Path, losses: int, seed: int) -> None:
    """What a disk may hold after a power loss always has the checkpoint that was reported as safe."""
    drawn = random.Random(seed)
    log = PowerLog(run.workspace.root)
    log.promised = 20
    with operations(run.workspace.root, log.act):
        for step in (30, 40, 50):
            run.save(step, is_best=step == 40)
            log.promised = step
    after = SavedRun(Workspace(tmp_path / "after"), run.record, [])
    newest = []
    for loss in range(losses):
        promised = log.write_down(drawn.randrange(len(log.moments)), tmp_path / "after", drawn)
        newest.append(after.newest())
        assert newest[-1] >= promised, (seed, loss)
    log.close()
    assert set(newest) >= {20, 30, 40}
    print(f"seed {seed}: {losses} power losses at {len(log.moments)} moments")


def test_a_power_loss_leaves_a_checkpoint_that_was_reported(run: SavedRun, tmp_path: Path) -> None:
    lose_power(run, tmp_path, 40, SEED)


@pytest.mark.nightly
def test_five_hundred_power_losses(run: SavedRun, tmp_path: Path) -> None:
    """G2."""
    lose_power(run, tmp_path, 500, SEED)


ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES)


def fail_at(run: SavedRun, number: int, error: int, *, lasts: bool) -> bool:
    """A save with an error at its operation of this number; where it lasts, until somebody was asked."""
    seen, failing, was_removal = 0, False, False

    def act(kind: str, path: str) -> None:
        nonlocal seen, failing, was_removal
        seen += 1
        failing = failing or seen == number
        if failing and kind != "synced":
            failing = lasts
            was_removal = was_removal or kind in ("os.remove", "os.rmdir")
            raise OSError(error, os.strerror(error))

    def answer(event: Event) -> None:
        nonlocal failing
        failing = False
        assert isinstance(event, DiskFilled)
        assert event.kept_step in (20, 30)
        assert run.newest() == event.kept_step, number
        run.asked.append(event.is_full)

    with operations(run.workspace.root, act):
        run.save(30, emit=answer)
    failing = False
    assert run.newest() == 30, (number, error, lasts)
    left = list((run.folder / "checkpoints").glob(atomic_files.STAGING + "*"))
    assert not left or lasts or error != errno.ENOSPC or was_removal  # what could not be removed goes later
    return seen >= number


def fail_everywhere(run: SavedRun, tmp_path: Path, *, every: int) -> int:
    """An error at each place of a save, once or until the listener has answered; returns how many were made."""
    shutil.copytree(run.workspace.root, tmp_path / "before")
    made = 0
    for error, lasts in itertools.product(ERRORS, (False, True)):
        for number in itertools.count(1 + made % every, every):
            was_made = fail_at(run, number, error, lasts=lasts)
            shutil.rmtree(run.workspace.root)
            shutil.copytree(tmp_path / "before", run.workspace.root)
            if not was_made:
                break
            made += 1
    assert {True, False} == set(run.asked)
    print(f"{made} failures made, {len(run.asked)} questions asked")
    return made


def test_a_disk_that_fails_somewhere_harms_no_earlier_checkpoint(run: SavedRun, tmp_path: Path) -> None:
    assert fail_everywhere(run, tmp_path, every=29) >= 8


@pytest.mark.nightly
def test_a_disk_that_fails_at_every_place(run: SavedRun, tmp_path: Path) -> None:
    """G3: more than 200 points."""
    assert fail_everywhere(run, tmp_path, every=1) >= 200


def corrupt(folder: Path, other: Path, drawn: random.Random) -> str:
    """Changes one thing in a checkpoint and returns what."""
    file = drawn.choice(sorted(path for path in folder.iterdir()))
    content = file.read_bytes()
    match drawn.randrange(6):
        case 0 | 1 | 2:
            place = drawn.randrange(len(content))
            file.write_bytes(content[:place] + bytes([content[place] ^ 1 << drawn.randrange(8)]) + content[place + 1 :])
            return f"a bit of {file.name} at {place}"
        case 3:
            file.write_bytes(content[: drawn.randrange(len(content))])
            return f"{file.name} cut"
        case 4:
            if file.read_bytes() != (other / file.name).read_bytes():
                file.write_bytes((other / file.name).read_bytes())
                return f"{file.name} of another step"
            file.unlink()
            return f"{file.name} missing"
        case _:
            file.write_bytes(content + drawn.randbytes(1 + drawn.randrange(9)))
            return f"{file.name} longer"


def corrupt_many(run: SavedRun, tmp_path: Path, times: int, seed: int) -> None:
    drawn = random.Random(seed)
    older, newest = (run.folder / "checkpoints" / f"step-0000{step}" for step in (10, 20))
    (run.folder / "best.json").unlink()
    shutil.copytree(newest, tmp_path / "whole")
    for time_ in range(times):
        what = corrupt(newest, older, drawn)
        assert newest_whole(run.folder) == (older, (20,)), (seed, time_, what)
        shutil.rmtree(newest)
        shutil.copytree(tmp_path / "whole", newest)
    assert newest_whole(run.folder) == (newest, ())
    assert a_snapshot(20).step == 20


def test_a_corrupted_checkpoint_is_found_and_the_one_before_is_taken(run: SavedRun, tmp_path: Path) -> None:
    corrupt_many(run, tmp_path, 40, SEED)


@pytest.mark.nightly
def test_a_thousand_corruptions(run: SavedRun, tmp_path: Path) -> None:
    """G12."""
    corrupt_many(run, tmp_path, 1_000, SEED)
