"""Intervals and differences: the textbook cases, their ends, coverage in short, seeds, stops, what has none."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import stats

from engine.contract.errors import StopRequested
from engine.contract.events import Event
from engine.evaluating import resampling
from engine.evaluating.intervals import Uncertainty, share_interval, uncertainty
from engine.tasks.further_scores import ClassProbabilityRows, ResidualRows, scored
from engine.tasks.scores import (
    NumberRows,
    ScoredRows,
    confusion_matrix,
    confusion_rows,
    confusion_scores,
    label_set_rows,
    label_set_scores,
    number_scores,
)
from tests.benchmarks import coverage


def quietly(event: Event) -> None:
    """Shows nothing."""


def classes_scored(truth: np.ndarray, predicted: np.ndarray, classes: int = 2) -> ScoredRows:
    scores = confusion_scores(confusion_matrix(truth, predicted, classes))
    return ScoredRows(scores, confusion_rows(truth, predicted, classes))


def uncertain(method: ScoredRows, *, seed: int = 1, **baselines: ScoredRows) -> Uncertainty:
    return uncertainty(method, baselines, "macro_f1", quietly, seed=seed)


@pytest.fixture
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampling, "RESAMPLES", 400)


TRUTH = np.arange(400) % 2
MOSTLY_RIGHT = np.where(np.arange(400) < 320, TRUTH, 1 - TRUTH)


@pytest.mark.parametrize(("right", "rows"), [(16, 20), (1, 20), (150, 151), (320, 400)])
def test_the_interval_of_a_share_is_wilsons(right: int, rows: int) -> None:
    expected = stats.binomtest(right, rows).proportion_ci(0.95, method="wilson")
    assert share_interval(right / rows, rows) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("right", "rows"), [(20, 20), (0, 20), (200, 200)])
def test_where_all_rows_agree_the_bound_is_exact(right: int, rows: int) -> None:
    expected = stats.binomtest(right, rows).proportion_ci(0.95, method="exact")
    assert share_interval(right / rows, rows) == pytest.approx((expected.low, expected.high))


def test_accuracy_has_the_interval_of_a_share() -> None:
    found = uncertain(classes_scored(TRUTH, MOSTLY_RIGHT)).intervals
    assert found["accuracy"] == share_interval(0.8, 400)
    # Of two equally frequent classes the mean F1 is nearly the accuracy.
    assert found["macro_f1"] == pytest.approx(found["accuracy"], abs=0.006)
    assert found["weighted_f1"] == pytest.approx(found["accuracy"], abs=0.006)


@pytest.mark.parametrize("rows", [2, 20, 200])
def test_no_interval_has_zero_width_where_all_rows_are_right(rows: int) -> None:
    truth = np.arange(rows) % 2
    found = uncertain(classes_scored(truth, truth)).intervals
    exact = 0.025 ** (1 / rows)
    assert found["accuracy"] == (exact, 1.0)
    assert found["macro_f1"][1] == 1.0
    assert found["macro_f1"][0] == pytest.approx(exact, abs=0.05) or (rows == 2 and found["macro_f1"][0] < 0.5)
    sets = np.eye(3, dtype=bool)[np.arange(rows) % 3]
    model = ScoredRows(label_set_scores(sets, sets), label_set_rows(sets, sets))
    found = uncertainty(model, {}, "micro_f1", quietly, seed=1).intervals
    assert all(low < high == 1.0 for low, high in found.values())
    assert found["micro_f1"] == (exact, 1.0)


def test_a_score_lies_in_its_interval() -> None:
    generator = np.random.default_rng(3)
    for rows in (3, 7, 30):
        for classes in (2, 5, 20):
            truth = generator.integers(0, classes, rows)
            predicted = np.where(generator.random(rows) < 0.9, truth, generator.integers(0, classes, rows))
            method = classes_scored(truth, predicted, classes)
            for name, (low, high) in uncertain(method).intervals.items():
                score = method.scores[name]
                assert score is not None
                assert low <= score <= high, name
                assert low < high, name


def test_a_score_that_many_resamples_do_not_allow_has_no_interval_but_a_reason() -> None:
    truth = np.asarray([1, 1] + [0] * 18)
    found = uncertain(classes_scored(truth, truth))
    assert "mcc" not in found.intervals
    assert found.withheld["mcc"].startswith("No interval for Matthews correlation: it cannot be computed for ")
    assert "macro_f1" in found.intervals


@pytest.mark.usefixtures("fewer_resamples")
@pytest.mark.parametrize(("classes", "accuracy", "rows"), [(77, 0.8, 200), (2, 0.95, 100), (6, 0.95, 100)])
def test_intervals_of_macro_f1_hold_the_true_score(classes: int, accuracy: float, rows: int) -> None:
    """In short what tests/benchmarks/coverage.py computes; of 77 classes a percentile interval held it in 40 %."""
    generator = np.random.default_rng(1)
    held = 0
    for _ in range(60):
        truth = generator.integers(0, classes, rows)
        others = (truth + generator.integers(1, classes, rows)) % classes
        method = classes_scored(truth, np.where(generator.random(rows) < accuracy, truth, others), classes)
        low, high = uncertain(method).intervals["macro_f1"]
        held += low <= accuracy <= high
    assert held >= 54


@pytest.mark.usefixtures("fewer_resamples")
def test_of_many_rare_classes_the_interval_holds_the_true_score() -> None:
    population = coverage.CELLS["macro F1, 77 classes 1/k, 0.8, 200 rows"]
    generator = np.random.default_rng(4)
    too_high = 0
    for number in range(60):
        drawn = population(np.random.default_rng([4, number]))(generator)
        low, high = uncertain(drawn.method).intervals["macro_f1"]
        too_high += low > drawn.true
        assert low < high
    assert too_high <= 3


def test_a_difference_uses_that_both_see_the_same_rows() -> None:
    generator = np.random.default_rng(4)
    truth = generator.integers(0, 2, 300)
    model = np.where(generator.random(300) < 0.8, truth, 1 - truth)
    slightly_worse = np.where(np.arange(300) % 20 == 0, 1 - truth, model)  # wrong in the same rows and a few more
    found = uncertain(classes_scored(truth, model), other=classes_scored(truth, slightly_worse))
    difference = found.differences["other"]
    low, high = found.intervals["macro_f1"]
    assert 0 < difference.low < difference.value < difference.high
    assert difference.high - difference.low < 0.8 * (high - low)
    same = uncertain(classes_scored(truth, model), other=classes_scored(truth, model)).differences["other"]
    assert same.value == 0
    assert same.low < 0 < same.high


def test_a_baseline_without_the_score_is_not_compared() -> None:
    generator = np.random.default_rng(5)
    truth = generator.normal(size=100)
    model, mean = (
        ScoredRows(number_scores(truth, predicted), NumberRows(truth, predicted))
        for predicted in (truth + generator.normal(size=100), np.full(100, truth.mean()))
    )
    found = uncertainty(model, {"mean": mean}, "spearman", quietly, seed=1)
    assert found.differences == {}
    low, high = found.intervals["pearson"]
    fisher = np.tanh(np.arctanh(model.scores["pearson"]) + np.asarray([-1.96, 1.96]) / np.sqrt(97))
    assert (low, high) == pytest.approx(fisher, abs=0.04)
    assert found.intervals["mae"][0] < (model.scores["mae"] or 0) < found.intervals["mae"][1]


def test_errors_that_are_all_zero_have_no_interval() -> None:
    truth = np.arange(30.0)
    found = uncertainty(
        ScoredRows(number_scores(truth, truth), NumberRows(truth, truth)), {}, "spearman", quietly, seed=1
    )
    assert set(found.intervals) == {"spearman", "pearson"}
    assert found.withheld["mae"] == "No interval for mean absolute error: nearly all answers are exact."


def test_what_is_off_by_the_same_in_every_row_has_no_interval() -> None:
    truth = np.arange(30.0)
    found = uncertainty(scored(ResidualRows(truth, truth + 3)), {}, "", quietly, seed=1)
    assert set(found.intervals) == {"r2"}
    assert found.withheld["mean_residual"] == "No interval for mean residual: every row is off by the same."
    numbers = ScoredRows(number_scores(truth, truth + 3), NumberRows(truth, truth + 3))
    assert "mae" not in uncertainty(numbers, {}, "spearman", quietly, seed=1).intervals


def test_the_calibration_error_has_no_interval_but_a_reason() -> None:
    logits = np.stack([np.zeros(200), np.linspace(-3, 3, 200)], axis=1)
    truth = (np.random.default_rng(1).random(200) < 1 / (1 + np.exp(-logits[:, 1]))).astype(int)
    found = uncertainty(scored(ClassProbabilityRows(truth, logits)), {}, "", quietly, seed=1)
    assert "calibration_error" not in found.intervals
    assert "chance alone raises it" in found.withheld["calibration_error"]


def test_areas_of_few_rows_of_one_class_hold_the_true_one_although_these_lie_well() -> None:
    """All ten positives above all but one negative: a percentile interval would end at 0.98."""
    truth = np.repeat([1, 0], [10, 190])
    logits = np.stack([np.zeros(200), np.concatenate([np.full(10, 2.0), [3.0], np.linspace(-3, 1, 189)])], axis=1)
    low, high = uncertainty(scored(ClassProbabilityRows(truth, logits)), {}, "", quietly, seed=1).intervals["roc_auc"]
    assert low < 0.9 < high


@pytest.mark.usefixtures("fewer_resamples")
def test_areas_that_few_rows_of_each_class_raise_hold_the_true_one() -> None:
    population = coverage.CELLS["PR-AUC of a weak model, 20 classes, 100 rows"]
    held = []
    for draw, _ in coverage._draws(population, 24, seed=5):
        low, high = uncertainty(draw.method, {}, "", quietly, seed=1).intervals["pr_auc"]
        held.append(low <= draw.true <= high)
    assert np.mean(held) > 0.85  # with the bias that the bootstrap finds 0.65


@pytest.mark.parametrize("rows", [2, 20])
def test_rows_of_one_text_have_no_interval_and_equal_texts_widen_it(rows: int) -> None:
    truth = np.arange(rows) // 2 % 2
    method = classes_scored(truth, np.where(np.arange(rows) < 2, 1 - truth, truth))
    one_text = uncertainty(method, {}, "", quietly, seed=1, groups=np.zeros(rows, dtype=np.int64))
    assert one_text.intervals == {}
    if rows > 2:
        alone, pairs = (
            uncertainty(method, {}, "", quietly, seed=1, groups=groups).intervals
            for groups in (None, np.arange(rows) // 2)
        )
        for name in ("accuracy", "macro_f1", "weighted_f1"):
            assert pairs[name][1] - pairs[name][0] > 1.15 * (alone[name][1] - alone[name][0]), name


@pytest.mark.usefixtures("fewer_resamples")
def test_of_few_groups_the_interval_holds_the_true_score_and_equal_methods_are_not_distinguished() -> None:
    generator = np.random.default_rng(7)
    held, told = [], []
    for pair in range(40):
        drawn = coverage.grouped_rows("accuracy", 2, 8, 120, even=True, like=0.4, generator=generator)
        line = []
        for groups in (None, drawn.groups):
            found = uncertainty(
                drawn.one.method, {"": drawn.other.method}, "accuracy", quietly, seed=pair, groups=groups
            )
            low, high = found.intervals["accuracy"]
            line += [low <= 0.8 <= high, found.differences[""].low > 0 or found.differences[""].high < 0]
        held.append(line[::2])
        told.append(line[1::2])
    assert np.mean(held, axis=0)[0] < 0.7  # row by row
    assert np.mean(held, axis=0)[1] > 0.85
    assert np.mean(told, axis=0)[0] > 0.3
    assert np.mean(told, axis=0)[1] < 0.15


@pytest.mark.usefixtures("fewer_resamples")
def test_a_mean_over_classes_is_as_sure_of_groups_as_accuracy_is_unless_these_never_differ() -> None:
    groups, generator = np.repeat(np.arange(12), 10), np.random.default_rng(2)
    truth = np.arange(120) % 2
    method = classes_scored(truth, np.where(generator.random(120) < 0.8, truth, 1 - truth))

    def width(name: str, method: ScoredRows, different: int | None) -> float:
        found = uncertainty(method, {}, name, quietly, seed=1, groups=groups, different=different)
        low, high = found.intervals[name]
        return high - low

    assert width("macro_f1", method, 120) == pytest.approx(width("accuracy", method, 120), rel=0.2)
    assert width("macro_f1", method, None) > 1.8 * width("macro_f1", method, 120)
    right = classes_scored(truth, truth)
    low, high = uncertainty(right, {}, "", quietly, seed=1, groups=groups, different=120).intervals["macro_f1"]
    assert (low, high) == pytest.approx((0.025 ** (1 / 12), 1.0), abs=0.02)


def test_of_five_groups_the_interval_is_as_wide_as_their_t_distribution_says() -> None:
    """Against the cluster-robust standard error of a mean, by hand."""
    groups, right = np.repeat(np.arange(5), 40), np.concatenate([np.arange(40) < many for many in (30, 22, 26, 18, 24)])
    truth = np.arange(200) % 2
    method = classes_scored(truth, np.where(right, truth, 1 - truth))
    low, high = uncertainty(method, {}, "", quietly, seed=1, groups=groups).intervals["accuracy"]
    sums = np.bincount(groups, weights=right - right.mean())
    error = np.sqrt((sums**2).sum() / 200**2 * 5 / 4)
    assert (high - low) / 2 == pytest.approx(stats.t.ppf(0.975, 4) * error, rel=0.1)


def test_the_same_seed_gives_the_same_interval() -> None:
    method = classes_scored(TRUTH, MOSTLY_RIGHT)
    first, second, third = (uncertain(method, seed=seed).intervals for seed in (1, 1, 2))
    assert first == second != third


def test_what_is_not_measurable_has_no_interval() -> None:
    one = np.zeros(1, dtype=np.int64)
    assert uncertain(classes_scored(one, one)) == Uncertainty({}, {}, {})
    found = uncertain(classes_scored(np.zeros(20, dtype=np.int64), np.zeros(20, dtype=np.int64))).intervals
    assert "mcc" not in found
    assert "accuracy" in found


def test_a_stop_ends_it() -> None:
    def stop(event: Event) -> None:
        raise StopRequested()

    with pytest.raises(StopRequested):
        uncertainty(classes_scored(TRUTH, MOSTLY_RIGHT), {}, "macro_f1", stop, seed=1)


def test_five_thousand_resamples_of_ten_thousand_rows_take_a_moment() -> None:
    generator = np.random.default_rng(0)
    truth, predicted = generator.integers(0, 5, (2, 10_000))
    begun = time.process_time()
    uncertain(classes_scored(truth, predicted, 5))
    assert resampling.RESAMPLES >= 5_000
    assert time.process_time() - begun < 4  # 0.5 s on a quiet machine
