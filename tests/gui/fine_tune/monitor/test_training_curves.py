"""The numbers behind the charts."""

from __future__ import annotations

import numpy as np
import pytest

from engine.contract.events import BaselineMeasured, Evaluated, Noted, StepsTrained, TrainingStarted
from gui.charts.curve_data import Series, smoothed
from gui.fine_tune.monitor.training_curves import TrainingCurves


def started(first_step: int = 0) -> TrainingStarted:
    return TrainingStarted("r", "/r", 100, 50.0, first_step, "cpu", "fp32", "macro_f1")


def trained(step: int, loss: float | None = 0.5) -> StepsTrained:
    return StepsTrained(step, 100, step / 50, loss, 1e-5, 1.0, 200.0, step * 0.1)


def scored(step: int, score: float | None, best: bool) -> Evaluated:
    return Evaluated(step, step / 50, 0.4, {"macro_f1": score, "accuracy": 0.9}, "macro_f1", best)


def test_a_series_keeps_every_point_while_it_grows() -> None:
    series = Series()
    for number in range(1_000):
        series.add(number, number * 2.0)
    assert len(series) == 1_000
    assert series.y[999] == 1_998
    assert series.at(500.4) == (500.0, 1_000.0)
    assert series.at(-5) == (0.0, 0.0)


def test_a_loss_that_is_no_number_leaves_a_gap_and_the_last_value_stays() -> None:
    curves = TrainingCurves()
    for event in (started(), trained(1, 0.7), trained(2, None)):
        assert curves.on_event(event)
    assert np.isnan(curves.training_loss.y[1])
    assert curves.training_loss.last() == 0.7


def test_the_best_score_is_the_one_the_engine_called_best() -> None:
    curves = TrainingCurves()
    for event in (started(), scored(50, 0.8, True), scored(100, 0.7, False)):
        curves.on_event(event)
    assert curves.best == (50, 0.8)
    assert list(curves.scores.y) == [0.8, 0.7]


def test_a_continued_run_writes_over_what_came_after_its_checkpoint() -> None:
    curves = TrainingCurves()
    curves.on_event(started())
    for step in (10, 20, 30):
        curves.on_event(trained(step))
    curves.on_event(started(first_step=20))
    assert list(curves.training_loss.x) == [10, 20]
    curves.on_event(trained(30))
    assert list(curves.training_loss.x) == [10, 20, 30]


def test_another_run_begins_empty_but_keeps_the_baselines_measured_before_it() -> None:
    curves = TrainingCurves()
    curves.on_event(started())
    curves.on_event(trained(10))
    curves.on_event(BaselineMeasured("majority", "macro_f1", 0.33))
    curves.on_event(started())
    assert len(curves.training_loss) == 0
    assert curves.baselines == {"majority": 0.33}


def test_the_time_left_is_reported_only_after_enough_steps() -> None:
    now = 100.0
    curves = TrainingCurves(clock=lambda: now)
    curves.on_event(started())
    curves.on_event(trained(5))
    now = 110.0
    assert curves.seconds_left() is None
    curves.on_event(trained(20))
    assert curves.seconds_left() == pytest.approx(40.0)


def test_an_event_without_numbers_changes_no_curve() -> None:
    assert not TrainingCurves().on_event(Noted("hello"))


def test_smoothing_starts_at_the_first_value_and_keeps_a_constant() -> None:
    assert smoothed(np.array([2.0, 2.0, 2.0]), 0.9) == pytest.approx([2.0, 2.0, 2.0])
    line = smoothed(np.array([4.0, 0.0, 0.0, 0.0]), 0.6)
    assert line[0] == pytest.approx(4.0)
    assert list(line) == sorted(line, reverse=True)
    with_gap = smoothed(np.array([1.0, np.nan, 1.0]), 0.6)
    assert np.isnan(with_gap[1])
    assert with_gap[2] == pytest.approx(1.0)
    assert list(smoothed(np.array([1.0, 5.0]), 0.0)) == [1.0, 5.0]
