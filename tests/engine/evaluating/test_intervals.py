"""Bootstrap intervals: the textbook case, seeds, stops, and what cannot be measured."""

from __future__ import annotations

import numpy as np
import pytest

from engine.contract.errors import StopRequested
from engine.contract.events import Event
from engine.evaluating.evaluate import bootstrap_intervals


class Shares:
    """Right or wrong per row."""

    def __init__(self, right: np.ndarray) -> None:
        self._right = right

    def of(self, selection: np.ndarray) -> dict[str, float]:
        return {"accuracy": float(self._right[selection].mean()), "mcc": 0.0}


def quietly(event: Event) -> None:
    """Hears nothing."""


RIGHT = np.arange(400) < 320


def test_the_interval_of_a_share_is_the_normal_one() -> None:
    low, high = bootstrap_intervals(Shares(RIGHT), 400, {"accuracy": 0.8}, quietly, seed=1)["accuracy"]
    half = 1.96 * np.sqrt(0.8 * 0.2 / 400)
    assert low == pytest.approx(0.8 - half, abs=0.008)
    assert high == pytest.approx(0.8 + half, abs=0.008)


def test_the_same_seed_gives_the_same_interval() -> None:
    first, second, third = (
        bootstrap_intervals(Shares(RIGHT), 400, {"accuracy": 0.8}, quietly, seed=seed) for seed in (1, 1, 2)
    )
    assert first == second != third


def test_what_is_not_measurable_has_no_interval() -> None:
    assert bootstrap_intervals(Shares(RIGHT), 400, {"accuracy": 0.8, "mcc": None}, quietly, seed=1).keys() == {
        "accuracy"
    }
    assert bootstrap_intervals(Shares(RIGHT), 1, {"accuracy": 1.0}, quietly, seed=1) == {}


def test_a_stop_is_heard() -> None:
    def stop(event: Event) -> None:
        raise StopRequested()

    with pytest.raises(StopRequested):
        bootstrap_intervals(Shares(RIGHT), 400, {"accuracy": 0.8}, stop, seed=1)
