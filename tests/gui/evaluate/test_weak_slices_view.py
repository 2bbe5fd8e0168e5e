"""Weak groups on the Evaluate page: listed with both shares, each one click from its rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.diagnoses import AskWeakSlices, WeakSlice, WeakSlices
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport
from gui.evaluate.page import EvaluatePage
from gui.evaluate.weak_slices_view import group_name, result_text
from tests.gui.conftest import StandInEngine
from tests.gui.evaluate.made_up_report import made_up, on_disk

WORD = WeakSlice("word", "film", 0, 0, 10, 4, 90, 9, 0.0004, (1, 4, 9))
LENGTH = WeakSlice("length", "", 8, 12, 10, 3, 90, 9, 0.02, (2, 3))
ANSWER = WeakSlices(200, 12, (WORD, LENGTH), "test")


@pytest.fixture
def report(tmp_path: Path) -> EvaluationReport:
    return on_disk(tmp_path, "text_classification", made_up("text_classification", 30))


@pytest.fixture
def answers(engine: StandInEngine) -> None:
    engine.answers[AskWeakSlices] = lambda _: ANSWER


@pytest.fixture
def page(answers: None, page_with_report: EvaluatePage) -> EvaluatePage:
    return page_with_report


def test_a_group_is_one_click_from_its_rows(page: EvaluatePage, qtbot: QtBot) -> None:
    view = page.diagnosis.weak_slices
    view.query.start_button.click()
    qtbot.waitUntil(view.table.isVisible)
    assert [view.table.cells.text(0, column) for column in range(5)] == [
        "with the word “film”", "40 %", "10 %", "3", "< 0.001"
    ]  # fmt: skip
    page.evaluated_rows.outcome.setCurrentIndex(page.evaluated_rows.outcome.findData(""))
    view.table.selectRow(0)
    rows = page.evaluated_rows.table.rows
    qtbot.waitUntil(lambda: rows.rowCount() == 3)
    assert sorted(rows.position_at(line) for line in range(3)) == [1, 4, 9]
    assert page.evaluated_rows.note.text() == "with the word “film”: 3 rows."
    assert view.table.selected_row() == 0  # and stays so
    view.table.selectRow(1)
    qtbot.waitUntil(lambda: rows.rowCount() == 2)
    page.evaluated_rows.all_button.click()
    qtbot.waitUntil(lambda: rows.rowCount() == 30)
    assert not view.table.selectionModel().hasSelection()


def test_what_was_found_is_reported_with_the_share_of_chance() -> None:
    assert "2 groups are wrong more often" in result_text(ANSWER)
    assert "5 % at most are expected to be chance" in result_text(ANSWER)
    assert "None is wrong more often" in result_text(WeakSlices(200, 12, (), "test"))
    refused = Sentence("diagnosing.refused.slices_rows", rows=40)
    assert result_text(WeakSlices(40, 0, refused=refused)).startswith("40 rows are too few")


def test_each_kind_of_group_has_a_name() -> None:
    names = [group_name(one) for one in (WORD, LENGTH)]
    assert names == ["with the word “film”", "8 to 12 tokens"]
    assert group_name(WeakSlice("label", "joy", 0, 0, 1, 1, 1, 0, 0.1, ())) == "truly “joy”"
    assert group_name(WeakSlice("cluster", "", 0, 0, 1, 1, 1, 0, 0.1, ())) == "similar rows"
