"""AdamW as BERT is fine-tuned with it: decay on matrices only, a warm-up, then a straight line to zero."""

from __future__ import annotations

import math
import re

import torch

# Names of parameters that are not pulled towards zero; the same list as transformers.Trainer's.
_WITHOUT_DECAY = re.compile(r"bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)")


def adamw(network: torch.nn.Module, *, learning_rate: float, weight_decay: float) -> torch.optim.AdamW:
    """Fused AdamW (Loshchilov & Hutter 2019); biases and the parameters of LayerNorm are not decayed."""
    decayed, spared = decay_groups(network)
    parameters = dict(network.named_parameters())
    return torch.optim.AdamW(
        [
            {"params": [parameters[name] for name in decayed], "weight_decay": weight_decay},
            {"params": [parameters[name] for name in spared], "weight_decay": 0.0},
        ],
        lr=learning_rate,
        betas=(0.9, 0.999),
        eps=1e-8,
        fused=True,
    )


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


def learning_rate_at(step: int, *, peak: float, warmup_share: float, total_steps: int) -> float:
    """The learning rate of the update after `step` updates: up from 0 over the warm-up, then down to 0."""
    warmup = math.ceil(total_steps * warmup_share)
    if step < warmup:
        return peak * (step / max(1, warmup))
    return peak * max(0.0, (total_steps - step) / max(1, total_steps - warmup))
