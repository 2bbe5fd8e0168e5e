"""The parts of a network from the bottom up: embeddings, layers, final norm, classification head.

Networks of the BERT family name these parts differently but are built alike: one `ModuleList` as long as
`num_hidden_layers` of the configuration. Where there is none (ALBERT shares one layer), the layers are not known, and
what needs them raises an error.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch.nn import Module, ModuleList
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel

from engine.contract.errors import InvalidSetting
from engine.contract.kept_head import PRETRAINED_HEADS
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, field_title

# By model type, what the structure of a network does not show. Names inside the base model and beside it.
FINAL_NORMS = {  # the norm after the last layer, in families that normalise before each layer
    "eurobert": "norm",
    "megatron-bert": "encoder.ln",
    "modernbert": "final_norm",
    "roberta-prelayernorm": "LayerNorm",
    "ultrabert": "norm",
    "xlm-roberta-xl": "encoder.LayerNorm",
}


class EncoderLayers(NamedTuple):
    """The layers of an encoder, the lowest first, and the prefix of their parameters' names."""

    prefix: str  # "bert.encoder.layer"
    modules: ModuleList


def encoder_layers(network: PreTrainedModel) -> EncoderLayers | None:
    """The layers of this network's encoder, or None where its structure is not known."""
    count = getattr(network.config, "num_hidden_layers", None)
    for name, module in network.named_modules():  # the outermost first
        if isinstance(module, ModuleList) and len(module) == count and not is_above_encoder(network, f"{name}."):
            return EncoderLayers(name, module)
    return None


def is_above_encoder(network: PreTrainedModel, name: str) -> bool:
    """Whether a parameter of this name reads the layers' output: the classification head, or the pooler before it."""
    return is_outside_encoder(network, name) or f"{name}.".startswith(f"{network.base_model_prefix}.pooler.")


def is_outside_encoder(network: PreTrainedModel, name: str) -> bool:
    """Whether a parameter of this name lies outside the base model."""
    return not name.startswith(f"{network.base_model_prefix}.")


def is_new_head(network: PreTrainedModel, name: str) -> bool:
    """Whether a parameter of this name is new in every run: part of the head, and not pre-trained."""
    pretrained = PRETRAINED_HEADS.get(network.config.model_type)
    return is_outside_encoder(network, name) and not (pretrained and f"{name}.".startswith(f"{pretrained}."))


def is_final_norm(network: PreTrainedModel, name: str) -> bool:
    """Whether a parameter of this name belongs to the norm between the last layer and the head."""
    norm = FINAL_NORMS.get(network.config.model_type)
    return norm is not None and name.startswith(f"{network.base_model_prefix}.{norm}.")


def draw_head(network: PreTrainedModel) -> None:
    """Draws the classification head anew from torch's generator, as its family does.

    What the model's folder holds of a head belongs to other labels: its last layer may even have the right size, its
    labels in another order, or a regression's scale folded in.
    """
    for module_name, module in network.named_modules():
        new = [
            parameter
            for name, parameter in module.named_parameters(recurse=False)
            if is_new_head(network, f"{module_name}.{name}".lstrip("."))
        ]
        if new:
            for parameter in new:
                parameter._is_hf_initialized = False  # otherwise transformers would skip it
            network._init_weights(module)  # type: ignore[no-untyped-call]


def height(layers: EncoderLayers, network: PreTrainedModel, name: str) -> int:
    """0 for embeddings and what all layers share, 1 for the lowest layer, and so on.

    What reads the layers' output is as high as the uppermost of them.
    """
    if is_above_encoder(network, name) or is_final_norm(network, name):
        return len(layers.modules)
    rest = name.removeprefix(f"{layers.prefix}.")
    return 0 if rest == name else int(rest.partition(".")[0]) + 1


def rate_factors(network: PreTrainedModel, *, layer_decay: float, head_factor: float) -> dict[str, float]:
    """The factor of the learning rate of each parameter, by its name.

    The uppermost layer has the full rate and each layer below `layer_decay` times the one above it (discriminative
    fine-tuning, Howard & Ruder 2018); the new classification head has `head_factor` times the rate.
    """
    layers = encoder_layers(network)
    factors: dict[str, float] = {}
    for name, _ in network.named_parameters():
        if is_new_head(network, name):
            factors[name] = head_factor
        elif layers is None:
            factors[name] = 1.0
        else:
            factors[name] = float(layer_decay ** (len(layers.modules) - height(layers, network, name)))
    return factors


def recompute_layers(network: PreTrainedModel) -> None:
    """Makes each layer recompute its activations in the backward pass instead of keeping them (Chen et al. 2016).

    The same dropout is drawn again, so no loss and no gradient changes. Raises `InvalidSetting` (T16) where the layers
    are not known.
    """
    layers = encoder_layers(network)
    if layers is None:
        raise layers_unknown("gradient_checkpointing")
    for layer in layers.modules:
        layer.forward = partial(_recomputed, layer, layer.forward)


def _recomputed(layer: Module, forward: Callable[..., object], *given: Any, **named: Any) -> object:
    if not (layer.training and torch.is_grad_enabled()):
        return forward(*given, **named)
    answer: object = checkpoint(forward, *given, use_reentrant=False, **named)
    return answer


def layers_unknown(field: str) -> InvalidSetting:
    """The error (T16) of a setting that needs the network's layers where they are not known."""
    return InvalidSetting(
        "T16",
        Sentence("training.t16.needs_encoder_whose_layers_can", field_title=field_title(FineTuneSettings, field)),
        hint=Sentence("training.t16.choose_another_value_another_model"),
        field=field,
    )
