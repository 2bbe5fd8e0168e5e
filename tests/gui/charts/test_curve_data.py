"""Curves that grow for days: peaks survive the thinning, and memory has a bound."""

from __future__ import annotations

import numpy as np
import pytest

from engine.contract.events import Event, StepsTrained, TrainingStarted
from gui.charts.curve_data import MOST_POINTS, Series, halved, limits, thinned, with_room
from gui.fine_tune.monitor.training_curves import TrainingCurves


def test_a_single_peak_among_a_million_points_is_drawn() -> None:
    x = np.arange(1_000_000, dtype=np.float64)
    y = np.zeros(1_000_000)
    y[123_456], y[765_432] = 5.0, -3.0
    shown_x, shown_y = thinned(x, y, 0, 1e6, 700)
    assert len(shown_x) <= 1_400
    assert (shown_y.max(), shown_y.min()) == (5.0, -3.0)
    assert abs(shown_x[int(shown_y.argmax())] - 123_456) <= 1e6 / 700
    assert (np.diff(shown_x) >= 0).all()


def test_few_points_are_drawn_as_they_are_with_a_neighbour_on_either_side_of_the_window() -> None:
    x = np.arange(10, dtype=np.float64)
    shown_x, shown_y = thinned(x, x * 2, 3.5, 6.5, 100)
    assert list(shown_x) == [3, 4, 5, 6, 7]
    assert list(shown_y) == [6, 8, 10, 12, 14]


def test_a_gap_stays_a_gap_unless_the_column_holds_numbers() -> None:
    x = np.arange(1_000, dtype=np.float64)
    y = np.ones(1_000)
    y[400:500] = np.nan
    y[600] = np.nan
    _, shown = thinned(x, y, 0, 1_000, 50)
    assert np.isnan(shown).sum() == 2 * 5
    assert np.isnan(thinned(x[:0], y[:0], 0, 1, 50)[1]).sum() == 0


def test_halving_keeps_the_lowest_and_the_highest_of_four_in_their_order() -> None:
    x = np.arange(8, dtype=np.float64)
    kept_x, kept_y = halved(x, np.array([3.0, 9.0, 1.0, 4.0, np.nan, 2.0, np.nan, np.nan]))
    assert list(kept_x[:2]) == [1, 2]
    assert list(kept_y[:2]) == [9, 1]
    assert 2.0 in kept_y[2:]
    assert len(kept_x) == 4


def test_clipping_leaves_the_outliers_out_of_the_axis() -> None:
    y = np.concatenate([np.linspace(1, 2, 1_000), [1_000.0]])
    assert limits(y, without_outliers=False) == (1.0, 1_000.0)
    low, high = limits(y, without_outliers=True) or (0, 0)
    assert (round(low, 1), round(high, 1)) == (1.0, 2.0)
    assert limits(np.array([np.nan]), without_outliers=True) is None


@pytest.mark.parametrize("count", [MOST_POINTS, 200_000])
def test_a_long_series_keeps_its_peaks_its_newest_points_and_its_bound(count: int) -> None:
    series = Series()
    for step in range(count):
        series.add(step, 50.0 if step == 1_000 else 1.0)
    assert len(series) <= MOST_POINTS
    assert series.y.max() == 50.0
    assert series.at(1_000) == (1_000.0, 50.0)
    assert (np.diff(series.x) > 0).all()
    assert series.x[0] <= 8
    newest = series.x[-30_000:]
    assert list(newest) == list(range(count - 30_000, count))
    series.drop_from(count / 2)
    series.add(count, 2.0)
    assert series.last() == 2.0
    assert (np.diff(series.x) > 0).all()


def test_a_thousand_events_a_second_for_two_and_a_half_minutes_stay_within_twenty_megabytes() -> None:
    curves = TrainingCurves()
    events: list[Event] = [TrainingStarted("r", "/r", 150_000, 1_000.0, 0, "cpu", "fp32", "macro_f1")]
    for event in events:
        curves.on_event(event)
    for step in range(150_000):
        curves.on_event(StepsTrained(step, 150_000, step / 1_000, 0.5, 1e-5, 1.0, 200.0, step * 0.001))
    held = sum(series._points.nbytes for series in curves.all_series())
    assert held <= 20_000_000
    assert curves.training_loss.x[-1] == 149_999


def test_a_mark_at_the_highest_point_is_seen_whole_on_a_low_axis() -> None:
    low, high = with_room([(0.3, 0.8)], logarithmic=False, pixels=90.0, mark=10.0)
    assert (high - 0.8) / (high - low) * 90 >= 9.99
    assert with_room([(0.3, 0.8)], logarithmic=False, pixels=900.0, mark=10.0) == with_room(
        [(0.3, 0.8)], logarithmic=False
    )
