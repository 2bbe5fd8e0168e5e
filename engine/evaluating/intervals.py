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
* The area under a precision-recall curve spans two and a half times the bias that the bootstrap finds: with few rows
  of a class, which it draws again and again, it finds 0.43 to 0.61 of the true one in simulations. Areas of two
  classes have at most the effective size of three times the rows of the rarer one: where its few rows lie well by
  chance, the bootstrap's variance is too small.
* The expected calibration error has none: chance alone raises it, of a calibrated model on 200 rows to about 0.06, and
  an interval that spans what the bootstrap finds of that bias held the true value in 0.6 of 150 sets.
* A score without a lowest value (R², a mean residual): a t interval with the bootstrap's variance.
* A mean error: a t interval of its logarithm, with the bootstrap's variance.
* Rows of one observation (same text, near-duplicates, one group) are drawn together, and count as one where all
  resamples agree. Of few observations the bootstrap's variance is uncertain, so that the effective size is smaller by
  what a t distribution's quantile is larger (Korn and Graubard 1998).

How two methods differ is in engine/evaluating/differences.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy import stats

from engine.contract.events import Emit, Progressed
from engine.contract.metrics import metric
from engine.contract.sentences import Sentence
from engine.contract.states import ScoreDifference
from engine.evaluating import resampling
from engine.evaluating.differences import score_differences
from engine.evaluating.resampling import MOST_UNDEFINED, QUANTILE, TAIL, Drawing, resampled_scores
from engine.tasks.scores import CLASS_MEANS, CountedRows, Counts, JoinedRows, ScoredRows

Interval = tuple[float, float]

_ROUNDING = 1e-6  # relative; what single precision leaves of a constant
_RAISED = "pr_auc"  # by few rows, as the bootstrap shows
RAISED_BY = 2.5  # times what the bootstrap shows
_RAISED_BY_CHANCE = "calibration_error"  # by more than its interval would be wide, and by more than the bootstrap shows
_NOTE = Sentence("evaluating.progress.computing_how_uncertain_scores")


class Uncertainty(NamedTuple):
    """Intervals by score; why there is none; by baseline how much better the model is in the headline."""

    intervals: dict[str, Interval]
    withheld: dict[str, Sentence]
    differences: dict[str, ScoreDifference]


def uncertainty(
    model: ScoredRows,
    baselines: Mapping[str, ScoredRows],
    headline: str,
    emit: Emit,
    *,
    seed: int,
    groups: np.ndarray | None = None,
    different: int | None = None,
) -> Uncertainty:
    """Of the model's scores, and of the difference to each baseline on the same rows; empty below two rows.

    `groups` (rows,) int64 from 0 is equal for rows of one observation (`equal_rows`). `different` is how many of the
    rows read differently, where that is more than there are observations: rows of one group are not the same row.
    """
    if len(model.rows) < 2:
        return Uncertainty({}, {}, {})
    generator = np.random.default_rng(seed)
    sample = _Sample(len(model.rows), groups, different)
    plain = resampled_scores(model.rows, groups, emit, generator)
    smoothed = _draw_smoothed(model, sample, emit, generator)
    results = {
        name: _interval(name, score, model, plain[name], smoothed.get(name), sample)
        for name, score in model.scores.items()
        if score is not None and name in plain
    }
    return Uncertainty(
        {name: found for name, found in results.items() if not isinstance(found, Sentence)},
        {name: found for name, found in results.items() if isinstance(found, Sentence)},
        score_differences(model, baselines, headline, emit, seed=seed, groups=groups),
    )


def share_interval(share: float, rows: float) -> Interval:
    """Wilson's interval of a share of so many rows, which may be an effective number; exact where all or none are."""
    if share >= 1:
        return TAIL ** (1 / rows), 1.0
    if share <= 0:
        return 0.0, 1 - TAIL ** (1 / rows)
    squared = QUANTILE**2
    middle = (share + squared / (2 * rows)) / (1 + squared / rows)
    half = QUANTILE / (1 + squared / rows) * math.sqrt(share * (1 - share) / rows + squared / (4 * rows**2))
    return max(0.0, middle - half), min(1.0, middle + half)


class _Sample(NamedTuple):
    """Rows, some of which may be one observation."""

    rows: int
    groups: np.ndarray | None
    different: int | None

    @property
    def observations(self) -> int:
        return self.rows if self.groups is None else int(self.groups.max()) + 1

    @property
    def certainty(self) -> float:
        """By what the effective size is smaller since the variance is known from so many groups of rows only.

        Korn and Graubard (1998): that of a mean of groups, and a t distribution's quantile in place of the normal one.
        """
        if self.groups is None or self.observations < 2:
            return 1.0
        degrees = self.observations - 1
        return degrees / (degrees + 1) * (QUANTILE / float(stats.t.ppf(1 - TAIL, degrees))) ** 2

    def observed(self, which: np.ndarray) -> int:
        """How many observations are among the rows that `which` (rows,) bool marks."""
        return int(which.sum()) if self.groups is None else len(np.unique(self.groups[which]))


class _Smoothed(NamedTuple):
    draws: np.ndarray
    centre: float  # the score of the rows that were resampled, the added ones included
    units: float  # true rows, labels or words


