"""Successive halving: the numbers of rounds, survivors and updates."""

from __future__ import annotations

import pytest

from engine.racing.halving import FEWEST_UPDATES, rounds_for, survivors_of, updates_for


@pytest.mark.parametrize(("candidates", "rounds"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3)])
def test_rounds_go_on_until_one_is_left(candidates: int, rounds: int) -> None:
    assert rounds_for(candidates) == rounds
    for _ in range(rounds):
        candidates = survivors_of(candidates)
    assert candidates == 1


def test_each_round_has_the_same_share_of_the_time_and_all_in_it_the_same_updates() -> None:
    seconds = [0.1, 0.2, 0.3, 0.4]
    assert updates_for(0, 2, seconds, 1_000, 100.0) == 50  # 50 s by 1 s for one update of each
    assert updates_for(1, 2, seconds[:2], 1_000, 50.0) == 166


def test_no_short_run_is_longer_than_a_whole_one_or_has_too_few_updates_to_tell() -> None:
    assert updates_for(0, 1, [0.001], 300, 100.0) == 300
    assert updates_for(0, 1, [10.0], 300, 1.0) == FEWEST_UPDATES
    assert updates_for(0, 1, [10.0], 4, 1.0) == 4
    assert updates_for(0, 1, [1.0, 1.0], 300, 100.0, further=10.0) == 40
