"""Scores the validation rows while training waits. Draws nothing from the random generators."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch

from engine.contract.events import Emit
from engine.contract.sentences import Sentence
from engine.contract.states import ClassScores
from engine.tasks.rows import Outputs
from engine.tasks.scores import measurable
from engine.training.memory import peak_memory
from engine.training.memory.out_of_memory import micro_batch
from engine.training.step.predictions import predict_all
from engine.training.step.training import Training

MOST_CLASSES = 500  # whose F1 is reported after each evaluation


class Validation(NamedTuple):
    """The mean loss over all labels (None where it is not finite), the task's scores, F1 by class, and the logits."""

    loss: float | None
    scores: dict[str, float | None]
    class_f1: dict[str, float | None]
    outputs: Outputs


def validate(training: Training, emit: Emit) -> Validation:
    """Scores all validation rows; reports after each batch, so that Stop takes effect within one."""
    task = training.task
    loss_sum, counted = 0.0, 0

    def add_loss(
        logits: torch.Tensor, on_device: Mapping[str, torch.Tensor], batch: Mapping[str, torch.Tensor]
    ) -> None:
        nonlocal loss_sum, counted
        loss_sum += float(task.loss(logits, on_device))
        counted += task.loss_count(batch)

    try:
        outputs = predict_all(
            training.computing_network,
            task,
            training.validation_rows,
            training.validation_batches,
            emit,
            batch_size=2 * micro_batch(training.settings),  # fits: no activations are kept
            note=Sentence("training.progress.evaluating_validation_set"),
            autocast=training.autocast,
            on_batch=add_loss,
        )
    finally:
        training.to_training_mode()
        peak_memory.malloc_trim()
    loss = loss_sum / max(1, counted)
    return Validation(
        loss if math.isfinite(loss) else None,
        task.score(outputs, training.label_names),
        _f1_by_class(task.class_scores(outputs, training.label_names)),
        outputs,
    )


def _f1_by_class(classes: Sequence[ClassScores]) -> dict[str, float | None]:
    """In the order of the classes; of very many, those with the most rows, so that an event stays small."""
    reported = classes
    if len(classes) > MOST_CLASSES:
        most = sorted(range(len(classes)), key=lambda index: (-classes[index].support, index))[:MOST_CLASSES]
        reported = [classes[index] for index in sorted(most)]
    return {scores.label: measurable(scores).f1 for scores in reported}
