"""A run whose disk is full puts its next checkpoints into another folder, and stays one run. C4, C6, C9."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from engine.contract.errors import DiskFull, StopRequested
from engine.contract.events import CheckpointSaved, DiskFilled, Event, StepsTrained
from engine.contract.states import PreparedDataset, TrainingRun
from engine.training.checkpoints.saver import CheckpointSaver
from engine.training.fine_tune import fine_tune
from engine.training.loop import reports
from engine.workspace import atomic_files
from engine.workspace import checkpoint_relocation as other_folder
from engine.workspace.checkpoint_locations import ELSEWHERE, SIGN, checkpoint_places
from engine.workspace.checkpoint_relocation import keep_checkpoints_in
from engine.workspace.layout import Workspace
from engine.workspace.runs import checkpoint_steps, create_run, delete_run, remove_run_folder
from engine.workspace.trash import RunBin
from tests.engine.small_runs import Listener, small_settings


class Usage(NamedTuple):
    free: int


class FullDisk:
    """The disk of the runs takes no more checkpoints once it `is_full`; small files still fit."""

    def __init__(self, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_full = False
        sync = atomic_files.sync_file

        def sync_file(path: Path) -> None:
            if self.is_full and path.is_relative_to(workspace.runs):
                raise OSError(errno.ENOSPC, "No space left on device")
            sync(path)

        monkeypatch.setattr(atomic_files, "sync_file", sync_file)


@pytest.fixture
def disk(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    monkeypatch.setattr(CheckpointSaver, "is_due", lambda self: True)
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)
    return FullDisk(workspace, monkeypatch)


def listening(disk: FullDisk, chosen: Path, *, stop_at: int = 0, discard: bool = False) -> Listener:
    """Fills the disk after the first checkpoint, chooses another folder when asked, and stops at a step."""

    def listen(event: Event) -> BaseException | None:
        disk.is_full = disk.is_full or isinstance(event, CheckpointSaved)
        if isinstance(event, DiskFilled):
            keep_checkpoints_in(Path(event.folder), chosen, needed=event.needed)
        if stop_at and isinstance(event, StepsTrained) and event.step >= stop_at:
            return StopRequested(discard)
        return None

    return Listener(listen)


def weights(run: TrainingRun) -> str:
    return atomic_files.sha256_of(Path(run.checkpoint) / "model.safetensors")


def test_a_run_goes_on_in_the_other_folder_and_ends_as_if_nothing_had_happened(
    reviews: PreparedDataset, workspace: Workspace, disk: FullDisk, tmp_path: Path
) -> None:
    settings = small_settings(evaluation_interval=4)
    whole = fine_tune(reviews, settings, Listener(), workspace=workspace)
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    (chosen / "my own.txt").write_text("stays")
    listener = listening(disk, chosen)
    run = fine_tune(reviews, settings, listener, workspace=workspace)
    assert len(listener.of(DiskFilled)) == 1
    place = chosen / f"tunewright-{run.id}"
    assert Path(run.checkpoint).parent == place
    assert atomic_files.is_whole(Path(run.checkpoint))
    assert (run.history, weights(run)) == (whole.history, weights(whole))
    assert not list((Path(run.folder) / "checkpoints").iterdir()), "room is made once the new ones are whole"
    assert not (Path(run.folder) / other_folder.RESERVE).exists()
    delete_run(workspace, run.id)
    assert sorted(path.name for path in chosen.iterdir()) == ["my own.txt"]


def test_a_run_that_stopped_there_is_continued_from_there(
    reviews: PreparedDataset, workspace: Workspace, disk: FullDisk, tmp_path: Path
) -> None:
    whole = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    stopped = fine_tune(reviews, small_settings(), listening(disk, tmp_path, stop_at=9), workspace=workspace)
    assert stopped.stopped_early
    assert checkpoint_steps(Path(stopped.folder))[-1] == stopped.steps
    resumed = fine_tune(reviews, small_settings(), Listener(), continue_run=stopped.id, workspace=workspace)
    assert resumed.history == whole.history
    assert Path(resumed.checkpoint).is_relative_to(tmp_path / f"tunewright-{stopped.id}")


def test_what_is_discarded_is_gone_from_both_places(
    reviews: PreparedDataset, workspace: Workspace, disk: FullDisk, tmp_path: Path
) -> None:
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    with pytest.raises(StopRequested):
        fine_tune(reviews, small_settings(), listening(disk, chosen, stop_at=9, discard=True), workspace=workspace)
    assert list(chosen.iterdir()) == []
    assert list(workspace.runs.iterdir()) == []


@pytest.fixture
def run_folder(workspace: Workspace, reviews: PreparedDataset) -> Path:
    return workspace.runs / create_run(workspace, reviews, small_settings()).id


@pytest.mark.parametrize("why", ["too small", "no folder", "run folder full"])
def test_a_folder_that_does_not_do_is_refused_and_left_as_it_was(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    wanted, named = chosen, "chosen"
    if why == "too small":
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1_999))
    elif why == "no folder":
        wanted, named = chosen / "gone", "gone"
    else:
        (run_folder / ELSEWHERE).mkdir()
        named = "run's own folder"
    with pytest.raises(DiskFull) as caught:
        keep_checkpoints_in(run_folder, wanted, needed=1_000)
    assert named in caught.value.message
    assert caught.value.hint
    assert list(chosen.iterdir()) == []
    assert checkpoint_places(run_folder) == (run_folder / "checkpoints",)


def test_on_a_disk_that_others_have_filled_to_the_brim_the_note_takes_the_room_that_was_held(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_record = atomic_files.write_record

    def fits_beside_no_reserve(path: Path, record: msgspec.Struct) -> None:
        if path.is_relative_to(run_folder) and (run_folder / other_folder.RESERVE).exists():
            raise DiskFull("C4", "The disk is full.")
        write_record(path, record)

    monkeypatch.setattr(other_folder, "write_record", fits_beside_no_reserve)
    other_folder.hold_reserve(run_folder)
    assert (run_folder / other_folder.RESERVE).stat().st_size == other_folder.RESERVED
    place = keep_checkpoints_in(run_folder, tmp_path, needed=1)
    assert checkpoint_places(run_folder)[-1] == place


def test_a_folder_of_that_name_that_is_not_ours_is_left_alone(run_folder: Path, tmp_path: Path) -> None:
    foreign = tmp_path / f"tunewright-{run_folder.name}"
    foreign.mkdir()
    assert keep_checkpoints_in(run_folder, tmp_path, needed=1).name == f"{foreign.name}-2"
    assert keep_checkpoints_in(run_folder, tmp_path, needed=1).name == f"{foreign.name}-2"
    assert list(foreign.iterdir()) == []


@pytest.mark.parametrize("sign", [None, "another-run", "link", "damaged"])
def test_a_note_that_names_a_foreign_folder_reads_and_deletes_nothing_there(
    run_folder: Path, tmp_path: Path, sign: str | None
) -> None:
    foreign = tmp_path / "foreign"
    canary = foreign / "step-000020" / "canary"
    canary.parent.mkdir(parents=True)
    canary.write_text("mine")
    if sign == "damaged":
        (foreign / SIGN).write_bytes(b"\xff{")
    elif sign == "link":
        (tmp_path / "sign").write_text(json.dumps({"run": run_folder.name}))
        (foreign / SIGN).symlink_to(tmp_path / "sign")
    elif sign is not None:
        (foreign / SIGN).write_text(json.dumps({"run": sign}))
    (run_folder / ELSEWHERE).write_text(json.dumps({"folder": str(foreign)}))
    assert checkpoint_steps(run_folder) == ()
    remove_run_folder(run_folder)
    assert canary.read_text() == "mine"


def test_the_bin_takes_the_other_folder_only_when_it_is_emptied(
    workspace: Workspace, run_folder: Path, tmp_path: Path
) -> None:
    place = keep_checkpoints_in(run_folder, tmp_path, needed=1)
    (place / "step-000020").mkdir()
    (place / "notes of the user").mkdir()
    own = RunBin(workspace)
    own.take(run_folder.name)
    assert (place / "step-000020").is_dir()
    own.empty()
    assert sorted(path.name for path in place.iterdir()) == ["notes of the user"]
