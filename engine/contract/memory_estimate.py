"""How much memory fine-tuning an encoder needs, before it is downloaded: by its numbers alone.

    training_memory(EncoderShape("bert", 109_482_240, 12, 768), batch_size=16, tokens=128).total

Korthikanti et al. 2022 ("Reducing activation recomputation in large transformer models") count what a layer keeps for
the backward pass; docs/encoders.md has the formula, and how near it comes to measured peaks
(tests/benchmarks/memory_estimate.py). Once rows are prepared, the forecast measures real steps instead.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

# Bytes for each number of a layer's hidden state: (fp32, bf16). What a layer keeps: 24 for its inputs, its queries,
# keys and values, 10 for what each norm reads, dropout masks included, and its intermediate states twice. Norms and
# masks stay as they are in bf16.
ATTENTION_STATES = (34.0, 18.0)
INTERMEDIATE_STATES = (8.0, 4.0)  # for each number of the intermediate state: before and after the activation
GATED_STATES = (16.0, 8.0)  # two halves, one activated, and their product
TANH_GELU_STATES = (16.0, 8.0)  # GELU by tanh, written out: its argument, its cube and what comes of both
# For each pair of tokens and head: probabilities, their dropout mask, and what is left after it. Attention that is
# computed without keeping the pairs (SDPA, on a processor only without dropout) has none.
PAIRS = (9.0, 5.0)
# DeBERTa keeps the two terms of positions beside the content's, gathered by an index for each pair; as measured.
DISENTANGLED = 6.3
GATED = frozenset({"modernbert", "eurobert", "nomic_bert", "gte", "jina_embeddings_v3", "ultrabert"})
WITHOUT_PAIRS = frozenset({"modernbert", "eurobert"})  # published without dropout of attention
SHARED_LAYERS = frozenset({"albert"})
TANH_GELU = frozenset({"albert"})
USED_TOKENS = 30_000  # of the vocabulary, that rows use: all of BERT's; the rest of a larger one is not trained
MOST_USED = 0.75  # as engine/training/acceleration/used_embeddings.py
CUDA_CONTEXT = 856_000_000  # bytes that CUDA and its libraries take for themselves, as measured
LIBRARIES = 65_000_000  # bytes of what a run imports and computes besides, such as its baselines; measured on the CPU
# Of the activations: gradients of a layer, logits, and what the allocator cannot use again, which is more with malloc.
# On a GPU steps are recorded as graphs, whose memory other steps (the first ones, the last batch) cannot use: both are
# held. DeBERTa's steps are not recorded.
SPARE_RECORDED, SPARE_ON_GPU, SPARE_ON_CPU = 0.85, 0.1, 0.4


class EncoderShape(msgspec.Struct, frozen=True):
    """The numbers of an encoder that its memory follows from; those that are 0 are usual for its hidden size."""

    model_type: str
    parameters: int
    layers: int
    hidden_size: int
    attention_heads: int = 0
    intermediate_size: int = 0

    @property
    def heads(self) -> int:
        """Attention heads: of 64 numbers each where nothing else is said."""
        return self.attention_heads or max(1, self.hidden_size // 64)

    @property
    def inner(self) -> int:
        """The width between the two projections of a layer."""
        return self.intermediate_size or 4 * self.hidden_size

    @property
    def layer_parameters(self) -> int:
        """Of one layer: four projections of attention and two or three more."""
        projections = 3 if self.model_type in GATED else 2
        return self.hidden_size * (4 * self.hidden_size + projections * self.inner)

    @property
    def embedding_parameters(self) -> int:
        """Of the table of token embeddings, about: what the layers do not have."""
        layers = 1 if self.model_type in SHARED_LAYERS else self.layers
        return max(0, self.parameters - layers * self.layer_parameters)


class MemoryNeeded(NamedTuple):
    """Bytes, by what they hold."""

    weights: int
    gradients: int
    optimizer: int
    copies: int
    activations: int
    runtime: int

    @property
    def total(self) -> int:
        """All of them together."""
        return sum(self)


def training_memory(
    shape: EncoderShape,
    *,
    batch_size: int = 16,
    tokens: int = 128,
    on_gpu: bool = False,
    bf16: bool = False,
    used_tokens: int = USED_TOKENS,
) -> MemoryNeeded:
    """What training all layers with AdamW takes at its peak, beyond what the process held before.

    `tokens` is the length of the rows, `used_tokens` how many entries of the vocabulary they use.
    """
    number = int(bf16)
    table = shape.embedding_parameters
    used = min(table, used_tokens * shape.hidden_size)
    used = table if used >= MOST_USED * table else used
    trained = shape.parameters - table + used
    frozen = table - used
    if on_gpu:  # what is not trained stays in the computer's memory, and so does the copy that is being written
        weights, copies = 4 * trained, (2 + 2) * trained * number
    else:  # a checkpoint is written from a copy while the next steps run; in bf16 the weights are cast for each step
        weights, copies = 4 * (trained + frozen), 4 * (trained + frozen) + 8 * trained + 2 * trained * number
    wide = ATTENTION_STATES[number] * shape.hidden_size
    states = INTERMEDIATE_STATES
    if shape.model_type in GATED:
        states = GATED_STATES
    elif shape.model_type in TANH_GELU:
        states = TANH_GELU_STATES
    wide += states[number] * shape.inner
    deberta = shape.model_type.startswith("deberta")
    pairs = PAIRS[number] * shape.heads * tokens
    if deberta:
        pairs *= DISENTANGLED
    elif on_gpu or shape.model_type in WITHOUT_PAIRS:
        pairs = 0.0
    spare = SPARE_ON_CPU
    if on_gpu:
        spare = SPARE_ON_GPU if deberta else SPARE_RECORDED
    activations = (1 + spare) * shape.layers * batch_size * tokens * (wide + pairs)
    return MemoryNeeded(
        weights, 4 * trained, 8 * trained, copies, int(activations), CUDA_CONTEXT if on_gpu else LIBRARIES
    )
