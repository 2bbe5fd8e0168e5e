"""Scores of one answer per text equal scikit-learn's."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

from engine.tasks.baselines import majority_class, word_counts_regression
from engine.tasks.labels import in_natural_order, label_text
from engine.tasks.scores import ConfusionCounts, confusion_matrix, confusion_scores, scores_per_class

PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


@given(PAIRS)
def test_scores_equal_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    truth, answers = np.asarray(pairs).T
    found = confusion_scores(confusion_matrix(truth, answers, 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one label only
        correlation = matthews_corrcoef(truth, answers)
    assert found == {
        "accuracy": pytest.approx(accuracy_score(truth, answers)),
        "macro_f1": pytest.approx(f1_score(truth, answers, average="macro", zero_division=0)),
        "weighted_f1": pytest.approx(f1_score(truth, answers, average="weighted", zero_division=0)),
        "mcc": pytest.approx(correlation),
    }


def test_without_rows_nothing_is_measurable() -> None:
    assert set(confusion_scores(np.zeros((2, 2))).values()) == {None}


def test_a_class_that_is_never_answered_has_no_precision() -> None:
    first, second = scores_per_class(np.asarray([[3, 0], [2, 0]]), ("a", "b"))
    assert (first.precision, first.recall, first.support) == (0.6, 1.0, 3)
    assert (second.precision, second.recall, second.f1, second.support) == (None, 0.0, 0.0, 2)


def test_a_thousand_resamples_of_ten_thousand_rows_take_a_moment() -> None:
    generator = np.random.Generator(np.random.PCG64(0))
    truth, answers = generator.integers(0, 5, (2, 10_000))
    counts = ConfusionCounts(truth, answers, 5)
    begun = time.process_time()
    for _ in range(1_000):
        counts.of(generator.integers(0, 10_000, 10_000))
    assert time.process_time() - begun < 5


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
    answers = word_counts_regression({"text": texts}, classes, {"text": ["good plot", "bad actor"]})
    assert answers is not None
    assert answers.tolist() == [1, 0]


def test_texts_without_words_are_counted_by_characters() -> None:
    answers = word_counts_regression({"text": ["a", "b", "a", "b"]}, np.asarray([0, 1, 0, 1]), {"text": ["b"]})
    assert answers is not None
    assert answers.tolist() == [1]


def test_one_class_cannot_be_regressed() -> None:
    assert word_counts_regression({"text": ["a b", "c d"]}, np.asarray([1, 1]), {"text": ["a"]}) is None
