"""Thresholds of labels: found where rows that had no part in the fit gain from them, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from engine.tasks.multi_label_classification.thresholds import FEWEST_OF_A_LABEL, FEWEST_ROWS, fitted_thresholds

ROWS = 400


def planted(cuts: list[float], shares: list[float], rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of labels that are true above `cuts` in all but 5 % of the rows, with so many rows above."""
    generator = np.random.Generator(np.random.PCG64(3))
    truth = generator.random((rows, len(cuts))) < np.asarray(shares)
    high = np.asarray(cuts) + generator.random(truth.shape) * (1 - np.asarray(cuts))
    low = generator.random(truth.shape) * np.asarray(cuts)
    probabilities = np.where(truth ^ (generator.random(truth.shape) < 0.05), high, low)
    return probabilities, truth


def test_each_label_gets_the_threshold_that_it_needs() -> None:
    cuts = [0.15, 0.4, 0.75]
    found = fitted_thresholds(*planted(cuts, [0.3, 0.3, 0.3]))
    assert found is not None
    assert np.abs(found - cuts).max() < 0.08


def test_a_label_that_is_too_rare_has_the_threshold_of_all() -> None:
    probabilities, truth = planted([0.2, 0.2, 0.8], [0.4, 0.4, 0.3])
    truth[:, 2] = False
    truth[: FEWEST_OF_A_LABEL - 1, 2] = True
    found = fitted_thresholds(probabilities, truth)
    assert found is not None
    assert found[2] == pytest.approx(found[:2].mean(), abs=0.1)


def test_labels_that_need_none_keep_the_usual_one() -> None:
    assert fitted_thresholds(*planted([0.5, 0.5, 0.5], [0.3, 0.3, 0.3])) is None


def test_noise_has_no_thresholds() -> None:
    generator = np.random.Generator(np.random.PCG64(1))
    found = [
        fitted_thresholds(0.5 + 0.5 * generator.random((60, 5)), generator.random((60, 5)) < 0.9) for _ in range(10)
    ]
    assert found == [None] * 10


def test_few_rows_and_rows_without_labels_have_no_thresholds() -> None:
    probabilities, truth = planted([0.15, 0.2], [0.5, 0.5], FEWEST_ROWS - 1)
    assert fitted_thresholds(probabilities, truth) is None
    probabilities, truth = planted([0.15, 0.2], [0.5, 0.5])
    assert fitted_thresholds(probabilities, np.zeros_like(truth)) is None


def test_very_many_rows_are_sampled() -> None:
    found = fitted_thresholds(*planted([0.2, 0.7], [0.3, 0.3], 20_000))
    assert found is not None
    assert np.abs(found - [0.2, 0.7]).max() < 0.05
