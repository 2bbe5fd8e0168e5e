"""The memory of Apple's GPU, with functions in the place of `torch.mps`: no such GPU is here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import torch

from engine.training.memory import out_of_memory, peak_memory

APPLE = torch.device("mps")


class Metal:
    """Stands in for `torch.mps`; `calls` in their order."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.random = torch.tensor([1, 2, 3])

    def empty_cache(self) -> None:
        self.calls.append("empty_cache")

    def driver_allocated_memory(self) -> int:
        return 2_000_000

    def recommended_max_memory(self) -> int:
        return 9_000_000

    def get_rng_state(self) -> torch.Tensor:
        return self.random.clone()

    def set_rng_state(self, state: torch.Tensor) -> None:
        self.calls.append("set_rng_state")
        self.random = state


@pytest.fixture
def metal(monkeypatch: pytest.MonkeyPatch) -> Metal:
    stand_in = Metal()
    monkeypatch.setattr(torch, "mps", stand_in)
    return stand_in


def test_used_and_free_bytes_are_those_of_its_own_allocator(metal: Metal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert peak_memory.PeakMemory(APPLE).bytes() == peak_memory.held(APPLE) == 2_000_000
    assert metal.calls == ["empty_cache"]
    assert peak_memory.free(APPLE) == 7_000_000
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=5_000_000))
    assert peak_memory.free(APPLE) == 5_000_000  # it shares the computer's


def test_a_step_that_did_not_fit_is_undone_with_its_random_numbers(metal: Metal) -> None:
    weight = torch.nn.Parameter(torch.ones(2))
    weight.grad = torch.ones(2)
    training: Any = SimpleNamespace(
        compute=SimpleNamespace(device=APPLE),
        optimizer=torch.optim.AdamW([weight]),
        bf16_copy=None,
        scaler=SimpleNamespace(is_enabled=lambda: False),
    )
    before = out_of_memory.generators(training)
    metal.random = torch.tensor([7, 8, 9])
    out_of_memory._undo(training, before)
    assert metal.random.tolist() == [1, 2, 3]
    assert metal.calls == ["empty_cache", "set_rng_state"]
    assert weight.grad is None
