"""A head that the model brings from an earlier fine-tuning, kept as the start: its labels matched by their names."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from transformers import PreTrainedModel

from engine.training.methods.head import output_layer
from engine.training.trainable.layers import is_new_head


def keep_head(network: PreTrainedModel, own: PreTrainedModel, matches: Mapping[int, int]) -> None:
    """Copies the head of `own` into `network`: all below the output layer, and the rows of the labels that match.

    `matches` leads from a label's number in `network` to that in `own`. Labels that the head does not have keep the row
    that was drawn for them.
    """
    output, known = output_layer(network), output_layer(own)
    drawn = {id(parameter) for parameter in output.parameters()}
    given = dict(own.named_parameters())
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            source = given.get(name)
            is_below = is_new_head(network, name) and id(parameter) not in drawn
            if is_below and source is not None and source.shape == parameter.shape:
                parameter.copy_(source)
        for number, before in matches.items():
            output.weight[number] = known.weight[before]
            if output.bias is not None and known.bias is not None:
                output.bias[number] = known.bias[before]
