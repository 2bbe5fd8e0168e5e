"""How far scores may be off because the held-out rows are only so many: 95 % intervals, and of differences.

* A share of the rows (accuracy, rows with exactly the right labels): Wilson's interval (Wilson 1927; Brown, Cai and
  DasGupta 2001); where all or none are right, Clopper and Pearson's exact bound.
* Every other score with a range: Wilson's interval with the effective sample size, which is the number of rows of a
  share with the bootstrap's variance (Korn and Graubard 1998 for surveys; Dean and Pagano 2015). A plain percentile
  interval has no width where no resample has an error, and lies too low where each class has few rows.
* A mean over classes is resampled with one more row of each class, of which as many are right as of all rows together:
  otherwise the two right rows of a rare class would be taken for certain. The interval spans that of the score and
  that of the score without the bias that the bootstrap finds: classes with few rows lower the mean, but not where they
  are rare in truth, since those that the rows hold then have more rows than their share. Of 20 to 77 classes, equally
  frequent or with shares of 1/k, the first alone missed the true score in up to 12 %, the second in up to 9 %.
* A score without a lowest value (R², a mean residual): a t interval with the bootstrap's variance.
* A mean error: a t interval of its logarithm, with the bootstrap's variance.
* The difference of two scores on the same rows: from both intervals and the correlation of both scores over the same
  resamples (Newcombe 1998, method 10; Donner and Zou 2012). Where both are nearly always right it still has a width.
  These are the intervals without the bias: the wider ones would find half as many differences between equal methods
  of 77 classes as are due.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import stats

from engine.contract.events import Emit, Progressed
from engine.contract.metrics import metric
from engine.contract.sentences import Sentence
from engine.contract.states import ScoreDifference
from engine.tasks.scores import CountedRows, Counts, SampleScores, ScoredRows, macro_f1

RESAMPLES = 5_000
MOST_UNDEFINED = 0.05  # share of the resamples in which a score is not measurable
LARGE = 2_000  # rows from which the size of a resample may vary a little
CELLS = 200_000  # rows times resamples that are computed together: what the processor's cache holds
FEWEST_RESAMPLES = 200  # enough for the variance that the intervals are made of
MOST_CELLS = 200_000_000  # rows times resamples times passes: some seconds
Interval = tuple[float, float]

_CLASS_MEAN = "macro_f1"
_TAIL = 0.025  # on each side of an interval
_QUANTILE = float(stats.norm.ppf(1 - _TAIL))
_NOTE = Sentence("evaluating.progress.computing_how_uncertain_scores")


class Uncertainty(NamedTuple):
    """Intervals by score; why there is none; by baseline how much better the model is in the headline."""

    intervals: dict[str, Interval]
    withheld: dict[str, Sentence]
    differences: dict[str, ScoreDifference]


def uncertainty(
    model: ScoredRows, baselines: Mapping[str, ScoredRows], headline: str, emit: Emit, *, seed: int
) -> Uncertainty:
    """All methods are resampled together, so that each resample holds the same rows of each; empty below two rows."""
    rows = len(model.rows)
    if rows < 2:
        return Uncertainty({}, {}, {})
    compared = {name: one for name, one in baselines.items() if one.scores.get(headline) is not None}
    methods = [model, *compared.values()]
    generator = np.random.default_rng(seed)
    drawn = _draw_together(methods, headline, emit, generator)
    smoothed = [_draw_smoothed(method, generator) for method in methods]
    found: list[dict[str, _Ends]] = []
    withheld: dict[str, Sentence] = {}
    for method, plain, smooth in zip(methods, drawn, smoothed, strict=True):
        names = [name for name, score in method.scores.items() if score is not None and name in plain]
        results = {name: _ends(name, method, plain[name], smooth.get(name)) for name in names}
        found.append({name: result for name, result in results.items() if not isinstance(result, Sentence)})
        if method is model:
            withheld = {name: result for name, result in results.items() if isinstance(result, Sentence)}
    differences = {}
    for name, other, resampled in zip(compared, found[1:], drawn[1:], strict=True):
        if headline in found[0] and headline in other:
            score, other_score = (method.scores[headline] or 0.0 for method in (model, compared[name]))
            shared = _correlation(drawn[0][headline], resampled[headline])
            ends = found[0][headline].of_differences, other[headline].of_differences
            differences[name] = _difference(score, ends[0], other_score, ends[1], shared)
    return Uncertainty({name: ends.shown for name, ends in found[0].items()}, withheld, differences)


def share_interval(share: float, rows: float) -> Interval:
    """Wilson's interval of a share of so many rows, which may be an effective number; exact where all or none are."""
    if share >= 1:
        return _TAIL ** (1 / rows), 1.0
    if share <= 0:
        return 0.0, 1 - _TAIL ** (1 / rows)
    squared = _QUANTILE**2
    middle = (share + squared / (2 * rows)) / (1 + squared / rows)
    half = _QUANTILE / (1 + squared / rows) * math.sqrt(share * (1 - share) / rows + squared / (4 * rows**2))
    return max(0.0, middle - half), min(1.0, middle + half)


