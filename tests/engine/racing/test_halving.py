"""Successive halving: the numbers of rounds and updates, and who goes on."""

from __future__ import annotations

import numpy as np
import pytest

from engine.racing.halving import (
    FEWEST_SCORED,
    FEWEST_UPDATES,
    MOST_SCORED,
    rounds_for,
    scored_rows,
    share_of,
    survivors,
    updates_for,
)


def losses(mean: float, noise: float = 0.0, rows: int = 100) -> np.ndarray:
    """Of rows of which half lie as far above the mean as the others below."""
    return mean + noise * np.resize([1.0, -1.0], rows)


@pytest.mark.parametrize(("candidates", "rounds"), [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 2)])
def test_the_last_round_is_between_two_or_three(candidates: int, rounds: int) -> None:
    assert rounds_for(candidates) == rounds


def test_the_last_round_has_all_the_time_that_is_left() -> None:
    assert share_of(0, 1) == 1
    assert share_of(0, 2) == pytest.approx(1 / 3)
    assert share_of(1, 2) == 1


def test_all_of_a_round_have_the_same_updates() -> None:
    assert updates_for([0.1, 0.2, 0.3, 0.4], 1_000, 50.0) == 50  # 1 s for one update of each
    assert updates_for([0.1, 0.2], 1_000, 50.0, further=20.0) == 100


def test_no_short_run_is_longer_than_a_whole_one_or_has_too_few_updates_to_decide() -> None:
    assert updates_for([0.001], 300, 100.0) == 300
    assert updates_for([10.0], 300, 1.0) == FEWEST_UPDATES
    assert updates_for([10.0], 4, 1.0) == 4


def test_half_as_many_rows_are_scored_as_are_read() -> None:
    assert scored_rows(100, 16, 10_000) == 800
    assert scored_rows(10, 16, 10_000) == FEWEST_SCORED
    assert scored_rows(1_000, 16, 10_000) == MOST_SCORED
    assert scored_rows(100, 16, 300) == 300


def test_the_half_with_the_smaller_losses_goes_on() -> None:
    assert survivors([losses(3), losses(1), losses(2), losses(4)]) == [1, 2]
    assert survivors([losses(3), losses(1), losses(2), losses(4), losses(5)]) == [1, 2, 0]


def test_one_that_is_worse_by_chance_alone_goes_on_as_well() -> None:
    near = losses(2.01, noise=0.5)  # 0.01 worse, with a standard error of 0.05
    assert survivors([losses(1), losses(2), near, losses(4)]) == [0, 1, 2]


def test_one_is_left_out_where_all_are_alike() -> None:
    assert survivors([losses(2) for _ in range(6)]) == [0, 1, 2, 3, 4]
