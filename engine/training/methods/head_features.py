"""What the output layer reads of the training rows, and a linear model put in its place: what the linear fits share."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from engine.contract.events import Emit
from engine.contract.sentences import Sentence
from engine.training.batching.batch_plan import by_length
from engine.training.memory.out_of_memory import micro_batch
from engine.training.methods.head import HeadInput, output_layer
from engine.training.step.predictions import predict_all
from engine.training.step.training import Training

NOTE = Sentence("training.progress.fitting_classification_head")


def head_features(training: Training, emit: Emit, *, most_rows: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features (rows, hidden) float32 and labels (rows, …) as the task collates them, in the order of the rows.

    Of more than `most_rows` about so many, the same ones each time; 0 takes all. `emit` may raise `StopRequested`.
    Draws nothing from torch's generators.
    """
    network, rows = training.computing_network, training.train_rows
    batch_size = 2 * micro_batch(training.settings)
    chosen = np.ones(len(rows), dtype=bool)
    if 0 < most_rows < len(rows):
        chosen = np.random.Generator(np.random.PCG64(0)).random(len(rows)) < most_rows / len(rows)
    # `predict_all` keeps this order, also where memory makes it compute fewer rows at once.
    order = np.concatenate(by_length(rows.lengths, batch_size))
    features: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    done = 0
    with HeadInput(network) as head_input:

        def keep(_logits: torch.Tensor, _device: Mapping[str, torch.Tensor], batch: Mapping[str, torch.Tensor]) -> None:
            nonlocal done
            found, own = head_input.take().float().cpu().numpy(), batch["labels"].numpy()
            wanted = chosen[order[done : done + len(own)]]
            done += len(own)
            features.append(found[wanted])
            labels.append(own[wanted])

        try:
            predict_all(
                network,
                training.task,
                rows,
                training.train_batches,
                emit,
                batch_size=batch_size,
                note=NOTE,
                autocast=training.autocast,
                on_batch=keep,
            )
        finally:
            training.to_training_mode()
    by_row = np.argsort(order[chosen[order]])
    return np.concatenate(features)[by_row], np.concatenate(labels)[by_row]


def replace_output_layer(training: Training, weight: np.ndarray, bias: np.ndarray) -> None:
    """Gives the output layer these weights (outputs, hidden) and biases (outputs,)."""
    layer = output_layer(training.network)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.copy_(torch.from_numpy(bias))
    if training.bf16_copy is not None:
        training.bf16_copy.refresh_all()
