"""The five steps and what is done with runs, under what Windows refuses: removing or renaming what is open or mapped.

Emulated on Linux (`tests/emulated_windows.py`); nobody has run the program on Windows yet.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from engine import stages
from engine.contract import messages
from engine.contract.errors import StopRequested
from engine.contract.events import Event, StageSucceeded, StepsTrained
from engine.contract.queries import AskPrediction
from engine.contract.settings import (
    FileRows,
    FineTuneSettings,
    FolderModel,
    PrepareSettings,
)
from engine.contract.states import ModelHandle, PreparedDataset, State, TrainingRun
from engine.runtime import thread as engine_thread
from engine.workspace import file_operations
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_run
from engine.workspace.run_index import list_rows
from engine.workspace.runs import read_run
from engine.workspace.trash import RunBin
from tests.emulated_windows import HEAD, ONCE, emulated_windows, worker_command
from tests.engine.trained_run import a_model_folder, review_rows
from tests.paths import ROOT
from tests.walk import Walk

TUNING = FineTuneSettings(epochs=2.0, device="cpu", threads=1)


def ignore(event: Event) -> None:
    """Events are not looked at."""


def rows_file(folder: Path, *, kind: str = "csv") -> Path:
    """Reviews of which some are far longer than most, so that the maximum length is found and rows are cut."""
    rows = [
        (row["text"] + " and a very slow story" * (6 if number % 40 == 0 else 0), row["label"])
        for number, row in enumerate(review_rows(200))
    ]
    place = folder / f"reviews.{kind}"
    if kind == "csv":
        place.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in rows), "utf-8")
        return place
    import pyarrow as pa

    table = pa.table({"text": [text for text, _ in rows], "label": [label for _, label in rows]})
    with pa.OSFile(str(place), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return place


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_operations, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(file_operations, "PATIENCE_SECONDS", 0.2)


def prepared(workspace: Workspace, tmp_path: Path, *, kind: str = "csv") -> PreparedDataset:
    folder = tmp_path / "tiny"
    model = stages.load_model(
        FolderModel(str(folder if folder.exists() else a_model_folder(folder))), ignore, workspace=workspace
    )
    return stages.prepare_dataset(
        model, FileRows(str(rows_file(tmp_path, kind=kind))), PrepareSettings(), ignore, workspace=workspace
    )


def reached(walk: Walk, job: messages.StageJob) -> State:
    """Runs a stage in the window's engine, and returns what it reached."""
    before = len(walk.events)
    assert walk.session.run_stage(job)
    walk.wait_for_outcome(before)
    (state,) = [event.state for event in walk.events[before:] if isinstance(event, StageSucceeded)]
    return state


def left_over(root: Path) -> list[str]:
    return [path.name for path in root.rglob("*") if "staging" in path.name]


@pytest.mark.parametrize("kind", ["csv", "arrow"])
def test_rows_are_prepared_and_their_old_files_go(kind: str, workspace: Workspace, tmp_path: Path, quick: None) -> None:
    with emulated_windows(tmp_path) as emulation:
        dataset = prepared(workspace, tmp_path, kind=kind)
    assert dataset.cut_rows  # so the rows were encoded twice
    assert emulation.refused == []
    assert left_over(tmp_path) == []


def test_an_interrupted_run_is_continued_and_its_old_checkpoints_go_and_then_the_run(
    workspace: Workspace, tmp_path: Path, quick: None
) -> None:
    with emulated_windows(tmp_path) as emulation:
        dataset = prepared(workspace, tmp_path)

        def stop_after_the_first_checkpoint(event: Event) -> None:
            if isinstance(event, StepsTrained) and event.step >= 6:
                raise StopRequested(leaving=True)

        with pytest.raises(StopRequested):
            stages.fine_tune(dataset, TUNING, stop_after_the_first_checkpoint, workspace=workspace)
        identity = list_rows(workspace).rows[0].id
        record = read_run(workspace, identity)
        run = stages.fine_tune(record.dataset, record.settings, ignore, continue_run=identity, workspace=workspace)
        assert run.steps == run.steps_planned
        assert emulation.refused == []  # what is continued from must not stay mapped: it is removed later
        assert len(list(Path(run.folder).glob("checkpoints/step-*"))) <= 2

        stages.answer(AskPrediction(reference_to_run(run), "the film is good", ""), ignore, workspace=workspace)
        trash = RunBin(workspace)
        trash.take(run.id)  # the network that answered just now is still in memory
        trash.give_back(run.id)
        trash.take(run.id)
        trash.empty()
        assert emulation.refused == []
    assert list_rows(workspace).rows == ()
    assert left_over(tmp_path) == []


def test_a_data_set_that_was_damaged_is_replaced_with_its_read_only_files(
    workspace: Workspace, tmp_path: Path, quick: None
) -> None:
    with emulated_windows(tmp_path) as emulation:
        dataset = prepared(workspace, tmp_path)
        assert any(not path.stat().st_mode & 0o200 for path in Path(dataset.folder).rglob("*") if path.is_file())
        (Path(dataset.folder) / "split.json").write_text("{}", "utf-8")
        again = prepared(workspace, tmp_path)
    assert again.folder == dataset.folder
    assert {why for _, _, why in emulation.refused} <= {"it is read-only"}
    assert left_over(tmp_path) == []


@pytest.mark.usefixtures("garbage_stays")
def test_the_whole_wizard_in_two_processes_though_each_renaming_is_refused_once(
    qapp: QApplication, workspace: Workspace, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Window and engine hold nothing that the other one removes: rows are shown while it prepares and trains."""
    monkeypatch.setenv(HEAD, str(os.getpid()))
    monkeypatch.setattr(engine_thread, "command_line", lambda root, place: worker_command(ROOT, place))
    a_model_folder(tmp_path / "tiny")
    with emulated_windows(tmp_path, refuse_once=True) as emulation:
        walk = Walk(workspace.root)
        try:
            walk.open()
            model = reached(walk, messages.LoadModel(FolderModel(str(tmp_path / "tiny"))))
            assert isinstance(model, ModelHandle)
            walk.prepare(FileRows(str(rows_file(tmp_path))))
            dataset = walk.session.state
            assert isinstance(dataset, PreparedDataset)
            run = reached(walk, messages.FineTune(dataset, TUNING))
            assert isinstance(run, TrainingRun)
            walk.evaluate()
            walk.export()
            walk.window.show_runs()
            walk.wait_until(lambda: [row.status for row in walk.window.runs.rows] == ["finished"], "the list of runs")
            trash = RunBin(workspace)
            trash.take(run.id)
            trash.empty()
        finally:
            walk.close()
    assert emulation.refused == []
    log = (workspace.logs / "engine.log").read_text("utf-8").splitlines()
    assert [line for line in log if line.startswith("REFUSED ") and not line.endswith(ONCE)] == []
    assert sum(line.endswith(ONCE) for line in log) > 20
    assert list_rows(workspace).rows == ()
    assert left_over(tmp_path) == []
