"""Whether more labels would help: the score from a tenth to all of the training rows, and a forecast for twice as many.

A linear model on the untouched encoder learns 10, 25, 50 and 100 % of the training rows, several draws of each, and is
scored on the same held-out rows every time. Errors fall with rows as a power law with a floor, e(n) = a + b·n^−c
(Hestness et al. 2017, "Deep Learning Scaling is Predictable, Empirically"; Viering and Loog 2022). All of its curves
that fit are kept, each with its weight, so the interval of the forecast is as wide as what is not known of a and c.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.contract.diagnoses import CurvePoint, LearningCurve
from engine.contract.events import Emit, Progressed
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from engine.diagnosing.linear_model import fitted
from engine.diagnosing.row_features import RowFeatures, word_labels
from engine.tasks.baselines import one_blas_thread
from engine.tasks.registry import task_named
from engine.tasks.rows import Outputs
from engine.tasks.task import Task

SHARES = (0.1, 0.25, 0.5, 1.0)
DRAWS = (5, 4, 3, 1)  # of each share
FEWEST_ROWS = 100  # training rows, of which a tenth would be no evidence
FEWEST_HELD_OUT = 50
INVERSE_PENALTY = 0.05
RIDGE = 100.0
LEAST_SPREAD = 0.03  # of an error, between two draws of rows
INSIDE = 0.8  # of the forecast's interval
NOTE = Sentence("diagnosing.progress.learning_curve")

# The curves that are considered: floors as parts of the smallest error, and exponents. Learning curves of text
# classifiers fall with exponents of 0.1 to 1 (Hestness et al. 2017).
FLOORS = np.linspace(0.0, 0.98, 33)
EXPONENTS = np.linspace(0.08, 1.2, 33)


class Forecast(NamedTuple):
    """An expected error with the interval in which it lies in 80 % of cases."""

    error: float
    low: float
    high: float


class _Learner(NamedTuple):
    """Fits to rows by their positions, and scores on the held-out rows; higher is better."""

    score: Callable[[np.ndarray], float | None]


def learning_curve(dataset: PreparedDataset, found: RowFeatures, emit: Emit, *, seed: int) -> LearningCurve:
    """The scores and the forecast; `emit` may raise `StopRequested`."""
    rows = found.rows
    task = task_named(dataset.task, dataset.label_names)
    splits = np.asarray([place.split for place in rows.places])
    train, held_out = np.flatnonzero(splits == "train"), np.flatnonzero(splits != "train")
    if len(train) < FEWEST_ROWS or len(held_out) < FEWEST_HELD_OUT:
        refused = Sentence("diagnosing.refused.learning_curve", rows=len(train), held_out=len(held_out))
        return LearningCurve(task.metric, (), len(held_out), refused=refused)
    total, done = sum(DRAWS), 0

    def pause() -> None:
        emit(Progressed(done, total, NOTE, "models"))

    learner = _learner(task, dataset.label_names, found, held_out, pause)
    generator = np.random.default_rng(seed)
    points: list[CurvePoint] = []
    with one_blas_thread():
        for share, draws in zip(SHARES, DRAWS, strict=True):
            size = max(2, round(share * len(train)))
            scores = []
            for _ in range(draws):
                score = learner.score(np.sort(generator.permutation(train)[:size]))
                done += 1
                pause()
                if score is not None:
                    scores.append(score)
            if scores:
                points.append(CurvePoint(size, tuple(scores)))
    if len(points) < len(SHARES):
        return LearningCurve(
            task.metric, tuple(points), len(held_out), refused=Sentence("diagnosing.refused.no_scores")
        )
    sizes = [point.rows for point in points for _ in point.scores]
    errors = [1 - score for point in points for score in point.scores]
    ahead = forecast(sizes, errors, 2 * len(train))
    return LearningCurve(
        task.metric,
        tuple(points),
        len(held_out),
        rows_ahead=2 * len(train),
        score_ahead=1 - ahead.error,
        interval=(1 - ahead.high, 1 - ahead.low),
    )


def forecast(sizes: Sequence[int], errors: Sequence[float], ahead: int) -> Forecast:
    """The error at `ahead` rows, from errors at smaller sizes, several draws of each (one is enough for the largest).

    Each floor and exponent has the b that fits best, and the weight of its likelihood. The spread of draws is that
    within a size, and grows with the error: a draw of fewer rows differs more.
    """
    numbers, found = np.asarray(sizes, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    relative = _relative_spread(numbers, found)
    smallest = max(float(found.min()), 1e-4)
    spread = relative * np.maximum(found, 0.25 * smallest)
    floors = FLOORS[:, None] * smallest
    powers = (numbers[None, :] / ahead) ** -EXPONENTS[:, None]  # (exponents, points), 1 at `ahead`
    weights = 1 / spread**2
    rest = found[None, None, :] - floors[:, :, None]  # (floors, 1, points)
    slope = (rest * powers[None] * weights).sum(axis=2) / ((powers**2 * weights).sum(axis=1)[None])
    slope = np.maximum(slope, 0.0)
    misfit = (((rest - slope[:, :, None] * powers[None]) / spread) ** 2).sum(axis=2)
    likelihood = np.exp(-0.5 * (misfit - misfit.min()))
    expected = floors + slope  # the value of each curve at `ahead`
    # A retrained model is one draw, too; its spread shrinks with the rows as those that were seen do.
    shares = (likelihood / likelihood.sum()).reshape(-1)
    means = expected.reshape(-1)
    own = np.maximum(relative * means, 1e-6)
    return Forecast(
        float((shares * means).sum()),
        _quantile(means, own, shares, (1 - INSIDE) / 2),
        _quantile(means, own, shares, (1 + INSIDE) / 2),
    )


def _relative_spread(sizes: np.ndarray, errors: np.ndarray) -> float:
    """The spread of draws of one size as a part of their error, pooled over sizes; never less than `LEAST_SPREAD`.

    Draws from the same rows share the more of them the larger they are, and so differ less than draws of new rows
    would, by the root of the share that is not drawn.
    """
    squares, degrees = 0.0, 0
    for size in np.unique(sizes):
        own = errors[sizes == size]
        if len(own) > 1 and own.mean() > 0 and size < sizes.max():
            squares += float(((own / own.mean() - 1) ** 2).sum()) / (1 - size / float(sizes.max()))
            degrees += len(own) - 1
    return max(LEAST_SPREAD, (squares / degrees) ** 0.5 if degrees else 0.05)


def _quantile(means: np.ndarray, spreads: np.ndarray, shares: np.ndarray, wanted: float) -> float:
    """Of a mixture of normal distributions, by halving."""
    from scipy.special import ndtr

    low, high = float((means - 8 * spreads).min()), float((means + 8 * spreads).max())
    for _ in range(60):
        middle = (low + high) / 2
        below = float((shares * ndtr((middle - means) / spreads)).sum())
        low, high = (middle, high) if below < wanted else (low, middle)
    return max(0.0, min(1.0, high)) if high < 1.0 else high


# The linear model of each kind of label


class LinearFit(NamedTuple):
    """A fitted model; `logits` of features (rows, width) are (rows, outputs) float32."""

    logits: Callable[[np.ndarray], np.ndarray]


def linear_fit(
    task: Task, classes: int, found: RowFeatures, chosen: np.ndarray, pause: Callable[[], object]
) -> LinearFit | None:
    """The linear model that learns the chosen rows, one output per row; None where they are of one class."""
    targets = np.asarray([found.rows.labels[position] for position in chosen.tolist()])
    return _fit(task, classes, found.features[chosen], targets, pause)


def _fit(
    task: Task, classes: int, features: np.ndarray, targets: np.ndarray, pause: Callable[[], object]
) -> LinearFit | None:
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    learned = (features - mean) / spread
    if task.facts.labels_are_numbers:
        from sklearn.linear_model import Ridge

        pause()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # ill-conditioned where there are fewer rows than features
            ridge: Any = Ridge(alpha=RIDGE).fit(learned, targets)
        return LinearFit(
            lambda asked: np.asarray(ridge.predict((asked - mean) / spread), dtype=np.float32).reshape(-1, 1)
        )
    several = task.facts.several_labels
    if not several and len(np.unique(targets)) < 2:
        return None
    wanted = targets.astype(np.float64) if several else np.eye(classes)[targets]
    model = fitted(
        learned, wanted, inverse_penalty=INVERSE_PENALTY, activation="sigmoid" if several else "softmax", pause=pause
    )
    return LinearFit(lambda asked: np.asarray((asked - mean) / spread @ model.weight + model.bias, dtype=np.float32))


def _learner(
    task: Task, names: Sequence[str], found: RowFeatures, held_out: np.ndarray, pause: Callable[[], object]
) -> _Learner:
    rows = found.rows
    if task.facts.one_label_per_word:
        return _word_learner(task, names, found, held_out, pause)
    truth = [np.asarray(rows.labels[position]) for position in held_out.tolist()]
    numbers = [rows.places[position].number for position in held_out.tolist()]

    def score(chosen: np.ndarray) -> float | None:
        fit = linear_fit(task, len(names), found, chosen, pause)
        if fit is None:
            return None
        outputs = Outputs(list(fit.logits(found.features[held_out])), truth, numbers)
        return task.score(outputs, names).get(task.metric)

    return _Learner(score)


def _word_learner(
    task: Task, names: Sequence[str], found: RowFeatures, held_out: np.ndarray, pause: Callable[[], object]
) -> _Learner:
    """Of words with tags: the states of their first tokens."""
    rows, states, owner = found.rows, found.words, found.owner
    assert states is not None
    assert owner is not None
    labels = word_labels(task, names, rows)
    ends = np.cumsum([0, *np.bincount(owner, minlength=len(rows)).tolist()])
    asked = np.concatenate([np.arange(ends[row], ends[row + 1]) for row in held_out.tolist()])
    lengths = np.asarray([ends[row + 1] - ends[row] for row in held_out.tolist()])
    cuts = np.cumsum(lengths)[:-1]
    truth = np.split(labels[asked], cuts)
    numbers = [rows.places[position].number for position in held_out.tolist()]

    def score(chosen: np.ndarray) -> float | None:
        own = np.flatnonzero(np.isin(owner, chosen))
        fit = _fit(task, len(names), states[own], labels[own], pause)
        if fit is None:
            return None
        logits = fit.logits(states[asked])
        return task.score(Outputs(np.split(logits, cuts), truth, numbers), names).get(task.metric)

    return _Learner(score)
