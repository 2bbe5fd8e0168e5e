"""The arithmetic of a learning-rate range test."""

from __future__ import annotations

import math

import pytest

from engine.contract.lr_range import HIGHEST, LOWEST, STEPS, is_over, rate_at, smoothed_losses, suggestion

RATES = [rate_at(step) for step in range(STEPS)]


def valley(rate: float) -> float:
    """Flat, falls around 1e-4, lowest near 1e-3, rises beyond 1e-2."""
    place = math.log10(rate)
    return 0.7 - 0.5 / (1 + math.exp(-4 * (place + 4))) + math.exp(3 * (place + 1.5))


def test_the_rates_rise_by_equal_factors() -> None:
    assert (RATES[0], RATES[-1]) == pytest.approx((LOWEST, HIGHEST))
    assert RATES[51] / RATES[50] == pytest.approx(RATES[2] / RATES[1])


def test_the_moving_average_is_not_pulled_to_zero() -> None:
    assert smoothed_losses([2.0, 2.0, 2.0]) == pytest.approx([2.0, 2.0, 2.0])
    assert smoothed_losses([1.0, 0.0])[1] == pytest.approx(0.09 / 0.19)


def test_the_suggestion_lies_where_the_loss_falls_and_well_below_the_valley() -> None:
    found = suggestion(RATES, [valley(rate) for rate in RATES])
    assert found is not None
    assert 5e-5 <= found <= 3e-4
    assert found == float(f"{found:.0e}")


def test_noise_moves_the_suggestion_little() -> None:
    noisy = [valley(rate) + 0.1 * math.sin(31 * step) for step, rate in enumerate(RATES)]
    found = suggestion(RATES, noisy)
    assert found is not None
    assert 2e-5 <= found <= 6e-4


def test_a_loss_that_does_not_fall_has_no_suggestion() -> None:
    assert suggestion(RATES, [0.7] * STEPS) is None
    assert suggestion(RATES, [0.7 + rate for rate in RATES]) is None
    assert suggestion(RATES[:9], [1.0 - step / 10 for step in range(9)]) is None


def test_a_loss_that_is_no_number_is_left_out() -> None:
    losses = [valley(rate) for rate in RATES[:80]] + [math.nan]
    assert suggestion(RATES[:81], losses) == suggestion(RATES[:80], losses[:80])


def test_the_test_ends_when_the_loss_explodes_and_not_before() -> None:
    losses = [valley(rate) for rate in RATES]
    end = next(step for step in range(STEPS) if is_over(losses[: step + 1]))
    assert RATES[end] > 1e-2
    assert not is_over([])
    assert is_over([0.7, math.inf])
    assert not is_over([0.1, 5.0, 0.1])  # one bad batch at the start
