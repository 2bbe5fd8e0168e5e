"""Which part of the network learns; the rest stays as it was pre-trained, to the bit.

What is frozen is computed in evaluation mode, without dropout: so its output for a row is always the same, and can be
computed once (frozen_states.py).
"""

from __future__ import annotations

from torch.nn import Module
from transformers import PreTrainedModel

from engine.contract.settings import FineTuneSettings
from engine.training.trainable.layers import encoder_layers, is_above_encoder, layers_unknown


def freeze(network: PreTrainedModel, settings: FineTuneSettings) -> int | None:
    """Freezes the layers that the settings leave out; returns how many of the encoder's layers lie in the frozen part.

    None: nothing is frozen, or the network's layers are not known. Raises `InvalidSetting` (T16) where the last layers
    are wanted of a network whose layers cannot be told apart.
    """
    if not leaves_lower_part(settings):
        return None
    layers = encoder_layers(network)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(is_above_encoder(network, name))
    if settings.trained_part == "head_only":
        return None if layers is None else len(layers.modules)
    if layers is None:
        raise layers_unknown("trained_part")
    frozen = max(0, len(layers.modules) - settings.last_layers)
    for layer in layers.modules[frozen:]:
        layer.requires_grad_(True)
    return frozen


def leaves_lower_part(settings: FineTuneSettings) -> bool:
    """Whether the lower part of the network stays as it was, embeddings included."""
    return settings.trained_part in ("last_layers", "head_only")


def frozen_modules(network: PreTrainedModel) -> tuple[Module, ...]:
    """The outermost parts all of whose parameters are frozen."""
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
