"""A schedule that ends in time, by a clock of the test and in a run."""

from __future__ import annotations

import math

import pytest

from engine.contract.states import PreparedDataset
from engine.training import fine_tune as training
from engine.training.loop.time_limit import TimeLimit
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings


def ended(seconds: float, planned: int, *, step_seconds: float, later: float | None = None) -> tuple[int, float]:
    """How many steps a run makes and how long it takes, where a step takes so long, `later` in the second half."""
    at = [0.0]
    limit = TimeLimit(seconds, lambda: at[0])
    step = 0
    while step < planned:
        at[0] += step_seconds if later is None or step < planned / 2 else later
        step += 1
        planned = limit.last_step(step, planned)
    return step, at[0]


def test_without_a_limit_and_in_time_nothing_changes() -> None:
    assert ended(math.inf, 300, step_seconds=9.0)[0] == 300
    assert ended(300.0, 300, step_seconds=1.0)[0] == 300
    assert ended(300.0, 300, step_seconds=1.01)[0] == 300


@pytest.mark.parametrize(("step_seconds", "later"), [(1.5, None), (4.0, None), (1.0, 3.0), (3.0, 1.0)])
def test_slower_steps_are_fewer_and_end_within_a_tenth_of_the_limit(step_seconds: float, later: float | None) -> None:
    steps, seconds = ended(300.0, 300, step_seconds=step_seconds, later=later)
    assert steps < 300
    assert seconds <= 330.0
    if later is None:
        assert seconds >= 270.0


def test_a_run_ends_in_its_budget_at_the_end_of_its_schedule_and_reports_it(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(training.MINUTES, "5 minutes", 1.5 / 60)  # type: ignore[arg-type]
    settings = small_settings(updates=100_000, time_budget="5 minutes", kept_checkpoint="last")
    listener = Listener()
    run = training.fine_tune(reviews, settings, listener, workspace=workspace)
    assert run.steps == run.steps_planned < 100_000  # how near its end is to the limit: by the clock above
    assert not run.stopped_early
    assert "training.note.shortened_to_end_in_time" in [note.id for note in run.notes]
    assert run.history[-1].step == run.steps  # scored at its end
