"""AdamW as BERT is fine-tuned with it: weight decay on matrices only, a warm-up, then a schedule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import torch

from engine.contract.settings import Schedule


def adamw(
    network: torch.nn.Module,
    *,
    learning_rate: float,
    weight_decay: float,
    factors: Mapping[str, float] = MappingProxyType({}),
) -> torch.optim.AdamW:
    """Fused AdamW (Loshchilov & Hutter 2019) over the trained parameters; biases and LayerNorm are not decayed.

    `factors` maps a parameter's name to the factor of its learning rate, 1 where the name is missing.
    On a CUDA device the learning rates are tensors, so that a captured graph reads new ones.
    """
    device = next(network.parameters()).device
    on_gpu = device.type == "cuda"
    decayed, undecayed = decay_groups(network)
    parameters = dict(network.named_parameters())
    groups: list[dict[str, Any]] = []
    for names, decay in ((decayed, weight_decay), (undecayed, 0.0)):
        for factor in sorted({factors.get(name, 1.0) for name in names}, reverse=True):
            rate = learning_rate * factor
            groups.append(
                {
                    "params": [parameters[name] for name in names if factors.get(name, 1.0) == factor],
                    "weight_decay": decay,
                    "lr": torch.tensor(rate, device=device) if on_gpu else rate,
                    "rate_factor": factor,
                }
            )
    return torch.optim.AdamW(groups, betas=(0.9, 0.999), eps=1e-8, fused=True, capturable=on_gpu)


def set_learning_rate(optimizer: torch.optim.AdamW, rate: float) -> None:
    """Sets the learning rate of the next update; each group multiplies it with its own factor."""
    for group in optimizer.param_groups:
        own = rate * group["rate_factor"]
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(own)
        else:
            group["lr"] = own


def prepare_states(optimizer: torch.optim.AdamW) -> None:
    """Allocates all moments at once, which the first update would do group by group.

    So running out of memory happens before any weight has changed.
    """
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if not optimizer.state[parameter]:
                first, second = torch.zeros_like(parameter), torch.zeros_like(parameter)
                steps = torch.zeros((), dtype=torch.float32, device=parameter.device)
                optimizer.state[parameter].update(step=steps, exp_avg=first, exp_avg_sq=second)


def decay_groups(network: torch.nn.Module) -> tuple[list[str], list[str]]:
    """Names of the trained parameters with weight decay, and of those without: biases and those of norms.

    The same as transformers.Trainer's, which looks for "layernorm" anywhere in a name, and so finds it in every name of
    RoBERTa-PreLayerNorm.
    """
    decayed: list[str] = []
    undecayed: list[str] = []
    modules = dict(network.named_modules())
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            owner = name.rpartition(".")[0]
            without = "bias" in name or "norm" in type(modules[owner]).__name__.lower()
            (undecayed if without else decayed).append(name)
    return decayed, undecayed


def learning_rate_at(
    step: int, *, peak: float, warmup_share: float, total_steps: int, schedule: Schedule = "linear"
) -> float:
    """The learning rate of the update after `step` updates: up from 0 over the warm-up, then by the schedule.

    Linear and cosine (half a period, Loshchilov & Hutter 2017) reach 0 at `total_steps`, constant keeps the peak.
    """
    # The first step of a warm-up has the rate 0; a run of one step would not learn at all.
    warmup = min(math.ceil(total_steps * warmup_share), total_steps - 1)
    if step < warmup:
        return peak * (step / max(1, warmup))
    left = max(0.0, (total_steps - step) / max(1, total_steps - warmup))
    match schedule:
        case "linear":
            return peak * left
        case "cosine":
            return peak * 0.5 * (1.0 - math.cos(math.pi * left))
        case "constant":
            return peak
