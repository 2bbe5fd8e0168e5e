"""The forecast of a score with twice the rows: exact where a curve is, wide where it is not known."""

from __future__ import annotations

import numpy as np
import pytest

from engine.contract.errors import StopRequested
from engine.contract.events import Event
from engine.diagnosing.learning_curve import DRAWS, SHARES, forecast, learning_curve
from engine.diagnosing.row_features import RowFeatures
from tests.builders import a_dataset
from tests.engine.diagnosing.planted import class_rows


def silent(_event: Event) -> None:
    pass


def drawn(
    floor: float, factor: float, exponent: float, rows: int, *, noise: float, seed: int
) -> tuple[list[int], list[float]]:
    generator = np.random.default_rng(seed)
    sizes = [round(share * rows) for share, draws in zip(SHARES, DRAWS, strict=True) for _ in range(draws)]
    errors = [floor + factor * size**-exponent for size in sizes]
    return sizes, [error * (1 + noise * generator.normal()) for error in errors]


def test_a_power_law_is_continued() -> None:
    sizes, errors = drawn(0.05, 2.0, 0.5, 1_000, noise=0.0, seed=0)
    ahead = forecast(sizes, errors, 2_000)
    assert ahead.error == pytest.approx(0.05 + 2.0 * 2_000**-0.5, abs=0.004)
    assert ahead.low < ahead.error < ahead.high
    assert ahead.high - ahead.low < 0.03


def test_a_curve_that_has_become_flat_stays_so() -> None:
    sizes, errors = drawn(0.2, 0.0, 0.5, 1_000, noise=0.01, seed=1)
    ahead = forecast(sizes, errors, 2_000)
    assert ahead.error == pytest.approx(0.2, abs=0.01)
    assert ahead.low > 0.17


def test_noisier_draws_make_the_interval_wider() -> None:
    quiet, noisy = (forecast(*drawn(0.05, 2.0, 0.5, 1_000, noise=noise, seed=2), 2_000) for noise in (0.0, 0.2))
    assert noisy.high - noisy.low > 2 * (quiet.high - quiet.low)


def test_the_interval_holds_the_true_error_in_most_of_forty_curves() -> None:
    held = 0
    for seed in range(40):
        generator = np.random.default_rng(seed)
        floor, exponent = generator.uniform(0, 0.15), generator.uniform(0.15, 0.8)
        factor = generator.uniform(0.1, 0.4) * 1_000**exponent
        sizes, errors = drawn(floor, factor, exponent, 1_000, noise=0.04, seed=seed)
        ahead = forecast(sizes, errors, 2_000)
        true = (floor + factor * 2_000**-exponent) * (1 + 0.04 * generator.normal())
        held += ahead.low <= true <= ahead.high
    assert held >= 30  # 32 are due; these draws share no rows, which the forecast allows for


@pytest.mark.parametrize("seed", range(5))
def test_the_score_of_twice_the_rows_lies_in_the_interval_or_near_it(seed: int) -> None:
    """The small version of tests/benchmarks/learning_curve.py."""
    whole = class_rows(1_000, 4, seed=seed, apart=2.0)
    half = part_of(whole, 2)
    dataset = a_dataset(label_names=tuple(f"c{number}" for number in range(4)))
    answer = learning_curve(dataset, half, silent, seed=1)
    true = learning_curve(dataset, whole, silent, seed=1).points[-1].scores[0]
    assert answer.metric == "macro_f1"
    assert [point.rows for point in answer.points] == [40, 100, 200, 400]
    assert [len(point.scores) for point in answer.points] == list(DRAWS)
    assert (answer.rows_ahead, answer.held_out) == (800, 200)
    low, high = answer.interval
    assert low < answer.score_ahead < high
    assert low - 0.03 <= true <= high + 0.03


def part_of(found: RowFeatures, every: int) -> RowFeatures:
    """Each second training row and all others."""
    from dataclasses import replace

    rows = found.rows
    train = [position for position, place in enumerate(rows.places) if place.split == "train"][::every]
    kept = sorted([*train, *(p for p, place in enumerate(rows.places) if place.split != "train")])
    return RowFeatures(
        replace(
            rows,
            places=[rows.places[position] for position in kept],
            columns={name: [values[position] for position in kept] for name, values in rows.columns.items()},
            encoded=[rows.encoded[position] for position in kept],
            labels=[rows.labels[position] for position in kept],
            total=len(kept),
        ),
        found.features[kept],
    )


def test_few_rows_are_refused_with_a_sentence() -> None:
    answer = learning_curve(a_dataset(), class_rows(60, 2, seed=0), silent, seed=1)
    assert not answer.points
    assert "48 training rows and 12 held-out rows are too few" in answer.refused


def test_learning_can_be_stopped() -> None:
    def stop(_event: Event) -> None:
        raise StopRequested(discard=True)

    dataset = a_dataset(label_names=("c0", "c1"))
    with pytest.raises(StopRequested):
        learning_curve(dataset, class_rows(500, 2, seed=0), stop, seed=1)
