"""A copy of the network in bfloat16 that computes, beside the float32 weights that learn (Micikevicius et al. 2018).

Autocast casts every weight in each step and keeps sums between layers in float32. With a copy, only its gradients and
the new weights are cast; nothing else of the program sees it: checkpoints, answers and exports are of the weights.
"""

from __future__ import annotations

import copy

import torch
from transformers import PreTrainedModel


class Replica:
    """The copy; `network` is a module of the same class and mode, its parameters in the order of the weights'."""

    def __init__(self, weights: PreTrainedModel, number_format: torch.dtype) -> None:
        self.network: PreTrainedModel = copy.deepcopy(weights)
        self.network.to(number_format)  # type: ignore[arg-type]
        self._pairs = list(zip(weights.parameters(), self.network.parameters(), strict=True))
        self._refresh(self._pairs)

    def hand_over_gradients(self) -> None:
        """Moves the gradients of the copy to the weights, as float32; both are freed by `zero_grad` of the weights."""
        pairs = [(weight, copied) for weight, copied in self._pairs if copied.grad is not None]
        given = [copied.grad for _, copied in pairs if copied.grad is not None]
        taken = [torch.empty_like(weight) for weight, _ in pairs]
        torch._foreach_copy_(taken, given)
        for (weight, copied), gradient in zip(pairs, taken, strict=True):
            weight.grad, copied.grad = gradient, None

    def forget_gradients(self) -> None:
        """Frees the gradients that a broken step has left behind."""
        for _, copied in self._pairs:
            copied.grad = None

    def refresh(self) -> None:
        """Takes over the weights that learn."""
        self._refresh([(weight, copied) for weight, copied in self._pairs if weight.requires_grad])

    def refresh_all(self) -> None:
        """Takes over all weights: they were read from a checkpoint."""
        self._refresh(self._pairs)

    @staticmethod
    def _refresh(pairs: list[tuple[torch.nn.Parameter, torch.nn.Parameter]]) -> None:
        with torch.no_grad():
            torch._foreach_copy_([copied for _, copied in pairs], [weight for weight, _ in pairs])
