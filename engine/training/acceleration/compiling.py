"""Layers that torch compiles for one shape of a batch, where that saves more time than it takes.

Compiling fuses the operators between the matrix products of a layer (torch.compile with Inductor; Ansel et al. 2024).
It takes some twenty seconds for each padded length, so it is chosen length by length, from steps measured both ways.
Everything else (other lengths, predictions, evaluations) runs uncompiled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from transformers import PreTrainedModel

from engine.training.trainable.layers import encoder_layers

MOST_LENGTHS = 64  # compiled in one run
LIKELY_GAIN = 0.1  # of a step; measured on an H200: 0.09 with BERT-base, 128 rows of 128 tokens
LIKELY_SECONDS = 25.0  # for one length, on the same machine


class Compiled(NamedTuple):
    """A batch of so many tokens, padding included, in compiled layers: seconds of compiling, and of each later step."""

    tokens: int
    once: float
    later: float


def compile_layers(network: PreTrainedModel) -> bool:
    """Prepares the encoder's layers for `compiled()`; False where its layers are not known."""
    layers = encoder_layers(network)
    if layers is None:
        return False
    torch._dynamo.config.recompile_limit = max(torch._dynamo.config.recompile_limit, 2 * MOST_LENGTHS)
    stance: Any = torch.compiler.set_stance  # without types
    stance("force_eager")
    for layer in layers.modules:
        layer.compile(dynamic=False)
    return True


@contextmanager
def compiled() -> Iterator[None]:
    """Prepared layers are compiled inside, or run as they were compiled."""
    stance: Any = torch.compiler.set_stance  # without types
    with stance("default"):
        yield


def length_to_try(step_tokens: Sequence[int], later: Callable[[int], float], passes: float) -> int | None:
    """The padded tokens of the batches that take the most time of a run, where compiling them is likely to pay.

    `step_tokens` are those of each batch of an epoch, `later(tokens)` the seconds of one, `passes` the epochs.
    """
    times = {tokens: passes * number * later(tokens) for tokens, number in Counter(step_tokens).items()}
    costliest = max(times, key=lambda tokens: times[tokens])
    return costliest if times[costliest] * LIKELY_GAIN > LIKELY_SECONDS else None


def lengths_that_pay(
    measured: Compiled, step_tokens: Sequence[int], later: Callable[[int], float], passes: float
) -> Mapping[int, float]:
    """Padded tokens of the batches to compile, each with the seconds saved over the run, compiling counted."""
    share = 1 - measured.later / max(1e-9, later(measured.tokens))
    saved = {
        tokens: passes * number * later(tokens) * share - measured.once
        for tokens, number in Counter(step_tokens).items()
    }
    chosen = sorted((tokens for tokens in saved if saved[tokens] > 0), key=lambda tokens: -saved[tokens])
    return {tokens: saved[tokens] for tokens in chosen[:MOST_LENGTHS]}
