"""Confident learning on probabilities whose answer is known by hand, and the published example of a joint."""

from __future__ import annotations

import numpy as np
import pytest

from engine.diagnosing.confident_learning import calibrated_joint, confident_joint, suspicion, thresholds

# Rows labelled 0, 0, 0, 1, 1; the third reads like class 1.
LIKELY = np.array([[0.9, 0.1], [0.7, 0.3], [0.1, 0.9], [0.2, 0.8], [0.4, 0.6]])
LABELS = np.array([0, 0, 0, 1, 1])


def test_a_threshold_is_the_mean_probability_of_rows_labelled_so() -> None:
    assert thresholds(LIKELY, LABELS) == pytest.approx([(0.9 + 0.7 + 0.1) / 3, 0.7])


def test_a_class_without_rows_is_never_reached() -> None:
    likely = np.array([[0.1, 0.8, 0.1]] * 4)
    joint, counted = confident_joint(likely, np.array([0, 0, 1, 1]))
    assert thresholds(likely, np.array([0, 0, 1, 1]))[2] == np.inf
    assert joint[:, 2].tolist() == [0, 0, 0]
    assert (counted != 2).all()


def test_a_row_is_counted_as_the_likeliest_class_whose_threshold_it_reaches() -> None:
    joint, counted = confident_joint(LIKELY, LABELS)
    assert counted.tolist() == [0, 0, 1, 1, -1]  # the last one reaches neither 0.57 nor 0.7
    assert joint.tolist() == [[2, 1], [0, 1]]


def test_the_joint_is_scaled_to_the_rows_of_each_label() -> None:
    calibrated = calibrated_joint(np.array([[2, 1], [0, 1]]), np.array([3, 2]))
    assert calibrated == pytest.approx(np.array([[2.0, 1.0], [0.0, 2.0]]))
    # A label of which no row is counted is taken to be right.
    assert calibrated_joint(np.array([[0, 0], [0, 4]]), np.array([5, 4]))[0].tolist() == [5.0, 0.0]


def test_the_doubtful_row_comes_first_and_is_counted_as_wrong() -> None:
    found = suspicion(LIKELY, LABELS)
    assert int(found.margin.argmin()) == 2
    assert found.margin[2] == pytest.approx(0.1 - 0.9)
    assert found.other.tolist() == [1, 1, 1, 0, 0]
    assert found.is_confident.tolist() == [False, False, True, False, False]
    assert found.expected == pytest.approx(1.0)
