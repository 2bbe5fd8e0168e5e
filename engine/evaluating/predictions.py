"""Every held-out row with its truth and its answer, as a Parquet table.

row          int64           number in the file, from 1
truth        text, or a list of texts where each word has a label
predicted    the same
probability  float32         given to the predicted answer; over words their smallest
loss         float32         cross-entropy in nats; over words their sum
right        bool            the whole row is answered rightly
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from engine.tasks.padding import probabilities, row_losses
from engine.tasks.protocol import IGNORED, Outputs


def predictions_table(outputs: Outputs, label_names: Sequence[str]) -> pa.Table:
    """The table, one entry per row of `outputs`, in their order."""
    names = np.asarray(label_names, dtype=object)
    per_word = any(np.ndim(labels) for labels in outputs.labels)
    truths, answers, certainties, losses, right = [], [], [], [], []
    for logits, labels in zip(outputs.logits, outputs.labels, strict=True):
        flat = np.atleast_1d(labels)
        counted = flat != IGNORED
        truth, rows = flat[counted], np.atleast_2d(logits)[counted]
        answer = rows.argmax(axis=-1) if len(rows) else np.zeros(0, dtype=np.int64)
        chances = probabilities(rows)[np.arange(len(rows)), answer] if len(rows) else np.ones(1)
        truths.append(list(names[truth]) if per_word else names[truth[0]])
        answers.append(list(names[answer]) if per_word else names[answer[0]])
        certainties.append(float(chances.min()))
        losses.append(float(row_losses(rows, truth).sum()) if len(rows) else 0.0)
        right.append(bool(np.array_equal(truth, answer)))
    kind = pa.list_(pa.string()) if per_word else pa.string()
    return pa.table(
        {
            "row": pa.array(outputs.rows, pa.int64()),
            "truth": pa.array(truths, kind),
            "predicted": pa.array(answers, kind),
            "probability": pa.array(certainties, pa.float32()),
            "loss": pa.array(losses, pa.float32()),
            "right": pa.array(right, pa.bool_()),
        }
    )


def write_predictions(path: Path, outputs: Outputs, label_names: Sequence[str]) -> None:
    """Writes the table with zstd; the caller sees to staging and sync."""
    parquet.write_table(predictions_table(outputs, label_names), path, compression="zstd")
