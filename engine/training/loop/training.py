"""A network with everything that trains it, put together once per run."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
import torch
from transformers import PreTrainedModel

from engine.contract.settings import FineTuneSettings
from engine.contract.states import HistoryPoint
from engine.devices.detection import Compute
from engine.tasks.losses import PLAIN, LossOptions
from engine.tasks.task import Task
from engine.training.acceleration.bf16_copy import Replica
from engine.training.distributed.ranks import Group
from engine.training.loop.batches import BatchPlan
from engine.training.loop.rows import Batches, EncodedRows
from engine.training.trainable.freezing import frozen_modules, leaves_lower_part

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
    plan: BatchPlan
    total_steps: int
    loss_options: LossOptions = PLAIN  # of the training rows
    replica: Replica | None = None  # computes in place of the network
    frozen_layers: int | None = None  # how many layers do not learn, the embeddings below them neither; None: all learn
    upper: PreTrainedModel | None = None  # the network above its frozen layers, whose answers are kept
    group: Group | None = None  # the ranks that share each batch
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
        """What computes while training: the network, its upper part above kept states, or their copy in bfloat16."""
        if self.replica is not None:
            return self.replica.network
        return self.upper or self.network

    def to_training_mode(self) -> None:
        """Switches dropout on, except in a lower part that does not learn."""
        for network in (self.network, self.computing_network):
            network.train()
            for module in frozen_modules(network) if leaves_lower_part(self.settings) else ():
                module.eval()

    def own(self, rows: np.ndarray) -> np.ndarray:
        """The rows of a batch that this process computes."""
        return rows if self.group is None else self.group.own(rows)

    @property
    def own_batch_size(self) -> int:
        """How many rows of a whole batch this process computes."""
        return len(self.own(np.arange(self.settings.batch_size)))

    def begin_together(self) -> None:
        """All ranks begin with the weights of rank 0."""
        if self.group is not None:
            self.group.equal_weights(self.network)
        if self.replica is not None:
            self.replica.refresh_all()

    def autocast(self) -> torch.autocast:
        """The context in which the network computes in the chosen number format."""
        precision = self.compute.precision
        enabled = precision != "fp32" and self.replica is None
        return torch.autocast(self.compute.device.type, dtype=NUMBER_FORMATS[precision], enabled=enabled)


# How far a run has come: what a checkpoint holds beside tensors, and what a continued run goes on from.


class Progress(msgspec.Struct):
    """Changed by the loop after each update and each look at the validation rows; state.json of a checkpoint.

    `loss_sum` and `loss_steps` gather the training loss since the last evaluation. `best_step` 0: none yet. `parts` 0:
    a batch is cut as the settings ask; otherwise into so many parts, because memory was short.
    """

    step: int = 0
    seconds: float = 0.0
    loss_sum: float = 0.0
    loss_steps: int = 0
    evaluated_step: int = 0
    best_step: int = 0
    best_score: float | None = None
    history: list[HistoryPoint] = []
    scaler: dict[str, float] = {}  # of the fp16 loss scale
    parts: int = 0
    memory_tries: int = 0
    evaluations_without_gain: int = 0
    notes: list[str] = []  # what the user should know about this run

    def take_score(self, score: float | None) -> bool:
        """Notes the score of the current step; returns whether it is the best so far."""
        known = self.best_score
        is_best = self.best_step == 0 or (score is not None and (known is None or score > known))
        if is_best:
            self.best_step, self.best_score = self.step, score
        # A continued run meets evaluations again that came before the best; these do not count.
        self.evaluations_without_gain = 0 if self.step <= self.best_step else self.evaluations_without_gain + 1
        return is_best
