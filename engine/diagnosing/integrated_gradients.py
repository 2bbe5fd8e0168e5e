"""Integrated gradients: how much each token adds to one output of the network.

Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks". The path leads from a baseline, in which all
tokens but the special ones have the embedding of the padding token, to the text as it is; the gradient of the output
along it, summed over the path, is divided among the tokens. The integral is taken at Gauss–Legendre points. Together
the tokens make the difference between the output of the text and that of the baseline (completeness); how far they
miss it is the error that is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

POINTS, MORE_POINTS = 20, 50
POWER = 3  # of the second try
LARGEST_ERROR = 0.05  # above it `MORE_POINTS` are taken
TOKENS_AT_ONCE = 1_536  # of all points of a part of the path together, for memory and for stops between

Target = Callable[[torch.Tensor], torch.Tensor]  # logits of a batch (batch, …) to one number each, (batch,)


class Attribution(NamedTuple):
    """What each token adds (tokens,) float64, the outputs at both ends of the path, and how far the sum misses."""

    tokens: np.ndarray
    output: float
    baseline: float
    error: float  # a part of the difference of both outputs
    points: int


def integrated_gradients(
    network: Any,
    batch: Mapping[str, torch.Tensor],
    is_special: np.ndarray,
    target: Target,
    *,
    padding_id: int,
    pause: Callable[[], object],
) -> Attribution:
    """The attribution of one row; `batch` holds `input_ids` (1, tokens) and what else the network reads of it.

    `is_special` (tokens,) bool marks tokens that stay as they are along the path. `pause` is called between parts of
    the path, and may raise to end. The network has to be in evaluation mode; its gradients stay as they were.
    """
    found = _attribution(network, batch, is_special, target, padding_id, POINTS, 1, pause)
    if found.error > LARGEST_ERROR:
        # Where the embedding of the padding token is small, layer normalisation makes the output change most at the
        # beginning of the path: there the points are closer then.
        other = _attribution(network, batch, is_special, target, padding_id, MORE_POINTS, POWER, pause)
        found = min(other, found, key=lambda one: one.error)
    return found


def _attribution(
    network: Any,
    batch: Mapping[str, torch.Tensor],
    is_special: np.ndarray,
    target: Target,
    padding_id: int,
    points: int,
    power: int,
    pause: Callable[[], object],
) -> Attribution:
    """The integral over s, where s = t^power and the points are those of t: ds = power · t^(power − 1) dt."""
    embeddings = network.get_input_embeddings()
    device = batch["input_ids"].device
    with torch.no_grad():
        text = embeddings(batch["input_ids"]).float()
        padding = embeddings(torch.tensor([[padding_id]], device=device)).float()
        kept = torch.from_numpy(is_special).to(device)[None, :, None]
        baseline = torch.where(kept, text, padding.expand_as(text))
    places, weights = np.polynomial.legendre.leggauss(points)
    along = (places + 1) / 2
    shares = torch.from_numpy(along**power).to(device, torch.float32)
    of_each = torch.from_numpy(weights / 2 * power * along ** (power - 1)).to(device, torch.float32)
    ends = torch.tensor([0.0, 1.0], device=device)
    length = text.shape[1]
    at_once = max(1, TOKENS_AT_ONCE // length)
    total = torch.zeros_like(text[0], dtype=torch.float64)
    for start in range(0, points, at_once):
        pause()
        own = shares[start : start + at_once]
        path = (baseline + own[:, None, None] * (text - baseline)).detach().requires_grad_()
        outputs = target(_logits(network, embeddings, batch, path))
        (gradient,) = torch.autograd.grad(outputs.sum(), path)
        total += (gradient * of_each[start : start + at_once, None, None]).double().sum(dim=0)
    pause()
    with torch.no_grad():
        low, high = target(
            _logits(network, embeddings, batch, baseline + ends[:, None, None] * (text - baseline))
        ).tolist()
    tokens = (total * (text - baseline)[0].double()).sum(dim=-1).cpu().numpy()
    difference = high - low
    error = abs(float(tokens.sum()) - difference) / max(abs(difference), 1e-9)
    return Attribution(tokens, high, low, error, points)


def _logits(network: Any, embeddings: Any, batch: Mapping[str, torch.Tensor], states: torch.Tensor) -> torch.Tensor:
    """Logits with these embeddings (points, tokens, width) in place of the words', whatever else is added to them.

    Through a hook, since not all families pass on `inputs_embeds`, and some scale or mark by input ids.
    """
    own = {name: tensor.expand(len(states), *tensor.shape[1:]) for name, tensor in batch.items()}
    hook = embeddings.register_forward_hook(lambda _module, _given, found: states.to(found.dtype))
    try:
        logits: torch.Tensor = network(**own).logits
    finally:
        hook.remove()
    return logits.float()
