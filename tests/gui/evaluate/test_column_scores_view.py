"""Scores by a column on the Evaluate page: another column is one choice, its rows one click away."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.diagnoses import AskColumnScores, AskWeakSlices, ColumnScores, ValueScore, WeakSlice, WeakSlices
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport
from gui.evaluate.column_scores_view import result_text, value_text
from gui.evaluate.page import EvaluatePage
from gui.evaluate.weak_slices_view import group_name
from tests.gui.conftest import StandInEngine
from tests.gui.evaluate.made_up_report import made_up, on_disk

SHOPS = (
    ValueScore("Ulm", None, None, 0.75, (0.6, 0.86), (1, 4, 9)),
    ValueScore("", None, None, None, None, (2,)),
)
PRICES = (ValueScore("", 1.0, 1234.0, 0.5, (0.3, 0.7), (5, 6)),)
COLUMN_GROUP = WeakSlice("column", "", 0, 0, 10, 4, 90, 9, 0.001, (3,), "price", 0.5, 2.25)


def answer_to(question: AskColumnScores) -> ColumnScores:
    values = PRICES if question.column == "price" else SHOPS
    return ColumnScores(("shop", "price"), question.column or "shop", "macro_f1", "test", 30, values, 3)


@pytest.fixture
def report(tmp_path: Path) -> EvaluationReport:
    return on_disk(tmp_path, "text_classification", made_up("text_classification", 30))


@pytest.fixture
def answers(engine: StandInEngine) -> None:
    engine.answers[AskColumnScores] = answer_to
    engine.answers[AskWeakSlices] = lambda _: WeakSlices(30, 1, (COLUMN_GROUP,), "test")


@pytest.fixture
def page(answers: None, page_with_report: EvaluatePage) -> EvaluatePage:
    return page_with_report


def test_a_value_is_one_click_from_its_rows_and_another_column_one_choice_away(
    page: EvaluatePage, qtbot: QtBot
) -> None:
    view = page.diagnosis.column_scores
    view.query.start_button.click()
    qtbot.waitUntil(view.table.isVisible)
    assert [[view.table.cells.text(line, column) for column in range(3)] for line in range(2)] == [
        ["Ulm", "0.75 (0.60–0.86)", "3"],
        ["no value", "not measurable", "1"],
    ]
    assert view.result.text() == "3 less frequent values are not listed."
    page.evaluated_rows.outcome.setCurrentIndex(page.evaluated_rows.outcome.findData(""))
    view.table.selectRow(0)
    rows = page.evaluated_rows.table.rows
    qtbot.waitUntil(lambda: rows.rowCount() == 3)
    assert page.evaluated_rows.note.text() == "shop: Ulm: 3 rows."
    view.column.setCurrentIndex(1)
    view.column.activated.emit(1)
    qtbot.waitUntil(lambda: view.table.cells.text(0, 0) == "1 to 1,234")
    view.table.selectRow(0)
    qtbot.waitUntil(lambda: rows.rowCount() == 2)


def test_one_group_is_selected_at_a_time(page: EvaluatePage, qtbot: QtBot) -> None:
    columns, weak = page.diagnosis.column_scores, page.diagnosis.weak_slices
    columns.query.start_button.click()
    weak.query.start_button.click()
    qtbot.waitUntil(lambda: columns.table.isVisible() and weak.table.isVisible())
    page.evaluated_rows.outcome.setCurrentIndex(page.evaluated_rows.outcome.findData(""))
    columns.table.selectRow(0)
    weak.table.selectRow(0)
    assert columns.table.selected_row() is None
    qtbot.waitUntil(lambda: page.evaluated_rows.note.text() == "price: 0.5 to 2.25: 1 row.")
    columns.table.selectRow(0)
    assert weak.table.selected_row() is None
    page.evaluated_rows.all_button.click()
    assert columns.table.selected_row() is None


def test_values_have_names() -> None:
    assert value_text(ValueScore("a\nb", None, None, 1.0, None, ())) == "a⏎b"
    assert value_text(ValueScore("", 3.0, 3.0, 1.0, None, ())) == "3"
    assert group_name(COLUMN_GROUP) == "price: 0.5 to 2.25"
    refused = Sentence("diagnosing.refused.no_other_columns")
    assert result_text(ColumnScores((), "", "macro_f1", "test", 3, refused=refused)).startswith("The file has no other")
