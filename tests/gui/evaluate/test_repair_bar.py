"""From a wrong row to its repair and to a child run, through the Evaluate page."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.contract.messages import FineTune
from engine.contract.row_edits import RowChange
from engine.contract.settings import FineTuneSettings
from engine.contract.states import EvaluationReport
from engine.workspace.row_edit_file import read_changes, write_changes
from gui.evaluate.evaluated_rows_view import EDIT
from gui.evaluate.page import EvaluatePage
from gui.session import Session
from tests.gui.conftest import StandInEngine
from tests.gui.evaluate.made_up_report import made_up, on_disk


@pytest.fixture
def report(tmp_path: Path) -> EvaluationReport:
    return on_disk(tmp_path, "text_classification", made_up("text_classification", 60))


@pytest.fixture
def page(page_with_report: EvaluatePage, qtbot: QtBot) -> EvaluatePage:
    page = page_with_report
    qtbot.waitUntil(lambda: page.evaluated_rows.table.rows.rowCount() > 5)
    return page


def stored(page: EvaluatePage, session: Session) -> tuple[RowChange, ...]:
    assert page._report is not None
    return read_changes(session.workspace, page._report.run.dataset.source) or ()


def first_row(page: EvaluatePage) -> tuple[int, str, str]:
    page.evaluated_rows.table.selectRow(0)
    row = page.evaluated_rows.table.rows.row_at(0)
    return row.row, row.truth, row.predicted


def test_a_label_is_put_right_in_the_file_of_choose_data_and_undone(page: EvaluatePage, session: Session) -> None:
    number, truth, predicted = first_row(page)
    assert page.repair.label.currentText() == predicted  # the likeliest repair
    signals: list[object] = []
    session.row_edits_changed.connect(signals.append)
    page.repair.relabel.click()
    (change,) = stored(page, session)
    assert (change.row, change.old, change.new) == (number, (truth,), (predicted,))
    assert len(signals) == 1
    table = page.evaluated_rows.table
    assert not table.isColumnHidden(EDIT)
    assert table.rows.text(0, EDIT) == f"→ {predicted}"
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert stored(page, session) == ()
    assert table.isColumnHidden(EDIT)


def test_rows_are_excluded_and_checked_with_keys(page: EvaluatePage, session: Session) -> None:
    table = page.evaluated_rows.table
    first_row(page)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert [change.leave_out for change in stored(page, session)] == [True]
    assert table.rows.text(0, EDIT) == "excluded"
    assert page.repair.exclude.text() == "Include again"
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert stored(page, session) == ()
    QTest.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [(change.checked, change.is_effective) for change in stored(page, session)] == [(True, False)]
    assert table.rows.text(0, EDIT) == "checked"
    assert not page.repair.train.isEnabled()  # nothing to learn from that


def test_train_again_starts_a_child_that_keeps_every_split(
    page: EvaluatePage, session: Session, engine: StandInEngine, report: EvaluationReport
) -> None:
    steps: list[str] = []
    page.step_requested.connect(steps.append)
    page.evaluated_rows.table.selectRow(0)
    page.repair.exclude.click()
    page.evaluated_rows.table.selectRow(1)
    page.repair.relabel.click()
    assert page.repair.train.text() == "Train again with 2 edits"
    page.repair.train.click()
    job = engine.jobs[-1]
    assert isinstance(job, FineTune)
    assert job.prepare is not None
    assert job.prepare.kept_splits == report.run.dataset.fingerprint
    assert job.prepare.changes == stored(page, session)
    assert (job.settings.parent, job.settings.run_name.endswith(" + 2 edits")) == (report.run.id, True)
    own = msgspec.structs.replace(job.settings, parent="", run_name="")
    assert own == FineTuneSettings()
    assert steps == ["Fine-tune"]
    assert not page.repair.train.isEnabled()  # while it runs


def test_edits_of_choose_data_are_there_when_the_page_is_shown(
    page: EvaluatePage, session: Session, report: EvaluationReport
) -> None:
    first_row(page)
    page.repair.exclude.click()
    kept = stored(page, session)
    page.repair.undo.click()
    page.hide()
    write_changes(session.workspace, report.run.dataset.source, kept)
    page.show()
    assert page.repair.edits.changes == kept
    assert page.repair.train.text() == "Train again with 1 edit"
