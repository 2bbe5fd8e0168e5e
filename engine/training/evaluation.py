"""The validation rows, scored while training waits. Draws nothing from the random generator."""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from engine.events import Emit, Progressed
from engine.tasks.protocol import IGNORED, Outputs
from engine.training.batches import by_length
from engine.training.training import Training

REPORT_INTERVAL = 0.05  # seconds


class Validation(NamedTuple):
    """The mean loss over all labels (None where it is not finite) and the task's scores."""

    loss: float | None
    scores: dict[str, float | None]


def validate(training: Training, emit: Emit) -> Validation:
    """Scores all validation rows; says so after each batch, so that Stop works within one."""
    rows = training.validation_rows
    logits: list[np.ndarray | None] = [None] * len(rows)
    labels: list[np.ndarray | None] = [None] * len(rows)
    loss_sum, counted, done, said = 0.0, 0, 0, 0.0
    training.network.train(False)
    try:
        with torch.inference_mode():
            for positions in by_length(rows.lengths, evaluation_batch_size(training)):
                batch = training.validation_batches.of(positions)
                on_device = training.validation_batches.on_device(batch)
                with training.autocast():
                    output = training.network(
                        input_ids=on_device["input_ids"], attention_mask=on_device["attention_mask"]
                    ).logits.float()
                answers, truth = output.flatten(0, -2), on_device["labels"].flatten()
                loss_sum += float(cross_entropy(answers, truth, ignore_index=IGNORED, reduction="sum"))
                counted += int((batch["labels"] != IGNORED).sum())
                for position, row_logits, row_labels in zip(
                    positions.tolist(), *training.task.split_outputs(output, batch), strict=True
                ):
                    logits[position], labels[position] = row_logits, row_labels
                done += len(positions)
                if time.monotonic() - said >= REPORT_INTERVAL:
                    emit(Progressed(done, len(rows), "Looking at the validation rows", "rows"))
                    said = time.monotonic()
    finally:
        training.network.train()
    outputs = Outputs(
        [row for row in logits if row is not None],
        [row for row in labels if row is not None],
        rows.numbers.tolist(),
    )
    loss = loss_sum / max(1, counted)
    scores = training.task.score(outputs, training.label_names)
    return Validation(loss if math.isfinite(loss) else None, scores)


def evaluation_batch_size(training: Training) -> int:
    """Rows that surely fit, since nothing is kept for gradients: twice what training computes at once."""
    settings = training.settings
    return 2 * -(-settings.batch_size // settings.gradient_accumulation)
