"""The learning-rate finder: from the button beside the field to the field."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from engine.contract.errors import ErrorReport
from engine.contract.events import Answered, Progressed, StageFailed, StepsTrained
from engine.contract.lr_range import rate_at, smoothed_losses
from engine.contract.queries import AskLearningRates, LearningRatesFound
from engine.workspace.references import reference_to_dataset
from gui.fine_tune.page import FineTunePage
from gui.fine_tune.setup.rate_finder import RateFinder
from gui.session import Session
from tests.builders import a_dataset
from tests.gui.conftest import StandInEngine

RATES = [rate_at(step) for step in range(100)]
LOSSES = [0.7 - 0.5 / (1 + math.exp(-4 * (math.log10(rate) + 4))) for rate in RATES]


def step(number: int) -> StepsTrained:
    return StepsTrained(number, 100, 0.1, LOSSES[number - 1], RATES[number - 1], 1.0, 900.0, 1.0)


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> FineTunePage:
    page = FineTunePage(session)
    qtbot.addWidget(page)
    session.busy_changed.connect(page.footer_changed.emit)
    page.show()
    session.go_to(a_dataset())
    page.show_state(session.state)
    return page


@pytest.fixture
def finder(page: FineTunePage) -> Iterator[RateFinder]:
    page._setup.find_button.click()
    found = page.findChild(RateFinder)
    assert isinstance(found, RateFinder)
    yield found
    if isValid(found):  # it deletes itself when it is closed
        found.close()


def number_of(engine: StandInEngine) -> int:
    return next(place for place, job in enumerate(engine.jobs, start=1) if isinstance(job, AskLearningRates))


def test_the_suggestion_fills_the_field(page: FineTunePage, finder: RateFinder, engine: StandInEngine) -> None:
    number = number_of(engine)
    assert engine.jobs[number - 1] == AskLearningRates(reference_to_dataset(a_dataset()), page.settings())
    assert not finder.use_button.isEnabled()
    engine.send(Progressed(0, 0, "Building the network"), number)
    assert finder._phase.text() == "Building the network"
    for place in range(1, 101):
        engine.send(step(place), number)
    assert "Step 100 of at most 100" in finder._phase.text()
    engine.send(Answered(LearningRatesFound(tuple(RATES), tuple(LOSSES), tuple(smoothed_losses(LOSSES)), 2e-5)), number)
    assert "Suggested: 2e-5" in finder._phase.text()
    assert finder.use_button.text() == "Use 2e-5"
    assert finder.stop_button.text() == "Close"
    finder.use_button.click()
    assert page.settings().learning_rate == 2e-5
    assert page._setup.short_form.field("learning_rate").editor.text() == "2e-5"  # type: ignore[union-attr]
    assert (number, False) not in engine.stopped_jobs


def test_another_rate_is_a_click_or_a_few_keys_away(finder: RateFinder, engine: StandInEngine) -> None:
    engine.send(Answered(LearningRatesFound(tuple(RATES), tuple(LOSSES), tuple(LOSSES), 2e-5)), number_of(engine))
    finder.choose_at(finder._box.mapViewToScene(finder._box.viewRect().center()))
    assert finder.chosen_rate() == pytest.approx(1e-4, rel=0.1)
    for entered, rate in (("3e−4", 3e-4), ("0,001", 1e-3), ("5", None), ("x", None), ("", None)):
        finder.rate.setText(entered)
        finder.rate.textEdited.emit(entered)
        assert finder.chosen_rate() == rate
        assert finder.use_button.isEnabled() == (rate is not None)


def test_stop_keeps_what_was_drawn_and_suggests_from_it(finder: RateFinder, engine: StandInEngine) -> None:
    number = number_of(engine)
    for place in range(1, 81):
        engine.send(step(place), number)
    finder.stop_button.click()
    assert engine.stopped_jobs.count((number, False)) == 1
    assert finder.chosen_rate() is not None
    finder.stop_button.click()
    assert not finder.isVisible()
    assert engine.stopped_jobs.count((number, False)) == 1


def test_closing_withdraws_the_question(finder: RateFinder, engine: StandInEngine) -> None:
    finder.reject()
    assert (number_of(engine), False) in engine.stopped_jobs


def test_an_error_is_in_the_dialog(finder: RateFinder, engine: StandInEngine) -> None:
    error = ErrorReport("OutOfMemory", "T1", "The memory is full.", hint="Choose a smaller batch.")
    engine.send(StageFailed(error), number_of(engine))
    assert finder._phase.text() == "The memory is full. Choose a smaller batch."
    assert finder.stop_button.text() == "Close"


def test_while_a_stage_runs_the_finder_waits_for_its_end(page: FineTunePage, engine: StandInEngine) -> None:
    page.take_primary_action()
    assert not page._setup.find_button.isEnabled()
    engine.stopped()
    assert page._setup.find_button.isEnabled()
