"""Why this answer: asked for beside a row and a typed text, shown as tokens with what they add."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.diagnoses import AskExplanation, AskNearRows, Explanation, NearRow, NearRows
from engine.contract.queries import AskPrediction
from engine.contract.states import EvaluationReport
from gui.evaluate.attribution_strip import AttributionStrip
from gui.evaluate.explanation_view import explanation_text
from gui.evaluate.page import EvaluatePage
from tests.gui.conftest import StandInEngine
from tests.gui.evaluate.made_up_report import made_up, on_disk

FOUND = Explanation(
    ("[CLS]", "a", "joy", "[SEP]"), (0.0, -0.25, 1.5, 0.0), "positive", -1, 2.5, 1.25, 0.004, 20, 0, 180.0
)


@pytest.fixture
def report(tmp_path: Path) -> EvaluationReport:
    return on_disk(tmp_path, "text_classification", made_up("text_classification", 20))


@pytest.fixture
def answers(engine: StandInEngine) -> None:
    engine.answers[AskExplanation] = lambda _: FOUND


@pytest.fixture
def page(answers: None, page_with_report: EvaluatePage) -> EvaluatePage:
    return page_with_report


def test_the_tokens_of_a_typed_text_are_shown_with_what_they_add(
    page: EvaluatePage, engine: StandInEngine, qtbot: QtBot
) -> None:
    assert not page.why_typed.isVisible()
    page.try_sentence("a joy")
    page.why_typed.why.start_button.click()
    qtbot.waitUntil(page.why_typed.strip.isVisible)
    (question,) = [job for job in engine.jobs if isinstance(job, AskExplanation)]
    assert (question.text, question.label) == ("a joy", "")
    assert page.why_typed.strip.shown() == [("[CLS]", ""), ("a", "-0.25"), ("joy", "+1.50"), ("[SEP]", "")]
    assert "logit 2.50, with padding in place of all words 1.25" in page.why_typed.note.text()
    assert "miss the difference by 0.4 %" in page.why_typed.note.text()
    page.try_sentence("a bore")  # another text: what was shown is not about it
    assert not page.why_typed.strip.isVisible()


def test_the_selected_row_is_explained_and_its_neighbours_have_labels(
    page: EvaluatePage, engine: StandInEngine, qtbot: QtBot
) -> None:
    engine.answers[AskNearRows] = lambda _: NearRows((NearRow(7, "a near text", ("positive",), 0.9),))
    assert not page.why_row.isVisible()
    qtbot.waitUntil(lambda: page.evaluated_rows.table.rows.rowCount() > 3)
    page.evaluated_rows.table.selectRow(1)
    text = page.evaluated_rows.table.rows.row_at(1).text
    page.why_row.nearest.start_button.click()
    qtbot.waitUntil(page.why_row.near.isVisible)
    question = engine.jobs[-1]
    assert isinstance(question, AskNearRows)
    assert question.text == text
    assert page.why_row.near.text() == "positive · row 7 (0.90): a near text"
    page.evaluated_rows.table.clearSelection()
    assert not page.why_row.isVisible()


def test_an_explanation_is_asked_once_and_can_be_cancelled(page: EvaluatePage, engine: StandInEngine) -> None:
    del engine.answers[AskExplanation]
    page.try_sentence("a joy")
    page.why_typed.why.start_button.click()
    number = len(engine.jobs)
    page.why_typed.why.start()
    assert sum(isinstance(job, AskExplanation) for job in engine.jobs) == 1
    page.why_typed.why.cancel_button.click()
    assert (number, False) in engine.stopped_jobs
    assert any(isinstance(job, AskPrediction) for job in engine.jobs)


def test_a_rough_explanation_reports_it() -> None:
    import msgspec

    rough = msgspec.structs.replace(FOUND, error=0.2, cut_tokens=3)
    assert "Take single values as rough." in explanation_text(rough)
    assert "3 tokens beyond the maximum length" in explanation_text(rough)
    number = msgspec.structs.replace(FOUND, label="")
    assert explanation_text(number).startswith("What each token adds to the number, by")


def test_tokens_wrap_and_foreign_text_stays_plain(qtbot: QtBot) -> None:
    strip = AttributionStrip()
    qtbot.addWidget(strip)
    strip.show_tokens(["<b>bold</b>"] * 30, [0.5] * 30, marked=2)
    assert strip.heightForWidth(300) > strip.heightForWidth(3_000)
    strip.resize(400, 200)
    assert not strip.grab().isNull()
    assert strip.shown()[0][0] == "<b>bold</b>"
