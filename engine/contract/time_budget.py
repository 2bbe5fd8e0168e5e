"""What a time budget means for a run: how much of it trains, and how many updates fit into that."""

from __future__ import annotations

import math

import msgspec

from engine.contract.presets import QUICK_UPDATES, planned_steps
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import FineTuneSettings, TimeBudget
from engine.contract.states import PreparedDataset

MINUTES: dict[TimeBudget, int] = {"none": 0, "5 minutes": 5, "20 minutes": 20, "60 minutes": 60}
CHOOSING_SHARE = 1 / 3  # of choosing and training together
# Below so many updates a shorter schedule is no training: another candidate has to be taken.
FEWEST_UPDATES = QUICK_UPDATES


def most_training_seconds(settings: FineTuneSettings) -> float:
    """How long training may take within the budget; infinite without one."""
    minutes = MINUTES[settings.time_budget]
    if not minutes:
        return math.inf
    return 60 * minutes * (1 - CHOOSING_SHARE if settings.chosen_by == "cross_validation" else 1)


def within_budget(
    dataset: PreparedDataset, settings: FineTuneSettings, seconds: float, *, most: float
) -> FineTuneSettings:
    """The settings with as many updates as fit into `most` seconds, where as they are they take `seconds`.

    As they are where they fit, and where too few updates would be left to learn anything.
    """
    if seconds <= most:
        return settings
    updates = int(planned_steps(dataset, settings) * most / seconds)
    return settings if updates < FEWEST_UPDATES else msgspec.structs.replace(settings, updates=updates)


def plan_sentence(dataset: PreparedDataset, settings: FineTuneSettings, seconds: float) -> Sentence:
    """What a run does with its time budget, where its settings as they are take `seconds`; empty without a budget."""
    most = most_training_seconds(settings)
    if math.isinf(most):
        return NOTHING
    planned = within_budget(dataset, settings, seconds, most=most)
    steps, updates = planned_steps(dataset, settings), planned_steps(dataset, planned)
    expected = seconds * updates / steps
    choosing = 60 * MINUTES[settings.time_budget] * CHOOSING_SHARE
    compares = settings.chosen_by == "cross_validation"
    compared = Sentence("contract.budget.compared", seconds=choosing) if compares else NOTHING
    if expected > most:
        return Sentence("contract.budget.too_long", seconds=seconds, most=most, compared=compared)
    if updates < steps:
        return Sentence(
            "contract.budget.shortened",
            compared=compared,
            updates=updates,
            steps=steps,
            seconds=expected,
            seed=settings.seed,
        )
    return Sentence("contract.budget.whole", compared=compared, updates=updates, seconds=expected, seed=settings.seed)