class _Smoothed(NamedTuple):
    draws: np.ndarray
    centre: float  # the score of the rows that were resampled, the added ones included
    units: float  # true rows, labels or words


class _Ends(NamedTuple):
    shown: Interval
    of_differences: Interval  # without the bias


def _ends(name: str, method: ScoredRows, plain: np.ndarray, smoothed: _Smoothed | None) -> _Ends | Sentence:
    """The interval of one score, or why there is none."""
    score = method.scores[name]
    assert score is not None
    defined = plain[np.isfinite(plain)]
    undefined = 1 - len(defined) / len(plain)
    if undefined > MOST_UNDEFINED:
        return Sentence("evaluating.note.no_interval_undefined", score=name, share=undefined)
    rows = len(method.rows)
    kind = metric(name)
    if math.isinf(kind.lowest):
        reach = float(stats.t.ppf(1 - _TAIL, rows - 1)) * float(defined.std()) * math.sqrt(rows / (rows - 1))
        unbounded = score - reach, min(score + reach, kind.highest)
        return _Ends(unbounded, unbounded)
    if kind.share_of_rows:
        return _Ends(share_interval(score, rows), share_interval(score, rows))
    if kind.is_error:
        of_error = _error_interval(name, score, defined, rows)
        return of_error if isinstance(of_error, Sentence) else _Ends(of_error, of_error)
    low, high = kind.lowest, kind.highest
    bias = 0.0
    if smoothed is not None:
        defined, bias = smoothed.draws, float(smoothed.draws.mean()) - smoothed.centre
    resampled = (defined - low) / (high - low)
    of = (smoothed.centre if smoothed is not None else score) - low
    of /= high - low
    variance = float(resampled.var())
    # No resample differs where there was no error to draw, or nothing but errors.
    size = of * (1 - of) / variance if variance > 1e-12 and 0 < of < 1 else _observations(name, method.rows)
    if smoothed is not None:
        size = min(size, smoothed.units)  # the added rows are no observations

    def interval(value: float) -> Interval:
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        ends = share_interval(share, max(1.0, size))
        return min(score, low + (high - low) * ends[0]), max(score, low + (high - low) * ends[1])

    simple, corrected = interval(score), interval(score - bias)
    return _Ends((min(simple[0], corrected[0]), max(simple[1], corrected[1])), corrected)


def _error_interval(name: str, score: float, draws: np.ndarray, rows: int) -> Interval | Sentence:
    positive = draws[draws > 0]
    if score <= 0 or len(positive) < (1 - MOST_UNDEFINED) * len(draws):
        return Sentence("evaluating.note.no_interval_exact", score=name)
    spread = float(np.log(positive).std()) * math.sqrt(rows / (rows - 1))
    reach = math.exp(float(stats.t.ppf(1 - _TAIL, rows - 1)) * spread)
    return score / reach, score * reach


def _observations(name: str, rows: SampleScores) -> int:
    """How many rows have something that the score counts."""
    if not isinstance(rows, CountedRows) or name not in ("entity_f1", "entity_precision", "entity_recall", "micro_f1"):
        return len(rows)
    classes = (rows.columns.shape[1] - 2) // 3
    first, last = {"entity_precision": (1, 2), "entity_recall": (2, 3)}.get(name, (1, 3))
    return int((rows.columns[:, first * classes : last * classes].sum(axis=1) > 0).sum())


def _difference(
    score: float, ends: Interval, other: float, other_ends: Interval, correlation: float
) -> ScoreDifference:
    def reach(one: float, two: float) -> float:
        return math.sqrt(max(0.0, one**2 + two**2 - 2 * correlation * one * two))

    return ScoreDifference(
        score - other,
        score - other - reach(score - ends[0], other_ends[1] - other),
        score - other + reach(ends[1] - score, other - other_ends[0]),
    )


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    both = np.isfinite(one) & np.isfinite(other)
    spreads = one[both].std(), other[both].std()
    if min(spreads) < 1e-9:
        return 0.0
    return float(np.clip(np.corrcoef(one[both], other[both])[0, 1], -1, 1))


