"""Distinguishes errors after which a GPU answers no more in this process from every other. Uses no run.

CUDA's errors of execution are sticky: each later call of the process fails as well, whatever it asks for (CUDA C++
Programming Guide, "Error Checking"). They follow a driver that is updated, a laptop that wakes up, a GPU that falls off
the bus, or an index out of range inside a kernel.
"""

from __future__ import annotations

import re
import traceback

from engine.contract.errors import DEVICE_LOST, WorkerDied
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence

_DEVICE_LOST_TEXTS = re.compile(
    r"(?:CUDA|HIP) error: (?!out of memory)"
    r"|device-side assert triggered"
    r"|CU(?:BLAS|DNN|SOLVER|SPARSE)_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR|MAPPING_ERROR|NOT_INITIALIZED)"
    r"|unspecified launch failure"
    r"|NCCL error: unhandled cuda error"
)


def is_device_lost(error: BaseException | None) -> bool:
    """Whether this error, or one that it was raised from, means that the device answers no more.

    Texts count in a `RuntimeError` only: other errors may quote the user's rows.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, RuntimeError) and _DEVICE_LOST_TEXTS.search(" ".join(str(part) for part in error.args)):
            return True
        error = error.__cause__
    return False


def device_lost(error: BaseException, *, training: bool) -> WorkerDied:
    """The error as it is shown to the user."""
    hint = Sentence("devices.device_lost.continue_from_checkpoint" if training else "devices.device_lost.try_again")
    return WorkerDied(
        DEVICE_LOST,
        Sentence("devices.device_lost.gpu_stopped_answering"),
        hint=hint,
        actions=(RecoveryAction.CONTINUE_RUN if training else RecoveryAction.TRY_AGAIN, RecoveryAction.USE_CPU),
        details="".join(traceback.format_exception(error)),
    )


# Distinguishes the many texts of "the memory is full" from every other error. Uses no run.
#
# PyTorch has a type for the GPU's allocator only; its CPU allocator and the libraries below it raise `RuntimeError`
# with a sentence of their own, and some callers wrap that once more.

_OUT_OF_MEMORY_TEXTS = re.compile(
    r"(?:CUDA|HIP|XPU|MPS|NPU|HPU)(?: backend)?(?: error:)? out of memory"
    r"|^out of memory$"
    r"|DefaultCPUAllocator: (?:can't allocate|not enough) memory"
    r"|CU(?:BLAS|DNN|SOLVER|SPARSE)_STATUS_ALLOC_FAILED"
    r"|(?:cudaErrorMemoryAllocation|hipErrorOutOfMemory|CUDA_ERROR_OUT_OF_MEMORY|UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY)"
    r"|MODULE:PT_DEVMEM Allocation failed"
    r"|Invalid buffer size: \d"  # MPS: one tensor is larger than Metal allows
    r"|kIOGPUCommandBufferCallbackErrorOutOfMemory"
    r"|std::bad_alloc|Cannot allocate memory"
    r"|(?:os error|WinError) 1455\b"  # Windows: "The paging file is too small for this operation to complete"
)


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether this error, or one that it was raised from, means that the memory of a device or computer is full.

    Texts count in a `RuntimeError` only: a `ValueError` or `KeyError` may quote the user's rows.
    """
    import torch
    from safetensors import SafetensorError

    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, MemoryError | torch.OutOfMemoryError):
            return True
        text = " ".join(str(argument) for argument in error.args)
        # safetensors has a type of its own, and Windows' loader of libraries an OSError.
        kinds = (RuntimeError, torch.AcceleratorError, OSError, SafetensorError)
        if type(error) in kinds and _OUT_OF_MEMORY_TEXTS.search(text):
            return True
        error = error.__cause__
    return False
