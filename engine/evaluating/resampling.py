"""Resamples of held-out rows: how often each is drawn, always 5,000 times over, whatever the number of rows.

* Rows that count alike (the same cell of a confusion matrix, the same labels, the same counts of entities) are one
  kind, and a resample is a multinomial draw of the kinds: the same distribution as drawing rows, without going over
  them. Where rows are one observation by their text, observations are drawn, and those with the same sums are alike.
* Other rows, such as those with probabilities, are drawn one by one, many resamples at once.
* Of many numbers each resample would rank all of them. These are drawn from bags: random parts of the rows, each drawn
  as often as makes up the number of them all (Kleiner, Talwalkar, Sarkar and Jordan 2014).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator
from functools import lru_cache

import numpy as np
from scipy import stats

from engine.contract.events import Emit, Progressed
from engine.contract.sentences import Sentence
from engine.tasks.scores import Exchange, JoinedRows, Measured, SampleScores

RESAMPLES = 5_000
MOST_UNDEFINED = 0.05  # share of the resamples in which a score is not measurable
LARGE = 2_000  # observations from which the size of a resample may vary a little
CELLS = 200_000  # rows times resamples that are computed together: what the processor's cache holds
FEWEST_TOGETHER = 16  # resamples: below, what is done once for them all costs more
BAG, BAGS = 20_000, 5  # observations of a bag, and how many bags
MOST_COUNTED = 5_000  # exchanges: where there are no more, all are counted
TAIL = 0.025  # on each side of an interval
QUANTILE = float(stats.norm.ppf(1 - TAIL))
_NOTE = Sentence("evaluating.progress.computing_how_uncertain_scores")


class Drawing:
    """Rows to be scored in resamples: those of `scored`, each drawn as often as in `drawn`."""

    def __init__(self, rows: SampleScores, groups: np.ndarray | None) -> None:
        """`groups` (rows,) int64 from 0 is equal for rows that are one observation."""
        self.observations = len(rows) if groups is None else int(groups.max()) + 1
        kinds = rows.distinct(groups)
        self.scored: SampleScores = rows if kinds is None else kinds[0]
        self._alike = None if kinds is None else kinds[1]
        self._groups = groups

    def drawn(self, generator: np.random.Generator, resamples: int, *, kept: float = 1.0) -> np.ndarray:
        """How often each scored row is drawn: (rows, resamples) float32. `kept` is as in `drawn_times`."""
        if self._alike is None:
            times = drawn_times(generator, self.observations, resamples, kept=kept)
            return times if self._groups is None else times.take(self._groups, axis=0)
        total = self.observations if kept >= 1 else generator.binomial(self.observations, kept, size=resamples)
        times = generator.multinomial(total, self._alike / self.observations, size=resamples)
        return np.ascontiguousarray(times.T, dtype=np.float32)

    def portions(self) -> Iterator[int]:
        """How many resamples are done at once, until there are enough."""
        yield from _portions(len(self.scored), RESAMPLES)


def resampled_scores(
    rows: SampleScores, groups: np.ndarray | None, emit: Emit, generator: np.random.Generator
) -> Measured:
    """Scores of the resamples by name; several kinds of scores have resamples of their own."""
    parts = rows.parts if isinstance(rows, JoinedRows) else (rows,)
    found: Measured = {}
    for part in parts:
        drawing = Drawing(part, groups)
        if part.in_bags and drawing.observations > BAG * BAGS:
            found |= _of_bags(part, groups, drawing.observations, emit, generator)
            continue
        done = 0
        scores: list[Measured] = []
        for resamples in drawing.portions():
            emit(Progressed(done, RESAMPLES, _NOTE, "resamples"))
            scores.append(drawing.scored.scores(drawing.drawn(generator, resamples)))
            done += resamples
        found |= _together(scores)
    return found


def exchanged_differences(
    exchange: Exchange, emit: Emit, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray | None]:
    """The differences of a score (exchanges,) float64 where each observation's answers are exchanged by a coin.

    Where few observations differ, these are all that can be, with the probability (exchanges,) of each; else 5,000
    random ones, and None.
    """
    number, moving = exchange.number, exchange.moving
    emit(Progressed(0, RESAMPLES, _NOTE, "resamples"))
    if np.log1p(number.astype(np.float64)).sum() <= math.log(MOST_COUNTED):
        tables = np.meshgrid(*(np.arange(one + 1) for one in number), indexing="ij")
        coins = np.stack([table.reshape(-1) for table in tables]).astype(np.float64)
        chance = np.exp(stats.binom.logpmf(coins, number[:, None], 0.5).sum(axis=0))
        return exchange.differences(np.asarray(moving @ coins)), chance
    if exchange.normal:
        half, spread = moving @ (number / 2), ((moving * (number / 4)) @ moving.T).toarray()
        return exchange.differences(generator.multivariate_normal(half, spread, RESAMPLES, method="eigh").T), None
    found: list[np.ndarray] = []
    single = number == 1
    for resamples in _portions(len(number), RESAMPLES):
        emit(Progressed(sum(map(len, found)), RESAMPLES, _NOTE, "resamples"))
        coins = np.empty((len(number), resamples))
        coins[single] = generator.random((int(single.sum()), resamples), dtype=np.float32) < 0.5
        coins[~single] = generator.binomial(number[~single, None], 0.5, size=(int((~single).sum()), resamples))
        found.append(exchange.differences(np.asarray(moving @ coins)))
    return np.concatenate(found), None


def _of_bags(
    rows: SampleScores, groups: np.ndarray | None, observations: int, emit: Emit, generator: np.random.Generator
) -> Measured:
    whole = rows.scores(np.ones((len(rows), 1), dtype=np.float32))
    order = generator.permutation(observations)
    scores: list[Measured] = []
    for number in range(BAGS):
        inside = np.zeros(observations, dtype=bool)
        inside[order[number * BAG : (number + 1) * BAG]] = True
        of_bag = np.flatnonzero(inside if groups is None else inside[groups])
        bag = rows.bag(of_bag)
        within = None if groups is None else np.unique(groups[of_bag], return_inverse=True)[1].reshape(-1)
        centre = bag.scores(np.ones((len(bag), 1), dtype=np.float32))
        done = number * RESAMPLES // BAGS
        for resamples in _portions(len(bag), RESAMPLES // BAGS):
            emit(Progressed(done, RESAMPLES, _NOTE, "resamples"))
            times = drawn_times(generator, BAG, resamples, kept=observations / BAG)
            drawn = bag.scores(times if within is None else times.take(within, axis=0))
            scores.append({name: whole[name] + values - centre[name] for name, values in drawn.items()})
            done += resamples
    return _together(scores)


def _together(parts: list[Measured]) -> Measured:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _portions(rows: int, total: int) -> Iterator[int]:
    size = max(FEWEST_TOGETHER, CELLS // rows)
    for done in range(0, total, size):
        yield min(size, total - done)


def drawn_times(generator: np.random.Generator, rows: int, resamples: int, *, kept: float = 1.0) -> np.ndarray:
    """How often each row is drawn: (rows, resamples) float32. `kept` is the share of the draws that count.

    Of many rows each is drawn a Poisson number of times, independently of the others: quicker, and the same for shares
    (Hanley and MacGibbon 2006).
    """
    if rows >= LARGE:
        return _poisson_table(kept).take(
            generator.integers(0, 65_536, size=(rows, resamples), dtype=np.uint16), mode="clip"
        )
    picked = generator.integers(0, rows, size=(resamples, rows)) * resamples + np.arange(resamples)[:, None]
    if kept < 1:
        picked = picked[generator.random(picked.shape, dtype=np.float32) < kept]
    times = np.bincount(picked.reshape(-1), minlength=resamples * rows)
    return times.reshape(rows, resamples).astype(np.float32)


@lru_cache(maxsize=8)
def _poisson_table(mean: float) -> np.ndarray:
    """A Poisson number for each of 65,536 equally likely ones; float32."""
    most = 12 + math.ceil(mean + 12 * math.sqrt(mean))
    steps = np.floor(stats.poisson.cdf(np.arange(most), mean) * 65_536 + 0.5)
    return np.searchsorted(steps, np.arange(65_536), side="right").astype(np.float32)


def equal_rows(keys: Iterable[Hashable]) -> np.ndarray | None:
    """The number of the observation that each row belongs to (rows,) int64; None where each row is one of its own.

    Rows with the same text are answered alike, so that they are one observation made several times: drawn one by one
    they would make every interval too narrow (a cluster bootstrap: Davison and Hinkley 1997, section 3.8).
    """
    number: dict[Hashable, int] = {}
    groups = np.asarray([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)
    return groups if len(number) < len(groups) else None
