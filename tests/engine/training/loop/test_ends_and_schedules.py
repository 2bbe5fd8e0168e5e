"""The schedule of the learning rate, and a run that ends because its score no longer rises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from engine.contract.errors import StopRequested
from engine.contract.events import StepsTrained
from engine.contract.settings import Schedule
from engine.contract.states import PreparedDataset
from engine.training.fine_tune import fine_tune
from engine.training.loop import assembly, reports
from engine.training.step.optimizer import learning_rate_at
from engine.workspace.layout import Workspace
from engine.workspace.runs import read_run
from tests.engine.small_runs import Listener, small_settings


@pytest.fixture(autouse=True)
def every_step_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("linear", (0.0, 0.5, 1.0, 0.5, 0.0)),
        ("cosine", (0.0, 0.5, 1.0, 0.5, 0.0)),
        ("constant", (0.0, 0.5, 1.0, 1.0, 1.0)),
    ],
)
def test_each_schedule_warms_up_and_then_goes_its_way(schedule: Schedule, rates: tuple[float, ...]) -> None:
    found = [
        learning_rate_at(step, peak=1.0, warmup_share=0.2, total_steps=10, schedule=schedule)
        for step in (0, 1, 2, 6, 10)
    ]
    assert found == pytest.approx(rates)


def test_a_cosine_stays_high_longer_than_a_line() -> None:
    line, wave = (
        learning_rate_at(2, peak=1.0, warmup_share=0.0, total_steps=10, schedule=name)  # type: ignore[arg-type]
        for name in ("linear", "cosine")
    )
    assert wave > line


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        *(({"schedule": schedule}, after) for schedule in ("cosine", "constant") for after in (5, 13)),
        ({"patience": 2}, 5),  # it ends before step 13
    ],
)
def test_a_continued_run_ends_like_an_uninterrupted_one(
    reviews: PreparedDataset, workspace: Workspace, changes: dict[str, object], after: int
) -> None:
    settings = small_settings(evaluation_interval=4, epochs=3, **changes)
    whole = fine_tune(reviews, settings, Listener(), workspace=workspace)
    listener = Listener(
        lambda event: StopRequested() if isinstance(event, StepsTrained) and event.step == after else None
    )
    stopped = fine_tune(reviews, settings, listener, workspace=workspace)
    run = fine_tune(reviews, settings, Listener(), continue_run=stopped.id, workspace=workspace)
    assert (run.steps, run.history, run.notes) == (whole.steps, whole.history, whole.notes)
    expected, found = (load_file(Path(one.checkpoint) / "model.safetensors") for one in (whole, run))
    assert all(torch.equal(tensor, found[name]) for name, tensor in expected.items())


def test_a_run_whose_score_does_not_rise_ends_after_its_patience_and_a_third_of_its_schedule(
    reviews: PreparedDataset, workspace: Workspace
) -> None:
    """Of 81 steps; its patience is at an end at step 9 already."""
    settings = small_settings(learning_rate=1e-12, patience=2, epochs=9, evaluation_interval=3)
    run = fine_tune(reviews, settings, Listener(), workspace=workspace)
    assert (run.best_step, run.steps) == (3, 27)
    assert run.stopped_early
    assert run.notes == ("Ended at step 27: 2 evaluations without a better score",)
    assert read_run(workspace, run.id).status == "finished"


def test_each_group_of_parameters_has_its_own_part_of_the_rate(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[list[float]] = []
    step = torch.optim.AdamW.step

    def recorded(optimizer: torch.optim.AdamW, *given: object) -> object:
        rates.append([float(group["lr"]) for group in optimizer.param_groups])
        return step(optimizer, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(torch.optim.AdamW, "step", recorded)
    made = assembly.adamw

    def with_factors(network: torch.nn.Module, **given: Any) -> torch.optim.AdamW:
        given["factors"] = {"classifier.weight": 4.0}
        return made(network, **given)

    monkeypatch.setattr(assembly, "adamw", with_factors)
    fine_tune(reviews, small_settings(epochs=1), Listener(), workspace=workspace)
    assert len(rates) == 9
    assert all(rate == [4 * rate[1], rate[1], rate[1]] for rate in rates)
    assert max(rate[1] for rate in rates) > 0
