"""How much higher one method scores than another on the same rows, and how far that may be chance.

If two methods are equally good, exchanging their answers to any row changes nothing but chance. So the answers of each
row are exchanged with a probability of 1/2, many times, and the spread of the differences that then appear is the
standard error of equal methods (approximate randomization: Noreen 1989; Yeh 2000). It needs no formula for the score,
keeps what both have in common, and counts the rows alone on which they differ. Of shares of rows it is the one of
McNemar's test; the rank correlation exchanges ranks, since two methods may answer on different scales.

The 95 % interval holds every difference δ that is not rejected. Where the methods do differ by δ, the variance is
smaller by the square of δ than if they did not, which is how Tango's score interval (1998) narrows: with k = z² / (rows
+ z²), its reach is √((z² · variance − k · difference²) / (1 − k)). It holds zero exactly where the test of equal
methods does not reject. Below four rows that differ no test can reject, nor where no exchange changes the score: there
the interval is at least Tango's of none.

In tests/benchmarks/coverage.py equal methods are called different in 0.015 to 0.035 a side once four rows differ in
expectation; intervals made of both scores' own (Newcombe 1998, method 10) were at 0.009 for two classes at an accuracy
of 0.95, and at 0.002 for rank correlations of 0.9.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from engine.contract.events import Emit
from engine.contract.metrics import metric
from engine.contract.states import ScoreDifference
from engine.evaluating.resampling import MOST_UNDEFINED, QUANTILE, exchanged_differences
from engine.tasks.scores import ComparableRows, ScoredRows

FEWEST_DIFFERING = 4  # rows: four of four is the least that is unlikely enough by chance
MOST_NARROWED = 0.5  # of a score that is no share, a mixture of very unequal methods may vary less than either


def score_differences(
    model: ScoredRows,
    others: Mapping[str, ScoredRows],
    headline: str,
    emit: Emit,
    *,
    seed: int,
    groups: np.ndarray | None = None,
) -> dict[str, ScoreDifference]:
    """How much higher the model's headline is than each other's; none where one of both cannot be measured.

    `groups` (rows,) int64 from 0 says which rows are one observation, whose answers are exchanged together.
    """
    generator = np.random.default_rng(seed)
    found = {}
    for name, other in others.items():
        scores = model.scores.get(headline), other.scores.get(headline)
        sides = model.rows, other.rows
        if len(sides[0]) < 2 or not all(isinstance(side, ComparableRows) for side in sides):
            continue
        assert isinstance(sides[0], ComparableRows)
        assert isinstance(sides[1], ComparableRows)
        if scores[0] is None or scores[1] is None:
            continue
        error = _error_of_equal_methods(sides[0], sides[1], headline, emit, generator, groups)
        if error is not None:
            found[name] = _difference(scores[0] - scores[1], *error, headline)
    return found


def _error_of_equal_methods(
    model: ComparableRows,
    other: ComparableRows,
    name: str,
    emit: Emit,
    generator: np.random.Generator,
    groups: np.ndarray | None,
) -> tuple[float, int, int] | None:
    """The standard error of the difference if both were equally good, how many rows differ, and how many there are.

    Rows are those of `groups`. None where many of the exchanges have no score.
    """
    exchange = model.exchange_with(other, name, groups)
    number = len(model) if groups is None else int(groups.max()) + 1
    differing = int(exchange.number.sum())
    if not differing:
        return 0.0, 0, number
    differences = exchanged_differences(exchange, emit, generator)
    known = differences[np.isfinite(differences)]
    if len(known) < (1 - MOST_UNDEFINED) * len(differences):
        return None
    return math.sqrt(float(known @ known) / len(known)), differing, number


def _difference(value: float, error: float, differing: int, rows: int, name: str) -> ScoreDifference:
    smaller = QUANTILE**2 / (rows + QUANTILE**2)
    critical = QUANTILE * error
    reach = math.sqrt(max(0.0, critical**2 - smaller * value**2) / (1 - smaller))
    reach = max(reach, MOST_NARROWED * critical)
    kind = metric(name)
    width = kind.highest - kind.lowest
    if differing < FEWEST_DIFFERING or not error:
        reach = max(reach, smaller * (1.0 if math.isinf(width) else width))
    return ScoreDifference(value, max(-width, value - reach), min(width, value + reach))
