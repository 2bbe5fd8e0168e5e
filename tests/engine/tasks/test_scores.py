"""Scores of one answer per text equal scikit-learn's."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef, precision_recall_fscore_support

from engine.tasks.baselines import majority_class, tfidf_classes
from engine.tasks.labels import in_natural_order, label_text
from engine.tasks.scores import (
    NumberRows,
    ScoredRows,
    confusion_matrix,
    confusion_rows,
    confusion_scores,
    joined,
    number_scores,
    scores_per_class,
    scores_per_label,
)

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


def reference_scores(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float | None]:
    """scikit-learn's, in the convention of `engine.tasks.scores`."""
    present = np.unique(truth)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one label only
        correlation = matthews_corrcoef(truth, predicted)
    macro = f1_score(truth, predicted, labels=present, average="macro", zero_division=np.nan)
    return {
        "accuracy": pytest.approx(accuracy_score(truth, predicted)),
        "macro_f1": pytest.approx(macro),
        "weighted_f1": pytest.approx(f1_score(truth, predicted, average="weighted", zero_division=0)),
        "mcc": pytest.approx(correlation) if len(present) > 1 else None,
    }


@given(PAIRS)
def test_scores_equal_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = np.asarray(pairs).T
    assert confusion_scores(confusion_matrix(truth, predicted, 4)) == reference_scores(truth, predicted)


@given(PAIRS)
def test_the_scores_of_each_class_equal_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = np.asarray(pairs).T
    reference = precision_recall_fscore_support(truth, predicted, labels=range(4), zero_division=np.nan)
    own = scores_per_class(confusion_matrix(truth, predicted, 4), ("a", "b", "c", "d"))
    in_sets = scores_per_label(np.eye(4, dtype=bool)[truth], np.eye(4, dtype=bool)[predicted], ("a", "b", "c", "d"))
    assert own == in_sets
    for item, precision, recall, f1, support in zip(own, *reference, strict=True):
        expected = [None if np.isnan(score) else pytest.approx(score) for score in (precision, recall, f1)]
        assert [item.precision, item.recall, item.f1] == expected
        assert item.support == support


def test_a_stray_prediction_of_an_absent_class_does_not_halve_macro_f1() -> None:
    truth = np.zeros(100, dtype=np.int64)
    predicted = np.where(np.arange(100) < 95, 0, 1)
    scores = confusion_scores(confusion_matrix(truth, predicted, 2))
    assert scores["macro_f1"] == pytest.approx(2 * 95 / 195)
    assert f1_score(truth, predicted, average="macro") == pytest.approx(95 / 195)  # scikit-learn's without labels


@given(PAIRS, st.integers(0, 2**32 - 1))
def test_a_resample_scores_like_its_rows(pairs: list[tuple[int, int]], seed: int) -> None:
    truth, predicted = np.asarray(pairs).T
    picked = np.random.default_rng(seed).integers(0, len(truth), (3, len(truth)))
    times = np.stack([np.bincount(rows, minlength=len(truth)) for rows in picked], axis=1).astype(np.float32)
    found = confusion_rows(truth, predicted, 4).scores(times)
    for column, rows in enumerate(picked):
        expected = confusion_scores(confusion_matrix(truth[rows], predicted[rows], 4))
        for name, score in expected.items():
            value = found[name][column]
            if name == "mcc" and len(np.unique(predicted[rows])) == 1:
                assert np.isnan(value)  # 0 is a convention, and no resample may take it for a result
            else:
                assert (None if np.isnan(value) else value) == (None if score is None else pytest.approx(score))


def test_without_rows_nothing_is_measurable() -> None:
    assert set(confusion_scores(np.zeros((2, 2))).values()) == {None}


def test_a_class_that_is_never_answered_has_no_precision() -> None:
    first, second = scores_per_class(np.asarray([[3, 0], [2, 0]]), ("a", "b"))
    assert (first.precision, first.recall, first.support) == (0.6, 1.0, 3)
    assert (second.precision, second.recall, second.f1, second.support) == (None, 0.0, 0.0, 2)


def test_labels_are_sorted_as_people_count() -> None:
    assert in_natural_order(["10", "2", "b", "A", "2"]) == ("2", "10", "A", "b")
    assert in_natural_order(["item 10", "item 9"]) == ("item 9", "item 10")


@pytest.mark.parametrize(
    ("value", "name"), [(1.0, "1"), (0.5, "0.5"), (" yes ", "yes"), (None, ""), (float("nan"), ""), (True, "True")]
)
def test_a_label_is_shown_as_it_was_meant(value: object, name: str) -> None:
    assert label_text(value) == name


def test_simple_methods_learn_from_words() -> None:
    texts, classes = ["good film", "good plot", "bad film", "bad plot", "bad end"], np.asarray([1, 1, 0, 0, 0])
    assert majority_class(classes, 2).tolist() == [0, 0]
    answers = tfidf_classes({"text": texts}, classes, {"text": ["good plot", "bad actor"]})
    assert answers is not None
    assert answers.tolist() == [1, 0]


def test_texts_without_words_are_counted_by_characters() -> None:
    answers = tfidf_classes({"text": ["a", "b", "a", "b"]}, np.asarray([0, 1, 0, 1]), {"text": ["b"]})
    assert answers is not None
    assert answers.tolist() == [1]


def test_one_class_cannot_be_regressed() -> None:
    assert tfidf_classes({"text": ["a b", "c d"]}, np.asarray([1, 1]), {"text": ["a"]}) is None


def test_parts_of_a_method_are_joined_in_the_order_of_the_rows() -> None:
    generator = np.random.default_rng(5)
    truth, predicted = (generator.integers(0, 3, 40) for _ in range(2))
    numbers = [generator.normal(size=40) for _ in range(2)]
    folds = np.arange(40) * 7 % 3
    order = np.argsort(np.argsort(folds, kind="stable"), kind="stable")

    def method(rows: np.ndarray) -> tuple[ScoredRows, ScoredRows]:
        matrix = confusion_matrix(truth[rows], predicted[rows], 3)
        of_classes = ScoredRows(confusion_scores(matrix), confusion_rows(truth[rows], predicted[rows], 3))
        sides = [side[rows] for side in numbers]
        return of_classes, ScoredRows(number_scores(*sides), NumberRows(*sides))

    times = generator.integers(0, 3, (40, 5)).astype(np.float32)
    whole = method(np.arange(40))
    parts = [method(np.flatnonzero(folds == fold)) for fold in range(3)]
    for place in range(2):
        found = joined([part[place] for part in parts], order)
        assert found.scores == pytest.approx(whole[place].scores, abs=1e-6)
        expected = whole[place].rows.scores(times)  # resamples of single rows, which another order would mix up
        assert all(np.allclose(found.rows.scores(times)[name], expected[name], atol=1e-5) for name in expected)
