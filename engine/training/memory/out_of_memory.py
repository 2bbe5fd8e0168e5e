"""A step that runs out of memory is retried with the same batch in parts half as large.

Same rows, same dropout, same update: effective batch, order of the rows and number of steps stay as they are; only what
is computed at once shrinks.
"""

from __future__ import annotations

import dataclasses
import gc
import traceback
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np
import torch

from engine.contract.errors import OutOfMemory
from engine.contract.events import Emit, Noted
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.devices.detection import Compute
from engine.devices.device_errors import is_out_of_memory
from engine.training.acceleration.cuda_graph_step import fastest_step
from engine.training.step.optimizer import prepare_states
from engine.training.step.progress import Progress
from engine.training.step.training import Training
from engine.training.step.update import Updated

MOST_TRIES = 6


class Generators(NamedTuple):
    """States of torch's random generators before a step."""

    cpu: torch.Tensor
    gpu: torch.Tensor | None


def generators(training: Training) -> Generators:
    """Reads the generators' states, so that a step can be retried with the same dropout."""
    device = training.compute.device
    gpu = None
    if device.type == "cuda":
        gpu = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        gpu = torch.mps.get_rng_state()
    return Generators(torch.get_rng_state(), gpu)


def micro_batch(settings: FineTuneSettings) -> int:
    """Rows computed at once."""
    return -(-settings.batch_size // settings.gradient_accumulation)


def with_parts(training: Training, parts: int) -> Training:
    """The same training, each batch in so many parts; 0 keeps the parts of the settings."""
    if not parts:
        return training
    return dataclasses.replace(
        training, settings=msgspec.structs.replace(training.settings, gradient_accumulation=parts)
    )


def with_smaller_parts(training: Training, progress: Progress, before: Generators) -> Training | None:
    """Frees the memory of the failed step, and returns the training with twice the parts, noted in `progress`.

    None after the sixth time, or where each part is one row already. The weights are those before the step.
    """
    _undo(training, before)
    settings = training.settings
    if micro_batch(settings) == 1 or progress.memory_tries >= MOST_TRIES:
        return None
    progress.memory_tries += 1
    progress.parts = settings.gradient_accumulation * 2
    smaller = with_parts(training, progress.parts)
    progress.notes.append(
        Sentence("training.note.using_less_memory_instead", shape=_shape(smaller.settings), shape_2=_shape(settings))
    )
    return smaller


def out_of_memory(settings: FineTuneSettings, compute: Compute, error: BaseException) -> OutOfMemory:
    """The error (T1) as it is shown to the user."""
    micro, parts = micro_batch(settings), settings.gradient_accumulation
    place = Sentence("training.t1.memory_of_device", device=compute.name)
    if compute.device.type == "cpu":
        place = Sentence("training.t1.memory_of_computer")
    if micro > 1:
        hint = Sentence("training.t1.set_gradient_accumulation_same_batch", parts=parts * 2, micro=-(-micro // 2))
    else:
        hint = Sentence("training.t1.choose_shorter_maximum_length_smaller")
    return OutOfMemory(
        "T1",
        Sentence("training.t1.does_not_hold_text_once", place=place, micro=micro),
        hint=hint,
        actions=(RecoveryAction.USE_LESS_MEMORY,) if micro > 1 else (),
        field="gradient_accumulation",
        details="".join(traceback.format_exception(error)),
    )


class RetryingStep:
    """Updates the weights with the fastest step; `training` has the parts that fit into memory so far."""

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
        self._step = fastest_step(self.training, diverged, emit)
        self._has_moments = False  # of the optimizer, in memory

    def __call__(self, rows: np.ndarray, rate: float) -> Updated:
        """One update; raises `OutOfMemory` (T1) where not even the smallest parts fit."""
        while True:
            before = generators(self.training)
            try:
                if not self._has_moments:
                    prepare_states(self.training.optimizer)
                    self._has_moments = True
                if self.training.gradient_sums is not None:
                    self.training.gradient_sums.prepare()
                return self._step(rows, rate)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                raised = out_of_memory(self.training.settings, self.training.compute, error)
                traceback.clear_frames(error.__traceback__)  # its frames hold the tensors of the failed step
                smaller = with_smaller_parts(self.training, self._progress, before)
                if smaller is None:
                    raise raised from error
            self.training = smaller
            self._step = fastest_step(smaller, self._diverged, self._emit)
            self._catch_up()
            self._emit(Noted(self._progress.notes[-1]))


def _undo(training: Training, before: Generators) -> None:
    training.optimizer.zero_grad(set_to_none=True)
    if training.bf16_copy is not None:
        training.bf16_copy.free_gradients()
    if training.scaler.is_enabled():
        # Unscaling twice raises an error, and torch has no public way to reset that state after a failed fp16 step.
        training.scaler._per_optimizer_states.clear()
    torch.set_rng_state(before.cpu)
    gc.collect()
    if before.gpu is not None and training.compute.device.type == "mps":
        torch.mps.empty_cache()
        torch.mps.set_rng_state(before.gpu)
    elif before.gpu is not None:
        torch.cuda.empty_cache()
        torch.cuda.set_rng_state(before.gpu, training.compute.device)


def _shape(settings: FineTuneSettings) -> str:
    micro, parts = micro_batch(settings), settings.gradient_accumulation
    return f"{parts:,} × {micro:,}" if parts > 1 else f"{micro:,}"
