"""How much higher one method scores than another on the same rows, and how far that may be chance.

If two methods are equally good, exchanging their answers to any row changes nothing but chance. So the answers of each
row are exchanged with a probability of 1/2, many times, and the spread of the differences that then appear is the
standard error of equal methods (approximate randomization: Noreen 1989; Yeh 2000). It needs no formula for the score,
keeps what both have in common, and counts the rows alone on which they differ. Of shares of rows it is the one of
McNemar's test; the rank correlation exchanges ranks, since two methods may answer on different scales.

Where few rows differ the exchanges are so few that all are counted, and the difference is shown where either this test
or that of the counted exchanges (mid-p: Lancaster 1961; Fagerland, Lydersen and Laake 2013) has a p below 0.05. Below
four rows that differ neither can have one.

The 95 % interval holds every difference δ that is not rejected. The variance is the one of equal methods at δ = 0, and
the one of a paired bootstrap at the observed difference and beyond it. Between both it changes as that of shares of
rows does, by δ² / rows, as in Tango's interval (1998). What is left of the change is that mixtures of very unequal
methods vary more than either; that fades with the square of the distance. So the interval holds zero exactly where the
test of equal methods does not reject. Where no exchange changes the score, or fewer than four rows differ, it is at
least Tango's of none.

What tests/benchmarks/coverage.py finds of both is in docs/measured.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy import stats

from engine.contract.events import Emit
from engine.contract.metrics import metric
from engine.contract.states import FEWEST_DIFFERING, ScoreDifference
from engine.evaluating.resampling import MOST_UNDEFINED, QUANTILE, exchanged_differences, resampled_scores
from engine.tasks.scores import ComparableRows, Exchange, PairedRows, ScoredRows

_ROUNDING = 1e-9  # relative


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

    `groups` (rows,) int64 from 0 is equal for rows that are one observation, whose answers are exchanged together.
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
        exchange = sides[0].exchange_with(sides[1], headline, groups)
        value = scores[0] - scores[1]
        test = _test_of_equal_methods(exchange, value, emit, generator)
        drawn = resampled_scores(PairedRows(*sides), groups, emit, generator)[headline]
        known = drawn[np.isfinite(drawn)]
        if test is None or len(known) < (1 - MOST_UNDEFINED) * len(drawn):
            continue
        observations = len(model.rows) if groups is None else int(groups.max()) + 1
        found[name] = _difference(value, test, float(known.std()), int(exchange.number.sum()), observations, headline)
    return found


class _EqualMethods(NamedTuple):
    """The standard error of the difference if both methods were equally good, and how unlikely it is then."""

    error: float
    p: float  # two-sided


def _test_of_equal_methods(
    exchange: Exchange, value: float, emit: Emit, generator: np.random.Generator
) -> _EqualMethods | None:
    """None where many of the exchanges have no score."""
    if not len(exchange.number):
        return _EqualMethods(0.0, 1.0)
    differences, chance = exchanged_differences(exchange, emit, generator)
    counted = chance is not None
    if chance is None:
        chance = np.full(len(differences), 1 / len(differences))
    known = np.isfinite(differences)
    if chance[known].sum() < 1 - MOST_UNDEFINED:
        return None
    differences, chance = differences[known], chance[known] / chance[known].sum()
    error = math.sqrt(float(chance @ differences**2))
    size = abs(value)
    if not error or not size:
        return _EqualMethods(error, 1.0)
    p = float(2 * stats.norm.sf(size / error))
    few = int(exchange.number.sum()) < FEWEST_DIFFERING
    if not counted:
        return _EqualMethods(error, p)
    # Both tails together, which are equal: of an exchange and its opposite the differences are.
    equal = np.abs(np.abs(differences) - size) <= _ROUNDING * size
    beyond = float(chance[(np.abs(differences) > size) & ~equal].sum())
    mid_p = beyond + float(chance[equal].sum()) / 2
    return _EqualMethods(error, min(1.0, mid_p if few else min(p, mid_p)))


def _difference(
    value: float, test: _EqualMethods, spread: float, differing: int, rows: int, name: str
) -> ScoreDifference:
    size, error = abs(value), test.error
    deviations = float(stats.norm.isf(test.p / 2))
    if size and math.isfinite(deviations):
        # The error that the test implies: the interval reaches zero exactly where p is 0.05.
        error = size / deviations if deviations > 1 else max(error, size)
    near, far = _ends(size, error, spread, rows)
    kind = metric(name)
    width = kind.highest - kind.lowest
    if differing < FEWEST_DIFFERING or not test.error:
        smaller = QUANTILE**2 / (rows + QUANTILE**2)
        reach = smaller * (1.0 if math.isinf(width) else width)
        near, far = min(near, size - reach), max(far, size + reach)
    low, high = (near, far) if value >= 0 else (-far, -near)
    return ScoreDifference(value, max(-width, low), min(width, high), test.p, differing)


def _ends(size: float, error: float, spread: float, rows: int) -> tuple[float, float]:
    """The differences nearest to zero, or beyond it, and farthest from it that are not rejected."""
    far = size + QUANTILE * spread
    if size <= QUANTILE * error:
        return size - QUANTILE * error, far
    # With u = 1 − δ / size: size² · u² = z² · (spread² + size² / rows · (2u − u²) + more · u²).
    of_shares = QUANTILE**2 * size**2 / rows
    more = QUANTILE**2 * (error**2 - spread**2) - of_shares
    square = size**2 + of_shares - more
    apart = (of_shares + math.sqrt(of_shares**2 + square * (QUANTILE * spread) ** 2)) / square
    return size * (1 - apart), far
