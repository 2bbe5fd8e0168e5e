"""The linear model: the encoder stays as it is, and a logistic regression on what the head reads becomes its output.

There is nothing to update. The loop makes its one step without a gradient, and the evaluation after it fits the head,
as the contrastive start does it; so it ends as the plain network of its task.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch

from engine.contract.events import Emit
from engine.tasks.network import logits_of
from engine.training.methods.contrastive import fold_linear_head
from engine.training.step.training import Method, Training


class LinearHead(Method):
    """The method as the loop uses it."""

    def backward(
        self, training: Training, parts: Iterable[Mapping[str, torch.Tensor]], labels: float | torch.Tensor
    ) -> torch.Tensor:
        """The loss before the fit; no parameter gets a gradient, so that the update changes none."""
        loss = torch.zeros((), device=training.compute.device)
        with torch.no_grad(), training.autocast():
            for part in parts:
                logits = logits_of(training.computing_network, part).float()
                loss += training.task.loss(logits, part, training.loss_options) / labels
        return loss

    def prepare_evaluation(self, training: Training, emit: Emit) -> None:
        """Fits the head on the training rows."""
        fold_linear_head(training, emit)
