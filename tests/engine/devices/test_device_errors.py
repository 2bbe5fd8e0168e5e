"""A GPU that answers no more is distinguished from every other error, and its process is replaced."""

from __future__ import annotations

import pytest

from engine.contract.events import EngineReady, StageFailed, StageSucceeded
from engine.contract.recovery_actions import RecoveryAction
from engine.devices.device_errors import is_device_lost
from tests.engine.runtime.test_thread import Engine, engine

__all__ = ["engine"]

LOST = (
    "CUDA error: unknown error",
    "CUDA error: device-side assert triggered\nCUDA kernel errors might be asynchronously reported",
    "CUDA error: an illegal memory access was encountered",
    "HIP error: hipErrorLaunchFailure",
    "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
    "CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm`",
    "NCCL error: unhandled cuda error (run with NCCL_DEBUG=INFO for details)",
)


@pytest.mark.parametrize("text", LOST)
def test_a_lost_device_is_known_by_its_text(text: str) -> None:
    assert is_device_lost(RuntimeError(text))
    told = ValueError("the run has failed")
    told.__cause__ = RuntimeError(text)
    assert is_device_lost(told)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("shape '[2, 3]' is invalid for input of size 5"),
        ValueError("the text “CUDA error: unknown error” is no number"),
        KeyError("device-side assert triggered"),
    ],
)
def test_other_errors_are_not_a_lost_device(error: Exception) -> None:
    assert not is_device_lost(error)


def test_the_process_that_lost_its_device_is_replaced(engine: Engine) -> None:
    outcome = engine.outcome(engine.load("lose the device"))
    assert isinstance(outcome, StageFailed)
    assert (outcome.error.id, outcome.error.actions) == ("T11", (RecoveryAction.TRY_AGAIN, RecoveryAction.USE_CPU))
    assert isinstance(engine.outcome(engine.load("count")), StageSucceeded)
    pids = [event.pid for event in engine.of(0) if isinstance(event, EngineReady)]
    assert len(set(pids)) == 2
