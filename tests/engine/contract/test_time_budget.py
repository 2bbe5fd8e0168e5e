"""How a time budget becomes a number of updates, and what is said of it before the start."""

from __future__ import annotations

import math

import msgspec
import pytest

from engine.contract.settings import FineTuneSettings
from engine.contract.time_budget import most_training_seconds, plan_sentence, within_budget
from tests.builders import a_dataset

LONG = FineTuneSettings(updates=300, time_budget="5 minutes")
COMPARED = msgspec.structs.replace(LONG, chosen_by="cross_validation")


def test_a_third_of_the_budget_compares_where_cross_validation_chooses() -> None:
    assert most_training_seconds(LONG) == 300
    assert most_training_seconds(COMPARED) == pytest.approx(200)
    assert math.isinf(most_training_seconds(FineTuneSettings()))


@pytest.mark.parametrize(("seconds", "updates"), [(100.0, 300), (300.0, 300), (600.0, 150), (1_400.0, 64)])
def test_as_many_updates_are_planned_as_fit(seconds: float, updates: int) -> None:
    assert within_budget(a_dataset(), LONG, seconds, most=300.0).updates == updates


def test_a_schedule_of_which_too_little_would_be_left_stays_as_it_is() -> None:
    assert within_budget(a_dataset(), LONG, 6_000.0, most=300.0) == LONG


def test_epochs_are_shortened_as_updates_are() -> None:
    by_epochs = FineTuneSettings(epochs=3, batch_size=16)  # 300 updates on 1,600 rows
    assert within_budget(a_dataset(), by_epochs, 600.0, most=300.0).updates == 150


def test_the_plan_names_length_time_and_seed() -> None:
    assert plan_sentence(a_dataset(), FineTuneSettings(), 100.0) == ""
    whole = plan_sentence(a_dataset(), LONG, 100.0)
    assert whole == "Plan: all 300 updates, about 1.5 min; one run, seed 42."
    shortened = plan_sentence(a_dataset(), COMPARED, 400.0)
    assert "up to 1.5 min to compare ways of training, then 150 updates in place of 300" in shortened
    assert "about 3.5 min" in shortened
    assert "a quicker way of training" in plan_sentence(a_dataset(), COMPARED, 60_000.0)
