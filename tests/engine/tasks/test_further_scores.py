"""The further scores of an evaluation equal scikit-learn's, edge cases included, and are resampled as such."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_expit, log_softmax
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    log_loss,
    precision_score,
    r2_score,
    recall_score,
    roc_auc_score,
    top_k_accuracy_score,
)

from engine.contract.tag_schemes import Span
from engine.tasks.further_scores import (
    ClassProbabilityRows,
    EntityErrorRows,
    LabelProbabilityRows,
    ResidualRows,
    averaged_rows,
    entity_errors,
    scored,
)
from engine.tasks.scores import SampleScores

EXACT = {"rel": 1e-12, "abs": 1e-12}
SEEDS = st.integers(0, 2**32 - 1)


def drawn(seed: int, *, coarse: bool) -> tuple[np.random.Generator, int, int, np.ndarray]:
    """A generator, 1 to 60 rows, 2 to 6 classes and logits, of which many are equal where they are `coarse`."""
    generator = np.random.default_rng(seed)
    rows, classes = int(generator.integers(1, 61)), int(generator.integers(2, 7))
    logits = generator.normal(0, 2, (rows, classes)).astype(np.float32)
    return generator, rows, classes, np.round(logits) if coarse else logits


def reference_areas(truth: np.ndarray, likely: np.ndarray) -> tuple[list[float], list[float]]:
    """scikit-learn's ROC-AUC and average precision of each column (rows, columns) that can be measured."""
    roc = [roc_auc_score(*pair) for pair in zip(truth.T, likely.T, strict=True) if 0 < pair[0].sum() < len(truth)]
    pr = [average_precision_score(*pair) for pair in zip(truth.T, likely.T, strict=True) if pair[0].any()]
    return roc, pr


def reference_calibration_error(sure: np.ndarray, right: np.ndarray) -> float:
    """Bin by bin, as Guo et al. (2017) write it."""
    total = 0.0
    for low in range(15):
        inside = (np.floor(sure * 15).clip(max=14)) == low
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - sure[inside].mean())
    return total


@given(SEEDS, st.booleans())
def test_scores_of_class_probabilities_equal_scikit_learns(seed: int, coarse: bool) -> None:
    generator, rows, classes, logits = drawn(seed, coarse=coarse)
    truth = generator.integers(0, int(generator.integers(1, classes + 1)), rows)  # classes without rows, too
    own = scored(ClassProbabilityRows(truth, logits)).scores
    likely = np.exp(log_softmax(logits.astype(np.float64), axis=1))
    roc, pr = reference_areas(np.eye(classes, dtype=bool)[truth], likely)
    if classes == 2:
        both = 0 < truth.sum() < rows
        assert own["roc_auc"] == (pytest.approx(roc_auc_score(truth, likely[:, 1]), **EXACT) if both else None)
    else:
        assert own["roc_auc"] == (pytest.approx(np.mean(roc), **EXACT) if roc else None)
    assert own["pr_auc"] == (pytest.approx(np.mean(pr), **EXACT) if pr else None)
    assert own["log_loss"] == pytest.approx(log_loss(truth, likely, labels=range(classes)), **EXACT)
    right = logits.argmax(axis=1) == truth
    sure = likely[np.arange(rows), logits.argmax(axis=1)]
    assert own["calibration_error"] == pytest.approx(reference_calibration_error(sure, right), **EXACT)


@given(SEEDS, st.booleans())
def test_the_top_classes_equal_scikit_learns(seed: int, coarse: bool) -> None:
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 2, (30, 20)).astype(np.float32)
    logits = np.round(logits) if coarse else logits
    truth = generator.integers(0, 20, 30)
    own = scored(ClassProbabilityRows(truth, logits)).scores
    likely = np.exp(log_softmax(logits.astype(np.float64), axis=1))
    for top in (3, 5):
        reference = top_k_accuracy_score(truth, likely, k=top, labels=range(20))
        assert own[f"top_{top}_accuracy"] == pytest.approx(reference, **EXACT)
    assert "top_3_accuracy" not in scored(ClassProbabilityRows(truth % 2, logits[:, :2])).scores


@given(SEEDS)
def test_averages_over_classes_equal_scikit_learns(seed: int) -> None:
    generator, rows, classes, _ = drawn(seed, coarse=True)
    truth, predicted = generator.integers(0, classes, (2, rows))
    own = scored(averaged_rows(truth, predicted, classes=classes)).scores
    options = {"labels": np.unique(truth), "average": "macro", "zero_division": 0}
    assert own["macro_precision"] == pytest.approx(precision_score(truth, predicted, **options), **EXACT)
    assert own["macro_recall"] == pytest.approx(recall_score(truth, predicted, **options), **EXACT)
    assert own["micro_f1"] == pytest.approx(f1_score(truth, predicted, average="micro"), **EXACT)


