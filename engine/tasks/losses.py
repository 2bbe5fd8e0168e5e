"""What training minimises: a sum over the labels of a batch, so that parts of a batch add up to the whole."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, mse_loss

from engine.tasks.protocol import IGNORED


def class_loss(logits: torch.Tensor, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Cross-entropy, 0-d, in nats; `logits` (…, classes), `labels` (…) int64, −100 where the loss looks away."""
    return cross_entropy(
        logits.float().flatten(0, -2), batch["labels"].flatten(), ignore_index=IGNORED, reduction="sum"
    )


def class_loss_count(batch: Mapping[str, torch.Tensor]) -> int:
    """How many labels `class_loss` adds up."""
    return int((batch["labels"] != IGNORED).sum())


def yes_no_loss(logits: torch.Tensor, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Binary cross-entropy of each label, 0-d, in nats; both (batch, labels)."""
    return binary_cross_entropy_with_logits(logits.float(), batch["labels"].float(), reduction="sum")


def squared_loss(
    logits: torch.Tensor, batch: Mapping[str, torch.Tensor], *, mean: float, spread: float
) -> torch.Tensor:
    """Squared error, 0-d, in units of `spread`; `logits` (batch, 1), `labels` (batch,) in the user's unit."""
    return mse_loss(logits.float().squeeze(-1), (batch["labels"] - mean) / spread, reduction="sum")
