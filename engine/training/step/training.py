"""A network with everything that trains it, assembled once per run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from transformers import PreTrainedModel

from engine.contract.events import Emit
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import FineTuneSettings
from engine.devices.detection import Compute
from engine.tasks.losses import PLAIN, LossOptions
from engine.tasks.task import Task
from engine.training.batching.rows import Batches, EncodedRows
from engine.training.distributed.gradient_sums import GradientSums, Pair
from engine.training.distributed.ranks import Group
from engine.training.step.bf16_copy import Bf16Copy
from engine.training.trainable.freezing import freezes_lower_layers, frozen_modules


class Plan(Protocol):
    """Which rows make up the batches of each epoch; equal for equal numbers."""

    batches_per_epoch: int

    def epoch(self, number: int, /) -> list[np.ndarray]:
        """Positions of the rows of each batch of this epoch, counted from 0."""


class Method(ABC):
    """A training method other than the task's own loss."""

    @abstractmethod
    def backward(
        self, training: Training, parts: Iterable[Mapping[str, torch.Tensor]], labels: float | torch.Tensor, /
    ) -> torch.Tensor:
        """Adds the gradients of a batch, given in parts on the device, and returns its loss (0-d).

        Calls `training.collect_gradients` after each backward pass.
        """

    def begin(self, training: Training, emit: Emit, /) -> Sentence:
        """Makes what the updates need, also where a run is continued; `emit` may raise `StopRequested`.

        Returns what the run's record holds of it, which may be nothing.
        """
        return NOTHING

    def begin_update(self, step: int, total_steps: int, /) -> None:  # noqa: B027
        """Takes note of how many updates there were before the one that follows, and how many there will be."""

    def prepare_evaluation(self, training: Training, emit: Emit, /) -> None:  # noqa: B027
        """Brings the network into the state that is evaluated and saved."""


NUMBER_FORMATS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Training:
    """What stays the same from the first step to the last; the tensors inside change."""

    task: Task
    label_names: tuple[str, ...]
    settings: FineTuneSettings
    compute: Compute
    network: PreTrainedModel  # on the device, its weights in float32
    optimizer: torch.optim.AdamW
    scaler: torch.amp.GradScaler  # switched off unless the precision is fp16
    train_rows: EncodedRows
    train_batches: Batches
    validation_rows: EncodedRows
    validation_batches: Batches
    plan: Plan
    total_steps: int
    loss_options: LossOptions = PLAIN  # of the training rows
    bf16_copy: Bf16Copy | None = None  # computes in place of the network
    frozen_layers: int | None = None  # so many layers, and the embeddings below them, are frozen; None: nothing is
    upper_network: PreTrainedModel | None = None  # the network above the frozen layers, whose output is cached
    method: Method | None = None  # None: the task's own loss on labelled rows
    group: Group | None = None  # the ranks that share each batch
    gradient_sums: GradientSums | None = None  # over these ranks
    compiled_tokens: frozenset[int] = frozenset()  # padded tokens of the batches whose layers are compiled

    @property
    def steps_per_epoch(self) -> int:
        """Updates of the weights in one pass over the training rows."""
        return self.plan.batches_per_epoch

    def epoch_at(self, step: int) -> float:
        """How many passes over the training rows so many steps are."""
        return step / self.steps_per_epoch

    @property
    def computing_network(self) -> PreTrainedModel:
        """What computes while training: the network, the part above its feature cache, or their copy in bfloat16."""
        if self.bf16_copy is not None:
            return self.bf16_copy.network
        return self.upper_network or self.network

    def to_training_mode(self) -> None:
        """Switches dropout on, except in frozen layers."""
        for network in (self.network, self.computing_network):
            network.train()
            for module in frozen_modules(network) if freezes_lower_layers(self.settings) else ():
                module.eval()

    def own(self, rows: np.ndarray) -> np.ndarray:
        """The rows of a batch that this process computes."""
        return rows if self.group is None else self.group.own(rows)

    @property
    def own_batch_size(self) -> int:
        """How many rows of a whole batch this process computes."""
        return len(self.own(np.arange(self.settings.batch_size)))

    def synchronized(self) -> Training:
        """The same training, with the weights of rank 0 on all ranks, which sum their gradients from now on."""
        if self.group is not None:
            self.group.broadcast_weights(self.network)
        if self.bf16_copy is not None:
            self.bf16_copy.refresh_all()
        if self.group is None:
            return self
        network = self.upper_network or self.network
        computing = zip(network.parameters(), self.computing_network.parameters(), strict=True)
        pairs = [Pair(weight, copied) for weight, copied in computing if weight.requires_grad]
        # The copy's gradients have no more bits than that, and a network between hosts is slower than a backward pass.
        wire = torch.float32 if self.bf16_copy is None else torch.bfloat16
        return replace(self, gradient_sums=self.group.sums_of(pairs, wire=wire))

    def collect_gradients(self) -> None:
        """Adds what a part of a batch has left in the copy to the float32 gradients of the weights.

        Called after each part: the sum of many in bfloat16 would lose small gradients.
        """
        if self.bf16_copy is not None:
            self.bf16_copy.hand_over_gradients()

    def autocast(self) -> torch.autocast:
        """The context in which the network computes in the chosen number format."""
        precision = self.compute.precision
        enabled = precision != "fp32" and self.bf16_copy is None
        return torch.autocast(self.compute.device.type, dtype=NUMBER_FORMATS[precision], enabled=enabled)
