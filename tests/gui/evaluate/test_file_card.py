"""A whole file in the window: its columns, what the engine is asked, progress, cancel, scores and disagreements."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.events import Answered, Progressed
from engine.contract.messages import Evaluate
from engine.contract.queries import (
    AskFilePrediction,
    AskPreview,
    ColumnFound,
    Disagreement,
    FilePredicted,
    FileScores,
    Preview,
)
from engine.contract.sentences import Sentence
from engine.contract.settings import EvaluateSettings, FineTuneSettings, PrepareSettings, ReadingOptions, Roles
from engine.contract.states import PairedTest, ScoreDifference
from gui.evaluate.file_card import FileCard
from gui.session import Session
from tests.builders import a_dataset, a_run
from tests.gui.conftest import StandInEngine

RUN = a_run(dataset=a_dataset(settings=PrepareSettings(roles=Roles(text="review", label="verdict"))))


def preview(*names: str) -> Preview:
    columns = tuple(ColumnFound(name, "text", 3, 20.0) for name in names)
    return Preview("rows.csv", ReadingOptions(), columns, (), 3, Roles(), "text_classification", 100)


@pytest.fixture
def card(session: Session, engine: StandInEngine, qtbot: QtBot, tmp_path: Path) -> FileCard:
    engine.answers[AskPreview] = lambda question: preview("id", "review", "verdict", "gpt")
    card = FileCard(session)
    qtbot.addWidget(card)
    card.resize(700, 500)
    card.show()
    card.take_run(RUN)
    card.take_file(str(tmp_path / "rows.csv"))
    qtbot.waitUntil(lambda: card.text.count() == 4)
    return card


def asked(engine: StandInEngine) -> AskFilePrediction:
    job = engine.jobs[-1]
    assert isinstance(job, AskFilePrediction)
    return job


def test_the_columns_of_training_are_found_in_the_file(card: FileCard) -> None:
    assert card.text.currentData() == "review"
    assert card.labels.currentData() == "verdict"
    assert card.other.currentData() == ""
    assert card._second_row.isHidden()


def test_the_engine_is_asked_with_the_chosen_columns_and_reports_how_far_it_is(
    card: FileCard, engine: StandInEngine, qtbot: QtBot
) -> None:
    card.other.setCurrentIndex(card.other.findData("gpt"))
    card.predict_into("/somewhere/answers.xlsx")
    question = asked(engine)
    assert (question.text, question.labels, question.other) == ("review", "verdict", "gpt")
    assert question.target == "/somewhere/answers.xlsx"
    assert not card.cancel_button.isHidden()
    number = len(engine.jobs)
    engine.send(Progressed(200, 0, Sentence("evaluating.progress.predicting_file", file="rows.csv"), "rows"), number)
    assert card.progress.amount() == "200 rows"
    scores = FileScores(
        rows=180,
        headline="accuracy",
        scores={"accuracy": 0.9},
        intervals={"accuracy": (0.85, 0.94)},
        other_scores={"accuracy": 0.8},
        difference=ScoreDifference(0.1, 0.04, 0.16),
        test=PairedTest(30, 12, 0.008, 0.002, 0.002),
        disagreements=(Disagreement(7, "<b>not bad</b>", "positive", "positive", "negative"),),
        disagreeing=1,
    )
    engine.send(Answered(FilePredicted("/somewhere/answers.xlsx", 200, 3, 0, 12, scores)), number)
    text = card.note.text()
    assert text.startswith("200 rows, 3 without a text, 12 with “don't know”, written into answers.xlsx.")
    assert "This model is better by 0.10 (0.04–0.16) on the same 180 rows." in text
    assert "30 rows are right here alone, 12 there alone. p = 0.002." in text
    assert card.table.cells.text(0, 1) == "<b>not bad</b>"
    assert card.cancel_button.isHidden()


def test_cancel_withdraws_the_question(card: FileCard, engine: StandInEngine) -> None:
    card.predict_into("/somewhere/answers.csv")
    card.cancel_button.click()
    assert card.note.text() == "Cancelled. No file was written."
    assert card.predict_button.isEnabled()
    number = len(engine.jobs)
    engine.send(Answered(FilePredicted("/somewhere/answers.csv", 1, 0, 0)), number)
    assert card.note.text() == "Cancelled. No file was written."


def test_while_a_stage_runs_nothing_is_predicted(card: FileCard, session: Session, engine: StandInEngine) -> None:
    session.run_stage(Evaluate(RUN, EvaluateSettings()))
    assert not card.predict_button.isEnabled()
    card.predict_into("/somewhere/answers.csv")
    assert isinstance(engine.jobs[-1], Evaluate)


def test_a_pair_needs_its_second_column(session: Session, engine: StandInEngine, qtbot: QtBot) -> None:
    engine.answers[AskPreview] = lambda question: preview("first", "second")
    roles = Roles(text="first", second_text="second", label="same")
    card = FileCard(session)
    qtbot.addWidget(card)
    card.take_run(a_run(dataset=a_dataset(settings=PrepareSettings(roles=roles)), settings=FineTuneSettings()))
    card.take_file("/somewhere/pairs.csv")
    qtbot.waitUntil(lambda: card.text.count() == 2)
    card.predict_into("/somewhere/answers.csv")
    assert asked(engine).second_text == "second"
    assert asked(engine).labels == ""
