"""The dialog of the race: who takes part, what is asked of the engine, and what becomes of the winner."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.messages import LoadModel
from engine.contract.queries import AskEncoderRace, EncodersRaced, RacedEncoder
from engine.contract.sentences import Sentence
from engine.contract.settings import FolderModel, HubModel, StarterModel
from engine.workspace.references import reference_to_dataset
from gui.load_model.page import LoadModelPage
from gui.load_model.race_dialog import RaceDialog, entrants
from gui.preferences import RecentModel
from gui.session import Session
from tests.builders import a_dataset, a_model
from tests.gui.conftest import StandInEngine

DATASET = a_dataset(model=a_model(name="mine", source=FolderModel("/models/mine"), languages=("de",)), findings=())


def raced(question: AskEncoderRace) -> EncodersRaced:
    """The last one wins; the first is as good for all that is known, the second could not be loaded."""
    names = [str(number) for number in range(len(question.sources))]
    results = [RacedEncoder(source, name) for source, name in zip(question.sources, names, strict=True)]
    first, second, *_, last = results
    return EncodersRaced(
        "macro_f1",
        (
            RacedEncoder(last.source, "winner", 0.91, (0.85, 0.95), 2, 40, 61.0, 22_700_000, 91_000_000),
            RacedEncoder(first.source, "near", 0.88, (0.80, 0.93), 2, 40, 120.0, 22_700_000, 91_000_000),
            RacedEncoder(second.source, "gone", why_out=Sentence("racing.out.refused", message="Not there.")),
        ),
        rows=120,
        seconds=312.0,
    )


@pytest.fixture
def dialog(session: Session, engine: StandInEngine, qtbot: QtBot) -> RaceDialog:
    engine.answers[AskEncoderRace] = raced  # type: ignore[assignment]
    dialog = RaceDialog(session, DATASET, "de")
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def test_each_encoder_is_offered_once_and_what_is_here_comes_first() -> None:
    starter = a_dataset(model=a_model(source=StarterModel()))
    found = entrants(starter, ("/models/other",), "de", offline=True)
    assert [one.source for one in found[:2]] == [StarterModel(), FolderModel("/models/other")]
    assert found[0].name.endswith("(loaded)")
    hub = [one.source for one in found[2:]]
    assert all(isinstance(source, HubModel) and source.offline for source in hub)
    assert all(one.bytes > 0 for one in found[2:])


def test_two_to_six_encoders_are_raced_for_the_time_that_is_chosen(dialog: RaceDialog, engine: StandInEngine) -> None:
    assert [entrant.name for entrant in dialog.chosen()] == ["mine (loaded)"]
    assert not dialog.query.start_button.isEnabled()
    assert "1 are chosen" not in dialog.extent.text() or "Choose 2 to 6" in dialog.extent.text()
    dialog.choose(1)
    dialog.choose(2)
    dialog.budget.setCurrentIndex(0)
    assert "is downloaded first" in dialog.extent.text()
    sources = tuple(entrant.source for entrant in dialog.chosen())
    assert engine.jobs == []
    dialog.query.start_button.click()
    assert engine.jobs == [AskEncoderRace(sources, reference_to_dataset(DATASET), 120.0)]
    for line in range(3, 7):
        dialog.choose(line)
    assert len(dialog.chosen()) == 7
    assert not dialog.query.start_button.isEnabled()


def test_the_table_shows_the_scores_and_shows_what_they_cannot_show(dialog: RaceDialog, qtbot: QtBot) -> None:
    for line in (1, 2):
        dialog.choose(line)
    dialog.query.start_button.click()
    qtbot.waitUntil(dialog.table.isVisible)
    cells = dialog.table.cells
    assert [cells.text(row, 0) for row in range(3)] == ["winner", "near", "gone"]
    assert cells.text(0, 1) == "0.910"
    assert cells.text(2, 1) == "–"
    assert "did best on 120 validation rows" in dialog.outcome.text()
    assert "the difference from near is not certain" in dialog.outcome.text()
    assert "gone: Not there." in dialog.outcome.text()


def test_the_winner_is_loaded(session: Session, engine: StandInEngine, qtbot: QtBot) -> None:
    engine.answers[AskEncoderRace] = raced  # type: ignore[assignment]
    page = LoadModelPage(session)
    qtbot.addWidget(page)
    page.show()
    assert not page.chooser.shelf.race_button.isEnabled()
    page.show_state(DATASET)
    page.chooser.show()
    assert page.chooser.shelf.race_button.isEnabled()
    page.chooser.shelf.race_button.click()
    (dialog,) = page.findChildren(RaceDialog)
    for line in (1, 2):
        dialog.choose(line)
    winner = dialog.chosen()[-1].source
    dialog.query.start_button.click()
    qtbot.waitUntil(dialog.load_button.isVisible)
    dialog.load_button.click()
    assert engine.jobs[-1] == LoadModel(winner)
    assert isinstance(winner, HubModel)
    assert page.chooser.hub_id() == winner.id


def test_a_folder_that_was_used_before_can_take_part(session: Session, qtbot: QtBot) -> None:
    session.preferences.remember_model(RecentModel(folder="/models/recent"))
    dialog = RaceDialog(session, DATASET, "")
    qtbot.addWidget(dialog)
    assert "recent" in [dialog.choices.item(line).text() for line in range(4)]
