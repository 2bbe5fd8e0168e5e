"""A network split above its frozen layers: the output of the lower part, and the upper part as a network of its own.

The upper network shares its parameters with the whole one, so that training one trains the other. It reads the lower
part's output where a network of `transformers` accepts embeddings. Networks are built differently: `split_network`
compares both ways on real rows and gives up where they do not agree.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch.nn import Identity, Module
from transformers import PreTrainedModel

from engine.tasks.network import logits_of
from engine.training.batching.rows import with_features
from engine.training.trainable.layers import EncoderLayers, encoder_layers

TOLERANCE = 1e-4  # between float32 logits that were computed both ways, relative to the largest
# Modules between the token ids and the lowest layer, by name.
_ENTRANCE = "embeddings"
_PROJECTIONS = ("embeddings_project", "embedding_hidden_mapping_in")


class SplitNetwork(NamedTuple):
    """A network above so many frozen layers; `first_only`: its logits depend on the first position of a row alone."""

    frozen_layers: int
    upper_network: PreTrainedModel
    first_only: bool
    hidden: int  # numbers per position


def split_network(
    network: PreTrainedModel, frozen_layers: int, batch: Mapping[str, torch.Tensor]
) -> SplitNetwork | None:
    """The network above its frozen layers, in evaluation mode, proven on this batch; None where it cannot be split."""
    try:
        with torch.inference_mode():
            states = lower_hidden_states(network, frozen_layers, batch)
            upper = _upper_network(network, frozen_layers, batch)
            whole = logits_of(network, batch).float()
            if not _agree(whole, logits_of(upper, with_features(batch, states)).float()):
                return None
            first_only = False
            if frozen_layers == getattr(network.config, "num_hidden_layers", None) and whole.dim() == 2:
                first = logits_of(upper, with_features(batch, states[:, :1])).float()
                first_only = _agree(whole, first)
    except (AttributeError, IndexError, KeyError, NotImplementedError, RuntimeError, TypeError, ValueError):
        return None  # each architecture that is built differently fails in its own way
    return SplitNetwork(frozen_layers, upper, first_only, states.shape[2])


def lower_hidden_states(
    network: PreTrainedModel, frozen_layers: int, batch: Mapping[str, torch.Tensor]
) -> torch.Tensor:
    """The output of the frozen layers for a batch, (batch, length, hidden); the layers above are not computed.

    With no layer frozen, the output of the embeddings.
    """
    layers = _known(network)
    if frozen_layers:
        hook = layers.modules[frozen_layers - 1].register_forward_hook(_raise_output)
    else:
        hook = layers.modules[0].register_forward_pre_hook(_raise_input, with_kwargs=True)
    try:
        logits_of(network, batch)
    except _ReachedError as reached:
        return reached.states
    finally:
        hook.remove()
    raise RuntimeError("the forward pass did not reach the frozen layers")


def _upper_network(network: PreTrainedModel, frozen_layers: int, batch: Mapping[str, torch.Tensor]) -> PreTrainedModel:
    shared: dict[int, Any] = {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())}
    shared[id(network.config)] = network.config
    width = _output_width(network, frozen_layers, batch)
    upper: PreTrainedModel = copy.deepcopy(network, shared)
    parts = dict(upper.named_modules())
    for name in parts:
        if not name.startswith(upper.base_model_prefix):
            continue
        parent, _, own = name.rpartition(".")
        if own == _ENTRANCE:
            setattr(parts[parent], own, _GivenStates())
        elif own in _PROJECTIONS:
            setattr(parts[parent], own, Identity())
    layers = _known(upper)
    for number in range(frozen_layers):
        layers.modules[number] = _SkippedLayer(layers.modules[number], width)
    return upper


def _output_width(network: PreTrainedModel, frozen_layers: int, batch: Mapping[str, torch.Tensor]) -> int:
    """How many values a layer returns; 0: not a tuple but the states themselves."""
    if not frozen_layers:
        return 0
    found: list[int] = []

    def look(module: Module, given: object, output: object) -> None:
        found.append(len(output) if isinstance(output, tuple) else 0)

    hook = _known(network).modules[frozen_layers - 1].register_forward_hook(look)
    try:
        logits_of(network, batch)
    finally:
        hook.remove()
    return found[-1]


def _known(network: PreTrainedModel) -> EncoderLayers:
    layers = encoder_layers(network)
    if layers is None:
        raise ValueError("the layers of this network are not known")
    return layers


def _agree(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.shape != other.shape:
        return False
    return bool((one - other).abs().max() <= TOLERANCE * one.abs().max())


class _ReachedError(Exception):
    """The states are computed; nothing above them needs to be."""

    def __init__(self, states: torch.Tensor) -> None:
        super().__init__()
        self.states = states


def _raise_output(module: Module, given: object, output: Any) -> None:
    raise _ReachedError(output[0] if isinstance(output, tuple) else output)


def _raise_input(module: Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
    raise _ReachedError(given[0] if given else named["hidden_states"])


class _GivenStates(Module):
    """Replaces the embeddings and returns what is passed in their place."""

    def forward(self, *given: Any, **named: Any) -> torch.Tensor:
        """The first tensor of three dimensions: (batch, positions, hidden)."""
        for value in (*given, *named.values()):
            if isinstance(value, torch.Tensor) and value.dim() == 3:
                return value
        raise ValueError("the states of the frozen layers are missing")


class _SkippedLayer(Module):
    """Replaces a frozen layer; returns its input in the form of that layer's output."""

    def __init__(self, layer: Module, width: int) -> None:
        super().__init__()
        self._width = width
        for name, value in vars(layer).items():  # its encoder may read what kind of layer it is
            if not name.startswith("_") and isinstance(value, str | int | float):
                setattr(self, name, value)

    def forward(self, *given: Any, **named: Any) -> Any:
        """The states, unchanged."""
        states = given[0] if given else named["hidden_states"]
        return (states, *[None] * (self._width - 1)) if self._width else states
