"""Evaluations follow the epochs; patience waits for learning to start; of equal scores the lower loss is kept."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from engine.contract.errors import UnexpectedError
from engine.contract.events import Evaluated, StepsTrained
from engine.contract.presets import presets
from engine.contract.score_sentences import selection_sentence
from engine.contract.states import HistoryPoint, PreparedDataset, SplitCounts, TrainingRun
from engine.tasks.rows import Outputs
from engine.training.fine_tune import fine_tune
from engine.training.loop import loop, reports
from engine.training.loop.early_stopping import count_evaluations, evaluations_without_gain, is_evaluation_step
from engine.training.loop.validation import Validation
from engine.workspace import runs
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings

Evaluations = list[tuple[float | None, float | None]]  # score and validation loss


def evaluated_at(interval: int, *, steps_per_epoch: int, total_steps: int) -> list[int]:
    steps = [
        step
        for step in range(total_steps + 1)
        if is_evaluation_step(step, steps_per_epoch=steps_per_epoch, total_steps=total_steps, interval=interval)
    ]
    assert len(steps) == count_evaluations(steps_per_epoch=steps_per_epoch, total_steps=total_steps, interval=interval)
    return steps


def test_evaluations_are_spread_over_each_epoch() -> None:
    assert evaluated_at(12, steps_per_epoch=25, total_steps=50) == [13, 25, 38, 50]
    assert evaluated_at(0, steps_per_epoch=25, total_steps=60) == [25, 50, 60]
    assert evaluated_at(10, steps_per_epoch=25, total_steps=30) == [9, 17, 25, 30]
    assert evaluated_at(1, steps_per_epoch=3, total_steps=5) == [1, 2, 3, 4, 5]


def test_evaluations_are_whole_epochs_apart_where_an_epoch_is_shorter_than_the_interval() -> None:
    assert evaluated_at(100, steps_per_epoch=25, total_steps=275) == [100, 200, 275]
    assert evaluated_at(30, steps_per_epoch=25, total_steps=75) == [25, 50, 75]
    assert evaluated_at(3, steps_per_epoch=1, total_steps=7) == [3, 6, 7]


@pytest.mark.parametrize("rows", [320, 400, 1_600, 20_001])  # below, evaluations are ten updates apart
def test_the_preset_best_evaluates_twice_an_epoch(rows: int, reviews: PreparedDataset) -> None:
    splits = {**reviews.splits, "train": SplitCounts(rows, {})}
    settings = presets(msgspec.structs.replace(reviews, splits=splits))[2].settings
    per_epoch = -(-rows // settings.batch_size)
    found = evaluated_at(settings.evaluation_interval, steps_per_epoch=per_epoch, total_steps=10 * per_epoch)
    assert len(found) == (20 if per_epoch > 1 else 10)


def without_gain(evaluations: Evaluations) -> int:
    points = [
        HistoryPoint(step, float(step), None, loss, {"f1": score}) for step, (score, loss) in enumerate(evaluations)
    ]
    return evaluations_without_gain(points, "f1")


@pytest.mark.parametrize(
    ("evaluations", "count"),
    [
        ([(0.0, 1.0), (0.0, 0.7), (0.0, 0.5), (0.0, 0.4)], 0),  # it learns, and the score does not show it yet
        ([(0.333, 0.69), (0.34, 0.6), (0.333, 0.5)], 0),  # the score flickers
        ([(0.0, 1.0), (0.0, 1.1), (0.0, 1.2)], 2),  # it does not learn
        ([(0.0, 1.0), (0.5, 0.7), (0.5, 0.6), (0.4, 0.5)], 2),  # the score has been better
        ([(0.0, 1.0), (0.5, 0.7), (0.4, 0.6), (0.6, 0.8)], 0),
        ([(None, 1.0), (None, 0.9), (None, 0.8)], 0),
        ([(None, 1.0), (None, 1.1), (0.0, 1.2)], 0),  # any score is better than none
        ([(None, None), (None, None)], 2),
        ([(0.5, None), (0.5, None)], 1),
    ],
)
def test_patience_counts_once_the_score_has_left_its_floor_or_the_loss_does_not_fall(
    evaluations: Evaluations, count: int
) -> None:
    assert without_gain(evaluations) == count


def run_with(
    evaluations: Evaluations,
    dataset: PreparedDataset,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    **changes: object,
) -> tuple[TrainingRun, list[Evaluated]]:
    """A run whose evaluations find these, one after each epoch."""
    found = iter([Validation(loss, {"macro_f1": score}, {}, Outputs([], [], [])) for score, loss in evaluations])
    monkeypatch.setattr(loop, "validate", lambda *_: next(found))
    listener = Listener()
    run = fine_tune(dataset, small_settings(epochs=len(evaluations), **changes), listener, workspace=workspace)
    return run, listener.of(Evaluated)


def test_of_equal_scores_the_one_with_the_lower_loss_is_kept(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, found = run_with([(1.0, 0.67), (1.0, 0.016), (1.0, 0.02)], reviews, workspace, monkeypatch)
    assert [event.is_best for event in found] == [True, True, False]
    assert run.best_step == 18
    best = json.loads((Path(run.folder) / "best.json").read_text())
    assert (best["step"], best["score"]) == (18, 1.0)


def test_where_the_last_checkpoint_is_kept_no_score_is_chosen(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluations: Evaluations = [(0.9, 0.2), (None, 0.5), (0.7, 0.6)]
    run, found = run_with(evaluations, reviews, workspace, monkeypatch, kept_checkpoint="last")
    assert [event.is_best for event in found] == [True, True, True]
    assert (run.best_step, run.best_score) == (27, 0.7)
    assert Path(run.checkpoint).name.endswith("27")
    assert selection_sentence(run) == ""


def test_a_score_that_cannot_be_measured_blocks_no_other(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, found = run_with([(None, 0.5), (None, 0.4), (-0.2, 0.6), (None, 0.1)], reviews, workspace, monkeypatch)
    assert [event.is_best for event in found] == [True, True, True, False]
    assert (run.best_step, run.best_score) == (27, -0.2)


def test_a_run_that_starts_to_learn_late_is_not_ended(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluations: Evaluations = [(0.333, 0.69), (0.333, 0.6), (0.333, 0.5), (1.0, 0.2)]
    run, _ = run_with(evaluations, reviews, workspace, monkeypatch, patience=2)
    assert (run.steps, run.best_step, run.stopped_early) == (36, 36, False)


def test_a_run_that_broke_off_ends_like_an_uninterrupted_one_where_ties_were_best(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {9: (0.5, 0.9), 18: (0.9, 0.8), 27: (0.9, 0.7), 36: (0.9, 0.75), 45: (0.9, 0.72), 54: (0.95, 0.6)}
    listener = Listener()

    def validate(*_: object) -> Validation:
        steps = listener.of(StepsTrained) or [None]
        score, loss = found[steps[-1].step if steps[-1] else 0]
        return Validation(loss, {"macro_f1": score}, {}, Outputs([], [], []))

    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)
    monkeypatch.setattr(loop, "validate", validate)
    settings = small_settings(epochs=6, patience=3)
    whole = fine_tune(reviews, settings, listener, workspace=workspace)
    assert (whole.steps, whole.best_step) == (45, 27)
    listener = Listener(
        lambda event: RuntimeError("the power fails") if isinstance(event, StepsTrained) and event.step == 40 else None
    )
    with pytest.raises(UnexpectedError):
        fine_tune(reviews, settings, listener, workspace=workspace)
    (record,) = runs.interrupted_runs(workspace)
    assert runs.checkpoint_steps(runs.run_folder(workspace, record.id)) == (9,)  # 18 and 27 hold the best network alone
    listener = Listener()
    run = fine_tune(reviews, settings, listener, continue_run=record.id, workspace=workspace)
    assert (run.steps, run.best_step, run.history, run.notes) == (45, 27, whole.history, whole.notes)