def _interval(
    name: str, score: float, method: ScoredRows, plain: np.ndarray, smoothed: _Smoothed | None, sample: _Sample
) -> Interval | Sentence:
    """The interval of one score, or why there is none."""
    defined = plain[np.isfinite(plain)]
    undefined = 1 - len(defined) / len(plain)
    if undefined > MOST_UNDEFINED:
        return Sentence("evaluating.note.no_interval_undefined", score=name, share=undefined)
    rows = sample.observations
    if rows < 2:
        return Sentence("evaluating.note.no_interval_one_text", score=name)
    if name == _RAISED_BY_CHANCE:
        return Sentence("evaluating.note.no_interval_chance", score=name)
    kind = metric(name)
    if math.isinf(kind.lowest):
        if defined.std() <= _ROUNDING * max(1.0, abs(score)):
            return Sentence("evaluating.note.no_interval_same", score=name)
        reach = float(stats.t.ppf(1 - TAIL, rows - 1)) * float(defined.std()) * math.sqrt(rows / (rows - 1))
        return score - reach, min(score + reach, kind.highest)
    if kind.share_of_rows and sample.groups is None:
        return share_interval(score, rows)
    if kind.is_error:
        return _error_interval(name, score, defined, rows)
    low, high = kind.lowest, kind.highest
    bias = 0.0
    varies = float(defined.var()) > 1e-12
    if smoothed is not None:
        defined, bias = smoothed.draws, float(smoothed.draws.mean()) - smoothed.centre
    elif name == _RAISED:
        bias = RAISED_BY * (float(defined.mean()) - score)
    resampled = (defined - low) / (high - low)
    of = (smoothed.centre if smoothed is not None else score) - low
    of /= high - low
    variance = float(resampled.var())
    # No resample differs where there was no error to draw, or nothing but errors.
    if variance > 1e-12 and 0 < of < 1:
        size = of * (1 - of) / variance * sample.certainty
    else:
        size = _observations(name, method, sample)
    if kind.share_of_rows:
        size = min(size, sample.rows)
    size = min(size, method.rows.largest_size(name))
    if smoothed is not None:
        # The added rows are no observations; where groups never differ, they may hold the same row over and over.
        most = sample.different if varies and sample.different is not None else rows
        size = min(size, smoothed.units * most / sample.rows)

    def interval(value: float) -> Interval:
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        ends = share_interval(share, max(1.0, size))
        return min(score, low + (high - low) * ends[0]), max(score, low + (high - low) * ends[1])

    simple, corrected = interval(score), interval(score - bias)
    return min(simple[0], corrected[0]), max(simple[1], corrected[1])


def _error_interval(name: str, score: float, draws: np.ndarray, rows: int) -> Interval | Sentence:
    positive = draws[draws > 0]
    if score <= 0 or len(positive) < (1 - MOST_UNDEFINED) * len(draws):
        return Sentence("evaluating.note.no_interval_exact", score=name)
    if np.log(positive).std() <= _ROUNDING:
        return Sentence("evaluating.note.no_interval_same", score=name)
    spread = float(np.log(positive).std()) * math.sqrt(rows / (rows - 1))
    reach = math.exp(float(stats.t.ppf(1 - TAIL, rows - 1)) * spread)
    return score / reach, score * reach


def _observations(name: str, method: ScoredRows, sample: _Sample) -> int:
    """How many observations have something that the score counts."""
    rows = next((part for part in _counted(method)), None)
    if rows is None or name not in ("entity_f1", "entity_precision", "entity_recall", "micro_f1"):
        return sample.observations
    classes = (rows.columns.shape[1] - 2) // 3
    first, last = {"entity_precision": (1, 2), "entity_recall": (2, 3)}.get(name, (1, 3))
    return sample.observed(np.asarray(rows.columns[:, first * classes : last * classes].sum(axis=1)).reshape(-1) > 0)


def _counted(method: ScoredRows) -> list[CountedRows]:
    parts = method.rows.parts if isinstance(method.rows, JoinedRows) else (method.rows,)
    return [part for part in parts if isinstance(part, CountedRows)]


# Resamples


def _draw_smoothed(
    method: ScoredRows, sample: _Sample, emit: Emit, generator: np.random.Generator
) -> dict[str, _Smoothed]:
    """Means over classes, of resamples that hold one more row of each class with true rows."""
    found: dict[str, _Smoothed] = {}
    for rows in _counted(method):
        whole = rows.counts(np.ones((len(rows), 1), dtype=np.float32))
        names = [name for name in CLASS_MEANS if name in rows.score(whole) and method.scores.get(name) is not None]
        if not names:
            continue
        added = _Added(whole, one_class=rows.one_class)
        # A resample is as large as the rows are: the added ones take the place of others.
        units = float(whole.true.sum())
        kept = units / (units + added.classes)
        draws: dict[str, list[np.ndarray]] = {name: [] for name in names}
        drawing = Drawing(rows, sample.groups)
        assert isinstance(drawing.scored, CountedRows)
        for resamples in drawing.portions():
            emit(Progressed(sum(map(len, draws[names[0]])), resampling.RESAMPLES, _NOTE, "resamples"))
            drawn = drawing.drawn(generator, resamples, kept=kept)
            counts = added.drawn(drawing.scored.counts(drawn), kept, generator)
            for name in names:
                draws[name].append(CLASS_MEANS[name](counts))
        for name in names:
            drawn, centre = np.concatenate(draws[name]), float(CLASS_MEANS[name](added.expected())[0])
            found[name] = _Smoothed(drawn[np.isfinite(drawn)], centre, units)
    return found


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
