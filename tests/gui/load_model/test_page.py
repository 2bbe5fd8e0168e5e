"""The first page: what is asked before a download, what is said afterwards, and that nothing is sent unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.contract.errors import ErrorReport
from engine.contract.events import Progressed, StageStarted
from engine.contract.messages import LoadModel
from engine.contract.queries import (
    AskHubModel,
    AskMaskedWords,
    AskTokens,
    GuessedWord,
    HubModelFound,
    MaskedWordsGuessed,
    TokenizedText,
)
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import FolderModel, HubModel, StarterModel
from gui.load_model.page import LoadModelPage
from gui.session import Session
from tests.builders import a_dataset, a_model
from tests.gui.conftest import StandInEngine, show_page

COMMIT = "86b5e0934494bd15c9632b12f734a8a67f723594"


def found(question: AskHubModel, *, cached: int = 0, free: int = 50_000_000_000) -> HubModelFound:
    return HubModelFound(question.id, COMMIT, "bert", 440_500_000, cached, "apache-2.0", ("en",), free)


def pieces(question: AskTokens) -> TokenizedText:
    tokens = ("[CLS]", *question.text.lower().split(), "[SEP]")
    count = len(tokens)
    words = (None, *range(count - 2), None)
    return TokenizedText(question.text, tokens, tuple(range(count)), (1,) * count, words)


@pytest.fixture
def page(session: Session, engine: StandInEngine, qtbot: QtBot) -> LoadModelPage:
    engine.answers[AskTokens] = pieces  # type: ignore[assignment]
    return show_page(LoadModelPage(session), qtbot, width=900, height=600)


def press(page: LoadModelPage) -> None:
    assert page.primary_enabled(), page.primary_reason()
    page.take_primary_action()


def test_the_starter_is_one_press_away(page: LoadModelPage, session: Session, engine: StandInEngine) -> None:
    assert page.primary_text() == "Load and continue"
    press(page)
    assert engine.jobs == [LoadModel(StarterModel())]
    assert page.progress.isVisible()
    assert not page.chooser.isEnabled()


def test_the_size_is_known_before_anything_is_downloaded(
    page: LoadModelPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    engine.answers[AskHubModel] = found  # type: ignore[assignment]
    page.chooser.bert_card.click()
    assert engine.jobs == []
    assert page.primary_text() == "Look up"
    press(page)
    qtbot.waitUntil(lambda: page.primary_text() == "Download 440 MB")
    assert "440 MB to download" in page.chooser.verdict.sentence()
    assert "apache-2.0" in page.chooser.verdict.sentence()
    assert not any(isinstance(job, LoadModel) for job in engine.jobs)
    press(page)
    assert engine.jobs[-1] == LoadModel(HubModel("bert-base-uncased", revision=COMMIT))


def test_what_is_already_here_is_not_called_a_download(
    page: LoadModelPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    engine.answers[AskHubModel] = lambda question: found(question, cached=440_500_000)  # type: ignore[arg-type]
    page.chooser.bert_card.click()
    press(page)
    qtbot.waitUntil(lambda: page.primary_text() == "Load and continue")
    assert "already on this computer" in page.chooser.verdict.sentence()


def test_a_model_larger_than_the_disk_is_not_downloaded(
    page: LoadModelPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    engine.answers[AskHubModel] = lambda question: found(question, free=1_000)  # type: ignore[arg-type]
    page.chooser.bert_card.click()
    press(page)
    qtbot.waitUntil(lambda: "does not fit" in page.chooser.verdict.sentence())
    assert not page.primary_enabled()
    assert page.primary_reason() == "There is not enough free disk space for it."


def test_when_offline_the_hub_is_never_asked(page: LoadModelPage, session: Session, engine: StandInEngine) -> None:
    page.chooser.bert_card.click()
    session.preferences.change(offline=True)
    assert "offline" in page.chooser.verdict.sentence().lower()
    assert page.primary_text() == "Load and continue"
    press(page)
    assert engine.jobs == [LoadModel(HubModel("bert-base-uncased", offline=True))]


def test_a_hub_that_does_not_answer_is_one_sentence(
    page: LoadModelPage, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    error = ErrorReport("DownloadFailed", "M3", "The Hub does not answer.", "", (RecoveryAction.TRY_AGAIN,))
    engine.answers[AskHubModel] = lambda _question: error
    page.chooser.bert_card.click()
    with qtbot.waitSignal(page.error_found) as caught:
        press(page)
    assert caught.args == [error]
    assert page.primary_text() == "Look up"
    assert page.primary_enabled()
    page.solve(RecoveryAction.TRY_AGAIN, error)
    assert [type(job) for job in engine.jobs] == [AskHubModel, AskHubModel]


def test_a_hub_name_needs_to_be_typed_first(page: LoadModelPage, engine: StandInEngine, qtbot: QtBot) -> None:
    page.chooser.hub_card.click()
    assert not page.primary_enabled()
    assert "name" in page.primary_reason()
    qtbot.keyClicks(page.chooser.hub_field, " distilbert-base-cased ")
    qtbot.keyClick(page.chooser.hub_field, Qt.Key.Key_Return)
    assert engine.jobs == [AskHubModel("distilbert-base-cased")]


def test_choosing_something_else_forgets_the_question(
    page: LoadModelPage, engine: StandInEngine, session: Session
) -> None:
    page.chooser.bert_card.click()
    press(page)
    page.chooser.starter_card.click()
    assert engine.stopped_jobs == [(1, False)]
    assert page.primary_enabled()


def test_a_dropped_folder_is_chosen(page: LoadModelPage, engine: StandInEngine, tmp_path: Path) -> None:
    folder = tmp_path / "Ünï 空白 <b>"
    folder.mkdir()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder))])
    drop = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    page.dropEvent(drop)
    press(page)
    assert engine.jobs == [LoadModel(FolderModel(str(folder)))]


def test_bytes_speed_and_phase_are_shown(page: LoadModelPage, engine: StandInEngine) -> None:
    press(page)
    engine.send(StageStarted("Loading the model"))
    assert page.progress.phase() == "Loading the model"
    engine.send(Progressed(110_000_000, 440_000_000, "Downloading model.safetensors", "bytes"))
    assert page.progress.phase() == "Downloading model.safetensors"
    assert page.progress.amount() == "110 MB of 440 MB"


def test_a_loaded_model_shows_its_facts_and_how_it_reads(
    page: LoadModelPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    press(page)
    engine.succeed(a_model(notes=("The answer layer of this model is not used.",)))
    facts = dict(page.summary.facts.facts())
    assert facts["Architecture"] == "BertModel"
    assert facts["Parameters"] == "22.7 million"
    assert facts["Layers"] == "6"
    assert facts["Hidden size"] == "384"
    assert facts["Vocabulary"] == "30,522 tokens"
    assert facts["Maximum length"] == "512 tokens"
    assert facts["Size on disk"] == "91 MB"
    assert facts["Languages"] == "English"
    assert page.summary.notes.text() == "The answer layer of this model is not used."
    assert page.chosen() == "all-MiniLM-L6-v2"
    assert not page.chooser.isVisible()
    assert page.primary_text() == ""
    page.summary.sentence.clear()
    qtbot.keyClicks(page.summary.sentence, "not bad")
    model = a_model()
    qtbot.waitUntil(lambda: engine.jobs[-1] == AskTokens(model.folder, model.max_length, "not bad"))
    assert "384 numbers" in page.why()
    assert "BertModel.from_pretrained(" in page.code()


def test_a_failed_load_gives_the_cards_back(page: LoadModelPage, engine: StandInEngine) -> None:
    press(page)
    engine.fail(ErrorReport("ModelDamaged", "M7", "model.safetensors is cut."))
    assert page.chooser.isEnabled()
    assert not page.progress.isVisible()
    assert page.primary_enabled()


def test_the_loaded_model_is_not_loaded_twice(page: LoadModelPage, session: Session) -> None:
    session.go_to(a_dataset())
    page.again_button.click()
    assert page.chooser.isVisible()
    assert not page.primary_enabled()
    assert page.primary_reason() == "This model is loaded."
    page.chooser.bert_card.click()
    assert page.primary_enabled()


def test_a_card_can_be_chosen_with_the_keyboard(page: LoadModelPage, qtbot: QtBot) -> None:
    page.chooser.bert_card.setFocus()
    qtbot.keyClick(page.chooser.bert_card, Qt.Key.Key_Space)
    assert page.chooser.hub_id() == "bert-base-uncased"
    assert QApplication.focusWidget() in (page.chooser.bert_card, None)


def test_a_mask_in_the_sentence_is_guessed_where_the_model_can_write_words(
    page: LoadModelPage, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    words = (GuessedWord("film", 0.75), GuessedWord("movie", 0.2))
    engine.answers[AskMaskedWords] = lambda _question: MaskedWordsGuessed((words,))
    session.go_to(a_model(mask_token=""))
    assert not page.summary.guesses.isVisible()
    session.go_to(a_model(name="writes", mask_token="[MASK]"))
    assert "Write [MASK]" in page.summary.guesses.text()
    assert not any(isinstance(job, AskMaskedWords) for job in engine.jobs)
    page.summary.sentence_typed.emit("a good [MASK]")
    qtbot.waitUntil(lambda: "film (75.0 %), movie (20.0 %)" in page.summary.guesses.text())
    page.summary.sentence_typed.emit("a good film")
    assert "Write [MASK]" in page.summary.guesses.text()
