"""Every held-out row with its truth and its answer, as a Parquet table.

row          int64           number in the file, from 1
truth        text; a list of texts where a row has several labels; a float64 where the answer is a number
predicted    the same
probability  float32         given to the predicted answer; over several their smallest; none for numbers
loss         float32         cross-entropy in nats, over several labels their sum; the squared error of numbers
right        bool            the whole row is answered rightly; none for numbers
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet

from engine.tasks.protocol import Outputs, Task


def predictions_table(task: Task, outputs: Outputs, label_names: Sequence[str]) -> pa.Table:
    """The table, one entry per row of `outputs`, in their order."""
    columns = task.predictions(outputs, label_names)
    first = next(iter(columns["truth"]), "")
    kind = (
        pa.list_(pa.string()) if isinstance(first, list) else pa.float64() if isinstance(first, float) else pa.string()
    )
    return pa.table(
        {
            "row": pa.array(outputs.rows, pa.int64()),
            "truth": pa.array(columns["truth"], kind),
            "predicted": pa.array(columns["predicted"], kind),
            "probability": pa.array(columns["probability"], pa.float32()),
            "loss": pa.array(columns["loss"], pa.float32()),
            "right": pa.array(columns["right"], pa.bool_()),
        }
    )


def write_predictions(path: Path, task: Task, outputs: Outputs, label_names: Sequence[str]) -> None:
    """Writes the table with zstd; the caller sees to staging and sync."""
    parquet.write_table(predictions_table(task, outputs, label_names), path, compression="zstd")
