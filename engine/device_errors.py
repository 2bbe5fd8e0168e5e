"""Tells errors after which a GPU answers no more in this process from every other. Knows no run.

CUDA's errors of execution are sticky: each later call of the process fails as well, whatever it asks for (CUDA C++
Programming Guide, "Error Checking"). They follow a driver that is updated, a laptop that wakes up, a GPU that falls off
the bus, or an index out of range inside a kernel.
"""

from __future__ import annotations

import re
import traceback

from engine.errors import WorkerDied

DEVICE_LOST = "T11"
_TEXTS = re.compile(
    r"(?:CUDA|HIP) error: (?!out of memory)"
    r"|device-side assert triggered"
    r"|CU(?:BLAS|DNN|SOLVER|SPARSE)_STATUS_(?:EXECUTION_FAILED|INTERNAL_ERROR|MAPPING_ERROR|NOT_INITIALIZED)"
    r"|unspecified launch failure"
    r"|NCCL error: unhandled cuda error"
)


def is_device_lost(error: BaseException | None) -> bool:
    """Whether this error, or one that it was raised from, says that the device answers no more.

    Texts count in a `RuntimeError` only: other errors may quote the user's rows.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, RuntimeError) and _TEXTS.search(" ".join(str(part) for part in error.args)):
            return True
        error = error.__cause__
    return False


def device_lost(error: BaseException, *, training: bool) -> WorkerDied:
    """The error as the user may be told it."""
    hint = "The computer may have slept, or the GPU's driver has changed. "
    if training:
        hint += "What was saved is safe: continue from there, or use the CPU if it happens again."
    else:
        hint += "Nothing that was saved is lost. Try again."
    return WorkerDied(
        DEVICE_LOST,
        "The GPU stopped answering.",
        hint=hint,
        actions=("Continue" if training else "Try again", "Use the CPU"),
        details="".join(traceback.format_exception(error)),
    )
