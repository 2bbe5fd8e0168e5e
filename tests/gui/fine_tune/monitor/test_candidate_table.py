"""What was compared before a run, as the window shows it: while it trains, and when the run is opened again."""

from __future__ import annotations

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from engine.contract.events import CandidatesCompared, ComparisonProgressed, Noted
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import Candidate, Choice
from gui.fine_tune.monitor.candidate_table import CandidateTable
from gui.fine_tune.setup.training_setup import TrainingSetup
from tests.builders import a_dataset

CONTRASTIVE = Sentence("training.choice.contrastive")
LINEAR = Sentence("training.choice.linear", inverse_penalty=0.1)


def a_choice(*, taken: int = 1, score: float | None = 0.66) -> Choice:
    return Choice(
        metric="macro_f1",
        candidates=(
            Candidate(
                CONTRASTIVE, seconds=120.0, not_compared=Sentence("training.choice.no_time", needed=600.0, allowed=60.0)
            ),
            Candidate(LINEAR, 0.68, (0.55, 0.79), 5.0),
        ),
        taken=taken,
        reason=Sentence("training.choice.best", name=LINEAR),
        rows=86,
        folds=5,
        repeats=2,
        seconds=20.0,
        score=score,
        interval=None if score is None else (0.53, 0.77),
    )


@pytest.fixture
def table(qtbot: QtBot) -> CandidateTable:
    table = CandidateTable()
    qtbot.addWidget(table)
    return table


def test_each_candidate_is_with_its_score_and_interval_and_the_taken_one_is_named(table: CandidateTable) -> None:
    table.show_event(Noted(Sentence.literal("nothing about it")))
    assert table.isHidden()
    table.show_event(CandidatesCompared(a_choice()))
    assert not table.isHidden()
    cells = table.table.model()
    shown = [[cells.index(row, column).data() for column in range(4)] for row in range(cells.rowCount())]
    assert shown == [
        ["Contrastive start", "", "about 2 min", "Cross-validation would take 10 min, and 1 min of the time for "
         "choosing are left."],
        ["Linear model, C 0.1", "0.68 (0.55–0.79)", "about 5 s", "taken"],
    ]  # fmt: skip
    assert table._head.text() == "Cross-validation on 86 training rows, 5 folds × 2: macro F1"
    assert "Corrected for the choice among 2: 0.66 (0.53–0.77)." in table._outcome.text()


def test_the_table_fills_while_candidates_are_compared(table: CandidateTable) -> None:
    """No candidate is called taken, and nothing is said of the outcome."""
    table.show_event(ComparisonProgressed(a_choice(taken=-1, score=None)))
    assert not table.isHidden()
    cells = table.table.model()
    assert [cells.index(row, 3).data() for row in range(2)][1] == ""
    assert table._outcome.text() == ""


def test_a_run_without_a_choice_shows_none(table: CandidateTable) -> None:
    table.show_choice(a_choice())
    table.show_choice(None)
    assert table.isHidden()
    table.show_choice(a_choice(score=None))
    assert "Corrected" not in table._outcome.text()


def test_the_form_offers_how_to_choose_and_the_plan_shows_that_it_is_compared_first(qtbot: QtBot) -> None:
    setup = TrainingSetup()
    qtbot.addWidget(setup)
    setup.set_dataset(a_dataset(), keep_entries=False)
    plain = FineTuneSettings(updates=10)
    setup.set_value(plain)
    assert "compared" not in setup._plan.text()
    for budget, part in (("none", "half of that time"), ("20 minutes", "a third of the time budget")):
        chosen = FineTuneSettings(updates=10, chosen_by="cross_validation", time_budget=budget)  # type: ignore[arg-type]
        setup.set_value(chosen)
        assert part in setup._plan.text()
        assert setup.value() == chosen


def test_other_layers_than_all_are_trained_without_a_comparison(qtbot: QtBot) -> None:
    setup = TrainingSetup()
    qtbot.addWidget(setup)
    setup.set_dataset(a_dataset(), keep_entries=False)
    setup.cards[1].click()
    setup.set_value(msgspec.structs.replace(setup.value(), chosen_by="cross_validation"))
    setup.layers_form.set_value(msgspec.structs.replace(setup.value(), layers_to_train="lora"))
    setup.layers_form.changed.emit()
    assert setup.value().chosen_by == "settings"
    assert setup.errors() == {}
