"""Differences of two methods: McNemar's test in its textbook case, equal texts, scales, what has no verdict."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from engine.contract.events import Event
from engine.contract.states import ScoreDifference
from engine.evaluating import resampling
from engine.evaluating.differences import score_differences
from engine.evaluating.intervals import uncertainty
from engine.evaluating.resampling import equal_rows
from engine.tasks.scores import (
    EntityCounts,
    NumberRows,
    ScoredRows,
    confusion_matrix,
    confusion_rows,
    confusion_scores,
    entity_rows,
    label_set_rows,
    label_set_scores,
    number_scores,
    scores_of,
)
from tests.benchmarks import coverage

Z = float(stats.norm.ppf(0.975))


def quietly(_event: Event) -> None:
    """Shows nothing."""


def classes_scored(truth: np.ndarray, predicted: np.ndarray, classes: int = 2) -> ScoredRows:
    scores = confusion_scores(confusion_matrix(truth, predicted, classes))
    return ScoredRows(scores, confusion_rows(truth, predicted, classes))


def numbers_scored(truth: np.ndarray, predicted: np.ndarray) -> ScoredRows:
    return ScoredRows(number_scores(truth, predicted), NumberRows(truth, predicted))


def difference(
    model: ScoredRows, other: ScoredRows, headline: str, *, groups: np.ndarray | None = None
) -> ScoreDifference:
    return score_differences(model, {"": other}, headline, quietly, seed=1, groups=groups)[""]


def one_alone_right(better: int, worse: int, rows: int) -> tuple[ScoredRows, ScoredRows]:
    """Two methods of which so many rows are right in one alone."""
    truth = np.arange(rows) % 2
    places = np.random.default_rng(0).permutation(rows)
    one, other = truth.copy(), truth.copy()
    other[places[:better]] = 1 - truth[places[:better]]
    one[places[better : better + worse]] = 1 - truth[places[better : better + worse]]
    return classes_scored(truth, one), classes_scored(truth, other)


@pytest.mark.parametrize(("better", "worse"), [(5, 0), (4, 0), (3, 0), (8, 2), (7, 3), (12, 3), (30, 15), (40, 2)])
def test_of_accuracies_zero_is_excluded_where_mcnemars_test_rejects(better: int, worse: int) -> None:
    found = difference(*one_alone_right(better, worse, 100), "accuracy")
    assert found.value == pytest.approx((better - worse) / 100)
    assert (found.low > 0) == (abs(better - worse) / math.sqrt(better + worse) > Z)
    # Accepted is every difference that is not off by more than its own standard error: Tango's shape.
    variance = (better + worse) / 100 - found.value**2
    assert found.high - found.value == pytest.approx(Z * math.sqrt(variance / 100), rel=0.06) or better + worse < 4


@pytest.mark.parametrize("rows", [4, 20, 200])
def test_methods_that_answer_alike_have_an_interval_with_a_width(rows: int) -> None:
    found = difference(*one_alone_right(0, 0, rows), "macro_f1")
    assert found.value == 0
    assert found.high == -found.low == pytest.approx(Z**2 / (rows + Z**2))  # Tango's where no row differs


@pytest.mark.parametrize("classes", [3, 7])
def test_methods_that_are_wrong_in_different_ways_have_an_interval_with_a_width(classes: int) -> None:
    truth = np.arange(30) % classes
    sides = [classes_scored(truth, (truth + shift) % classes, classes) for shift in (1, 2)]
    found = difference(sides[0], sides[1], "macro_f1")
    assert found.low < found.value == 0 < found.high
    truth = np.arange(200) % classes
    right = classes_scored(truth, truth, classes)
    found = difference(right, classes_scored(truth, np.zeros(200, dtype=int), classes), "macro_f1")
    assert 0 < found.low < found.value < found.high


@pytest.mark.parametrize("differing", [1, 2, 3])
def test_fewer_than_four_rows_that_differ_show_no_difference(differing: int) -> None:
    found = difference(*one_alone_right(differing, 0, 400), "macro_f1")
    assert found.differing == differing
    assert found.low < 0 < found.value < found.high


def test_the_interval_stays_within_what_scores_can_differ() -> None:
    truth = np.arange(12) % 2
    found = difference(classes_scored(truth, truth), classes_scored(truth, 1 - truth), "accuracy")
    assert found.value == found.high == 1
    assert found.low > 0


def test_the_rank_correlations_of_methods_on_other_scales_are_compared_by_ranks() -> None:
    generator = np.random.default_rng(2)
    truth, one, other = generator.normal(size=(3, 200))
    model, compared = truth + 0.5 * one, truth + 0.5 * other
    plain = difference(numbers_scored(truth, model), numbers_scored(truth, compared), "spearman")
    scaled = difference(numbers_scored(truth, model), numbers_scored(truth, 100 + compared / 50), "spearman")
    assert (scaled.low, scaled.high) == pytest.approx((plain.low, plain.high))
    assert plain.high - plain.low < 0.15
    for name in ("pearson", "mae", "rmse"):
        found = difference(numbers_scored(truth, model), numbers_scored(truth, compared), name)
        assert found.low < found.value < found.high
        assert found.low < 0 < found.high


def test_entities_and_sets_of_labels_are_compared() -> None:
    generator = np.random.default_rng(5)
    true = np.full((100, 1), 2)
    words = np.full(100, 10)
    sides = []
    for recall in (0.9, 0.5):
        correct = generator.binomial(true, recall)
        sides.append(EntityCounts(correct, true, true, words, words))
    found = difference(*(ScoredRows(scores_of(side), entity_rows(side)) for side in sides), "entity_f1")
    assert 0 < found.low < found.value < found.high
    truth = generator.random((100, 5)) < 0.4
    sets = [truth ^ (generator.random((100, 5)) < share) for share in (0.05, 0.3)]
    found = difference(*(ScoredRows(label_set_scores(truth, s), label_set_rows(truth, s)) for s in sets), "micro_f1")
    assert 0 < found.low < found.value < found.high


def entity_scored(correct: np.ndarray, true: np.ndarray, extra: np.ndarray) -> ScoredRows:
    words = np.full(len(true), 20)
    counts = EntityCounts(correct[:, None], (correct + extra)[:, None], true[:, None], words, words)
    return ScoredRows(scores_of(counts) | ({} if correct.any() else {"entity_f1": 0.0}), entity_rows(counts))


def test_a_large_difference_has_hardly_a_wider_interval_than_the_score_itself() -> None:
    """A baseline that finds nothing has no uncertainty of its own; by exchanges alone it would be twice as wide."""
    generator = np.random.default_rng(4)
    true = generator.poisson(1.5, 77)
    correct = generator.binomial(true, generator.beta(2.6, 1.4, 77))
    model = entity_scored(correct, true, generator.poisson(0.5, 77))
    nothing = entity_scored(np.zeros(77, dtype=int), true, np.zeros(77, dtype=int))
    found = difference(model, nothing, "entity_f1")
    low, high = uncertainty(model, {}, "", quietly, seed=1).intervals["entity_f1"]
    assert found.low < found.value < found.high
    assert high - low < found.high - found.low < 1.4 * (high - low)


@pytest.mark.parametrize("cell", ["entity F1 0.65 and 0.0, 77 rows", "macro F1, 6 classes, 0.9 and 0.6, 200 rows"])
def test_the_interval_of_a_large_difference_holds_the_true_one(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampling, "RESAMPLES", 150)
    generator = np.random.default_rng(6)
    held = 0
    for _ in range(60):
        model, other, name, true = coverage.UNEQUAL[cell](generator)
        found = difference(model, other, name)
        held += found.low <= true <= found.high
    assert held >= 53


@pytest.mark.parametrize("rows", [12, 30, 150])
@pytest.mark.parametrize("name", ["accuracy", "macro_f1"])
def test_the_interval_excludes_zero_exactly_where_p_is_below_a_twentieth(
    rows: int, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resampling, "RESAMPLES", 100)
    generator = np.random.default_rng(rows)
    seen = []
    for _ in range(60):
        truth, *wrong = generator.integers(0, 3, (3, rows))
        one, other = (
            np.where(generator.random(rows) < right, truth, guess)
            for right, guess in zip((0.9, generator.uniform(0.4, 0.9)), wrong, strict=True)
        )
        found = difference(classes_scored(truth, one, 3), classes_scored(truth, other, 3), name)
        assert found.p is not None
        assert found.low <= found.value <= found.high
        assert (found.low > 0 or found.high < 0) == (found.p < 0.05), found
        seen.append(found.p < 0.05)
    assert 5 < sum(seen) < 55


def test_where_few_rows_differ_their_exchanges_are_counted() -> None:
    """Five rows of rare classes, all in favour: one side of one exchange of 32, which a normal curve does not see."""
    truth = np.concatenate([np.zeros(40, dtype=int), np.asarray([1, 1, 2, 3, 4])])
    other = np.where(truth > 0, 0, truth)
    found = difference(classes_scored(truth, truth, 5), classes_scored(truth, other, 5), "macro_f1")
    assert found.p == pytest.approx(1 / 32)
    assert found.low > 0


def test_rows_with_the_same_text_are_exchanged_together() -> None:
    """Each text ten times: of ten times the rows no more is known."""
    sides = one_alone_right(8, 2, 40)
    once = difference(*sides, "accuracy")
    copied = [np.repeat(np.arange(40), 10)]
    truth = np.arange(40) % 2
    answers = [np.where(np.asarray(side.rows.columns[:, [-2]].toarray()).reshape(-1) == 1, truth, 1 - truth)  # type: ignore[attr-defined]
               for side in sides]  # fmt: skip
    tenfold = [classes_scored(truth[copied[0]], answer[copied[0]]) for answer in answers]
    groups = equal_rows(copied[0].tolist())
    assert groups is not None
    together = difference(tenfold[0], tenfold[1], "accuracy", groups=groups)
    assert (together.low, together.high) == pytest.approx((once.low, once.high), abs=0.01)
    alone = difference(tenfold[0], tenfold[1], "accuracy")
    assert alone.high - alone.low < 0.5 * (once.high - once.low)


def test_a_score_that_one_of_both_lacks_is_not_compared() -> None:
    truth = np.random.default_rng(5).normal(size=100)
    model, mean = numbers_scored(truth, truth + 1), numbers_scored(truth, np.full(100, truth.mean()))
    assert score_differences(model, {"mean": mean}, "spearman", quietly, seed=1) == {}


@pytest.mark.parametrize(
    ("accuracy", "rows", "alike", "highest"), [(0.95, 400, 0.5, 0.05), (0.8, 20, 0.0, 0.05), (0.99, 20, 0.5, 0.01)]
)
def test_equal_methods_are_distinguished_as_often_as_is_due(
    accuracy: float, rows: int, alike: float, highest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In short what tests/benchmarks/coverage.py computes: 0.025 on each side where a dozen rows differ."""
    monkeypatch.setattr(resampling, "RESAMPLES", 200)
    generator = np.random.default_rng(2)
    apart = []
    for _ in range(300):
        truth = generator.integers(0, 2, rows)
        one, other = (np.where(generator.random(rows) < accuracy, truth, 1 - truth) for _ in range(2))
        other = np.where(generator.random(rows) < alike, one, other)
        found = difference(classes_scored(truth, one), classes_scored(truth, other), "macro_f1")
        apart.append((found.low > 0, found.high < 0))
    sides = np.mean(apart, axis=0)
    assert (sides <= highest).all()
    if rows * (1 - accuracy) > 15:
        assert sides.sum() >= 0.03  # 0.018 on both sides together before


def test_equal_rank_correlations_are_distinguished_as_often_as_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made of both correlations' own intervals the one of the difference excluded zero in 2 of 800."""
    monkeypatch.setattr(resampling, "RESAMPLES", 200)
    generator = np.random.default_rng(7)
    apart = []
    for _ in range(300):
        truth, *errors = generator.normal(size=(3, 40))
        sides = [numbers_scored(truth, truth + 0.3 * error) for error in errors]
        found = difference(sides[0], sides[1], "spearman")
        apart.append(found.low > 0 or found.high < 0)
    assert 0.02 <= np.mean(apart) <= 0.09
