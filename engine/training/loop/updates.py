"""The updates of a training alone: as the loop makes them, without its evaluations, checkpoints and reports.

Folds, what is timed before a choice, and the short runs of a race are trained so.
"""

from __future__ import annotations

import torch

from engine.contract.errors import NumbersDiverged
from engine.contract.events import Emit
from engine.contract.sentences import Sentence
from engine.training.memory.out_of_memory import RetryingStep
from engine.training.step.optimizer import learning_rate_at
from engine.training.step.progress import Progress
from engine.training.step.training import Training


class Updates:
    """Makes them; what does not fit into memory is tried again in smaller parts."""

    def __init__(self, training: Training, emit: Emit) -> None:
        self._diverged = torch.zeros((), dtype=torch.bool, device=training.compute.device)
        training = training.synchronized()
        if training.method is not None:
            training.method.begin(training, emit)
        training.to_training_mode()
        self._step = RetryingStep(training, Progress(), self._diverged, emit)

    @property
    def training(self) -> Training:
        """With the parts that fit into memory."""
        return self._step.training

    def take(self, number: int) -> None:
        """The update of this number, from 0."""
        training, settings = self.training, self.training.settings
        epoch, place = divmod(number, training.steps_per_epoch)
        rate = learning_rate_at(
            number,
            peak=settings.learning_rate,
            warmup_share=settings.warmup_share,
            total_steps=training.total_steps,
            schedule=settings.schedule,
        )
        if training.method is not None:
            training.method.begin_update(number, training.total_steps)
        self._step(training.plan.epoch(epoch)[place], rate)

    def refuse_divergence(self) -> None:
        """Raises `NumbersDiverged` (T5) where a loss or a gradient was not finite."""
        if bool(self._diverged):
            raise NumbersDiverged("T5", Sentence("training.choice.diverged"))
