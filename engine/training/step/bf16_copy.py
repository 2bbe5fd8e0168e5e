"""A bfloat16 copy of the network that computes, beside the float32 master weights (Micikevicius et al. 2018).

Autocast casts every weight in each step and keeps sums between layers in float32. With a copy, only its gradients and
the new weights are cast. Checkpoints, predictions and exports use the master weights.
"""

from __future__ import annotations

import copy

import torch
from transformers import PreTrainedModel


class Bf16Copy:
    """`network` is a module of the same class and mode, its parameters in the order of the weights'."""

    def __init__(self, weights: PreTrainedModel, number_format: torch.dtype) -> None:
        self.network: PreTrainedModel = copy.deepcopy(weights)
        self.network.to(number_format)  # type: ignore[arg-type]
        self._pairs = list(zip(weights.parameters(), self.network.parameters(), strict=True))
        self._refresh(self._pairs)

    def hand_over_gradients(self) -> None:
        """Adds the gradients of the copy to those of the weights, in float32; `zero_grad` of the weights frees them."""
        pairs = [(weight, copied) for weight, copied in self._pairs if copied.grad is not None]
        given = [copied.grad for _, copied in pairs if copied.grad is not None]
        taken = [torch.empty_like(weight) for weight, _ in pairs]
        torch._foreach_copy_(taken, given)
        for (weight, copied), gradient in zip(pairs, taken, strict=True):
            weight.grad = gradient if weight.grad is None else weight.grad.add_(gradient)
            copied.grad = None

    def free_gradients(self) -> None:
        """Frees the gradients that a failed step has left."""
        for _, copied in self._pairs:
            copied.grad = None

    def refresh(self) -> None:
        """Copies the trained weights."""
        self._refresh([(weight, copied) for weight, copied in self._pairs if weight.requires_grad])

    def refresh_all(self) -> None:
        """Copies all weights, for instance after they were read from a checkpoint."""
        self._refresh(self._pairs)

    @staticmethod
    def _refresh(pairs: list[tuple[torch.nn.Parameter, torch.nn.Parameter]]) -> None:
        with torch.no_grad():
            torch._foreach_copy_([copied for _, copied in pairs], [weight for weight, _ in pairs])
