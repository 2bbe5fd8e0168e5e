"""What a network answers to every row of a split, in the order of the rows."""

from __future__ import annotations

import time

import numpy as np
import torch
from transformers import PreTrainedModel

from engine.errors import NumbersDiverged, OutOfMemory
from engine.events import Emit, Noted, Progressed
from engine.tasks.protocol import Outputs, Task
from engine.training.batches import by_length
from engine.training.rows import Batches, EncodedRows

REPORT_SECONDS = 0.05


def network_outputs(
    network: PreTrainedModel,
    task: Task,
    rows: EncodedRows,
    emit: Emit,
    *,
    batch_size: int,
    padding_id: int,
    note: str,
) -> Outputs:
    """Computes all rows where the network is, the longest first, and says so after each batch.

    Rows that do not fit into memory together are computed in smaller batches. Raises `OutOfMemory` (T1) where one
    row alone does not fit, and `NumbersDiverged` (E1) where an answer is not finite.
    """
    logits: list[np.ndarray] = [np.zeros(0, dtype=np.float32)] * len(rows)
    labels: list[np.ndarray] = [np.zeros(0, dtype=np.int64)] * len(rows)
    batches = Batches(task, rows, padding_id=padding_id, device=network.device, multiple=1)
    waiting = by_length(rows.lengths, batch_size)[::-1]
    done, told = 0, 0.0
    emit(Progressed(0, len(rows), note, "rows"))
    network.train(False)
    with torch.inference_mode():
        while waiting:
            positions = waiting.pop()
            batch = batches.of(positions)
            try:
                on_device = batches.on_device(batch)
                answers = network(
                    input_ids=on_device["input_ids"], attention_mask=on_device["attention_mask"]
                ).logits.float()
            except (torch.OutOfMemoryError, MemoryError) as error:
                if len(positions) == 1:
                    raise _too_long(int(rows.numbers[positions[0]]), error) from error
                torch.cuda.empty_cache()
                largest = -(-len(positions) // 2)
                waiting = _in_smaller(positions, waiting, largest)
                emit(Noted(f"The memory is full: the rows are computed {largest:,} at a time."))
                continue
            for position, row_logits, row_labels in zip(
                positions.tolist(), *task.split_outputs(answers, batch), strict=True
            ):
                logits[position], labels[position] = row_logits, row_labels
            done += len(positions)
            if time.monotonic() - told >= REPORT_SECONDS or not waiting:
                told = time.monotonic()
                emit(Progressed(done, len(rows), note, "rows"))
    _refuse_broken_numbers(logits)
    return Outputs(logits, labels, rows.numbers.tolist())


def _in_smaller(positions: np.ndarray, waiting: list[np.ndarray], largest: int) -> list[np.ndarray]:
    """All that is still to do in batches of at most `largest` rows, the next one last."""
    order = [positions, *waiting[::-1]]
    parts = [part[start : start + largest] for part in order for start in range(0, len(part), largest)]
    return parts[::-1]


def _refuse_broken_numbers(logits: list[np.ndarray]) -> None:
    broken = sum(not np.isfinite(row).all() for row in logits)
    if broken:
        raise NumbersDiverged(
            "E1",
            f"The network answers {broken:,} of {len(logits):,} rows with numbers that are not finite.",
            hint="Fine-tune again with a smaller learning rate.",
            actions=("Back to Fine-tune",),
        )


def _too_long(number: int, error: BaseException) -> OutOfMemory:
    return OutOfMemory(
        "T1",
        f"Row {number:,} alone does not fit into the memory.",
        hint="Evaluate on the CPU, or prepare the data with a smaller maximum length.",
        actions=("Use the CPU",),
        details=str(error),
    )
