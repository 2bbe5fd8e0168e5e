"""Successive halving: how many candidates train in each round, and for how long. Knows numbers only.

Jamieson and Talwalkar 2016 ("Non-stochastic best arm identification and hyperparameter optimization"): every round gets
the same share of the budget, and the better half of the candidates goes on to the next one, which so trains each of
them for twice as long.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

FEWEST_UPDATES = 10  # of a short run; with fewer a network has hardly moved


def rounds_for(candidates: int) -> int:
    """Rounds until one is left: 1 for two candidates, 2 for three or four, 3 for five or six."""
    return max(1, math.ceil(math.log2(candidates))) if candidates > 1 else 1


def survivors_of(candidates: int) -> int:
    """How many of a round go on to the next."""
    return math.ceil(candidates / 2)


def updates_for(
    round_: int, rounds: int, step_seconds: Sequence[float], most: int, budget: float, further: float = 0.0
) -> int:
    """The updates of each candidate of a round, from 0: equal ones, so that a slow encoder is not put at a loss.

    `step_seconds` are those of an update of each candidate that is in the round, `budget` the seconds that are left for
    this round and those after it, `further` the seconds that a candidate needs besides its updates, `most` the updates
    of a whole run.
    """
    share = budget / (rounds - round_)
    affordable = (share - further * len(step_seconds)) / sum(step_seconds)
    return max(min(FEWEST_UPDATES, most), min(most, int(affordable + 1e-6)))
