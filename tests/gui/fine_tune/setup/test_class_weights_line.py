"""Class weights are one click away where labels are unbalanced, and one click takes them back."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.findings import Finding
from engine.contract.messages import FineTune
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset, SplitCounts
from gui.fine_tune.page import FineTunePage
from gui.session import Session
from tests.builders import a_dataset
from tests.gui.conftest import StandInEngine

FOUND = Finding("imbalance", "note", "“rare” has 2.0 % of the rows.", 20)


def unbalanced() -> PreparedDataset:
    few, many = {"rare": 20, "usual": 980}, {"rare": 2, "usual": 98}
    splits = {"train": SplitCounts(1_000, few), "validation": SplitCounts(100, many), "test": SplitCounts(100, many)}
    return a_dataset(findings=(FOUND,), splits=splits, label_names=("rare", "usual"))


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> FineTunePage:
    page = FineTunePage(session)
    qtbot.addWidget(page)
    session.state_changed.connect(lambda: page.show_state(session.state))
    page.show()
    return page


def test_balanced_rows_are_not_troubled(page: FineTunePage, session: Session) -> None:
    session.go_to(a_dataset())
    assert page._setup.class_weights_line.isHidden()


def test_one_click_weighs_and_the_next_takes_it_back(
    page: FineTunePage, session: Session, engine: StandInEngine
) -> None:
    session.go_to(unbalanced())
    line = page._setup.class_weights_line
    assert line.isVisible()
    assert line.sentence.text() == "“rare” has 2.0 % of the training rows, so it is easily passed over."

    line.button.click()
    assert page.settings().class_weights == "balanced"
    assert line.button.text() == "Without class weights"
    line.button.click()
    assert page.settings().class_weights == "none"

    line.button.click()
    page.take_primary_action()
    job = engine.jobs[engine.stage_number() - 1]
    assert isinstance(job, FineTune)
    assert job.settings.class_weights == "balanced"


def test_the_line_follows_the_form(page: FineTunePage, session: Session) -> None:
    session.go_to(unbalanced())
    page.set_settings(FineTuneSettings(class_weights="balanced"))
    assert page._setup.class_weights_line.button.text() == "Without class weights"
    session.go_to(a_dataset())
    assert page._setup.class_weights_line.isHidden()
