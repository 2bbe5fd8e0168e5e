"""The classification head of a network: its output layer, what that layer reads, and the dropout around it.

Every family's head ends in one linear layer with an output per label, whatever precedes it (a pooler, dense layers, an
activation). What this layer reads is where a linear model can be fitted and folded in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch.nn import Linear, Module
from transformers import PreTrainedModel

from engine.tasks.network import logits_of


def output_layer(network: PreTrainedModel) -> Linear:
    """The last linear layer outside the encoder with an output per label; raises `LookupError` where there is none."""
    encoder = f"{network.base_model_prefix}."
    found = [
        module
        for name, module in network.named_modules()
        if isinstance(module, Linear)
        and module.out_features == network.config.num_labels
        and not name.startswith(encoder)
    ]
    if not found:
        raise LookupError(f"{type(network).__name__} has no linear output layer")
    return found[-1]


def head_dropouts(network: PreTrainedModel) -> list[Module]:
    """The dropout modules of the head; those of the encoder are not among them."""
    encoder = f"{network.base_model_prefix}."
    return [
        module
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.Dropout) and not name.startswith(encoder)
    ]


class HeadInput:
    """While it is open, the latest input of a network's output layer, (rows, hidden), with its gradient graph."""

    def __init__(self, network: PreTrainedModel) -> None:
        self._network = network
        self._latest: torch.Tensor | None = None
        self._hook = output_layer(network).register_forward_pre_hook(self._keep)

    def __enter__(self) -> HeadInput:
        return self

    def __exit__(self, *_: object) -> None:
        self._hook.remove()

    def _keep(self, _module: Module, given: tuple[torch.Tensor, ...]) -> None:
        self._latest = given[0]

    def take(self) -> torch.Tensor:
        """The input of the forward pass that was just computed; forgets it."""
        if self._latest is None:
            raise LookupError("the output layer has not been reached")
        latest, self._latest = self._latest, None
        return latest


def head_input_of(network: PreTrainedModel) -> Callable[[Mapping[str, torch.Tensor]], torch.Tensor]:
    """A function from a collated batch to what the output layer reads, (rows, hidden)."""

    def compute(batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        with HeadInput(network) as head_input:
            logits_of(network, batch)
            return head_input.take()

    return compute
