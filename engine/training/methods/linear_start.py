"""The linear start: before the first step the classification head becomes a linear model on the untouched encoder.

A head that starts at random teaches the encoder noise until it has learned what a linear model knows at once (Kumar et
al. 2022, LP-FT). With many labels, each of them rare, it first learns to give no label at all: with 358 rows of nlupp
(62 labels) 200 updates from a random head end at a micro F1 of 0, from the linear start at 73 (MiniLM, one draw).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from engine.contract.events import Emit
from engine.tasks.baselines import one_blas_thread
from engine.training.memory.out_of_memory import micro_batch
from engine.training.methods.contrastive import INVERSE_PENALTY, NOTE, TOLERANCE
from engine.training.methods.head import HeadInput, output_layer
from engine.training.step.predictions import predict_all
from engine.training.step.training import Training

MOST_ROWS = 20_000  # to fit on; a model of a few hundred weights for each label learns little from more


def start_from_linear_model(training: Training, emit: Emit) -> None:
    """Fits one logistic regression per label on what the head reads of the training rows, and folds them into it.

    `emit` may raise `StopRequested`. Draws nothing from torch's generators.
    """
    network = training.computing_network
    share = min(1.0, MOST_ROWS / len(training.train_rows))
    generator = np.random.Generator(np.random.PCG64(0))
    features: list[np.ndarray] = []
    labels: list[np.ndarray] = []
    with HeadInput(network) as head_input:

        def keep(_logits: torch.Tensor, _device: Mapping[str, torch.Tensor], batch: Mapping[str, torch.Tensor]) -> None:
            chosen = generator.random(len(batch["labels"])) < share
            features.append(head_input.take().float().cpu().numpy()[chosen])
            labels.append(batch["labels"].numpy()[chosen])

        try:
            predict_all(
                network,
                training.task,
                training.train_rows,
                training.train_batches,
                emit,
                batch_size=2 * micro_batch(training.settings),
                note=NOTE,
                autocast=training.autocast,
                on_batch=keep,
            )
        finally:
            training.to_training_mode()
    weight, bias = label_heads(np.concatenate(features), np.concatenate(labels))
    layer = output_layer(training.network)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight))
        layer.bias.copy_(torch.from_numpy(bias))
    if training.bf16_copy is not None:
        training.bf16_copy.refresh_all()


def label_heads(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (labels, hidden) and biases (labels,) of a logistic regression for each column of `labels`.

    `labels` (rows, labels) holds 0 and 1. A label that all rows have, or none, gets its log-odds with half a row added
    on either side, and no weights.
    """
    wide = features.astype(np.float64)
    mean, spread = wide.mean(axis=0), wide.std(axis=0) + 1e-6
    scaled = (wide - mean) / spread
    weight = np.zeros((labels.shape[1], wide.shape[1]))
    bias = np.log((labels.sum(axis=0) + 0.5) / ((1 - labels).sum(axis=0) + 0.5)).astype(np.float64)
    with warnings.catch_warnings(), one_blas_thread():
        warnings.simplefilter("ignore", ConvergenceWarning)  # accurate enough after so many iterations
        for index, marked in enumerate(labels.T):
            if 0 < marked.sum() < len(marked):
                fitted = LogisticRegression(C=INVERSE_PENALTY, max_iter=1_000, tol=TOLERANCE).fit(scaled, marked)
                weight[index] = fitted.coef_[0] / spread
                bias[index] = fitted.intercept_[0] - weight[index] @ mean
    return weight, bias
