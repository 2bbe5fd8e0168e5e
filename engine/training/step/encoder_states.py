"""What an encoder makes of token ids, in batches of similar length: the mean state of each text, or all its states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from engine.tasks.padding import padded_inputs
from engine.training.batching.batch_plan import by_length

BATCH = 64


def encoder_states(
    encoder: torch.nn.Module,
    inputs: Sequence[Sequence[int]],
    *,
    padding_id: int,
    by_word: bool,
    report: Callable[[int], None],
) -> list[np.ndarray]:
    """The mean state (hidden,) float32 of each list of ids, or all its states (length, hidden) where `by_word`.

    `report` is called before each batch with the rows that are done, and may raise.
    """
    found: list[np.ndarray] = [np.zeros(0, dtype=np.float32)] * len(inputs)
    device = next(encoder.parameters()).device
    done = 0
    for places in by_length(np.asarray([len(ids) for ids in inputs]), BATCH):
        report(done)
        features: list[dict[str, Any]] = [{"input_ids": inputs[place]} for place in places]
        batch = padded_inputs(features, padding_id=padding_id, multiple=1)
        on_device = {name: tensor.to(device) for name, tensor in batch.items()}
        with torch.inference_mode():
            states = encoder(**on_device).last_hidden_state.float()
            mask = on_device["attention_mask"][..., None].float()
            means = ((states * mask).sum(dim=1) / mask.sum(dim=1)).cpu().numpy()
        for row, place in enumerate(places.tolist()):
            found[place] = states[row, : len(inputs[place])].cpu().numpy() if by_word else means[row]
        done += len(places)
    return found
