"""AdamW as BERT is fine-tuned with it: weight decay on matrices only, a warm-up, then a schedule."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import torch

from engine.contract.settings import Schedule

# Names of parameters without weight decay; the same list as transformers.Trainer's.
_WITHOUT_DECAY = re.compile(r"bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)")


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
    """Names of the trained parameters with weight decay, and of those without."""
    in_norms = {
        f"{module_name}.{name}"
        for module_name, module in network.named_modules()
        if isinstance(module, torch.nn.LayerNorm)
        for name, _ in module.named_parameters()
    }
    decayed: list[str] = []
    undecayed: list[str] = []
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            without = name in in_norms or _WITHOUT_DECAY.search(name.lower()) is not None
            (undecayed if without else decayed).append(name)
    return decayed, undecayed


def learning_rate_at(
    step: int, *, peak: float, warmup_share: float, total_steps: int, schedule: Schedule = "linear"
) -> float:
    """The learning rate of the update after `step` updates: up from 0 over the warm-up, then by the schedule.

    Linear and cosine (half a period, Loshchilov & Hutter 2017) reach 0 at `total_steps`, constant keeps the peak.
    """
    warmup = math.ceil(total_steps * warmup_share)
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
