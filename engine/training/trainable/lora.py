"""Low-rank adapters (LoRA, Hu et al. 2021) on the encoder's linear layers, through peft.

While training, each adapted layer adds a product of two low-rank matrices to its frozen weight. What is saved, scored
and exported is the plain network with the products merged in: nothing outside training needs adapters. To
continue exactly, a checkpoint also holds the frozen weights and the low-rank matrices separately.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.nn import Linear, Module
from transformers import PreTrainedModel

from engine.contract.errors import InvalidSetting
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.training.trainable.layers import encoder_layers, is_above_encoder

FROZEN = ".base_layer."  # in the names of an adapted layer's own parameters (peft)
ADAPTER = ".lora_"  # in the names of its low-rank matrices (peft)
_ATTENTION = ("attention", "attn")


def add_adapters(network: PreTrainedModel, settings: FineTuneSettings) -> None:
    """Freezes the encoder and adds new adapters to its layers; they and the classification head are trained.

    The adapters are drawn from torch's generator and change no output at first. Raises `InvalidSetting` (T16) where
    this network has no layer to adapt.
    """
    import peft  # takes seconds, and only LoRA needs it

    names = adapted_layers(network, everywhere=settings.lora_layers == "all")
    if not names:
        raise InvalidSetting(
            "T16",
            Sentence("training.t16.encoder_no_linear_layers_adapters"),
            hint=Sentence("training.t16.train_all_layers_choose_another"),
            field="layers_to_train",
        )
    choice = peft.LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules=names,
        bias="none",
    )
    peft.inject_adapter_in_model(choice, network)
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(ADAPTER in name or is_above_encoder(network, name))


def adapted_layers(network: PreTrainedModel, *, everywhere: bool) -> list[str]:
    """Names of the linear layers inside the encoder's layers: those of its attention, or all of them."""
    layers = encoder_layers(network)
    inside = f"{network.base_model_prefix if layers is None else layers.prefix}."
    names = [
        name
        for name, module in network.named_modules()
        if isinstance(module, Linear) and name.startswith(inside) and not is_above_encoder(network, name)
    ]
    if everywhere:
        return names
    return [name for name in names if any(word in part for part in name.split(".") for word in _ATTENTION)]


def plain_state(network: PreTrainedModel) -> dict[str, torch.Tensor]:
    """The weights with the names and values of a network without adapters."""
    modules: dict[str, Module] = dict(network.named_modules())
    state: dict[str, torch.Tensor] = {}
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if ADAPTER in name:
                continue
            owner, _, own = name.partition(FROZEN)
            if own == "weight":
                adapted: Any = modules[owner]
                tensor = tensor + adapted.get_delta_weight("default")
            state[name.replace(FROZEN, ".")] = tensor
    return state


def adapter_state(network: PreTrainedModel) -> dict[str, torch.Tensor]:
    """What `plain_state` does not hold to the bit; empty for a network without adapters."""
    return {name: tensor for name, tensor in network.state_dict().items() if ADAPTER in name or FROZEN in name}


def whole_state(plain: Mapping[str, torch.Tensor], adapters: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights of a network with adapters, from its `plain_state` and `adapter_state`."""
    rest = {name: tensor for name, tensor in plain.items() if _with_frozen(name) not in adapters}
    return {**rest, **adapters}


def _with_frozen(name: str) -> str:
    owner, _, own = name.rpartition(".")
    return f"{owner}{FROZEN}{own}"
