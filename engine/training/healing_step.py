"""A step that does not fit into memory is tried again in smaller parts: same rows, same dropout, same update."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import numpy as np
import torch

from engine.events import Emit, Noted
from engine.training.memory import generators, out_of_memory, with_parts, with_smaller_parts
from engine.training.memory_errors import is_out_of_memory
from engine.training.optimizer import prepare_states
from engine.training.progress import Progress
from engine.training.recorded_step import step_of
from engine.training.step import Updated
from engine.training.training import Training


class HealingStep:
    """Updates the weights with the fastest step there is; `training` is what fits into memory by now."""

    def __init__(
        self,
        training: Training,
        progress: Progress,
        diverged: torch.Tensor,
        emit: Emit,
        *,
        catch_up: Callable[[], None] = lambda: None,
    ) -> None:
        self.training = with_parts(training, progress.parts)
        self._progress = progress
        self._diverged = diverged
        self._emit = emit
        self._catch_up = catch_up
        self._step = step_of(self.training, diverged, emit)
        self._has_room = False  # for the moments of the optimizer

    def __call__(self, rows: np.ndarray, rate: float) -> Updated:
        """One update; raises `OutOfMemory` (T1) where not even the smallest parts fit."""
        while True:
            before = generators(self.training)
            try:
                if not self._has_room:
                    prepare_states(self.training.optimizer)
                    self._has_room = True
                return self._step(rows, rate)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                told = out_of_memory(self.training.settings, self.training.compute, error)
                traceback.clear_frames(error.__traceback__)  # they hold the tensors of the failed step
                smaller = with_smaller_parts(self.training, self._progress, before)
                if smaller is None:
                    raise told from error
            self.training = smaller
            self._step = step_of(smaller, self._diverged, self._emit)
            self._catch_up()
            self._emit(Noted(self._progress.notes[-1]))
