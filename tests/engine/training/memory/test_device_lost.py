"""A run whose GPU answers no more reports that and continues from its last checkpoint."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from engine.contract.errors import WorkerDied
from engine.contract.events import Evaluated, Event
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.states import PreparedDataset
from engine.training.checkpoints.saver import CheckpointSaver
from engine.training.fine_tune import fine_tune
from engine.training.loop import validation
from engine.training.memory.peak_memory import release_gpu_cache
from engine.training.step import update
from engine.workspace.layout import Workspace
from engine.workspace.runs import interrupted_runs
from tests.engine.small_runs import Listener, small_settings


class Losing(Listener):
    """Raises CUDA's error after a sleep, when the rows are looked at for the second time."""

    def __call__(self, event: Event) -> None:
        super().__call__(event)
        if isinstance(event, Evaluated) and event.step > 9:
            raise RuntimeError("CUDA error: unknown error")


def test_a_run_whose_device_is_lost_goes_on_from_its_checkpoint(reviews: PreparedDataset, workspace: Workspace) -> None:
    settings = small_settings(epochs=3)
    alone = fine_tune(reviews, settings, Listener(), workspace=workspace)
    with pytest.raises(WorkerDied) as caught:
        fine_tune(reviews, settings, Losing(), workspace=workspace)
    assert (caught.value.id, caught.value.actions) == ("T11", (RecoveryAction.CONTINUE_RUN, RecoveryAction.USE_CPU))
    (record,) = interrupted_runs(workspace)
    run = fine_tune(reviews, record.settings, Listener(), continue_run=record.id, workspace=workspace)
    assert run.history == alone.history


# What torch raises after an index out of range inside a kernel, and after a GPU has fallen off the bus.
ASSERT = """CUDA error: device-side assert triggered
Search for `cudaErrorAssert' in https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html for more.
CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be incorrect.
"""
OFF_THE_BUS = "CUDA error: unspecified launch failure"
PLACES: dict[str, tuple[Any, str, int, str]] = {
    "first step": (update, "logits_of", 1, ASSERT),
    "backward": (torch.autograd, "backward", 11, OFF_THE_BUS),
    "update": (torch.optim.AdamW, "step", 11, ASSERT),
    "evaluation": (validation, "predict_all", 2, ASSERT),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_device_that_fails_at_everything_from_some_call_on_ends_the_run_with_what_to_do(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """CUDA's errors are sticky: whatever is tried afterwards, a copy of the weights included, fails with the same."""
    settings = small_settings(epochs=3)
    alone = fine_tune(reviews, settings, Listener(), workspace=workspace)
    lost: list[str] = []
    _, name, at, text = PLACES[place]

    def failing(function: Any, first: int) -> Any:
        calls = [0]

        def call(*given: Any, **named: Any) -> Any:
            calls[0] += 1
            if lost or calls[0] >= first:
                lost.append(name)
                raise torch.AcceleratorError(text)
            return function(*given, **named)

        return call

    with monkeypatch.context() as patched:
        for owner, function in (*(where[:2] for where in PLACES.values()), (CheckpointSaver, "_write")):
            patched.setattr(owner, function, failing(getattr(owner, function), at if function == name else 10**9))
        with pytest.raises(WorkerDied) as caught:
            fine_tune(reviews, settings, Listener(), workspace=workspace)
    assert (caught.value.id, caught.value.actions) == ("T11", (RecoveryAction.CONTINUE_RUN, RecoveryAction.USE_CPU))
    if place == "first step":  # nothing was saved by then
        assert interrupted_runs(workspace) == ()
        return
    (record,) = interrupted_runs(workspace)
    run = fine_tune(reviews, record.settings, Listener(), continue_run=record.id, workspace=workspace)
    assert run.history == alone.history


def test_a_lost_gpu_that_keeps_its_memory_hides_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise torch.AcceleratorError(ASSERT)

    monkeypatch.setattr(torch.cuda, "empty_cache", refused)
    release_gpu_cache(torch.device("cuda"))
