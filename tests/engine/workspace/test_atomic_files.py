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

import pytest
from safetensors import SafetensorError

from engine.contract.errors import DiskFull
from engine.workspace import atomic_files
from engine.workspace.atomic_files import full_disk_named, system_error
from tests.emulated_windows import emulated_windows
from tests.paths import ROOT


def no_space(*_arguments: Any, **_options: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob(atomic_files.STAGING + "*"))


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "best.json"
    atomic_files.write_file(path, b"old")
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(DiskFull) as caught:
        atomic_files.write_file(path, b"new")
    assert caught.value.id == "C4"
    assert "best.json" in caught.value.message
    assert path.read_bytes() == b"old"
    assert not leftovers(tmp_path)


def test_a_folder_is_complete_or_absent(tmp_path: Path) -> None:
    target = tmp_path / "step-000010"

    def fill_and_fail() -> None:
        with atomic_files.new_folder(target) as folder:
            (folder / "a").write_text("x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fill_and_fail()
    assert not target.exists()
    assert not leftovers(tmp_path)
    with atomic_files.new_folder(target) as folder:
        (folder / "a").write_text("x")
    assert atomic_files.is_whole(target)


def test_a_full_disk_leaves_no_half_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(DiskFull), atomic_files.new_folder(tmp_path / "step-000010") as folder:
        (folder / "a").write_text("x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["flip", "cut", "missing", "manifest", "link", "outside"])
def test_a_changed_folder_is_not_whole(tmp_path: Path, damage: str) -> None:
    target = tmp_path / "step"
    with atomic_files.new_folder(target) as folder:
        (folder / "a").write_bytes(b"0123456789")
    assert atomic_files.is_whole(target)
    file, manifest = target / "a", target / atomic_files.MANIFEST
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
    assert not atomic_files.is_whole(target)


KILLED_WRITE = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from engine.workspace import atomic_files
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
atomic_files.write_file(root / "best.json", b"new")
with atomic_files.new_folder(root / "step-2") as folder:
    atomic_files.write_file(folder / "state.json", b"{}")
    atomic_files.write_file(folder / "model", b"weights")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="kills a process")
def test_a_kill_at_any_file_operation_leaves_old_or_new(tmp_path: Path) -> None:
    ended_normally = False
    for operation in range(1, 60):
        root = tmp_path / str(operation)
        root.mkdir()
        atomic_files.write_file(root / "best.json", b"old")
        done = subprocess.run(
            [sys.executable, "-I", "-c", KILLED_WRITE, str(ROOT), str(root), str(operation)],
            check=False,
        )
        assert (root / "best.json").read_bytes() in (b"old", b"new")
        assert atomic_files.is_whole(root / "step-2") or not (root / "step-2").exists()
        if done.returncode == 0:
            ended_normally = True
            assert atomic_files.is_whole(root / "step-2")
            break
        assert done.returncode == -signal.SIGKILL
    assert ended_normally
    assert operation > 10


def test_windows_number_of_a_full_disk_is_a_full_disk(tmp_path: Path) -> None:
    full = SafetensorError("Error while serializing: I/O error: There is not enough space on the disk. (os error 112)")
    with emulated_windows(tmp_path):
        named = system_error(full)
        assert named is not None
        with pytest.raises(DiskFull) as caught, full_disk_named("the checkpoint"):
            raise named
    assert caught.value.id == "C4"
    assert system_error(SafetensorError("invalid header")) is None


def test_a_checkpoint_on_a_full_windows_disk_is_c4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.training.checkpoints import files

    def full(*_: object, **__: object) -> None:
        raise SafetensorError("I/O error: There is not enough space on the disk. (os error 112)")

    monkeypatch.setattr(files, "save_file", full)
    taken = files.Snapshot(step=1, config="{}", network={}, optimizer=None, state=b"{}")
    with emulated_windows(tmp_path), pytest.raises(DiskFull) as caught:
        files.write_checkpoint(tmp_path / "run", taken)
    assert caught.value.id == "C4"


def test_on_windows_a_staging_folder_keeps_the_rights_of_the_folder_around_it(tmp_path: Path) -> None:
    """There Python gives a folder that is made with the mode 0700, as `mkdtemp` does, to its user alone for good."""
    (tmp_path / "ordinary").mkdir()
    with emulated_windows(tmp_path), atomic_files.staging_folder(tmp_path) as folder:
        assert folder.stat().st_mode == (tmp_path / "ordinary").stat().st_mode


@pytest.mark.skipif(os.name == "nt", reason="Windows has no call for a folder's entries")
@pytest.mark.parametrize("how", ["file", "new folder", "replaced folder"])
def test_files_are_synced_before_a_renaming_and_their_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """So that a power loss leaves the old or the new, and never a name without its content."""
    target, happened = tmp_path / "target", []
    fsync, rename, replace = os.fsync, atomic_files.rename, atomic_files.replace

    def noted_fsync(handle: int) -> None:
        happened.append(("synced", os.fstat(handle).st_ino))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(atomic_files, "rename", lambda *places: (happened.append(("renamed", 0)), rename(*places)))
    monkeypatch.setattr(atomic_files, "replace", lambda *places: (happened.append(("renamed", 0)), replace(*places)))
    if how == "file":
        atomic_files.write_file(target, b"new")
        inside = target
    else:
        make = atomic_files.new_folder if how == "new folder" else atomic_files.replaced_folder
        with make(target) as folder:
            (folder / "inside").write_text("new")
        inside = target / "inside"
    last = max(place for place, (what, _) in enumerate(happened) if what == "renamed")
    assert ("synced", inside.stat().st_ino) in happened[:last]
    assert ("synced", tmp_path.stat().st_ino) in happened[last:]


def test_a_lock_that_cannot_be_removed_undoes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is written by then; what is left goes with the next start (leftovers.py)."""

    def refused(path: Path, *, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(atomic_files, "remove_file", refused)
    atomic_files.write_file(tmp_path / "record.json", b"{}")
    assert (tmp_path / "record.json").read_bytes() == b"{}"
    assert [path.suffix for path in leftovers(tmp_path)] == [atomic_files.STAGING_LOCK]
