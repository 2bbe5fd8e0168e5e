"""The list of runs, and what may be done with each."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.contract.errors import EngineError
from engine.contract.settings import FineTuneSettings
from engine.contract.states import HistoryPoint
from engine.workspace import atomic_files
from engine.workspace import runs as run_store
from engine.workspace.layout import Workspace
from engine.workspace.run_index import list_rows
from engine.workspace.runs import (
    RunRecord,
    RunStatus,
    can_continue,
    create_run,
    delete_run,
    interrupted_runs,
    is_locked,
    list_runs,
    read_run,
    rename_run,
    row_of,
    run_folder,
    run_lock,
    save_run,
)
from tests.builders import a_dataset, a_run, an_evaluation, an_export


def no_space(*_arguments: Any, **_options: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


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


def test_to_ask_whether_a_run_is_written_leaves_no_trace(workspace: Workspace) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    folder = run_folder(workspace, record.id)
    before = sorted(folder.iterdir())
    assert not is_locked(workspace, record.id)
    assert not is_locked(workspace, "nobody")
    assert sorted(folder.iterdir()) == before
    assert not run_folder(workspace, "nobody").exists()


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


# ── States ──────────────────────────────────────────────────────────────────────────────────────────────────────


def an_evaluated_run(workspace: Workspace) -> RunRecord:
    record = create_run(workspace, a_dataset(), FineTuneSettings(run_name="mine"))
    run = a_run(id=record.id, folder=str(workspace.runs / record.id))
    record = msgspec.structs.replace(record, status="finished", run=run, evaluation=an_evaluation(run=run))
    save_run(workspace, record)
    return record


def state_files_of(workspace: Workspace, record: RunRecord) -> list[str]:
    return sorted(path.name.partition("-")[0] for path in (workspace.runs / record.id / "states").iterdir())


def test_a_run_holds_each_state_once_and_its_record_only_names_them(workspace: Workspace) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    assert state_files_of(workspace, record) == ["dataset", "model"]
    run = a_run(id=record.id)
    evaluation = an_evaluation(run=run)
    exported = an_export(evaluation=evaluation)
    full = msgspec.structs.replace(record, run=run, evaluation=evaluation, exported=exported)
    save_run(workspace, full)
    assert state_files_of(workspace, record) == ["dataset", "evaluation", "exported", "model", "run"]
    read = read_run(workspace, record.id)
    assert read == full
    assert read.exported is not None
    assert read.evaluation is read.exported.evaluation  # equal states are one object
    written = json.loads((workspace.runs / record.id / "run.json").read_bytes())
    assert written["schema"] == 2
    assert written["states"].keys() == {"dataset", "run", "evaluation", "exported"}
    assert "vocabulary_size" not in str(written)


def test_states_that_are_no_longer_named_are_deleted(workspace: Workspace) -> None:
    record = an_evaluated_run(workspace)
    assert record.evaluation is not None
    again = msgspec.structs.replace(record.evaluation, seconds=99.0)
    save_run(workspace, msgspec.structs.replace(record, evaluation=again))
    assert state_files_of(workspace, record) == ["dataset", "evaluation", "model", "run"]
    (workspace.runs / record.id / "states" / "notes.json").write_text("mine")
    save_run(workspace, msgspec.structs.replace(record, evaluation=None))
    assert state_files_of(workspace, record) == ["dataset", "model", "notes.json", "run"]


def test_a_save_that_ends_before_the_record_leaves_the_run_as_it_was(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = an_evaluated_run(workspace)
    assert record.evaluation is not None
    again = msgspec.structs.replace(record.evaluation, seconds=99.0)
    monkeypatch.setattr(run_store, "write_record", no_space)
    with pytest.raises(OSError, match="No space"):
        save_run(workspace, msgspec.structs.replace(record, evaluation=again))
    assert read_run(workspace, record.id) == record


def test_a_run_that_is_saved_while_it_is_read_is_read_as_it_is_now(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = an_evaluated_run(workspace)
    now = msgspec.structs.replace(record, evaluation=None, run=a_run(id=record.id, seconds=99.0))
    real = run_store.read_states

    def read_too_late(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(run_store, "read_states", real)
        save_run(workspace, now)
        return real(*arguments, **options)

    monkeypatch.setattr(run_store, "read_states", read_too_late)
    assert read_run(workspace, record.id) == now


@pytest.mark.parametrize("damage", ["flipped", "gone", "link"])
def test_a_run_with_a_damaged_state_is_listed_but_not_opened(workspace: Workspace, tmp_path: Path, damage: str) -> None:
    record = an_evaluated_run(workspace)
    (path,) = (workspace.runs / record.id / "states").glob("dataset-*.json")
    content = path.read_bytes()
    path.unlink()
    if damage == "flipped":
        path.write_bytes(content.replace(b"short", b"shorT"))
    elif damage == "link":
        (tmp_path / "elsewhere").write_bytes(content)
        path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EngineError, match="C9"):
        read_run(workspace, record.id)
    assert list_rows(workspace).rows == (row_of(record),)


@pytest.mark.parametrize(
    "states", [{}, {"run": "0" * 32}, {"dataset": "../../../run"}, {"model": "x"}, {"dataset": 3}, {"x": "0"}]
)
def test_a_record_that_names_no_states_is_refused(workspace: Workspace, states: dict[str, object]) -> None:
    record = an_evaluated_run(workspace)
    path = workspace.runs / record.id / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "states": states}))
    with pytest.raises(EngineError, match="C9"):
        read_run(workspace, record.id)


def test_a_folder_that_was_copied_is_a_run_of_its_own(workspace: Workspace, tmp_path: Path) -> None:
    record = an_evaluated_run(workspace)
    other = Workspace(tmp_path / "other").create()
    shutil.copytree(workspace.runs / record.id, workspace.runs / "copy")
    shutil.copytree(workspace.runs / record.id, other.runs / "mine")
    for place, name in ((workspace, "copy"), (other, "mine")):
        read = read_run(place, name)
        assert read.run is not None
        assert (read.id, read.run.id, read.run.folder) == (name, name, str(place.runs / name))
        assert read.evaluation is not None
        assert read.evaluation.run == read.run
        rename_run(place, name, "another")
        assert {row.id: row.name for row in list_rows(place).rows}[name] == "another"
    assert read_run(workspace, record.id) == record


def test_a_long_curve_is_thinned_in_the_list_with_its_ends(workspace: Workspace) -> None:
    history = tuple(HistoryPoint(step, 1.0, None, None, {"macro_f1": step / 1000}) for step in range(1, 1001))
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    save_run(workspace, msgspec.structs.replace(record, run=a_run(id=record.id, history=history)))
    (row,) = list_rows(workspace).rows
    assert len(row.summary.curve) == 200
    assert (row.summary.curve[0], row.summary.curve[-1]) == ((1, 0.001), (1000, 1.0))


@pytest.mark.parametrize("status", ["preparing", "training", "stopping", "failed"])
def test_whatever_ended_it_an_unfinished_run_with_a_checkpoint_is_offered(
    workspace: Workspace, status: RunStatus
) -> None:
    """One that was killed while it was continued is still preparing."""
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    record = msgspec.structs.replace(record, status=status)
    save_run(workspace, record)
    assert interrupted_runs(workspace) == ()
    (workspace.runs / record.id / "checkpoints" / "step-000020").mkdir(parents=True)
    assert interrupted_runs(workspace) == (record,)
    assert can_continue(workspace, record.id)


@pytest.mark.parametrize(("status", "continues"), [("stopped", True), ("finished", False)])
def test_a_run_that_was_stopped_continues_when_asked_and_a_finished_one_never(
    workspace: Workspace, status: RunStatus, continues: bool
) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    save_run(workspace, msgspec.structs.replace(record, status=status))
    (workspace.runs / record.id / "checkpoints" / "step-000020").mkdir(parents=True)
    assert interrupted_runs(workspace) == ()
    assert can_continue(workspace, record.id) == continues
