"""The list of runs, and what may be done with each."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.contract.errors import EngineError
from engine.contract.settings import FineTuneSettings
from engine.workspace import atomic_files
from engine.workspace.layout import Workspace
from engine.workspace.runs import (
    create_run,
    delete_run,
    interrupted_runs,
    list_runs,
    read_run,
    run_folder,
    run_lock,
    save_run,
)
from tests.builders import a_dataset, a_run, an_evaluation


def test_runs_are_listed_newest_first_and_unreadable_ones_are_passed_over(workspace: Workspace) -> None:
    first = create_run(workspace, a_dataset(), FineTuneSettings())
    second = create_run(workspace, a_dataset(), FineTuneSettings(run_name="mine"))
    third = create_run(workspace, a_dataset(), FineTuneSettings())
    atomic_files.write_file(workspace.runs / third.id / "run.json", b'{"id": 3')
    assert first.id != second.id
    assert [record.id for record in list_runs(workspace)] == [second.id, first.id]
    assert list_runs(workspace)[0].name == "mine"
    with pytest.raises(EngineError, match="C9"):
        read_run(workspace, third.id)


def test_a_run_opens_at_the_furthest_state_it_reached(workspace: Workspace) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    assert record.furthest is None
    trained = msgspec.structs.replace(record, run=a_run(id=record.id), status="finished")
    save_run(workspace, trained)
    assert read_run(workspace, record.id).furthest == trained.run
    evaluation = an_evaluation(run=trained.run)
    save_run(workspace, msgspec.structs.replace(trained, evaluation=evaluation))
    assert read_run(workspace, record.id).furthest == evaluation


def test_only_a_run_with_a_checkpoint_that_nobody_writes_counts_as_interrupted(workspace: Workspace) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    save_run(workspace, msgspec.structs.replace(record, status="training"))
    assert interrupted_runs(workspace) == ()
    (run_folder(workspace, record.id) / "checkpoints" / "step-000020").mkdir(parents=True)
    assert [found.id for found in interrupted_runs(workspace)] == [record.id]
    with run_lock(workspace, record.id):
        assert interrupted_runs(workspace) == ()
    save_run(workspace, msgspec.structs.replace(record, status="finished"))
    assert interrupted_runs(workspace) == ()


def test_a_run_that_is_being_written_is_not_deleted(workspace: Workspace) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    with run_lock(workspace, record.id), pytest.raises(EngineError, match="T20"):
        delete_run(workspace, record.id)
    delete_run(workspace, record.id)
    assert list_runs(workspace) == ()


@pytest.mark.parametrize("name", ["../outside", ".", "", "nothing"])
def test_only_runs_of_the_workspace_are_deleted(workspace: Workspace, name: str) -> None:
    outside = workspace.root / "outside"
    outside.mkdir()
    (outside / "run.json").write_text("{}")
    with pytest.raises(EngineError):
        delete_run(workspace, name)
    assert (outside / "run.json").exists()


def test_a_workspace_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="A3"):
        Workspace(tmp_path / "file").create()
    with pytest.raises(EngineError, match="A3"):
        Workspace(tmp_path / "file" / "below").create()
