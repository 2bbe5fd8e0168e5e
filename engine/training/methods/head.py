"""The classification head of a network: its output layer, what that layer reads, and the dropout around it.

Every family's head ends in one linear layer with an output per label, whatever precedes it (a pooler, dense layers, an
activation). What this layer reads is where a linear model can be fitted and folded in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import torch
from torch.nn import Linear, Module
from transformers import PreTrainedModel

from engine.tasks.network import logits_of

Pooling = Literal["pooler_output", "first", "classifier_pooling"]


class HeadReading(NamedTuple):
    """What the output layer of a family reads of a text: its pooled state, through these layers.

    `pooling`: the base model's pooler output; the state of the first token; or the one of first token (`cls`, `bos`)
    and mean that `classifier_pooling` of the configuration names. With `late`, EuroBERT's default, the mean is taken
    after the layers; as the output layer is linear, the mean of what it reads gives the same logits. `layers` are
    modules beside the base model, applied in this order, `activation` a name of transformers' ACT2FN, or the field of
    the configuration that holds it.
    """

    pooling: Pooling
    layers: tuple[str, ...] = ()
    activation: str = ""


_POOLER = HeadReading("pooler_output")
_DENSE = ("classifier.dense",)
# By model type, from the forward passes of transformers 5.23's `…ForSequenceClassification`. The program finds what the
# output layer reads by a hook and needs no entry here to do so; the table is what this has to be, for the tests of each
# family and for what depends on how a family pools.
HEAD_READINGS: dict[str, HeadReading] = {
    "albert": _POOLER,
    "bert": _POOLER,
    "big_bird": HeadReading("first", _DENSE, "hidden_act"),
    "camembert": HeadReading("first", _DENSE, "tanh"),
    "convbert": HeadReading("first", _DENSE, "hidden_act"),
    "data2vec-text": HeadReading("first", _DENSE, "tanh"),
    "deberta": HeadReading("first", ("pooler.dense",), "pooler_hidden_act"),
    "deberta-v2": HeadReading("first", ("pooler.dense",), "pooler_hidden_act"),
    "distilbert": HeadReading("first", ("pre_classifier",), "relu"),
    "electra": HeadReading("first", _DENSE, "gelu"),
    "ernie": _POOLER,
    "eurobert": HeadReading("classifier_pooling", ("dense",), "gelu"),
    "gte": _POOLER,
    "ibert": HeadReading("first", _DENSE, "tanh"),
    "jina_embeddings_v3": HeadReading("first", _DENSE, "tanh"),
    "longformer": HeadReading("first", _DENSE, "tanh"),
    "luke": _POOLER,
    "megatron-bert": _POOLER,
    "mobilebert": _POOLER,
    "modernbert": HeadReading("classifier_pooling", ("head",)),
    "mpnet": HeadReading("first", _DENSE, "tanh"),
    "nomic_bert": _POOLER,
    "nystromformer": HeadReading("first", _DENSE, "hidden_act"),
    "rembert": _POOLER,
    "roberta": HeadReading("first", _DENSE, "tanh"),
    "roberta-prelayernorm": HeadReading("first", _DENSE, "tanh"),
    "roformer": HeadReading("first", _DENSE, "hidden_act"),
    "squeezebert": _POOLER,
    "ultrabert": HeadReading("classifier_pooling"),
    "xlm-roberta": HeadReading("first", _DENSE, "tanh"),
    "xlm-roberta-xl": HeadReading("first", _DENSE, "tanh"),
}


def pools_by_mean(network: PreTrainedModel) -> bool:
    """Whether this network's own head reads the mean of the last states, as a linear probe does."""
    reading = HEAD_READINGS.get(network.config.model_type)
    chosen = reading is not None and reading.pooling == "classifier_pooling"
    return chosen and getattr(network.config, "classifier_pooling", "") == "mean"


def output_layer(network: PreTrainedModel) -> Linear:
    """The last linear layer outside the encoder with an output per label; raises `LookupError` where there is none."""
    encoder = f"{network.base_model_prefix}."
    found = [
        module
        for name, module in network.named_modules()
        if isinstance(module, Linear)
        and module.out_features == network.config.num_labels
        and not name.startswith(encoder)
    ]
    if not found:
        raise LookupError(f"{type(network).__name__} has no linear output layer")
    return found[-1]


def head_dropouts(network: PreTrainedModel) -> list[Module]:
    """The dropout modules of the head; those of the encoder are not among them."""
    encoder = f"{network.base_model_prefix}."
    return [
        module
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.Dropout) and not name.startswith(encoder)
    ]


class HeadInput:
    """While it is open, the latest input of a network's output layer, (rows, hidden), with its gradient graph.

    Where the output layer reads every token, and the mean is taken behind it, this is the mean over the text's tokens.
    """

    def __init__(self, network: PreTrainedModel) -> None:
        self._latest: torch.Tensor | None = None
        self._mask: torch.Tensor | None = None
        self._hook = output_layer(network).register_forward_pre_hook(self._keep)
        self._mask_hook = network.register_forward_pre_hook(self._keep_mask, with_kwargs=True)

    def __enter__(self) -> HeadInput:
        return self

    def __exit__(self, *_: object) -> None:
        self._hook.remove()
        self._mask_hook.remove()

    def _keep_mask(self, _module: Module, _given: tuple[object, ...], named: dict[str, torch.Tensor]) -> None:
        self._mask = named.get("attention_mask")

    def _keep(self, _module: Module, given: tuple[torch.Tensor, ...]) -> None:
        self._latest = given[0]

    def take(self) -> torch.Tensor:
        """The input of the forward pass that was just computed; drops it."""
        if self._latest is None:
            raise LookupError("the output layer has not been reached")
        latest, mask = self._latest, self._mask
        self._latest = self._mask = None
        if latest.dim() < 3:
            return latest
        if mask is None:
            return latest.mean(dim=1)
        return (latest * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


def head_input_of(network: PreTrainedModel) -> Callable[[Mapping[str, torch.Tensor]], torch.Tensor]:
    """A function from a collated batch to what the output layer reads, (rows, hidden)."""

    def compute(batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        with HeadInput(network) as head_input:
            logits_of(network, batch)
            return head_input.take()

    return compute
