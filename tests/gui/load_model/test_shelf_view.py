"""The shelf on the Load model page: search, filters, what is recommended, and that choosing asks nothing of the Hub."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.findings import Finding
from engine.contract.memory_estimate import EncoderShape
from engine.contract.queries import (
    AskHubModel,
    AskHubSearch,
    Device,
    DevicesFound,
    HubListing,
    HubModelFound,
    HubModelsListed,
)
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.shelf import shelf
from gui.load_model.page import LoadModelPage, rows_language
from gui.load_model.shelf_view import ShelfView
from gui.session import Session
from tests.builders import a_dataset, a_model
from tests.gui.conftest import StandInEngine

LAPTOP = Device("cpu", "Two cores", 8_000_000_000, 6_000_000_000, bf16=True)
LOOK_GERMAN = Finding(
    "language",
    "caution",
    Sentence("preparing.finding.texts_look_model_made_model", names="German", names_2="English"),
)


@pytest.fixture
def view(qtbot: QtBot) -> ShelfView:
    view = ShelfView()
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show()
    return view


def names(view: ShelfView) -> list[str]:
    model = view.table.cells
    return [model.text(row, 0) for row in range(model.rowCount())]


def here(view: ShelfView) -> list[str]:
    model = view.table.cells
    return [model.text(row, model.columnCount() - 1) for row in range(model.rowCount())]


def test_everything_is_listed_until_it_is_searched_or_filtered(view: ShelfView) -> None:
    assert len(names(view)) == len(shelf())
    view.search.setText("modernbert")
    assert names(view)
    assert len(names(view)) < len(shelf())
    view.show_language("ja")
    assert names(view) == ["mmBERT-small", "mmBERT-base", "modernbert-ja-130m"]
    view.search.setText("no such thing")
    assert view.empty.isVisible()
    assert not view.table.isVisible()


def test_once_the_machine_is_known_each_encoder_shows_what_it_needs_and_the_best_come_first(view: ShelfView) -> None:
    assert set(here(view)) == {"–"}
    assert not view.fits_here.isEnabled()
    view.show_device(LAPTOP)
    assert ["Recommended" in cell for cell in here(view)][:4] == [True, True, True, False]
    assert "Two cores, 6.0 GB free" in view.reason.text()
    assert any(cell.startswith("Too large") for cell in here(view))
    view.fits_here.setChecked(True)
    assert not any(cell.startswith(("Too large", "Tight")) for cell in here(view))


def test_a_selected_encoder_is_chosen_with_its_commit_and_nothing_is_asked(
    session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    page = LoadModelPage(session)
    qtbot.addWidget(page)
    page.show()
    entry = next(entry for entry in shelf() if entry.revision)
    page.chooser.shelf.search.setText(entry.id)
    page.chooser.shelf.table.selectRow(0)
    assert (page.chooser.hub_id(), page.chooser.hub_revision()) == (entry.id, entry.revision)
    assert page.primary_text() == "Look up"
    assert "licence" in page.chooser.shelf.facts.text()
    assert engine.jobs == []
    page.take_primary_action()
    assert engine.jobs == [AskHubModel(entry.id, entry.revision)]
    page.chooser.starter_card.setChecked(True)
    assert page.chooser.shelf.selected() is None
    page.chooser.hub_field.setFocus()
    qtbot.keyClicks(page.chooser.hub_field, "x")
    assert page.chooser.hub_revision() == "main"


def test_german_rows_on_an_english_encoder_filter_the_shelf_to_german(session: Session, qtbot: QtBot) -> None:
    page = LoadModelPage(session)
    qtbot.addWidget(page)
    session.take_devices(DevicesFound((LAPTOP,), NOTHING))
    dataset = a_dataset(model=a_model(languages=("en",)), findings=(LOOK_GERMAN,))
    assert rows_language(dataset) == "de"
    page.show_state(dataset)
    view = page.chooser.shelf
    assert view.language.currentText() == "German"
    assert "your rows, which look German" in view.reason.text()
    assert names(view)[0] == "distilbert-base-german-cased"
    view.show_language("")
    page.show_state(dataset)  # the user's own filter stays
    assert view.language.currentData() == ""


def test_the_language_of_rows_is_what_was_found_or_what_the_model_is_for() -> None:
    letters = Sentence(
        "preparing.finding.letters_model_made_choose_model", foreign=90.0, script="Cyrillic", names="English"
    )
    russian = a_dataset(findings=(Finding("language", "problem", letters),))
    assert rows_language(russian) == "ru"
    assert rows_language(a_dataset(model=a_model(languages=("fr",)), findings=())) == "fr"
    assert rows_language(a_dataset(model=a_model(languages=("en", "de")), findings=())) == ""


def test_the_hub_is_searched_by_a_click_and_what_it_lists_can_be_chosen(
    session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    listed = (
        HubListing("someone/german-bert", "bert", 110_000_000, 1_234, "mit", ("de",)),
        HubListing("someone/locked", "bert", needs_permission=True),
        HubListing("someone/chat", "llama", is_trainable=False),
    )
    engine.answers[AskHubSearch] = lambda _question: HubModelsListed(listed)
    page = LoadModelPage(session)
    qtbot.addWidget(page)
    page.resize(900, 900)
    page.show()
    view = page.chooser.shelf
    assert not view.hub_button.isEnabled()
    view.search.setText("german")
    assert engine.jobs == []
    view.hub_button.click()
    assert engine.jobs == [AskHubSearch("german")]
    qtbot.waitUntil(lambda: names(view) == ["someone/german-bert", "someone/locked", "someone/chat"])
    assert here(view) == ["On the Hub", "Needs permission", "Cannot be trained"]
    view.table.selectRow(0)
    assert page.chooser.hub_id() == "someone/german-bert"
    assert "1,234 downloads" in view.facts.text()
    view.shelf_button.click()
    assert not set(names(view)) & {listing.id for listing in listed}
    view.search.clear()
    assert len(names(view)) == len(shelf())


def test_offline_the_hub_cannot_be_searched(session: Session, qtbot: QtBot) -> None:
    page = LoadModelPage(session)
    qtbot.addWidget(page)
    page.chooser.shelf.search.setText("german")
    assert page.chooser.shelf.hub_button.isEnabled()
    session.preferences.change(offline=True)
    assert not page.chooser.shelf.hub_button.isEnabled()


@pytest.mark.parametrize(("free", "says"), [(30e9, "are free."), (5.5e9, "it may not fit"), (2e9, "a smaller encoder")])
def test_whether_a_looked_up_model_fits_is_beside_its_size(
    session: Session, engine: StandInEngine, qtbot: QtBot, free: float, says: str
) -> None:
    shape = EncoderShape("bert", 109_000_000, 12, 768)
    engine.answers[AskHubModel] = lambda question: HubModelFound(
        question.id, "c" * 40, "bert", 440_000_000, 0, "mit", ("en",), 10**11, shape
    )
    page = LoadModelPage(session)
    qtbot.addWidget(page)
    session.take_devices(DevicesFound((Device("cpu", "Two cores", 64_000_000_000, int(free), bf16=False),), NOTHING))
    page.chooser.bert_card.setChecked(True)
    page.take_primary_action()
    qtbot.waitUntil(lambda: "to download" in page.chooser.verdict.sentence())
    assert says in page.chooser.verdict.sentence()
