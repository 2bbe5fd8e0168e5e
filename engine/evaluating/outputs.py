"""What a network answers to every row of a split, in the order of the rows; refuses answers that are no numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from transformers import PreTrainedModel

from engine.errors import NumbersDiverged
from engine.events import Emit
from engine.tasks.protocol import Outputs, Task
from engine.training.answers import all_answers
from engine.training.rows import Batches, EncodedRows
from engine.training.training import NUMBER_FORMATS


def network_outputs(
    network: PreTrainedModel,
    task: Task,
    rows: EncodedRows,
    emit: Emit,
    *,
    batch_size: int,
    padding_id: int,
    note: str,
    precision: str = "fp32",
) -> Outputs:
    """Computes all rows where the network is, the longest first, and says so after each batch.

    In another `precision` than fp32 the matrix products are computed in it, as while training.

    Rows that do not fit into memory together are computed in smaller batches. Raises `OutOfMemory` (T1) where one
    row alone does not fit, and `NumbersDiverged` (E1) where an answer is not finite.
    """
    batches = Batches(task, rows, padding_id=padding_id, device=network.device, multiple=1)
    autocast = partial(
        torch.autocast, network.device.type, dtype=NUMBER_FORMATS[precision], enabled=precision != "fp32"
    )
    outputs = all_answers(network, task, rows, batches, emit, batch_size=batch_size, note=note, autocast=autocast)
    _refuse_broken_numbers(outputs.logits)
    return outputs


def _refuse_broken_numbers(logits: Sequence[np.ndarray]) -> None:
    broken = sum(not np.isfinite(row).all() for row in logits)
    if broken:
        raise NumbersDiverged(
            "E1",
            f"The network answers {broken:,} of {len(logits):,} rows with numbers that are not finite.",
            hint="Fine-tune again with a smaller learning rate.",
            actions=("Back to Fine-tune",),
        )