# Resamples


def _draw_together(
    methods: list[ScoredRows], headline: str, emit: Emit, generator: np.random.Generator
) -> list[dict[str, np.ndarray]]:
    """Scores of each method by name in the same resamples; of all but the first the headline only."""
    rows, passes = len(methods[0].rows), methods[0].rows.passes
    parts: list[list[dict[str, np.ndarray]]] = [[] for _ in methods]
    for done, resamples in portions(rows, passes):
        emit(Progressed(done, resamples_for(rows, passes), _NOTE, "resamples"))
        times = drawn_times(generator, rows, resamples)
        for method, found in zip(methods, parts, strict=True):
            scores = method.rows.scores(times)
            found.append(scores if method is methods[0] else {headline: scores[headline]})
    return [{name: np.concatenate([part[name] for part in found]) for name in found[0]} for found in parts]


def resamples_for(rows: int, passes: int = 1) -> int:
    """Fewer for very many rows, whose scores hardly vary, and where each resample is costly."""
    usual = max(1_000, min(RESAMPLES, 40_000 * RESAMPLES // rows))
    return min(usual, max(FEWEST_RESAMPLES, MOST_CELLS // (rows * passes)))


def portions(rows: int, passes: int = 1) -> Iterator[tuple[int, int]]:
    """How many resamples are done, and how many come next."""
    total, size = resamples_for(rows, passes), max(8, CELLS // rows)
    for done in range(0, total, size):
        yield done, min(size, total - done)


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
    steps = np.floor(stats.poisson.cdf(np.arange(12), mean) * 65_536 + 0.5)
    return np.searchsorted(steps, np.arange(65_536), side="right").astype(np.float32)


def _draw_smoothed(method: ScoredRows, generator: np.random.Generator) -> dict[str, _Smoothed]:
    """Means over classes, of resamples that hold one more row of each class with true rows."""
    rows = method.rows
    if method.scores.get(_CLASS_MEAN) is None or not isinstance(rows, CountedRows):
        return {}
    whole = rows.counts(np.ones((len(rows), 1), dtype=np.float32))
    added = _Added(whole, one_class=rows.one_class)
    # A resample is as large as the rows are: the added ones take the place of others.
    units = float(whole.true.sum())
    kept = units / (units + added.classes)
    draws = [
        macro_f1(added.drawn(rows.counts(drawn_times(generator, len(rows), resamples, kept=kept)), kept, generator))
        for _, resamples in portions(len(rows))
    ]
    found = np.concatenate(draws)
    return {_CLASS_MEAN: _Smoothed(found[np.isfinite(found)], float(macro_f1(added.expected())[0]), units)}


class _Added:
    """One more true unit of each class that has any: a row, or of label sets and tags one label or word."""

    def __init__(self, whole: Counts, *, one_class: bool) -> None:
        self._whole = whole
        self._one_class = one_class
        self._present = (whole.true[:, 0] > 0).astype(np.float64)
        self.classes = int(self._present.sum())
        false_alarms = whole.predicted[:, 0] - whole.correct[:, 0]
        units, missed = float(whole.true.sum()), float((whole.true - whole.correct).sum())
        self._right = 1 - (missed + 0.5) / (units + 1)
        self._alarms = 1 - self._right if one_class else (float(false_alarms.sum()) + 0.5) / (units + 1)
        share = false_alarms + 1 / len(false_alarms)
        self._where = share / share.sum()  # which class a false alarm is for

    def expected(self) -> Counts:
        """The counts of all rows with the added ones, as shares."""
        alarms = self._alarms * self.classes * self._where
        right = self._right * self._present
        return self._whole._replace(
            correct=self._whole.correct + right[:, None],
            predicted=self._whole.predicted + (right + alarms)[:, None],
            true=self._whole.true + self._present[:, None],
        )

    def drawn(self, counts: Counts, kept: float, generator: np.random.Generator) -> Counts:
        """The counts of resamples, with added units drawn anew for each."""
        resamples = counts.true.shape[1]
        true = generator.poisson(kept * self._present[:, None], size=(len(self._present), resamples))
        right = generator.binomial(true, self._right)
        drawn = (true - right).sum(axis=0) if self._one_class else generator.poisson(self._alarms * true.sum(axis=0))
        alarms = generator.multinomial(drawn, self._where).T
        return counts._replace(
            correct=counts.correct + right, predicted=counts.predicted + right + alarms, true=counts.true + true
        )
