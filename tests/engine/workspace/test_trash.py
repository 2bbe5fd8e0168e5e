"""The bin: a deleted run comes back whole, and what may not be deleted stays."""

from __future__ import annotations

import pytest

from engine.contract.errors import EngineError
from engine.contract.settings import FineTuneSettings
from engine.workspace.layout import Workspace
from engine.workspace.runs import RunRecord, create_run, list_runs, read_run, rename_run, run_folder, run_lock
from engine.workspace.trash import RunBin
from tests.builders import a_dataset, a_model


def a_stored_run(workspace: Workspace, model_folder: str = "/models/mini") -> RunRecord:
    return create_run(workspace, a_dataset(model=a_model(folder=model_folder)), FineTuneSettings(run_name="mine"))


def test_a_run_comes_back_from_the_bin_as_it_was(workspace: Workspace) -> None:
    record = a_stored_run(workspace)
    (run_folder(workspace, record.id) / "weights").write_bytes(b"0123")
    own = RunBin(workspace)
    own.take(record.id)
    assert list_runs(workspace) == ()
    own.give_back(record.id)
    assert list_runs(workspace) == (record,)
    assert (run_folder(workspace, record.id) / "weights").read_bytes() == b"0123"


def test_a_run_that_another_was_trained_from_stays(workspace: Workspace) -> None:
    source = a_stored_run(workspace)
    a_stored_run(workspace, str(run_folder(workspace, source.id) / "export" / "model"))
    with pytest.raises(EngineError, match="trained from this run"):
        RunBin(workspace).take(source.id)
    assert run_folder(workspace, source.id).is_dir()


def test_a_run_that_is_being_trained_stays(workspace: Workspace) -> None:
    record = a_stored_run(workspace)
    with run_lock(workspace, record.id), pytest.raises(EngineError, match="being trained now"):
        RunBin(workspace).take(record.id)
    assert list_runs(workspace) == (record,)


def test_after_emptying_nothing_comes_back(workspace: Workspace) -> None:
    record = a_stored_run(workspace)
    own = RunBin(workspace)
    own.take(record.id)
    own.empty()
    with pytest.raises(EngineError, match="no longer in the bin"):
        own.give_back(record.id)


def test_a_starting_window_empties_the_bins_of_the_dead_and_of_nobody_else(workspace: Workspace) -> None:
    first, second = a_stored_run(workspace), a_stored_run(workspace)
    living, dead = RunBin(workspace), RunBin(workspace)
    living.take(first.id)
    dead.take(second.id)
    assert dead._lock is not None
    dead._lock.release()
    outside = workspace.root / "outside"
    outside.mkdir()
    (outside / "canary").write_text("alive")
    (workspace.root / "bin" / "link").symlink_to(outside, target_is_directory=True)
    RunBin(workspace).empty_left_ones()
    living.give_back(first.id)
    assert (outside / "canary").exists()
    with pytest.raises(EngineError):
        dead.give_back(second.id)


def test_a_new_name_is_in_the_record_and_the_folder_keeps_its_own(workspace: Workspace) -> None:
    record = a_stored_run(workspace)
    rename_run(workspace, record.id, "  <b>better</b> \n one ")
    assert read_run(workspace, record.id).name == "<b>better</b> one"
    assert run_folder(workspace, record.id).is_dir()


def test_a_run_that_is_being_trained_keeps_its_name(workspace: Workspace) -> None:
    record = a_stored_run(workspace)
    with run_lock(workspace, record.id), pytest.raises(EngineError, match="being trained now"):
        rename_run(workspace, record.id, "other")
    assert read_run(workspace, record.id).name == "mine"
