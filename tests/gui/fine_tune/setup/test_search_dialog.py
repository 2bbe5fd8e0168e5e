"""The search on the Fine-tune page: asked in a dialog, watched as a table of trials, the best run opened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from engine.contract.events import Evaluated, StepsTrained, TrainingStarted, TrialEnded, TrialStarted
from engine.contract.messages import Search
from engine.contract.presets import learning_rate
from engine.contract.settings import FineTuneSettings, SearchSettings
from gui.fine_tune.page import FineTunePage
from gui.fine_tune.setup.search_dialog import SearchDialog
from gui.session import Session
from tests.builders import a_dataset, a_model, a_run
from tests.gui.conftest import StandInEngine


@pytest.fixture
def dialog(page: FineTunePage) -> Iterator[SearchDialog]:
    page._setup.search_button.click()
    found = page.findChild(SearchDialog)
    assert isinstance(found, SearchDialog)
    yield found
    if isValid(found):  # it deletes itself when it is closed
        found.close()


def enter(dialog: SearchDialog, name: str, text: str) -> None:
    editor = dialog.form.field(name).editor
    editor.setText(text)
    editor.textEdited.emit(text)  # type: ignore[union-attr]


def test_the_dialog_begins_a_search_around_the_settings(
    page: FineTunePage, dialog: SearchDialog, engine: StandInEngine
) -> None:
    assert page.settings().learning_rate == learning_rate(a_model()) == 1e-4
    assert "from 2.5e-5 to 0.0004" in dialog._extent.text()
    assert "8 trials" in dialog._extent.text()
    enter(dialog, "trials", "3")
    assert "3 trials" in dialog._extent.text()
    dialog.begin_button.click()
    job = engine.jobs[engine.stage_number() - 1]
    assert job == Search(a_dataset(), page.settings(), SearchSettings(trials=3))
    assert page._watch.isVisible()
    assert page.stop_texts() == ("Stop, keep the best", "Stop and discard")


def test_an_impossible_number_of_trials_cannot_begin(dialog: SearchDialog) -> None:
    enter(dialog, "trials", "1")
    assert not dialog.begin_button.isEnabled()
    enter(dialog, "trials", "2")
    assert dialog.begin_button.isEnabled()


def trial(engine: StandInEngine, number: int, rate: float, score: float, *, ends: bool, is_best: bool = False) -> None:
    engine.send(TrialStarted(number, 3, rate, 4.0, 16))
    engine.send(TrainingStarted(f"run-{number}", "/r", 300, 100.0, 0, "cpu", "fp32", "macro_f1"))
    engine.send(StepsTrained(10, 300, 0.1, 0.68, rate, 1.0, 900.0, 3.0))
    engine.send(Evaluated(100, 1.0, 0.5, {"macro_f1": score}, "macro_f1", True))
    if ends:
        engine.send(TrialEnded(number, 3, f"run-{number}", score, "finished", is_best))


def test_trials_are_in_a_table_and_the_best_run_is_opened(
    page: FineTunePage, dialog: SearchDialog, engine: StandInEngine
) -> None:
    dialog.begin_button.click()
    assert not page._setup.search_button.isEnabled()
    trial(engine, 1, 5e-5, 0.8, ends=True, is_best=True)
    trial(engine, 2, 2e-5, 0.7, ends=False)
    assert page._watch.trial_table.rows() == [
        ("1", "5e-5", "4", "16", "0.800", "best, finished"),
        ("2", "2e-5", "4", "16", "0.700", "running"),
    ]
    assert list(page._curves.training_loss.x) == [10]  # of this trial alone
    assert "trial 2 of 3" in page._watch.trial_table._head.text()
    engine.send(TrialEnded(2, 3, "run-2", 0.7, "ended early", False))
    engine.succeed(a_run(id="run-1"))
    assert page._watch.result.isVisible()
    assert page._watch.tabs.isTabVisible(2)
    assert page._watch.trial_table.rows()[1][-1] == "ended early"
    page._watch.result.again.click()
    page.take_primary_action()
    assert not page._watch.trial_table.isVisible()


def test_another_run_is_not_beside_the_trials(
    page: FineTunePage, dialog: SearchDialog, engine: StandInEngine, session: Session
) -> None:
    dialog.begin_button.click()
    trial(engine, 1, 5e-5, 0.8, ends=True, is_best=True)
    engine.succeed(a_run(id="run-1"))
    session.go_to(a_run(id="another"))
    assert not page._watch.trial_table.isVisible()


def test_the_time_of_the_search_is_reported_before_it_begins(qtbot: QtBot) -> None:
    dialog = SearchDialog(FineTuneSettings(), a_model(), seconds=180.0)
    qtbot.addWidget(dialog)
    assert "takes about 3 min, 8 trials of that length 24 min." in dialog._extent.text()
