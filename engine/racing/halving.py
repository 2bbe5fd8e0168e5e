"""Successive halving: how many candidates train in each round, for how long, and who goes on. Uses numbers only.

Jamieson and Talwalkar 2016 ("Non-stochastic best arm identification and hyperparameter optimization"): the better half
of the candidates goes on to the next round. Here the last round is between two or three, since each round begins with
the pre-trained weights again, and has two thirds of the time: it decides between encoders that are close.

Which is better is read from the losses of the same rows: encoders differ in them long before they do in scores
(docs/encoders.md).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

# Of a short run. After 10 updates the losses of all encoders are nearly equal, and the winner was 2.1 points worse than
# the best one on four data sets (docs/measured.md).
FEWEST_UPDATES = 30
MOST_IN_LAST = 3  # candidates of the last round
SHARE_OF_FIRST = 1 / 3  # of the time, where there is a second round
FEWEST_SCORED, MOST_SCORED = 200, 1_000  # validation rows; more would cost the time of training


def rounds_for(candidates: int) -> int:
    """1 for up to three candidates, 2 for four to six."""
    rounds = 1
    while candidates > MOST_IN_LAST:
        rounds, candidates = rounds + 1, -(-candidates // 2)
    return rounds


def share_of(round_: int, rounds: int) -> float:
    """The share of the time that is left which a round has, from 0."""
    return 1.0 if round_ == rounds - 1 else SHARE_OF_FIRST


def scored_rows(updates: int, batch_size: int, rows: int) -> int:
    """How many of the validation rows are scored: half as many as the run reads, which is a sixth of its work."""
    return min(rows, MOST_SCORED, max(FEWEST_SCORED, updates * batch_size // 2))


def updates_for(step_seconds: Sequence[float], most: int, seconds: float, further: float = 0.0) -> int:
    """The updates of each candidate of a round: equal ones, so that a slow encoder is not put at a loss.

    `step_seconds` are those of an update of each candidate that is in the round, `seconds` the time of the round,
    `further` the seconds that all of them need besides their updates, `most` the updates of a whole run.
    """
    affordable = (seconds - further) / sum(step_seconds)
    return max(min(FEWEST_UPDATES, most), min(most, int(affordable + 1e-6)))


def survivors(losses: Sequence[np.ndarray]) -> list[int]:
    """The places of those that go on, the best first: the better half, and those that its last one beats by chance.

    `losses` (rows,) of the same rows. By chance means: the mean difference is within its standard error. One is left
    out at least, where there are more than may take part in a last round.
    """
    order = sorted(range(len(losses)), key=lambda place: float(losses[place].mean()))
    half = -(-len(order) // 2)
    last = losses[order[half - 1]]
    tied = [place for place in order[half:] if _no_worse(losses[place] - last)]
    return (order[:half] + tied)[: max(half, len(order) - 1)]


def _no_worse(differences: np.ndarray) -> bool:
    if len(differences) < 2:
        return False
    error = float(differences.std(ddof=1)) / math.sqrt(len(differences))
    return float(differences.mean()) <= error
