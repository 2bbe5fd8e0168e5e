"""The peak of memory: of this process where the CPU computes, of torch on a GPU; and malloc_trim.

Linux resets the peak on request (proc(5), clear_refs). Elsewhere the peak is that of the process so far.
"""

from __future__ import annotations

import contextlib
import ctypes
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import psutil
import torch

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


class PeakMemory:
    """Measures from its creation on."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        if device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(device)
        elif device.type == "mps":
            torch.mps.empty_cache()
        else:
            with contextlib.suppress(OSError):
                _CLEAR.write_text("5")

    def bytes(self) -> int:
        """The peak so far."""
        if self._device.type == "cuda":
            return int(torch.cuda.max_memory_reserved(self._device))
        if self._device.type == "mps":  # keeps no peak, but what its allocator took from the system it holds
            return int(torch.mps.driver_allocated_memory())
        with contextlib.suppress(OSError):
            found = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text())
            if found:
                return 1024 * int(found[1])
        known = psutil.Process().memory_info()
        if sys.platform == "win32":
            return int(known.peak_wset)
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return max(int(known.rss), peak)


def held(device: torch.device) -> int:
    """Bytes in use now, counted as the peak is."""
    if device.type == "cuda":
        return int(torch.cuda.memory_reserved(device))
    if device.type == "mps":
        return int(torch.mps.driver_allocated_memory())
    return int(psutil.Process().memory_info().rss)


def free(device: torch.device) -> int:
    """Bytes that can still be allocated."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        room = torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
        return max(0, min(int(room), int(psutil.virtual_memory().available)))
    return int(psutil.virtual_memory().available)


def release_gpu_cache(device: torch.device) -> None:
    """Gives back to the GPU what torch's allocator holds free, as the last thing of a job, whatever ended it.

    A GPU that is lost refuses that with its error once more, which would hide the one that names what to do.
    """
    if device.type == "cuda":
        with contextlib.suppress(RuntimeError):
            torch.cuda.empty_cache()


def malloc_trim() -> None:
    """Returns free heap memory to the system where the C library can (glibc); does nothing elsewhere.

    After other work than training the free heap is fragmented so that the tensors of the next steps do not fit, and
    the process grows beyond what either needs.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """malloc_trim(3), which is glibc's own."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):  # TypeError: Windows has no library without a name
        return None
    return found
