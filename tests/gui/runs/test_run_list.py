"""The list of runs: what is in it, what can be done with each, and that a deleted one can be brought back."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.contract.queries import RunDifference, RunDifferences
from engine.contract.settings import EvaluateSettings, FineTuneSettings
from engine.contract.states import PairedTest, ScoreDifference
from engine.workspace.layout import Workspace
from engine.workspace.runs import RunRecord, create_run, run_folder, run_lock, save_run
from gui.components import keys
from gui.runs.run_comparison import DIFFERENCE
from gui.runs.run_index import RunIndex
from gui.runs.run_list import RunList
from gui.runs.run_table import CURVE, NAME, NOTE, POINTS, SETTINGS, STATUS, TEST, VALIDATION, polyline
from tests.builders import a_dataset, a_run, an_evaluation


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
    validation, test = "0.830 · macro F1", "0.83 (0.78–0.88) · macro F1"
    assert texts(runs, 0)[:5] == ["<b>mine</b>", "evaluated", validation, test, "2:12 min"]


def test_a_score_that_cannot_be_measured_is_reported_with_its_rows(workspace: Workspace, qtbot: QtBot) -> None:
    none = an_evaluation(scores={"accuracy": 0.5, "macro_f1": None}, intervals={})
    stored(workspace, "none", status="finished", run=a_run(), evaluation=none)
    assert texts(shown(workspace, qtbot), 0)[TEST] == "not measurable · macro F1"


def test_a_report_of_the_selected_run_is_saved_as_one_page(
    workspace: Workspace, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(workspace, "mine", status="finished", run=a_run(), evaluation=an_evaluation())
    target = tmp_path / "mine.html"
    monkeypatch.setattr("gui.components.saving.QFileDialog.getSaveFileName", lambda *args: (str(target), ""))
    runs = shown(workspace, qtbot)
    assert not runs.report_button.isEnabled()
    runs.table.selectRow(0)
    runs.report_button.click()
    qtbot.waitUntil(target.is_file)
    page = target.read_text("utf-8")
    assert "<h1>mine</h1>" in page
    assert "<h2>Scores</h2>" in page


def test_without_runs_the_list_shows_what_will_be_here(workspace: Workspace, qtbot: QtBot) -> None:
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
    assert pressed.args[0].id == record.id


def test_a_run_that_is_being_written_is_not_deleted(workspace: Workspace, qtbot: QtBot) -> None:
    record = stored(workspace, "busy", status="training")
    index = RunIndex(workspace)
    failures: list[object] = []
    index.failed.connect(failures.append)
    with run_lock(workspace, record.id), qtbot.waitSignals([index.failed, index.changed]):
        index.delete(record)
    assert run_folder(workspace, record.id).exists()
    assert failures
    index.deleteLater()


def the_index(runs: RunList) -> RunIndex:
    index = runs.findChild(RunIndex)
    assert isinstance(index, RunIndex)
    return index


def test_a_deleted_run_is_brought_back_by_undo(workspace: Workspace, qtbot: QtBot) -> None:
    record = stored(workspace, "old", status="finished", run=a_run())
    runs = shown(workspace, qtbot)
    runs.activateWindow()
    runs.table.setFocus()
    runs.table.selectRow(0)
    with qtbot.waitSignal(the_index(runs).changed):
        qtbot.keyClick(runs.table, Qt.Key.Key_Delete)
    assert not run_folder(workspace, record.id).exists()
    assert runs.model.rowCount() == 0
    assert runs.bin_bar.isVisible()
    with qtbot.waitSignal(the_index(runs).changed):
        qtbot.keyClick(runs.undo_button, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert [row.id for row in runs.model.rows] == [record.id]
    assert not runs.bin_bar.isVisible()


def test_on_macos_backspace_deletes_a_run_and_in_its_name_a_letter(
    workspace: Workspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "sys", SimpleNamespace(platform="darwin"))
    record = stored(workspace, "old", status="finished", run=a_run())
    runs = shown(workspace, qtbot)
    runs.activateWindow()
    runs.table.setFocus()
    runs.table.selectRow(0)
    qtbot.keyClick(runs.table, Qt.Key.Key_F2)
    editor = runs.table.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.end(False)
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert editor.text() == "ol"
    assert runs.model.rowCount() == 1
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    runs.table.setFocus()
    with qtbot.waitSignal(the_index(runs).changed):
        qtbot.keyClick(runs.table, Qt.Key.Key_Backspace)
    assert not run_folder(workspace, record.id).exists()


def test_what_is_deleted_for_good_is_gone_from_the_disk(workspace: Workspace, qtbot: QtBot) -> None:
    stored(workspace, "old", status="finished", run=a_run())
    runs = shown(workspace, qtbot)
    runs.table.selectRow(0)
    with qtbot.waitSignal(the_index(runs).changed):
        runs.delete_button.click()
    assert list((workspace.root / "bin").rglob("run.json"))
    with qtbot.waitSignal(the_index(runs).changed):
        runs.empty_button.click()
    assert not list((workspace.root / "bin").rglob("run.json"))


def test_a_run_is_renamed_in_place_with_the_keyboard(workspace: Workspace, qtbot: QtBot) -> None:
    stored(workspace, "old", status="finished", run=a_run())
    runs = shown(workspace, qtbot)
    runs.table.selectRow(0)
    qtbot.keyClick(runs.table, Qt.Key.Key_F2)
    editor = runs.table.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    assert editor.text() == "old"
    editor.setText("<i>new</i>")
    with qtbot.waitSignal(the_index(runs).changed):
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert texts(runs, 0)[0] == "<i>new</i>"
    again = shown(workspace, qtbot)  # as after a restart
    assert texts(again, 0)[0] == "<i>new</i>"


def test_a_run_has_its_curve_and_the_settings_that_differ(workspace: Workspace, qtbot: QtBot) -> None:
    stored(workspace, "one", status="finished", run=a_run(), settings=FineTuneSettings(epochs=2), created=2.0)
    stored(workspace, "two", status="finished", run=a_run(), settings=FineTuneSettings(epochs=4), created=1.0)
    runs = shown(workspace, qtbot)
    assert runs.model.data(runs.model.index(0, CURVE), POINTS) == ((100, 0.78), (200, 0.83), (300, 0.82))
    assert [texts(runs, row)[SETTINGS] for row in (0, 1)] == ["Epochs 2", "Epochs 4"]
    line = polyline(((100, 0.78), (200, 0.83)), QRectF(0, 0, 50, 20))
    assert [(point.x(), point.y()) for point in line.toList()] == [(0, 20), (50, 0)]


def test_two_runs_are_compared_in_one_chart_and_escape_leads_back(workspace: Workspace, qtbot: QtBot) -> None:
    stored(workspace, "one", status="finished", run=a_run(), settings=FineTuneSettings(epochs=2), created=2.0)
    stored(workspace, "two", status="finished", run=a_run(), evaluation=an_evaluation(), created=1.0)
    runs = shown(workspace, qtbot)
    runs.table.selectRow(0)
    assert not runs.compare_button.isEnabled()
    runs.table.selectAll()
    assert not runs.delete_button.isEnabled()
    asked = Mock()
    runs.comparison.differences_requested.connect(asked)
    runs.compare_button.click()
    table, plot = runs.comparison.table, runs.comparison.plot
    assert plot is not None
    cells = {
        item.text(): [table.item(row, column).text() for column in (1, 2)]  # type: ignore[union-attr]
        for row in range(table.rowCount())
        if (item := table.item(row, 0)) is not None
    }
    assert cells["Best while training"] == ["validation 0.830, best of 3 · macro F1"] * 2
    assert cells["Evaluation"] == ["–", "test 0.83 (0.78–0.88) · macro F1"]
    assert cells["Epochs"] == ["2", "3"]
    drawn = [(name, list(y)) for name, _, y in plot.curves()]
    asked.assert_called_once()
    (question,) = asked.call_args.args
    assert question.others == tuple(row.id for row in runs.model.rows if row.id != question.reference)
    difference = ScoreDifference(0.031, 0.012, 0.05)
    other = RunDifference(
        question.others[0], 113, 2, "macro_f1", 0.8, 0.77, difference, PairedTest(9, 1, 0.02, 0.004, 0.004)
    )
    runs.comparison.show_differences(RunDifferences(question.reference, (other,)))
    column = 1 + [row.id for row in runs.model.rows].index(other.run)
    shown_text = table.item(DIFFERENCE, column)
    assert shown_text is not None
    assert shown_text.text() == "+0.031 (0.012–0.050), p = 0.004"
    assert "113 rows" in runs.comparison.difference_note.text()
    assert "2 rows that one of them lacks" in runs.comparison.difference_note.text()
    assert drawn == [("one", [0.78, 0.83, 0.82]), ("two", [0.78, 0.83, 0.82])]
    qtbot.keyClick(runs.comparison, Qt.Key.Key_Escape)
    assert runs.table.isVisible()
    assert not runs.comparison.isVisible()


def test_runs_of_a_newer_program_are_named_once(workspace: Workspace, qtbot: QtBot) -> None:
    stored(workspace, "mine")
    newer = stored(workspace, "newer")
    path = workspace.runs / newer.id / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 3}))
    index, failures = RunIndex(workspace), []
    index.failed.connect(failures.append)
    for _ in range(2):
        with qtbot.waitSignal(index.changed):
            index.refresh()
    assert [row.name for row in index.rows] == ["mine"]
    assert [(report.id, report.details) for report in failures] == [("C14", newer.id)]


def test_in_a_narrow_list_names_have_the_room_of_the_curves(workspace: Workspace, qtbot: QtBot) -> None:
    stored(workspace, "one", status="finished", run=a_run())
    runs = shown(workspace, qtbot)
    runs.resize(710, 500)
    assert runs.table.isColumnHidden(CURVE)
    assert runs.table.columnWidth(NAME) >= 100
    for button in (runs.evaluate_button, runs.delete_button):
        assert button.width() >= button.minimumSizeHint().width()
    runs.resize(1_200, 500)
    assert not runs.table.isColumnHidden(CURVE)
    assert not runs.table.isColumnHidden(NOTE)


def names(runs: RunList) -> list[str]:
    return [row.name for row in runs.model.rows]


def test_runs_are_sorted_by_a_column_and_pinned_ones_stay_on_top(workspace: Workspace, qtbot: QtBot) -> None:
    for name, score, created in (("middle", 0.5, 3.0), ("best", 0.9, 2.0), ("worst", 0.1, 1.0)):
        stored(workspace, name, status="finished", run=a_run(best_score=score), created=created)
    stored(workspace, "none", created=4.0)
    runs = shown(workspace, qtbot)
    assert names(runs) == ["none", "middle", "best", "worst"]
    header = runs.table.horizontalHeader()
    header.setSortIndicator(VALIDATION, Qt.SortOrder.DescendingOrder)
    assert names(runs) == ["best", "middle", "worst", "none"]  # without a score: last
    header.setSortIndicator(VALIDATION, Qt.SortOrder.AscendingOrder)
    assert names(runs) == ["worst", "middle", "best", "none"]
    runs.table.selectRow(names(runs).index("best"))
    with qtbot.waitSignal(the_index(runs).changed):
        runs.pin_button.click()
    assert names(runs) == ["best", "worst", "middle", "none"]
    assert texts(runs, 0)[NAME] == "★ best"
    assert runs.selected() is not None
    assert runs.pin_button.text() == "Unpin"
    again = shown(workspace, qtbot)  # as after a restart
    assert names(again)[0] == "best"


def test_a_filter_looks_into_names_notes_and_settings(workspace: Workspace, qtbot: QtBot) -> None:
    stored(workspace, "one", status="finished", run=a_run(), settings=FineTuneSettings(epochs=2), created=2.0)
    stored(
        workspace,
        "two",
        status="finished",
        run=a_run(),
        settings=FineTuneSettings(epochs=4),
        note="For Anna",
        created=1.0,
    )
    runs = shown(workspace, qtbot)
    for wanted, found in (("anna", ["two"]), ("EPOCHS 2", ["one"]), ("trained", ["one", "two"]), ("nobody", [])):
        runs.filter.setText(wanted)
        assert names(runs) == found
    assert runs.no_match.isVisible()
    runs.filter.clear()
    assert names(runs) == ["one", "two"]


def test_a_note_is_written_in_the_table_and_kept(workspace: Workspace, qtbot: QtBot) -> None:
    stored(workspace, "one", status="finished", run=a_run())
    runs = shown(workspace, qtbot)
    runs.table.selectRow(0)
    runs.note_button.click()
    editor = runs.table.findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    editor.setText("<b>too</b> long rows")
    with qtbot.waitSignal(the_index(runs).changed):
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    again = shown(workspace, qtbot)
    assert texts(again, 0)[NOTE] == "<b>too</b> long rows"


def test_a_run_that_was_stopped_before_any_evaluation_is_not_trained(workspace: Workspace, qtbot: QtBot) -> None:
    never = a_run(history=(), best_score=None, stopped_early=True)
    stored(workspace, "stopped at once", status="stopped", run=never, created=2.0)
    stored(workspace, "stopped later", status="stopped", run=a_run(stopped_early=True), created=1.0)
    runs = shown(workspace, qtbot)
    assert [texts(runs, row)[STATUS] for row in (0, 1)] == ["stopped", "trained"]
    tip = runs.model.data(runs.model.index(0, STATUS), Qt.ItemDataRole.ToolTipRole)
    assert "before any evaluation" in str(tip)


def test_the_test_column_holds_no_score_of_other_rows(workspace: Workspace, qtbot: QtBot) -> None:
    evaluation = an_evaluation(settings=EvaluateSettings(split="validation"))
    stored(workspace, "one", status="finished", run=a_run(), evaluation=evaluation)
    runs = shown(workspace, qtbot)
    assert texts(runs, 0)[TEST] == ""
    assert texts(runs, 0)[VALIDATION] == "0.830 · macro F1"
