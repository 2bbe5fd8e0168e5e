"""What training minimises: a sum over the labels of a batch, so that parts of a batch add up to the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, mse_loss

IGNORED = -100  # label id that the loss ignores (transformers' convention)


class LossOptions(NamedTuple):
    """What changes the loss that training minimises; the loss of held-out rows is always the plain one.

    `class_weights` are on the device of the logits. For classes (classes,): what a label of each counts. For sets of
    labels (2, labels): what an absent and a present label count. They average 1 over the training rows, so that a
    step's mean loss needs no other divisor, and parts of a batch add up to the whole.
    `label_smoothing` takes this share of the truth away and spreads it evenly over all labels (Szegedy et al. 2016).
    """

    class_weights: torch.Tensor | None = None
    label_smoothing: float = 0.0


PLAIN = LossOptions()


def class_loss(logits: torch.Tensor, batch: Mapping[str, torch.Tensor], options: LossOptions = PLAIN) -> torch.Tensor:
    """Cross-entropy, 0-d, in nats; `logits` (…, classes), `labels` (…) int64, −100 where they are ignored."""
    return cross_entropy(
        logits.float().flatten(0, -2),
        batch["labels"].flatten(),
        weight=options.class_weights,
        ignore_index=IGNORED,
        reduction="sum",
        label_smoothing=options.label_smoothing,
    )


def class_loss_count(batch: Mapping[str, torch.Tensor]) -> int:
    """How many labels `class_loss` adds up."""
    return int((batch["labels"] != IGNORED).sum())


def binary_loss(logits: torch.Tensor, batch: Mapping[str, torch.Tensor], options: LossOptions = PLAIN) -> torch.Tensor:
    """Binary cross-entropy over all labels, 0-d, in nats; logits and labels (batch, labels)."""
    truth = batch["labels"].float()
    weights = None
    if options.class_weights is not None:
        absent, present = options.class_weights
        weights = truth * present + (1.0 - truth) * absent
    if options.label_smoothing:
        truth = truth * (1.0 - options.label_smoothing) + options.label_smoothing / 2
    return binary_cross_entropy_with_logits(logits.float(), truth, weight=weights, reduction="sum")


def squared_loss(logits: torch.Tensor, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Squared error, 0-d; `logits` (batch, 1), `labels` (batch,) in the same unit."""
    return mse_loss(logits.float().squeeze(-1), batch["labels"].float(), reduction="sum")


def balanced_weights(labels: np.ndarray, classes: int) -> torch.Tensor:
    """What a label of each class counts so that all classes count alike; (classes,) float32.

    `labels` holds class ids of any number of rows or tokens, those that the loss ignores included. As scikit-learn's
    "balanced": all labels / (classes x labels of the class). A class that does not occur weighs 1.
    """
    counts = np.bincount(labels[labels != IGNORED], minlength=classes)
    present = np.count_nonzero(counts)
    weights = np.where(counts > 0, counts.sum() / (max(1, present) * np.maximum(counts, 1)), 1.0)
    return torch.from_numpy(weights.astype(np.float32))


def rooted_weights(labels: np.ndarray, classes: int) -> torch.Tensor:
    """What a label of each class counts, in proportion to 1/√(its labels); (classes,) float32.

    For labels of words, where one class (outside) has nearly all: `balanced_weights` gives a tag that occurs once in
    3,000 words a weight in the thousands, and a batch that holds it one step in its direction. `labels` as there; the
    weights average 1 over them too, and a class that does not occur weighs 1.
    """
    counts = np.bincount(labels[labels != IGNORED], minlength=classes).astype(np.float64)
    scale = counts.sum() / max(1.0, np.sqrt(counts).sum())
    weights = np.where(counts > 0, scale / np.sqrt(np.maximum(counts, 1)), 1.0)
    return torch.from_numpy(weights.astype(np.float32))


def balanced_binary_weights(labels: np.ndarray, classes: int) -> torch.Tensor:
    """What an absent (first row) and a present label count so that both count alike for each; (2, labels) float32."""
    present = labels.reshape(-1, classes).sum(0)
    counts = np.stack([len(labels) / classes - present, present]).astype(np.float64)
    weights = np.where((counts > 0).all(0), counts.sum(0) / (2 * np.maximum(counts, 1)), 1.0)
    return torch.from_numpy(weights.astype(np.float32))
