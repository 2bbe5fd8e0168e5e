"""What is on disk is old, new or absent, never half of either."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.contract.errors import DiskFull, EngineError
from engine.contract.settings import FineTuneSettings
from engine.workspace import storage
from engine.workspace.storage import Workspace
from tests.builders import a_dataset, a_run, an_evaluation
from tests.paths import ROOT


def no_space(*_arguments: Any, **_options: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace").create()


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob(storage.STAGING + "*"))


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "best.json"
    storage.write_file(path, b"old")
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(DiskFull) as caught:
        storage.write_file(path, b"new")
    assert caught.value.id == "C4"
    assert "best.json" in caught.value.message
    assert path.read_bytes() == b"old"
    assert not leftovers(tmp_path)


def test_a_folder_is_complete_or_absent(tmp_path: Path) -> None:
    target = tmp_path / "step-000010"

    def fill_and_fail() -> None:
        with storage.new_folder(target) as folder:
            (folder / "a").write_text("x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fill_and_fail()
    assert not target.exists()
    assert not leftovers(tmp_path)
    with storage.new_folder(target) as folder:
        (folder / "a").write_text("x")
    assert storage.is_whole(target)


def test_a_full_disk_leaves_no_half_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(DiskFull), storage.new_folder(tmp_path / "step-000010") as folder:
        (folder / "a").write_text("x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["flip", "cut", "missing", "manifest", "link", "outside"])
def test_a_changed_folder_is_not_whole(tmp_path: Path, damage: str) -> None:
    target = tmp_path / "step"
    with storage.new_folder(target) as folder:
        (folder / "a").write_bytes(b"0123456789")
    assert storage.is_whole(target)
    file, manifest = target / "a", target / storage.MANIFEST
    match damage:
        case "flip":
            file.write_bytes(b"0123456788")
        case "cut":
            file.write_bytes(b"012345678")
        case "missing":
            file.unlink()
        case "manifest":
            manifest.write_bytes(manifest.read_bytes()[:-5])
        case "link":
            (tmp_path / "b").write_bytes(b"0123456789")
            file.unlink()
            file.symlink_to(tmp_path / "b")
        case "outside":
            entries = json.loads(manifest.read_bytes())
            (tmp_path / "b").write_bytes(b"0123456789")
            entries["files"]["../b"] = entries["files"].pop("a")
            manifest.write_text(json.dumps(entries))
    assert not storage.is_whole(target)


KILLED_WRITE = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from engine import storage
left = int(sys.argv[3])
def counted(name, real):
    def call(*arguments, **options):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    setattr(os, name, call)
for name in ("open", "write", "fsync", "replace", "rename", "mkdir", "unlink"):
    counted(name, getattr(os, name))
root = Path(sys.argv[2])
storage.write_file(root / "best.json", b"new")
with storage.new_folder(root / "step-2") as folder:
    storage.write_file(folder / "state.json", b"{}")
    storage.write_file(folder / "model", b"weights")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="kills a process")
def test_a_kill_at_any_file_operation_leaves_old_or_new(tmp_path: Path) -> None:
    ended_normally = False
    for operation in range(1, 60):
        root = tmp_path / str(operation)
        root.mkdir()
        storage.write_file(root / "best.json", b"old")
        done = subprocess.run(
            [sys.executable, "-I", "-c", KILLED_WRITE, str(ROOT), str(root), str(operation)],
            check=False,
        )
        assert (root / "best.json").read_bytes() in (b"old", b"new")
        assert storage.is_whole(root / "step-2") or not (root / "step-2").exists()
        if done.returncode == 0:
            ended_normally = True
            assert storage.is_whole(root / "step-2")
            break
        assert done.returncode == -signal.SIGKILL
    assert ended_normally
    assert operation > 10


def test_runs_are_listed_newest_first_and_unreadable_ones_are_passed_over(workspace: Workspace) -> None:
    first = storage.create_run(workspace, a_dataset(), FineTuneSettings())
    second = storage.create_run(workspace, a_dataset(), FineTuneSettings(run_name="mine"))
    third = storage.create_run(workspace, a_dataset(), FineTuneSettings())
    storage.write_file(workspace.runs / third.id / "run.json", b'{"id": 3')
    assert first.id != second.id
    assert [record.id for record in storage.list_runs(workspace)] == [second.id, first.id]
    assert storage.list_runs(workspace)[0].name == "mine"
    with pytest.raises(EngineError, match="C9"):
        storage.read_run(workspace, third.id)


def test_a_run_opens_at_the_furthest_state_it_reached(workspace: Workspace) -> None:
    record = storage.create_run(workspace, a_dataset(), FineTuneSettings())
    assert record.furthest is None
    trained = msgspec.structs.replace(record, run=a_run(), status="finished")
    storage.save_run(workspace, trained)
    assert storage.read_run(workspace, record.id).furthest == a_run()
    storage.save_run(workspace, msgspec.structs.replace(trained, evaluation=an_evaluation()))
    assert storage.read_run(workspace, record.id).furthest == an_evaluation()


def test_only_a_run_with_a_checkpoint_that_nobody_writes_counts_as_interrupted(workspace: Workspace) -> None:
    record = storage.create_run(workspace, a_dataset(), FineTuneSettings())
    storage.save_run(workspace, msgspec.structs.replace(record, status="training"))
    assert storage.interrupted_runs(workspace) == ()
    (storage.run_folder(workspace, record.id) / "checkpoints" / "step-000020").mkdir(parents=True)
    assert [found.id for found in storage.interrupted_runs(workspace)] == [record.id]
    with storage.run_lock(workspace, record.id):
        assert storage.interrupted_runs(workspace) == ()
    storage.save_run(workspace, msgspec.structs.replace(record, status="finished"))
    assert storage.interrupted_runs(workspace) == ()


def test_a_run_that_is_being_written_is_not_deleted(workspace: Workspace) -> None:
    record = storage.create_run(workspace, a_dataset(), FineTuneSettings())
    with storage.run_lock(workspace, record.id), pytest.raises(EngineError, match="T20"):
        storage.delete_run(workspace, record.id)
    storage.delete_run(workspace, record.id)
    assert storage.list_runs(workspace) == ()


@pytest.mark.parametrize("name", ["../outside", ".", "", "nothing"])
def test_only_runs_of_the_workspace_are_deleted(workspace: Workspace, name: str) -> None:
    outside = workspace.root / "outside"
    outside.mkdir()
    (outside / "run.json").write_text("{}")
    with pytest.raises(EngineError):
        storage.delete_run(workspace, name)
    assert (outside / "run.json").exists()


def test_a_workspace_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="A3"):
        Workspace(tmp_path / "file").create()
    with pytest.raises(EngineError, match="A3"):
        Workspace(tmp_path / "file" / "below").create()
