"""Only the token embeddings that the data uses are trained; the others stay as they were pre-trained.

A small encoder's table is half of its weights, a multilingual one's two thirds, and most of its rows get no gradient.
AdamW would still read and write their moments in each step, which costs time on a CPU. The losses are the same;
Trainer's weight decay alone changes such a row, by less than a thousandth in a usual run, and to no use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import Embedding, Module, Parameter
from torch.nn.functional import embedding
from transformers import PreTrainedModel

from engine.training.batching.rows import EncodedRows
from engine.workspace import file_operations

MOST_USED = 0.75  # of all rows of the table; beyond it there is little to save


class UsedEmbeddings(Module):
    """Replaces an embedding: `weight` (used, dimensions) is trained; its state dict holds the whole table."""

    def __init__(self, table: Embedding, used: np.ndarray) -> None:
        super().__init__()
        self._whole = _Whole(table.weight.detach())
        self._used = torch.from_numpy(used)  # ids, ascending
        places = torch.full((table.num_embeddings,), -1, dtype=torch.int64)
        places[self._used] = torch.arange(len(used))
        self.register_buffer("places", places, persistent=False)
        self.places: torch.Tensor
        self.weight = Parameter(table.weight.detach()[self._used].clone())
        self.padding_idx = None if table.padding_idx is None else int(places[table.padding_idx])
        self.num_embeddings, self.embedding_dim = table.num_embeddings, table.embedding_dim

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        """Embeddings (…, dimensions) of token ids. Unused ids are looked up outside training only."""
        places = self.places[input_ids]
        if self.training:
            return embedding(places, self.weight, self.padding_idx)
        states = embedding(places.clamp(min=0), self.weight, self.padding_idx)
        unknown = places < 0
        if bool(unknown.any()):
            states = states.clone()
            states[unknown] = self._whole.table[input_ids[unknown].cpu()].to(states)
        return states

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        table = self._whole.table.clone()
        table[self._used] = self.weight.detach().to(table)
        destination[f"{prefix}weight"] = table

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        name = f"{prefix}weight"
        if name not in state_dict:
            missing_keys.append(name)
        elif state_dict[name].shape != self._whole.table.shape:
            error_msgs.append(f"{name}: {tuple(state_dict[name].shape)}, not {tuple(self._whole.table.shape)}")
        else:
            table = state_dict[name]  # it may lie in a mapped file, which Windows keeps from being removed
            self._whole = _Whole(table.clone() if file_operations.WINDOWS else table)
            with torch.no_grad():
                self.weight.copy_(self._whole.table[self._used])


class _Whole:
    """The whole pre-trained table, float32 on the CPU; copies of a network share it."""

    def __init__(self, table: torch.Tensor) -> None:
        self.table = table.detach().cpu()

    def __deepcopy__(self, _memo: dict[int, Any]) -> _Whole:
        return self


def train_used_embeddings(network: PreTrainedModel, splits: Sequence[EncodedRows]) -> bool:
    """Replaces the token embeddings by `UsedEmbeddings` where that saves something; returns whether it did."""
    table = network.get_input_embeddings()
    if type(table) is not Embedding or not table.weight.requires_grad or table.max_norm is not None:
        return False
    if sum(parameter is table.weight for parameter in _all_parameters(network)) > 1:
        return False  # tied to an output layer
    used = np.zeros(table.num_embeddings, dtype=bool)
    for rows in splits:
        used[rows.token_ids] = True
    if table.padding_idx is not None:
        used[table.padding_idx] = True
    used[int(getattr(network.config, "pad_token_id", None) or 0)] = True
    if used.sum() > MOST_USED * len(used):
        return False
    network.set_input_embeddings(UsedEmbeddings(table, np.flatnonzero(used)))
    return True


def _all_parameters(network: Module) -> list[Parameter]:
    return [parameter for module in network.modules() for parameter in module.parameters(recurse=False)]
