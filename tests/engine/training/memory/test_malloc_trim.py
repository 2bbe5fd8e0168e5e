"""Free memory goes back to the system."""

from __future__ import annotations

import sys

import psutil
import pytest

from engine.training.memory.peak_memory import malloc_trim


@pytest.mark.skipif(sys.platform != "linux", reason="malloc_trim is glibc's own")
def test_what_is_free_between_what_is_not_goes_back_to_the_system() -> None:
    process = psutil.Process()
    malloc_trim()
    kept = [b"x" * 50_000 for _ in range(4_000)]  # 200 MB in pieces below what is mapped by itself
    full = process.memory_info().rss
    del kept[:-1]  # the last one lies above them, so that the system gets nothing back by itself
    malloc_trim()
    assert process.memory_info().rss < full - 150_000_000
    assert len(kept[0]) == 50_000
