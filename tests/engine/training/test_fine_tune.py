"""A run from prepared rows to its state: what is learned, said and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from engine.contract.errors import InvalidSetting, OutOfMemory, StopRequested
from engine.contract.events import (
    BaselineMeasured,
    CheckpointSaved,
    DeviceSampled,
    Evaluated,
    Event,
    StepsTrained,
    TrainingStarted,
)
from engine.contract.states import PreparedDataset, TrainingRun
from engine.tasks.registry import task_named
from engine.tasks.rows import Outputs
from engine.training.fine_tune import fine_tune
from engine.training.loop import loop
from engine.training.step import update
from engine.workspace import atomic_files
from engine.workspace.event_log import read_events
from engine.workspace.layout import Workspace
from engine.workspace.runs import checkpoint_steps, is_locked, list_runs, read_run
from tests.engine.small_runs import Listener, small_settings

STEPS = 18  # 72 rows, 8 a batch, 2 epochs


def weights(run: TrainingRun) -> dict[str, torch.Tensor]:
    return load_file(Path(run.checkpoint) / "model.safetensors")


def test_a_network_learns_to_distinguish_two_classes(reviews: PreparedDataset, workspace: Workspace) -> None:
    run = fine_tune(reviews, small_settings(epochs=4), Listener(), workspace=workspace)
    assert run.metric == "macro_f1"
    assert run.best_score == 1.0
    assert (run.steps, run.steps_planned, run.stopped_early) == (36, 36, False)
    assert [point.step for point in run.history] == [9, 18, 27, 36]
    assert read_run(workspace, run.id).status == "finished"
    assert read_run(workspace, run.id).run == run
    network = task_named("text_classification").build_network(Path(run.checkpoint), run.dataset.label_names)
    saved = weights(run)
    assert all(torch.equal(tensor, saved[name]) for name, tensor in network.state_dict().items())


def test_a_network_learns_to_find_entities(entities: PreparedDataset, workspace: Workspace) -> None:
    run = fine_tune(entities, small_settings(epochs=12, learning_rate=1e-2), Listener(), workspace=workspace)
    assert run.metric == "entity_f1"
    assert run.best_score is not None
    assert run.best_score > 0.8


def test_what_happens_is_reported_in_order(reviews: PreparedDataset, workspace: Workspace) -> None:
    listener = Listener()
    run = fine_tune(reviews, small_settings(), listener, workspace=workspace)
    (started,) = listener.of(TrainingStarted)
    assert (started.total_steps, started.steps_per_epoch, started.first_step) == (STEPS, 9.0, 0)
    assert started.run_folder == run.folder
    assert {event.name for event in listener.of(BaselineMeasured)} == {"majority", "tfidf_svm"}
    steps = [event.step for event in listener.of(StepsTrained)]
    assert steps == sorted(set(steps))
    assert steps[-1] == STEPS
    assert all(event.finite and event.tokens_per_second > 0 for event in listener.of(StepsTrained))
    assert [event.step for event in listener.of(Evaluated)] == [9, 18]
    assert listener.of(Evaluated)[0].is_best
    assert listener.of(CheckpointSaved)
    sampled = listener.of(DeviceSampled)[0]
    assert sampled.memory_total > sampled.memory_used > 0
    assert sampled.utilisation is not None
    assert 0 <= sampled.utilisation <= 1
    assert list(listener.of(Evaluated)[0].class_f1) == ["negative", "positive"]


def test_the_log_holds_every_event(reviews: PreparedDataset, workspace: Workspace) -> None:
    listener = Listener()
    run = fine_tune(reviews, small_settings(), listener, workspace=workspace)
    assert read_events(Path(run.folder)) == listener.events


def test_steps_are_reported_at_most_twenty_times_a_second(reviews: PreparedDataset, workspace: Workspace) -> None:
    listener = Listener()
    run = fine_tune(reviews, small_settings(epochs=8), listener, workspace=workspace)
    evaluations = len(run.history)
    assert len(listener.of(StepsTrained)) <= run.seconds * 20 + evaluations + 2


def test_equal_seeds_give_bit_equal_weights(reviews: PreparedDataset, workspace: Workspace) -> None:
    first = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    second = fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    other = fine_tune(reviews, small_settings(seed=43), Listener(), workspace=workspace)
    assert all(torch.equal(tensor, weights(second)[name]) for name, tensor in weights(first).items())
    assert first.history == second.history
    assert not all(torch.equal(tensor, weights(other)[name]) for name, tensor in weights(first).items())


def test_the_best_checkpoint_is_the_one_that_is_returned(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([0.5, 0.9, 0.7, 0.9])
    monkeypatch.setattr(loop, "validate", lambda *_: loop_validation(next(scores)))
    run = fine_tune(reviews, small_settings(epochs=4), Listener(), workspace=workspace)
    assert (run.best_step, run.best_score) == (18, 0.9)
    assert run.checkpoint.endswith("000018")
    assert atomic_files.is_whole(Path(run.checkpoint))
    assert json.loads((Path(run.folder) / "best.json").read_bytes())["step"] == 18


def loop_validation(score: float) -> object:
    from engine.training.loop.validation import Validation

    return Validation(1.0, {"macro_f1": score}, {}, Outputs([], [], []))


def test_evaluations_follow_their_interval(reviews: PreparedDataset, workspace: Workspace) -> None:
    listener = Listener()
    fine_tune(reviews, small_settings(evaluation_interval=4), listener, workspace=workspace)
    assert [event.step for event in listener.of(Evaluated)] == [5, 9, 14, 18]


@pytest.mark.parametrize("batch", [1, 7, 72, 500])
def test_any_batch_size_trains(reviews: PreparedDataset, workspace: Workspace, batch: int) -> None:
    run = fine_tune(reviews, small_settings(epochs=1, batch_size=batch), Listener(), workspace=workspace)
    assert run.steps == -(-72 // batch)


def test_part_of_an_epoch_is_possible(reviews: PreparedDataset, workspace: Workspace) -> None:
    run = fine_tune(reviews, small_settings(epochs=0.01), Listener(), workspace=workspace)
    assert run.steps == 1
    assert len(run.history) == 1


# ── Stop ────────────────────────────────────────────────────────────────────────────────────────────────────────


def stop_at(step: int, *, discard: bool = False) -> Listener:
    def problem(event: Event) -> BaseException | None:
        reached = isinstance(event, StepsTrained) and event.step >= step
        return StopRequested(discard) if reached else None

    return Listener(problem)


def test_a_stop_after_one_epoch_keeps_the_best(reviews: PreparedDataset, workspace: Workspace) -> None:
    run = fine_tune(reviews, small_settings(epochs=30), stop_at(15), workspace=workspace)
    assert run.stopped_early
    assert 15 <= run.steps < 270
    assert run.best_step in {point.step for point in run.history}
    assert atomic_files.is_whole(Path(run.checkpoint))
    assert read_run(workspace, run.id).status == "stopped"
    assert checkpoint_steps(Path(run.folder))[-1] == run.steps


def test_a_stop_before_the_first_evaluation_keeps_the_last(reviews: PreparedDataset, workspace: Workspace) -> None:
    listener = stop_at(1)
    run = fine_tune(reviews, small_settings(), listener, workspace=workspace)
    assert (run.stopped_early, run.history, run.best_score) == (True, (), None)
    assert run.checkpoint.endswith(f"step-{run.steps:06d}")
    assert listener.of(Evaluated) == []


def test_a_stop_before_the_first_step_leaves_nothing(reviews: PreparedDataset, workspace: Workspace) -> None:
    listener = Listener(lambda event: StopRequested() if isinstance(event, TrainingStarted) else None)
    with pytest.raises(StopRequested):
        fine_tune(reviews, small_settings(), listener, workspace=workspace)
    assert list(workspace.runs.iterdir()) == []


def test_a_discarded_run_leaves_nothing(reviews: PreparedDataset, workspace: Workspace) -> None:
    with pytest.raises(StopRequested):
        fine_tune(reviews, small_settings(epochs=30), stop_at(12, discard=True), workspace=workspace)
    assert list(workspace.runs.iterdir()) == []


def test_a_stop_while_evaluating_keeps_the_steps(reviews: PreparedDataset, workspace: Workspace) -> None:
    from engine.contract.events import Progressed

    listener = Listener(
        lambda event: StopRequested() if isinstance(event, Progressed) and event.unit == "rows" else None
    )
    run = fine_tune(reviews, small_settings(), listener, workspace=workspace)
    assert (run.steps, run.history) == (9, ())


# ── What goes wrong ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_device_that_is_not_there_is_named(reviews: PreparedDataset, workspace: Workspace) -> None:
    with pytest.raises(InvalidSetting, match="cuda:7") as caught:
        fine_tune(reviews, small_settings(device="cuda:7"), Listener(), workspace=workspace)
    assert (caught.value.id, caught.value.field) == ("T12", "device")
    assert list(workspace.runs.iterdir()) == []


def test_too_little_memory_is_reported_with_a_way_out(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried")

    monkeypatch.setattr(update, "compute_update", full)
    with pytest.raises(OutOfMemory, match="does not hold 1 text at once") as caught:
        fine_tune(reviews, small_settings(), Listener(), workspace=workspace)
    assert "shorter maximum length" in caught.value.hint
    (record,) = list_runs(workspace)
    assert record.status == "failed"
    assert record.error is not None
    assert record.error.id == "T1"


def test_a_run_that_is_being_trained_cannot_be_trained_twice(reviews: PreparedDataset, workspace: Workspace) -> None:
    seen = []

    def look(event: Event) -> None:
        if isinstance(event, TrainingStarted):
            seen.append(is_locked(workspace, event.run_id))

    run = fine_tune(reviews, small_settings(epochs=1), look, workspace=workspace)
    assert seen == [True]
    assert not is_locked(workspace, run.id)
