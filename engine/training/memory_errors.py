"""Tells the many texts of "the memory is full" from every other error. Knows no run.

PyTorch has a type for the GPU's allocator only; its CPU allocator and the libraries below it raise `RuntimeError` with
a sentence of their own, and some callers wrap that once more.
"""

from __future__ import annotations

import re

import torch

_TEXTS = re.compile(
    r"(?:CUDA|HIP|XPU|MPS|NPU|HPU)(?: backend)?(?: error:)? out of memory"
    r"|^out of memory$"
    r"|DefaultCPUAllocator: (?:can't allocate|not enough) memory"
    r"|CU(?:BLAS|DNN|SOLVER|SPARSE)_STATUS_ALLOC_FAILED"
    r"|(?:cudaErrorMemoryAllocation|hipErrorOutOfMemory|CUDA_ERROR_OUT_OF_MEMORY|UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY)"
    r"|MODULE:PT_DEVMEM Allocation failed"
    r"|std::bad_alloc|Cannot allocate memory"
)


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether this error, or one that it was raised from, says that the memory of a device or computer is full.

    Texts count in a `RuntimeError` only: a `ValueError` or `KeyError` may quote the user's rows.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, MemoryError | torch.OutOfMemoryError):
            return True
        said = " ".join(str(argument) for argument in error.args)
        if type(error) in (RuntimeError, torch.AcceleratorError) and _TEXTS.search(said):
            return True
        error = error.__cause__
    return False
