"""Logits of every row of a split, in evaluation mode: used while training and by the evaluation stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from transformers import PreTrainedModel

from engine.contract.errors import OutOfMemory
from engine.contract.events import Emit, Noted, Progressed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.devices.device_errors import is_out_of_memory
from engine.tasks.network import logits_of
from engine.tasks.rows import Outputs
from engine.tasks.task import Task
from engine.training.batching.batch_plan import by_length
from engine.training.batching.rows import Batches, EncodedRows

REPORT_SECONDS = 0.05

OnBatch = Callable[[torch.Tensor, Mapping[str, torch.Tensor], Mapping[str, torch.Tensor]], None]


def predict_all(
    network: PreTrainedModel,
    task: Task,
    rows: EncodedRows,
    batches: Batches,
    emit: Emit,
    *,
    batch_size: int,
    note: Sentence,
    autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
    on_batch: OnBatch | None = None,
) -> Outputs:
    """Logits and labels of all rows in their order; computes the longest first and reports after each batch.

    Rows that do not fit into memory together are computed in smaller batches; raises `OutOfMemory` (T1) where one row
    alone does not fit. `on_batch` receives the float32 logits, the batch on the device and the batch on the CPU.
    """
    logits: list[np.ndarray] = [np.zeros(0, dtype=np.float32)] * len(rows)
    labels: list[np.ndarray] = [np.zeros(0, dtype=np.int64)] * len(rows)
    waiting = by_length(rows.lengths, batch_size)[::-1]
    done, reported = 0, 0.0
    emit(Progressed(0, len(rows), note, "rows"))
    network.train(False)
    with torch.inference_mode():
        while waiting:
            positions = waiting.pop()
            batch = batches.of(positions)
            try:
                on_device = batches.on_device(batch)
                with autocast():
                    batch_logits = logits_of(network, on_device).float()
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                if len(positions) == 1:
                    raise _too_long(int(rows.numbers[positions[0]]), error) from error
                torch.cuda.empty_cache()
                largest = -(-len(positions) // 2)
                waiting = _in_smaller(positions, waiting, largest)
                emit(Noted(Sentence("training.note.memory_full_rows_computed_time", largest=largest)))
                continue
            if on_batch is not None:
                on_batch(batch_logits, on_device, batch)
            for position, row_logits, row_labels in zip(
                positions.tolist(), *task.split_outputs(batch_logits, batch), strict=True
            ):
                logits[position], labels[position] = row_logits, row_labels
            done += len(positions)
            if time.monotonic() - reported >= REPORT_SECONDS or not waiting:
                reported = time.monotonic()
                emit(Progressed(done, len(rows), note, "rows"))
    return Outputs(logits, labels, rows.numbers.tolist(), rows.words)


def _in_smaller(positions: np.ndarray, waiting: list[np.ndarray], largest: int) -> list[np.ndarray]:
    """All remaining rows in batches of at most `largest`, the next one last."""
    order = [positions, *waiting[::-1]]
    parts = [part[start : start + largest] for part in order for start in range(0, len(part), largest)]
    return parts[::-1]


def _too_long(number: int, error: BaseException) -> OutOfMemory:
    return OutOfMemory(
        "T1",
        Sentence("training.t1.row_alone_does_not_fit", number=number),
        hint=Sentence("training.t1.use_cpu_prepare_data_smaller"),
        actions=(RecoveryAction.USE_CPU,),
        details=str(error),
    )
