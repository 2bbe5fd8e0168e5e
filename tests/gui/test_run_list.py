"""The list of runs: what stands in it, what can be done with each, and that deleting asks first."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.settings import FineTuneSettings
from engine.storage import RunRecord, Workspace, create_run, run_folder, run_lock, save_run
from gui.run_index import RunIndex
from gui.widgets.run_list import RunList
from tests.builders import a_dataset, a_run, an_evaluation


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace").create()


def stored(workspace: Workspace, name: str, **changes: object) -> RunRecord:
    import msgspec

    record = create_run(workspace, a_dataset(), FineTuneSettings(run_name=name))
    record = msgspec.structs.replace(record, **changes)
    save_run(workspace, record)
    return record


def shown(workspace: Workspace, qtbot: QtBot) -> RunList:
    index = RunIndex(workspace)
    runs = RunList(index)
    qtbot.addWidget(runs)
    index.setParent(runs)
    runs.show()
    with qtbot.waitSignal(index.changed):
        index.refresh()
    return runs


def texts(runs: RunList, row: int) -> list[object]:
    return [runs.model.data(runs.model.index(row, column)) for column in range(runs.model.columnCount())]


def test_every_run_is_a_row_with_its_score_and_time(workspace: Workspace, qtbot: QtBot) -> None:
    stored(workspace, "<b>mine</b>", status="finished", run=a_run(), evaluation=an_evaluation())
    runs = shown(workspace, qtbot)
    assert texts(runs, 0)[:4] == ["<b>mine</b>", "evaluated", "macro F1 0.829", "2:12 min"]


def test_without_runs_the_list_says_what_will_be_here(workspace: Workspace, qtbot: QtBot) -> None:
    runs = shown(workspace, qtbot)
    assert runs.empty.isVisible()
    assert not runs.table.isVisible()


def test_buttons_follow_how_far_the_run_came(workspace: Workspace, qtbot: QtBot) -> None:
    stored(workspace, "trained", status="finished", run=a_run(), created=2.0)
    waiting = stored(workspace, "interrupted", status="training", created=1.0)
    (run_folder(workspace, waiting.id) / "checkpoints" / "step-000010").mkdir(parents=True)
    runs = shown(workspace, qtbot)
    runs.table.selectRow(0)
    assert runs.evaluate_button.isEnabled()
    assert not runs.export_button.isEnabled()
    assert not runs.continue_button.isEnabled()
    runs.table.selectRow(1)
    assert not runs.evaluate_button.isEnabled()
    assert runs.continue_button.isEnabled()
    assert texts(runs, 1)[1] == "interrupted"


def test_opening_hands_over_the_run(workspace: Workspace, qtbot: QtBot) -> None:
    record = stored(workspace, "trained", status="finished", run=a_run())
    runs = shown(workspace, qtbot)
    runs.table.selectRow(0)
    with qtbot.waitSignal(runs.evaluate_pressed) as pressed:
        qtbot.mouseClick(runs.evaluate_button, Qt.MouseButton.LeftButton)
    assert pressed.args is not None
    assert pressed.args[0] == record


def test_deleting_asks_first_and_then_deletes_the_files(workspace: Workspace, qtbot: QtBot) -> None:
    record = stored(workspace, "old", status="finished", run=a_run())
    runs = shown(workspace, qtbot)
    runs.table.selectRow(0)
    runs.delete_button.click()
    assert runs.confirmation.isVisible()
    runs.keep_button.click()
    assert run_folder(workspace, record.id).exists()
    runs.delete_button.click()
    index = runs.findChild(RunIndex)
    assert isinstance(index, RunIndex)
    with qtbot.waitSignal(index.changed):
        runs.confirm_button.click()
    assert not run_folder(workspace, record.id).exists()
    assert runs.model.rowCount() == 0


def test_a_run_that_is_being_written_is_not_deleted(workspace: Workspace, qtbot: QtBot) -> None:
    record = stored(workspace, "busy", status="training")
    index = RunIndex(workspace)
    told: list[object] = []
    index.failed.connect(told.append)
    with run_lock(workspace, record.id), qtbot.waitSignals([index.failed, index.changed]):
        index.delete(record)
    assert run_folder(workspace, record.id).exists()
    assert told
    index.deleteLater()
