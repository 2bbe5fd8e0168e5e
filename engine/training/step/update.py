"""One update of the weights: forward, backward, clipping, AdamW. The eager step and the CUDA graph share these lines.

Nothing in `compute_update` waits for the device, so that a CUDA graph can capture it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch

from engine.tasks.network import logits_of
from engine.training.batching.batch_plan import in_parts
from engine.training.step.optimizer import set_learning_rate
from engine.training.step.training import Training


class Updated(NamedTuple):
    """The mean loss over all labels of the batch, and the norm of the gradient before clipping; 0-d, on the device."""

    loss: torch.Tensor
    gradient_norm: torch.Tensor


class Step(Protocol):
    """Turns rows into one update of the weights."""

    def __call__(self, rows: np.ndarray, rate: float) -> Updated:
        """One update from these rows with this learning rate."""


class EagerStep:
    """Updates the weights operator by operator; works on every device."""

    def __init__(self, training: Training, diverged: torch.Tensor) -> None:
        self._training = training
        self._diverged = diverged

    def __call__(self, rows: np.ndarray, rate: float) -> Updated:
        training = self._training
        own = training.own(rows)
        # Every rank takes part in the all-reduce; one without a row in the last batch adds a row of weight zero.
        parts = [training.train_batches.of(part) for part in parts_of(training, own if len(own) else rows[:1])]
        labels = count_labels(training, rows, parts) if len(own) else math.inf
        return self.of_parts(map(training.train_batches.on_device, parts), labels, rate)

    def of_parts(self, parts: Iterable[Mapping[str, torch.Tensor]], labels: float, rate: float) -> Updated:
        """One update from these parts, which are on the device and hold so many labels in all."""
        set_learning_rate(self._training.optimizer, rate)
        return compute_update(self._training, parts, labels, self._diverged)


def parts_of(training: Training, own: np.ndarray) -> list[np.ndarray]:
    """This process's rows of a batch, split for gradient accumulation."""
    parts = training.settings.gradient_accumulation
    return in_parts(own, batch_size=training.own_batch_size, parts=parts)


def count_labels(training: Training, rows: np.ndarray, own: Sequence[Mapping[str, torch.Tensor]]) -> int:
    """How many labels the batch has over all ranks; `own` are this rank's rows, on the CPU."""
    whole = own if training.group is None else [training.train_batches.of(rows)]
    return max(1, sum(training.task.loss_count(part) for part in whole))


def _backward(
    training: Training, parts: Iterable[Mapping[str, torch.Tensor]], labels: float | torch.Tensor
) -> torch.Tensor:
    """Adds the gradients of the task's loss, and returns it: the mean over all labels of all parts and ranks."""
    loss = torch.zeros((), device=training.compute.device)
    sums = training.gradient_sums
    for batch, is_last in _with_last(parts):
        with training.autocast():
            logits = logits_of(training.computing_network, batch)
        part_loss = training.task.loss(logits, batch, training.loss_options) / labels
        loss += part_loss.detach()
        if sums is not None and is_last:
            sums.start(loss)
            torch.autograd.backward(training.scaler.scale(part_loss))
            return sums.finish()
        torch.autograd.backward(training.scaler.scale(part_loss))
        training.collect_gradients()
    return loss


def _with_last(parts: Iterable[Mapping[str, torch.Tensor]]) -> Iterator[tuple[Mapping[str, torch.Tensor], bool]]:
    """Each part, and whether it is the last one."""
    waiting: Mapping[str, torch.Tensor] | None = None
    for part in parts:
        if waiting is not None:
            yield waiting, False
        waiting = part
    if waiting is not None:
        yield waiting, True


def compute_update(
    training: Training,
    parts: Iterable[Mapping[str, torch.Tensor]],
    labels: float | torch.Tensor,
    diverged: torch.Tensor,
) -> Updated:
    """One update with the learning rate that the optimizer holds; `labels` counts those of all parts.

    The loss is the mean over all labels of all parts, so gradient accumulation changes memory and nothing else (the
    same normalisation as `transformers.Trainer`). If loss or gradient is not finite, the 0-d tensor `diverged` becomes
    true, and from then on the fused optimizer changes no weight.
    """
    optimizer, scaler, settings, bf16_copy = training.optimizer, training.scaler, training.settings, training.bf16_copy
    loss = (training.method.backward if training.method is not None else _backward)(training, parts, labels)
    parameters = [parameter for parameter in training.network.parameters() if parameter.grad is not None]
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    if scaler.is_enabled():
        # fp16: a gradient beyond its range is expected now and then; the scaler skips that update and scales down.
        scaler.unscale_(optimizer)
        norm = torch.nn.utils.get_total_norm(gradients)
        torch.nn.utils.clip_grads_with_norm_(parameters, settings.max_gradient_norm, norm)
        diverged.logical_or_(~torch.isfinite(loss))
        scaler.step(optimizer)
        scaler.update()
    else:
        norm = torch.nn.utils.get_total_norm(gradients)
        diverged.logical_or_(~(torch.isfinite(loss) & torch.isfinite(norm)))
        # Clipping inside the fused update: it divides by `grad_scale` while it reads, which saves a pass over memory.
        # `grad_scale` and `found_inf` are how torch's GradScaler controls a fused optimizer.
        optimizer.grad_scale = ((norm + 1e-6) / settings.max_gradient_norm).clamp(min=1.0)  # type: ignore[attr-defined]
        optimizer.found_inf = diverged.float()  # type: ignore[attr-defined]
        optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    if bf16_copy is not None:
        bf16_copy.refresh()
    return Updated(loss, norm)
