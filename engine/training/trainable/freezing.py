"""Which layers are trained; the others stay as they were pre-trained, to the bit.

Frozen layers run in evaluation mode, without dropout: so their output for a row is always the same, and is computed
once (acceleration/feature_cache.py).
"""

from __future__ import annotations

from torch.nn import Module
from transformers import PreTrainedModel

from engine.contract.settings import FineTuneSettings
from engine.training.trainable.layers import encoder_layers, is_above_encoder, is_final_norm, layers_unknown


def freeze(network: PreTrainedModel, settings: FineTuneSettings) -> int | None:
    """Freezes the layers that the settings do not train; returns how many of the encoder's layers are frozen.

    None: nothing is frozen, or the network's layers are not known. Raises `InvalidSetting` (T16) where the last layers
    are to be trained and the network's layers are not known.
    """
    if not freezes_lower_layers(settings):
        return None
    layers = encoder_layers(network)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(is_above_encoder(network, name))
    if settings.layers_to_train == "head_only":
        return None if layers is None else len(layers.modules)
    if layers is None:
        raise layers_unknown("layers_to_train")
    frozen = max(0, len(layers.modules) - settings.last_layers)
    for name, parameter in network.named_parameters():
        if is_final_norm(network, name):
            parameter.requires_grad_(True)
    for layer in layers.modules[frozen:]:
        layer.requires_grad_(True)
    return frozen


def freezes_lower_layers(settings: FineTuneSettings) -> bool:
    """Whether the lower part of the network is frozen, embeddings included."""
    return settings.layers_to_train in ("last_layers", "head_only")


def frozen_modules(network: PreTrainedModel) -> tuple[Module, ...]:
    """The outermost modules all of whose parameters are frozen."""
    return tuple(_frozen_below(network))


def _frozen_below(module: Module) -> list[Module]:
    found: list[Module] = []
    for child in module.children():
        own = list(child.parameters())
        if own and not any(parameter.requires_grad for parameter in own):
            found.append(child)
        else:
            found += _frozen_below(child)
    return found
