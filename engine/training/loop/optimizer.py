"""AdamW as BERT is fine-tuned with it: decay on matrices only, a warm-up, then a schedule."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import torch

from engine.contract.settings import Schedule

# Names of parameters that are not pulled towards zero; the same list as transformers.Trainer's.
_WITHOUT_DECAY = re.compile(r"bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)")


def adamw(
    network: torch.nn.Module,
    *,
    learning_rate: float,
    weight_decay: float,
    factors: Mapping[str, float] = MappingProxyType({}),
) -> torch.optim.AdamW:
    """Fused AdamW (Loshchilov & Hutter 2019) over what is trained; biases and LayerNorm are not decayed.

    `factors` tell by a parameter's name what its learning rate is multiplied with, 1 where nothing is told.
    On a CUDA device the learning rates lie in tensors there, so that a recorded step can read new ones.
    """
    device = next(network.parameters()).device
    on_gpu = device.type == "cuda"
    decayed, spared = decay_groups(network)
    parameters = dict(network.named_parameters())
    groups: list[dict[str, Any]] = []
    for names, decay in ((decayed, weight_decay), (spared, 0.0)):
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
    """The learning rate of the next update, before each group's own factor."""
    for group in optimizer.param_groups:
        own = rate * group["rate_factor"]
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(own)
        else:
            group["lr"] = own


def prepare_states(optimizer: torch.optim.AdamW) -> None:
    """Makes room for all moments at once, as the first update would group by group.

    So a memory that is too small shows before any weight has moved.
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
    spared: list[str] = []
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            without = name in in_norms or _WITHOUT_DECAY.search(name.lower()) is not None
            (spared if without else decayed).append(name)
    return decayed, spared


def learning_rate_at(
    step: int, *, peak: float, warmup_share: float, total_steps: int, schedule: Schedule = "linear"
) -> float:
    """The learning rate of the update after `step` updates: up from 0 over the warm-up, then as the schedule says.

    Linear and cosine (half a wave, Loshchilov & Hutter 2017) go down to 0 at `total_steps`, constant stays.
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
