"""Rows of different lengths as one rectangular batch, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from engine.tasks.rows import Features


def padded_inputs(features: Features, *, padding_id: int, multiple: int) -> dict[str, torch.Tensor]:
    """`input_ids`, `attention_mask` and, of pairs, `token_type_ids` (batch, length) int64.

    The length is rounded up to `multiple`.
    """
    lengths = [len(row["input_ids"]) for row in features]
    input_ids = padded([row["input_ids"] for row in features], filler=padding_id, multiple=multiple)
    mask = np.arange(input_ids.shape[1])[None, :] < np.asarray(lengths)[:, None]
    batch = {"input_ids": input_ids, "attention_mask": torch.from_numpy(mask.astype(np.int64))}
    if features and "token_type_ids" in features[0]:
        batch["token_type_ids"] = padded([row["token_type_ids"] for row in features], filler=0, multiple=multiple)
    return batch


def padded(rows: Sequence[Sequence[Any]], *, filler: int, multiple: int) -> torch.Tensor:
    """The rows filled up on the right to the length of the longest, rounded up to `multiple`; int64."""
    longest = max((len(row) for row in rows), default=0)
    width = max(1, -(-longest // multiple)) * multiple
    result = np.full((len(rows), width), filler, dtype=np.int64)
    for index, row in enumerate(rows):
        result[index, : len(row)] = row
    return torch.from_numpy(result)


def as_float32(logits: torch.Tensor) -> np.ndarray:
    """The logits on the CPU as float32, whatever number format they were computed in."""
    array: np.ndarray = logits.detach().to(device="cpu", dtype=torch.float32).numpy()
    return array


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis, in float64 so that the largest losses stay finite."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    exponents = np.exp(shifted)
    result: np.ndarray = exponents / exponents.sum(axis=-1, keepdims=True)
    return result


def row_losses(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Cross-entropy of each row of `logits` (rows, classes) against `labels` (rows,), in nats."""
    wide = logits.astype(np.float64)
    highest = wide.max(axis=-1)
    log_total = highest + np.log(np.exp(wide - highest[..., None]).sum(axis=-1))
    result: np.ndarray = log_total - np.take_along_axis(wide, labels[..., None], axis=-1)[..., 0]
    return result
