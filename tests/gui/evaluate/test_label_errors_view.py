"""Label errors on the Evaluate page: asked for, listed over all splits, repaired in the same store of edits."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from engine.contract.diagnoses import AskLabelErrors, LabelErrors, NearRow, SuspectedRow
from engine.contract.errors import ErrorReport
from engine.contract.events import Progressed
from engine.contract.messages import Happened
from engine.contract.row_edits import RowChange
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport
from engine.workspace.row_edit_file import read_changes
from gui.components.data_table import CELL_PADDING
from gui.components.sorted_table import TableRow
from gui.evaluate.label_errors_view import EDIT, SPLIT, SUGGESTED, TEXT, LabelErrorsView
from gui.evaluate.page import EvaluatePage
from gui.session import Session
from tests.gui.conftest import StandInEngine
from tests.gui.evaluate.made_up_report import made_up, on_disk

ROWS = made_up("text_classification", 30)
BEFORE = 5  # training rows of the made-up data set


def suspected(index: int, split: str, suggested: str, margin: float) -> SuspectedRow:
    row = ROWS[index]
    near = (NearRow(ROWS[0]["row"], "a near text", (ROWS[0]["truth"],), 0.91),)
    return SuspectedRow(
        split, index, row["row"], (row["truth"],), (suggested,), "label", 0.9, margin, margin < -0.5, near
    )


ANSWER = LabelErrors(
    35, 35, 5, 2, (suspected(2, "train", "positive", -0.8), suspected(7, "test", "neutral", -0.2)), agreeing=33
)


@pytest.fixture
def report(tmp_path: Path) -> EvaluationReport:
    return on_disk(tmp_path, "text_classification", ROWS, before=BEFORE)


@pytest.fixture
def page(page_with_report: EvaluatePage) -> EvaluatePage:
    return page_with_report


def listed(page: EvaluatePage, engine: StandInEngine, qtbot: QtBot) -> LabelErrorsView:
    engine.answers[AskLabelErrors] = lambda _: ANSWER
    view = page.diagnosis.label_errors
    view.query.start_button.click()
    qtbot.waitUntil(lambda: view.table.cells.rowCount() == 2)
    return view


def stored(session: Session, report: EvaluationReport) -> tuple[RowChange, ...]:
    return read_changes(session.workspace, report.run.dataset.source) or ()


def test_doubtful_rows_of_all_splits_are_listed_with_what_reads_like_them(
    page: EvaluatePage, engine: StandInEngine, qtbot: QtBot
) -> None:
    view = listed(page, engine, qtbot)
    assert [view.table.cells.text(line, SPLIT) for line in (0, 1)] == ["Training", "Test"]
    assert [view.table.cells.text(line, SUGGESTED) for line in (0, 1)] == ["positive", "neutral"]
    assert "35 rows of all splits" in view.result.text()
    assert "About 2 of them are probably labelled wrong." in view.result.text()
    view.table.selectRow(0)
    assert view.whole.text() == " ".join(ROWS[2]["words"])
    assert "a near text (0.91)" in view.near.text()
    assert view.repair.label.currentText() == "positive"
    assert view.table.isColumnHidden(EDIT)


def test_models_that_agree_with_few_labels_are_no_judges_of_them(
    page: EvaluatePage, engine: StandInEngine, qtbot: QtBot
) -> None:
    engine.answers[AskLabelErrors] = lambda _: msgspec.structs.replace(ANSWER, agreeing=21)
    view = page.diagnosis.label_errors
    view.query.start_button.click()
    qtbot.waitUntil(lambda: view.table.cells.rowCount() == 2)
    assert "agree with 60 % of the labels" in view.result.text()
    assert "probably labelled wrong" not in view.result.text()


def test_a_suggestion_is_taken_into_the_same_edits_and_undone_on_either_table(
    page: EvaluatePage, session: Session, engine: StandInEngine, report: EvaluationReport, qtbot: QtBot
) -> None:
    view = listed(page, engine, qtbot)
    view.table.selectAll()
    assert view.repair.suggest.text() == "Take 2 suggestions"
    view.repair.suggest.click()
    changes = stored(session, report)
    expected = {
        ROWS[index]["row"]: new for index, new in ((2, "positive"), (7, "neutral")) if ROWS[index]["truth"] != new
    }
    assert {change.row: change.new for change in changes} == {row: (new,) for row, new in expected.items()}
    assert page.repair.edits.changes == changes  # the rows above show it
    assert any(view.table.cells.text(line, EDIT).startswith("→") for line in (0, 1))
    view.repair.undo.click()
    assert stored(session, report) == ()
    assert page.repair.edits.changes == ()


def test_fifty_five_characters_of_a_doubtful_text_are_read_beside_long_labels(
    page: EvaluatePage, engine: StandInEngine, qtbot: QtBot
) -> None:
    view = listed(page, engine, qtbot)
    view.table.resize(650, view.table.height())  # beside the open panel in a window of 1280
    text = "The credit shows up on your side with a reference number but my bank does not know it."
    cells = ("1,234", text, "Validation", "cancel_subscription", "technical_issue", "57 %", "")
    rows = [TableRow(cells, cells)]
    view.table.show_rows(rows)
    view.table.measure(rows)
    room = 2 * (view.table.columnWidth(TEXT) - CELL_PADDING)
    assert room >= view.table.fontMetrics().horizontalAdvance(text[:55])
    shown = [column for column in range(EDIT + 1) if not view.table.isColumnHidden(column)]
    assert sum(map(view.table.columnWidth, shown)) <= view.table.viewport().width()


def test_progress_is_shown_and_cancel_withdraws_the_query(
    page: EvaluatePage, engine: StandInEngine, qtbot: QtBot
) -> None:
    view = page.diagnosis.label_errors
    view.query.start_button.click()
    number = len(engine.jobs)
    assert isinstance(engine.jobs[-1], AskLabelErrors)
    engine.happened.emit(Happened(number, Progressed(3, 10, "Looking for label errors", "models")))
    assert view.query.progress.amount() == "3 of 10 models"
    assert view.query.cancel_button.isVisible()
    view.query.cancel_button.click()
    assert engine.stopped_jobs[-1][0] == number
    assert view.query.start_button.isVisible()


def test_a_refusal_and_an_error_are_shown_as_sentences(page: EvaluatePage, engine: StandInEngine, qtbot: QtBot) -> None:
    view = page.diagnosis.label_errors
    refused = LabelErrors(9, 9, 0, 0, refused=Sentence("diagnosing.refused.few_rows", rows=9))
    engine.answers[AskLabelErrors] = lambda _: refused
    view.query.start_button.click()
    qtbot.waitUntil(view.result.isVisible)
    assert "9 rows are too few" in view.result.text()
    engine.answers[AskLabelErrors] = lambda _: ErrorReport("ModelDamaged", "M5", "The model is gone.")
    view.query.start_button.click()
    qtbot.waitUntil(view.query.problem.isVisible)
    assert view.query.problem.text() == "The model is gone."


def test_another_run_withdraws_the_query_and_its_list(
    page: EvaluatePage, session: Session, engine: StandInEngine, report: EvaluationReport, qtbot: QtBot
) -> None:
    import msgspec

    view = listed(page, engine, qtbot)
    other = msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, id="another"))
    session.go_to(other)
    assert view.table.cells.rowCount() == 0
    assert not view.result.isVisible()


def test_each_kind_of_error_in_entities_has_an_order_of_its_own(
    page: EvaluatePage, engine: StandInEngine, qtbot: QtBot
) -> None:
    rows = (*ANSWER.suspected, suspected(9, "test", "positive", 0.3))
    orders = {"": (0, 1), "missing": (2, 0), "boundary": (1,)}
    engine.answers[AskLabelErrors] = lambda _: msgspec.structs.replace(ANSWER, suspected=rows, orders=orders)
    view = page.diagnosis.label_errors
    assert not view.order.isVisible()
    view.query.start_button.click()
    qtbot.waitUntil(view.order.isVisible)
    assert [view.order.itemText(place) for place in range(view.order.count())] == [
        "All kinds of errors",
        "Missing entities first",
        "Wrong limits, or no entity, first",
    ]
    numbers = [str(ROWS[place]["row"]) for place in (2, 7, 9)]

    def shown() -> list[str]:
        return [view.table.cells.text(line, 0) for line in range(view.table.cells.rowCount())]

    assert shown() == numbers[:2]
    assert "The 2 most doubtful rows are listed" in view.result.text()  # the third is listed for its kind alone
    view.order.setCurrentIndex(1)
    view.order.activated.emit(1)
    assert shown() == [numbers[2], numbers[0]]
    view.table.selectRow(0)
    assert view.whole.text() == " ".join(ROWS[9]["words"])
