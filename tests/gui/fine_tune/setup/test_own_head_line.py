"""The question whether a head that the model brings is kept."""

from __future__ import annotations

import msgspec
from pytestqt.qtbot import QtBot

from engine.contract.settings import FineTuneSettings
from engine.contract.states import ModelHead
from gui.fine_tune.setup.training_setup import TrainingSetup
from tests.builders import a_dataset, a_model

DATASET = a_dataset(
    model=a_model(name="reviews-model", head=ModelHead(("Positive", "mixed"))), label_names=("negative", "positive")
)


def test_a_head_that_knows_a_label_is_asked_about_and_kept_or_replaced_by_a_click(qtbot: QtBot) -> None:
    setup = TrainingSetup()
    qtbot.addWidget(setup)
    setup.set_dataset(DATASET, keep_entries=False)
    line = setup.own_head_line
    assert not line.isHidden()
    assert "reviews-model has a head with 1 of your 2 labels (“positive”)" in line.sentence.text()
    assert setup.value().head_start == "random"
    line.button.click()
    assert setup.value().head_start == "kept"
    assert setup.value().method == "fine_tuning"
    assert setup.value().chosen_by == "settings"
    assert not setup.errors()
    assert "It is kept" in line.sentence.text()
    line.button.click()
    assert setup.value().head_start == "random"


def test_a_contrastive_start_gives_way_to_a_head_that_is_kept(qtbot: QtBot) -> None:
    setup = TrainingSetup()
    qtbot.addWidget(setup)
    setup.set_dataset(DATASET, keep_entries=False)
    setup.set_value(FineTuneSettings(method="contrastive", updates=300))
    setup.own_head_line.button.click()
    assert (setup.value().method, setup.value().updates) == ("fine_tuning", 0)
    assert not setup.errors()


def test_nothing_is_asked_where_no_label_is_known(qtbot: QtBot) -> None:
    setup = TrainingSetup()
    qtbot.addWidget(setup)
    setup.set_dataset(DATASET, keep_entries=False)
    for head in (None, ModelHead(("LABEL_0", "LABEL_1"))):
        setup.set_dataset(msgspec.structs.replace(DATASET, model=a_model(head=head)), keep_entries=True)
        assert setup.own_head_line.isHidden()
