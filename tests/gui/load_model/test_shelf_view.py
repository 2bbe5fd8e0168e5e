"""The shelf on the Load model page: search, filters, what is recommended, and that choosing asks nothing of the Hub."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.findings import Finding
from engine.contract.queries import AskHubModel, Device, DevicesFound
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


def test_once_the_machine_is_known_each_encoder_says_what_it_needs_and_the_best_come_first(view: ShelfView) -> None:
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