@given(SEEDS, st.booleans(), st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_scores_of_label_sets_equal_scikit_learns(seed: int, coarse: bool, share: float) -> None:
    generator, rows, labels, logits = drawn(seed, coarse=coarse)
    truth = generator.random((rows, labels)) < share
    own = scored(LabelProbabilityRows(truth, logits)).scores
    likely = np.exp(log_expit(logits.astype(np.float64)))
    roc, pr = reference_areas(truth, likely)
    assert own["roc_auc"] == (pytest.approx(np.mean(roc), **EXACT) if roc else None)
    assert own["pr_auc"] == (pytest.approx(np.mean(pr), **EXACT) if pr else None)
    every = [log_loss(*pair, labels=[False, True]) for pair in zip(truth.T, likely.T, strict=True)]
    assert own["log_loss"] == pytest.approx(np.mean(every), rel=1e-6)  # scikit-learn takes probabilities
    reference = reference_calibration_error(likely.reshape(-1), truth.reshape(-1))
    assert own["calibration_error"] == pytest.approx(reference, **EXACT)
    predicted = logits >= 0
    averaged = scored(averaged_rows(truth, predicted)).scores
    if truth.any():
        known = np.flatnonzero(truth.any(axis=0))
        options = {"average": "macro", "labels": known, "zero_division": 0}
        assert averaged["macro_precision"] == pytest.approx(precision_score(truth, predicted, **options), **EXACT)
        assert averaged["micro_recall"] == pytest.approx(recall_score(truth, predicted, average="micro"), **EXACT)
    else:
        assert averaged["macro_recall"] is None
        assert averaged["micro_recall"] is None


@given(SEEDS, st.sampled_from([0.0, 1.7e9]))
def test_scores_of_residuals_equal_scikit_learns(seed: int, level: float) -> None:
    generator = np.random.default_rng(seed)
    rows = int(generator.integers(2, 50))
    truth = level + generator.normal(0, 1000 if level else 1, rows)
    predicted = truth + generator.normal(0.3, 0.5, rows)
    own = scored(ResidualRows(truth, predicted)).scores
    precise = {"rel": 1e-6, "abs": 1e-6} if level else {"rel": 1e-10, "abs": 1e-10}
    assert own["r2"] == pytest.approx(r2_score(truth, predicted), **precise)
    assert own["mean_residual"] == pytest.approx(np.mean(predicted - truth), **precise)
    assert own["residual_spread"] == pytest.approx(np.std(predicted - truth), **precise)


def test_what_does_not_vary_explains_nothing() -> None:
    assert scored(ResidualRows(np.full(9, 1.7e9), np.arange(9.0))).scores["r2"] is None
    assert scored(ResidualRows(np.zeros(0), np.zeros(0))).scores == {}


# ── Entities ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("truth", "predicted", "found"),
    [
        ([Span(0, 2, "A")], [Span(0, 2, "A")], (1, 0, 0, 0, 0, 1)),
        ([Span(0, 2, "A")], [Span(0, 1, "A")], (0, 1, 0, 0, 0, 1)),
        ([Span(0, 2, "A")], [Span(0, 2, "B")], (0, 0, 1, 0, 0, 1)),
        ([Span(0, 2, "A")], [], (0, 0, 0, 1, 0, 0)),
        ([], [Span(0, 2, "A")], (0, 0, 0, 0, 1, 1)),
        ([Span(0, 2, "A")], [Span(2, 3, "A")], (0, 0, 0, 1, 1, 1)),  # beside it is not in it
        ([Span(0, 4, "A")], [Span(0, 1, "B"), Span(2, 4, "A")], (0, 1, 0, 0, 0, 2)),
    ],
)
def test_each_entity_is_one_kind_of_error(truth: list[Span], predicted: list[Span], found: tuple[int, ...]) -> None:
    assert tuple(entity_errors(truth, predicted)) == found


@given(st.lists(st.sampled_from(["", "A", "B"]), min_size=1, max_size=8), SEEDS)
def test_the_kinds_of_error_cover_every_entity_once(words: list[str], seed: int) -> None:
    other = np.random.default_rng(seed).choice(["", "A", "B"], size=len(words)).tolist()
    sides = []
    for tags in (words, other):
        spans, start = [], 0
        for kind, group in itertools.groupby(tags):
            length = len(list(group))
            spans += [Span(start, start + length, kind)] if kind else []
            start += length
        sides.append(spans)
    errors = entity_errors(*sides)
    assert errors.correct + errors.boundary + errors.kind + errors.missed == len(sides[0])
    words_of = [{word: span.type for span in side for word in range(span.start, span.end)} for side in sides]
    free = [not any(word in words_of[1] for word in range(span.start, span.end)) for span in sides[0]]
    assert errors.missed == sum(free)
    free = [not any(word in words_of[0] for word in range(span.start, span.end)) for span in sides[1]]
    assert errors.invented == sum(free)


# ── Resamples ───────────────────────────────────────────────────────────────────────────────────────────────────


def kinds_of_rows() -> dict[str, tuple[Callable[..., SampleScores], tuple[np.ndarray, ...]]]:
    """What makes each kind, and its arrays, whose first axis are the rows."""
    generator = np.random.default_rng(5)
    truth, logits = generator.integers(0, 12, 40), np.round(generator.normal(0, 2, (40, 12)), 1)
    sets = generator.random((40, 12)) < 0.3
    errors = np.asarray(
        [entity_errors([Span(0, 2, "A")], [Span(int(place), 2, "AB"[place])]) for place in generator.integers(0, 2, 40)]
    )
    return {
        "class probabilities": (ClassProbabilityRows, (truth, logits)),
        "classes": (partial(averaged_rows, classes=12), (truth, logits.argmax(axis=1))),
        "label probabilities": (LabelProbabilityRows, (sets, logits)),
        "label sets": (averaged_rows, (sets, logits > 0)),
        "residuals": (ResidualRows, (generator.normal(size=40), generator.normal(size=40))),
        "entities": (EntityErrorRows, (errors,)),
    }


@pytest.mark.parametrize("kind", kinds_of_rows())
def test_a_row_drawn_twice_counts_as_two_equal_rows(kind: str) -> None:
    make, arrays = kinds_of_rows()[kind]
    times = np.random.default_rng(9).integers(0, 3, (40, 6)).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        together = make(*arrays).scores(times)
        for place in range(6):
            repeats = times[:, place].astype(int)
            alone = scored(make(*(np.repeat(array, repeats, axis=0) for array in arrays))).scores
            assert {name: pytest.approx(values[place]) for name, values in together.items()} == alone
