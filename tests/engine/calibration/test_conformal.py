"""Conformal sets: their coverage over many splits is beta-binomial, as promised."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.calibration.conformal import (
    class_cutoffs,
    coverage_band,
    coverage_to_aim_at,
    cutoff,
    fewest_rows,
    label_sets,
)
from tests.benchmarks.conformal_coverage import Trial, coverages, coverages_after_choice, outside


def test_the_band_is_that_of_the_beta_binomial_distribution() -> None:
    for rows, tested, coverage in ((200, 300, 0.9), (99, 1_000, 0.95), (500, 50, 0.8), (5_000, 200_000, 0.9)):
        rank = int(np.ceil((rows + 1) * coverage - 1e-9))
        exact = stats.betabinom(tested, rank, rows + 1 - rank)
        low, high = coverage_band(rows, tested, coverage)
        assert (round(low * tested), round(high * tested)) == (exact.ppf(0.025), exact.ppf(0.975))


@pytest.mark.parametrize("seed", range(5))
def test_the_coverage_over_splits_stays_inside_its_band(seed: int) -> None:
    found = coverages(Trial(classes=6, calibration_rows=200, test_rows=300, coverage=0.9), splits=40, seed=seed)
    # Of 40 splits, each outside with a probability below 0.05, more than 7 are in 1 of 1,000 draws.
    assert outside(found, calibration_rows=200, test_rows=300, coverage=0.9) <= 7
    assert np.mean(found) == pytest.approx(0.9, abs=0.015)


def test_with_too_few_rows_every_label_is_in_the_set() -> None:
    assert fewest_rows(0.9) == 9
    assert cutoff(np.linspace(0.5, 0.9, 8), 0.9) == 0.0
    assert cutoff(np.linspace(0.5, 0.9, 9), 0.9) == 0.5


def test_classes_with_rows_enough_have_a_cutoff_of_their_own() -> None:
    generator = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], [200, 50, 12])
    likely = generator.dirichlet(np.ones(3), size=len(truth))
    found = class_cutoffs(likely, truth, 0.9)
    assert set(found) == {0, 1}
    assert found[0] == cutoff(likely[truth == 0, 0], 0.9)


def test_a_set_holds_the_labels_that_reach_their_cutoffs() -> None:
    sets = label_sets(np.asarray([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3]]), np.asarray([0.5, 0.25, 0.3]))
    assert sets.tolist() == [[True, True, False], [False, True, True]]


def test_the_promise_is_kept_where_the_rows_have_chosen_among_checkpoints() -> None:
    """Without aiming at more the sets held the label in 0.76 instead of 0.8 of the rows."""
    trial = Trial(classes=2, calibration_rows=100, test_rows=500, coverage=0.8)
    found = [
        np.mean(coverages_after_choice(trial, checkpoints=10, splits=150, seed=3, aims=aims)) for aims in (False, True)
    ]
    assert found[0] < 0.785
    assert 0.8 <= found[1] <= 0.84


def test_more_is_aimed_at_only_where_there_was_a_choice_and_less_with_more_rows() -> None:
    generator = np.random.default_rng(1)
    likely = generator.dirichlet([1.0, 1.0], 200)
    truth = (generator.random(200) > likely[:, 0]).astype(np.int64)
    aimed = [
        coverage_to_aim_at(likely, truth, 0.8, evaluations=evaluations, rows=rows)
        for evaluations, rows in ((1, 200), (2, 200), (20, 200), (20, 2_000))
    ]
    assert aimed[0] == 0.8 < aimed[1] < aimed[2]
    assert 0.8 < aimed[3] < aimed[2]
    sure = np.tile([1.0, 0.0], (200, 1))
    assert coverage_to_aim_at(sure, np.zeros(200, dtype=np.int64), 0.8, evaluations=20, rows=200) == 0.8
