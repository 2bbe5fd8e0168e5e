"""What a killed process has left goes at the next start; what another process is filling stays."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.contract.settings import FineTuneSettings
from engine.workspace.atomic_files import STAGING, STAGING_LOCK, new_folder, staging_place, write_file, write_record
from engine.workspace.checkpoint_locations import ELSEWHERE, SIGN, Elsewhere, Sign
from engine.workspace.layout import Workspace
from engine.workspace.leftovers import OUTSIDE, remove_leftovers, remove_leftovers_of_run
from engine.workspace.runs import create_run
from tests.builders import a_dataset
from tests.paths import ROOT

FILLING = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from engine.workspace.atomic_files import new_folder, staging_place
target = Path(sys.argv[2])
with new_folder(target / "step-000010") as folder, staging_place(target) as single:
    (folder / "model.safetensors").write_bytes(b"half")
    single.write_bytes(b"half")
    print("filling", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def another_process_that_fills(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of writing a folder and a file into this one."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", FILLING, str(ROOT), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "filling\n"
        yield process
        process.kill()


def leftovers_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob(STAGING + "*"))


@pytest.fixture
def run(workspace: Workspace) -> Path:
    return workspace.runs / create_run(workspace, a_dataset(), FineTuneSettings()).id


@pytest.mark.parametrize(
    "place", ["checkpoints", "", "states", "datasets", "frozen", "workspace", "model", "elsewhere"]
)
def test_what_a_process_fills_stays_and_goes_once_it_was_killed(
    workspace: Workspace, run: Path, tmp_path: Path, place: str
) -> None:
    folder = {
        "datasets": workspace.datasets,
        "frozen": workspace.datasets / "0123" / "frozen",
        "workspace": workspace.root,
        "model": workspace.root / "models" / "0123",
        "elsewhere": tmp_path / "elsewhere",
    }.get(place, run / place)
    folder.mkdir(parents=True, exist_ok=True)
    if place == "elsewhere":
        write_record(folder / SIGN, Sign(run.name))
        write_record(run / ELSEWHERE, Elsewhere(str(folder)))
    with another_process_that_fills(folder) as process:
        held = leftovers_in(folder)
        assert len(held) == 4  # a folder and a file, each with its lock
        remove_leftovers(workspace)
        assert leftovers_in(folder) == held
        process.kill()
        process.wait()
        assert leftovers_in(folder) == held
        remove_leftovers(workspace)
        assert leftovers_in(folder) == []


def test_an_export_that_was_killed_elsewhere_is_removed_by_its_run(
    workspace: Workspace, run: Path, tmp_path: Path
) -> None:
    with another_process_that_fills(tmp_path / "chosen") as process:
        staging = next(path for path in leftovers_in(tmp_path / "chosen") if path.is_dir())
        write_file(run / OUTSIDE, json.dumps({"folder": str(staging)}).encode())
        remove_leftovers_of_run(run)
        assert staging.is_dir()
        assert (run / OUTSIDE).is_file()
        process.kill()
        process.wait()
        remove_leftovers_of_run(run)
        assert not staging.exists()
        assert not (run / OUTSIDE).exists()


@pytest.mark.parametrize("note", ["[]", "{", '{"folder": 3}', '{"folder": ".staging-x"}', '{"folder": "BYSTANDER"}'])
def test_a_note_that_somebody_made_up_removes_nothing(run: Path, tmp_path: Path, note: str) -> None:
    bystander = tmp_path / "bystander"  # of the test's own: a guard that is missing removes it for good
    bystander.mkdir()
    os.utime(bystander, (0, 0))
    (run / OUTSIDE).write_text(note.replace("BYSTANDER", str(bystander)))
    remove_leftovers_of_run(run)
    assert bystander.is_dir()
    assert (run / "run.json").is_file()


def test_what_0_1_0_left_without_a_lock_goes_after_an_hour(workspace: Workspace, run: Path) -> None:
    folder, file, lock = (run / f"{STAGING}{name}" for name in ("folder", "file", f"gone{STAGING_LOCK}"))
    folder.mkdir()
    file.write_bytes(b"half")
    lock.write_bytes(b"")
    remove_leftovers(workspace)
    assert leftovers_in(run) == sorted([folder, file, lock])  # 0.1.0 may be filling it right now
    for path in (folder, file, lock):
        os.utime(path, (0, 0))
    remove_leftovers(workspace)
    assert leftovers_in(run) == []


def test_links_are_never_followed(workspace: Workspace, run: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / f"{STAGING}mine").mkdir()
    (run / f"{STAGING}link").symlink_to(outside)
    (workspace.runs / "linked").symlink_to(outside)
    os.utime(outside / f"{STAGING}mine", (0, 0))
    remove_leftovers(workspace)
    assert (outside / f"{STAGING}mine").is_dir()
    assert (run / f"{STAGING}link").is_symlink()


def test_a_staging_name_leaves_nothing_behind_whatever_happens(tmp_path: Path) -> None:
    def fill_and_fail(place: Path) -> None:
        with staging_place(place) as staging, new_folder(place / "target") as folder:
            staging.write_bytes(b"half")
            (folder / "half").write_bytes(b"")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fill_and_fail(tmp_path)
    with new_folder(tmp_path / "target"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
