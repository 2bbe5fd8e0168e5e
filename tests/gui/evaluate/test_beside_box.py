"""Another run, or a linear model, beside the tried text; and sentences that are kept."""

from __future__ import annotations

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from engine.contract.diagnoses import AskLinearPrediction
from engine.contract.queries import AskPrediction, EntityFound, LabelProbability, Prediction
from engine.workspace.kept_sentences import KeptSentence, read_sentences
from engine.workspace.references import reference_to_run
from engine.workspace.runs import create_run, read_run, save_run
from gui.evaluate.beside_box import LINEAR, BesideBox, prediction_text
from gui.evaluate.try_it_box import TYPING_PAUSE
from gui.session import Session
from tests.builders import a_dataset, a_run
from tests.gui.conftest import StandInEngine

OWN = a_run()
ANSWER = Prediction("a joy", labels=(LabelProbability("positive", 0.9), LabelProbability("negative", 0.1)))


@pytest.fixture
def other(session: Session) -> str:
    """The id of another trained run of the workspace."""
    record = create_run(session.workspace, a_dataset(), OWN.settings)
    run = msgspec.structs.replace(OWN, id=record.id)
    save_run(session.workspace, msgspec.structs.replace(record, name="An earlier run", status="finished", run=run))
    return record.id


@pytest.fixture
def box(session: Session, engine: StandInEngine, other: str, qtbot: QtBot) -> BesideBox:
    engine.answers[AskPrediction] = lambda _: ANSWER
    engine.answers[AskLinearPrediction] = lambda _: ANSWER
    box = BesideBox(session)
    qtbot.addWidget(box)
    box.show()
    box.take_run(OWN, reference_to_run(OWN))
    qtbot.waitUntil(lambda: box.choice.count() == 3)
    return box


def choose(box: BesideBox, data: str) -> None:
    box.choice.setCurrentIndex(box.choice.findData(data))
    box.choice.activated.emit(box.choice.currentIndex())


def test_another_run_answers_the_same_text_and_both_networks_are_kept(
    box: BesideBox, session: Session, engine: StandInEngine, other: str, qtbot: QtBot
) -> None:
    box.ask("a joy")
    assert not any(isinstance(job, AskPrediction) for job in engine.jobs)
    choose(box, other)
    qtbot.waitUntil(box.answer.isVisible)
    assert box.answer.text() == "An earlier run: positive 90.0 % · negative 10.0 %"
    (question,) = [job for job in engine.jobs if isinstance(job, AskPrediction)]
    run = read_run(session.workspace, other).run
    assert run is not None
    assert question == AskPrediction(reference_to_run(run), "a joy", beside=True)


def test_the_untouched_encoder_answers_through_a_linear_model(
    box: BesideBox, engine: StandInEngine, qtbot: QtBot
) -> None:
    box.ask("a joy")
    choose(box, LINEAR)
    assert "reads all training rows" in box.answer.text()
    qtbot.waitUntil(lambda: box.answer.text().startswith("Linear model, untouched encoder: positive"))
    assert AskLinearPrediction(reference_to_run(OWN), "a joy") in engine.jobs
    choose(box, "")
    assert not box.answer.isVisible()


def test_a_run_of_another_task_is_not_compared(box: BesideBox, session: Session, other: str, qtbot: QtBot) -> None:
    entities = a_run(dataset=a_dataset(task="token_classification", label_names=("O", "B-PER", "I-PER")))
    box.take_run(entities, reference_to_run(entities))
    qtbot.waitUntil(lambda: box.choice.count() == 2)  # and no linear model of words
    box.ask("Anna")
    choose(box, other)
    qtbot.waitUntil(box.answer.isVisible)
    assert box.answer.text() == "That run was trained for another task."


def test_sentences_are_kept_chosen_again_and_dropped(box: BesideBox, session: Session, qtbot: QtBot) -> None:
    assert not box.keep.isEnabled()
    box.ask("a joy", "a bore")
    box.keep.click()
    assert read_sentences(session.workspace) == (KeptSentence("a joy", "a bore"),)
    box.ask("something else")
    chosen: list[tuple[str, str]] = []
    box.sentence_chosen.connect(lambda text, second: chosen.append((text, second)))
    box.sentences.setCurrentIndex(1)
    box.sentences.activated.emit(1)
    assert chosen == [("a joy", "a bore")]
    box.ask("a joy", "a bore")
    box.drop.click()
    assert read_sentences(session.workspace) == ()
    assert not box.sentences.isVisible()


def test_predictions_of_each_kind_are_one_line() -> None:
    entities = (EntityFound(0, 4, "PERSON", 0.9),)
    assert prediction_text(Prediction("Anna", entities=entities)) == "PERSON: Anna"
    assert prediction_text(Prediction("Anna")) == "no entity"
    assert prediction_text(Prediction("x", value=1.25)) == "1.25"


def test_the_pause_after_the_last_key_leaves_time_for_an_answer_within_150_ms() -> None:
    assert TYPING_PAUSE <= 100
