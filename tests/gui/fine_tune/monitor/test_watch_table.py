"""The user's own sentences: entered on the settings form, watched in a table while a run trains."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.events import TrainingStarted, Watched
from engine.contract.queries import EntityFound, LabelProbability, Prediction
from engine.contract.settings import FineTuneSettings, PrepareSettings, Roles
from gui.fine_tune.monitor.watch_table import WatchTable
from gui.fine_tune.setup.training_setup import TrainingSetup
from tests.builders import a_dataset


def answer(text: str, label: str, probability: float) -> Prediction:
    other = {"positive": "negative", "negative": "positive"}[label]
    return Prediction(text, (LabelProbability(label, probability), LabelProbability(other, 1 - probability)))


@pytest.fixture
def setup(qtbot: QtBot) -> TrainingSetup:
    setup = TrainingSetup()
    qtbot.addWidget(setup)
    setup.set_dataset(a_dataset(), keep_entries=False)
    return setup


def test_lines_are_settings_and_survive_a_preset(setup: TrainingSetup, qtbot: QtBot) -> None:
    with qtbot.waitSignal(setup.changed):
        setup.watch_lines.edit.setPlainText(" one \n\ntwo\n")
    assert setup.value().watch_list == ("one", "two")
    setup.cards[0].click()
    assert setup.value().watch_list == ("one", "two")
    assert [card.isChecked() for card in setup.cards] == [True, False, False]
    setup.set_value(FineTuneSettings(watch_list=("three",)))
    assert setup.watch_lines.edit.toPlainText() == "three"


def test_too_many_lines_are_refused_beside_the_field(setup: TrainingSetup) -> None:
    setup.watch_lines.edit.setPlainText("\n".join("abcdefghijklmnopqrstu"))
    assert "21 lines" in setup.errors()["watch_list"]
    setup.watch_lines.edit.setPlainText("x" * 1001)
    assert "1,001 characters" in setup.errors()["watch_list"]
    setup.watch_lines.edit.setPlainText("x")
    assert setup.errors() == {}


def test_pairs_say_how_they_are_written(setup: TrainingSetup) -> None:
    assert "|" not in setup.watch_lines._hint.text()
    setup.set_dataset(
        a_dataset(settings=PrepareSettings(roles=Roles(text="a", second_text="b", label="c"))), keep_entries=True
    )
    assert "first | second" in setup.watch_lines._hint.text()


def test_the_table_shows_each_answer_and_how_it_changed(qtbot: QtBot) -> None:
    table = WatchTable()
    qtbot.addWidget(table)
    assert not table.isVisibleTo(None)  # type: ignore[arg-type]
    table.show_event(Watched(100, (answer("fine", "positive", 0.6), answer("so", "positive", 0.55))))
    assert table.rows() == [("fine", "positive 60 %", ""), ("so", "positive 55 %", "")]
    table.show_event(Watched(200, (answer("fine", "positive", 0.93), answer("so", "negative", 0.8))))
    assert table.rows() == [
        ("fine", "positive 93 %", "+33 points"),
        ("so", "negative 80 %", "was positive 55 %"),
    ]
    assert "step 200" in table._head.text()
    table.show_event(TrainingStarted("id", "/r", 300, 100.0, 100, "cpu", "fp32", "macro_f1"))
    table.show_event(Watched(150, (answer("fine", "positive", 0.6), answer("so", "positive", 0.551))))
    assert [row[2] for row in table.rows()] == ["the same", "the same"]


def test_after_the_run_the_answers_of_the_network_that_was_kept_are_shown(qtbot: QtBot) -> None:
    table = WatchTable()
    qtbot.addWidget(table)
    for step, probability in ((100, 0.6), (200, 0.9), (300, 0.7)):
        table.show_event(Watched(step, (answer("fine", "positive", probability),)))
    assert table.rows() == [("fine", "positive 70 %", "-20 points")]
    table.show_best(200)
    assert table.rows() == [("fine", "positive 90 %", "+30 points")]
    assert table._head.text() == "Watch-list as the best network answers it, after step 200"
    table.show_best(100)
    assert table.rows() == [("fine", "positive 60 %", "")]
    table.show_event(TrainingStarted("id", "/r", 300, 100.0, 300, "cpu", "fp32", "macro_f1"))
    table.show_event(Watched(400, (answer("fine", "positive", 0.71),)))
    assert table.rows() == [("fine", "positive 71 %", "+1 point")]


def test_numbers_sets_of_labels_pairs_and_entities_have_words_of_their_own(qtbot: QtBot) -> None:
    table = WatchTable()
    qtbot.addWidget(table)
    labels = (LabelProbability("praise", 0.8), LabelProbability("film", 0.2))
    entity = EntityFound(0, 4, "PER", 0.9)
    answers = (
        Prediction("a", value=2.5, second_text="b"),
        Prediction("c", labels, threshold=0.5),
        Prediction("d", labels, threshold=0.9),
        Prediction("Anna sings", entities=(entity,)),
        Prediction("nobody"),
    )
    table.show_event(Watched(1, answers))
    table.show_event(Watched(2, (Prediction("a", value=3.0, second_text="b"), *answers[1:])))
    assert table.rows() == [
        ("a | b", "3", "+0.5"),
        ("c", "praise 80 %", "the same"),
        ("d", "no label", "the same"),
        ("Anna sings", "Anna (PER 90 %)", "the same"),
        ("nobody", "no entity", "the same"),
    ]
