"""What can go wrong while training: it is reported, and what was saved before is still there."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from engine.contract.errors import DiskFull, NumbersDiverged, UnexpectedError
from engine.contract.events import CheckpointSaved, Evaluated, Event, StepsTrained
from engine.contract.states import PreparedDataset
from engine.tasks.text_classification.task import TextClassification
from engine.training.checkpoints.files import newest_whole, remove_old
from engine.training.checkpoints.saver import CheckpointSaver
from engine.training.fine_tune import fine_tune
from engine.training.step import update
from engine.training.step.training import Training
from engine.training.step.update import Updated
from engine.workspace import atomic_files
from engine.workspace.layout import Workspace
from engine.workspace.runs import RunRecord, interrupted_runs, list_runs, run_folder
from tests.engine.small_runs import Listener, small_settings


def only_run(workspace: Workspace) -> RunRecord:
    (record,) = list_runs(workspace)
    return record


@pytest.mark.parametrize("poisoned", ["loss", "gradient"])
def test_numbers_that_are_not_finite_stop_training_before_the_update(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, poisoned: str
) -> None:
    compute_update, seen = update.compute_update, {}

    def compute_with_poison(training: Training, *others: Any) -> Updated:
        weight = training.network.classifier.weight
        seen["steps"] = seen.get("steps", 0) + 1
        if seen["steps"] == 12:
            seen["before"] = weight.detach().clone()
            handle = weight.register_hook(lambda gradient: gradient * torch.inf)
            if poisoned == "loss":
                handle.remove()
                monkeypatch.setattr(TextClassification, "loss", lambda _, logits, *rest: logits.sum() * torch.nan)
        result = compute_update(training, *others)
        seen["after"] = weight.detach().clone()
        return result

    monkeypatch.setattr(update, "compute_update", compute_with_poison)
    listener = Listener()
    with pytest.raises(NumbersDiverged, match="before step 12") as caught:
        fine_tune(reviews, small_settings(epochs=9), listener, workspace=workspace)
    assert caught.value.id == "T5"
    assert torch.equal(seen["before"], seen["after"])
    last = listener.of(StepsTrained)[-1]
    assert not last.finite
    assert last.loss is None or last.gradient_norm is None
    record = only_run(workspace)
    assert record.status == "failed"
    assert interrupted_runs(workspace) == (record,)
    folder, damaged = newest_whole(run_folder(workspace, record.id))
    assert (folder.name, damaged) == ("step-000009", ())
    assert all(torch.isfinite(tensor).all() for tensor in load_file(folder / "model.safetensors").values())


def test_a_full_disk_leaves_the_checkpoint_before(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full from the moment the first checkpoint is safe until the run has failed."""
    sync = os.fsync
    full = False

    def fsync(handle: int) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    def fill(event: Event) -> None:
        nonlocal full
        full = full or isinstance(event, CheckpointSaved)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(CheckpointSaver, "is_due", lambda self: True)
    with pytest.raises(DiskFull, match="The disk is full") as caught:
        fine_tune(reviews, small_settings(epochs=9), fill, workspace=workspace)
    assert caught.value.id == "C4"
    full = False
    record = only_run(workspace)
    folder = run_folder(workspace, record.id)
    checkpoint, damaged = newest_whole(folder)
    assert damaged == ()
    assert not list((folder / "checkpoints").glob(atomic_files.STAGING + "*"))

    run = fine_tune(reviews, small_settings(), Listener(), continue_run=record.id, workspace=workspace)
    assert run.steps == run.steps_planned > int(checkpoint.name[-6:])


def test_a_disk_that_fails_is_reported_like_a_full_one(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("engine.training.checkpoints.files.save_file", broken)
    with pytest.raises(DiskFull, match="could not be written") as caught:
        fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    assert caught.value.id == "C6"


def test_a_full_disk_that_safetensors_meets_is_recognised(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors import SafetensorError

    def broken(*_: object, **__: object) -> None:
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr("engine.training.checkpoints.files.save_file", broken)
    with pytest.raises(DiskFull) as caught:
        fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    assert caught.value.id == "C4"


def test_a_log_that_cannot_be_written_does_not_stop_training(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    refused = []

    def write_later(handle: int, content: bytes) -> int:
        if len(refused) < 5:
            refused.append(content)
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, content)

    monkeypatch.setattr("engine.workspace.event_log.os.write", write_later)
    from engine.workspace.event_log import read_events

    listener = Listener()
    run = fine_tune(reviews, small_settings(), listener, workspace=workspace)
    assert len(refused) == 5
    assert read_events(Path(run.folder)) == listener.events


def test_a_bug_of_ours_marks_the_run_as_failed(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(update, "compute_update", bug)
    with pytest.raises(UnexpectedError) as caught:
        fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    assert "a bug" in caught.value.details
    assert only_run(workspace).status == "failed"


def test_old_checkpoints_go_but_never_the_best_a_link_or_a_foreign_folder(
    reviews: PreparedDataset, workspace: Workspace, tmp_path: Path
) -> None:
    listener = Listener()
    run = fine_tune(reviews, small_settings(epochs=1), listener, workspace=workspace)
    checkpoints = Path(run.folder) / "checkpoints"
    for name in ("step-000001", "best-000002", "step-000020", "checkpoint-1000", "step-7"):
        (checkpoints / name).mkdir()
    (tmp_path / "elsewhere").mkdir()
    (checkpoints / "step-000003").symlink_to(tmp_path / "elsewhere")
    remove_old(Path(run.folder), keep=1)
    kept = {path.name for path in checkpoints.iterdir()}
    assert kept == {"step-000009", "step-000020", "checkpoint-1000", "step-7", "step-000003"}
    assert listener.of(Evaluated)[-1].is_best
