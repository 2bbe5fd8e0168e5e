"""What simple methods reach on the validation rows, for the dashed lines in the chart; cheap on purpose.

The evaluation measures them again, on all training rows and the rows that are scored there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from datasets import Dataset

from engine.events import BaselineMeasured, Emit, Noted, Progressed
from engine.tasks.protocol import Task

MOST_ROWS = 20_000
_COLUMNS = ("text", "second_text", "label", "labels", "tokens", "tags")


def measure(task: Task, train: Dataset, validation: Dataset, label_names: tuple[str, ...], emit: Emit) -> None:
    """Emits one `BaselineMeasured` per method, from at most 20,000 rows of each split."""
    emit(Progressed(0, 0, "Measuring what simple methods reach"))
    try:
        found = task.baselines(_some(train), _some(validation), label_names)
    except ValueError as error:  # scikit-learn: nothing in these texts to count
        emit(Noted(f"Simple methods could not be measured on these rows ({error})."))
        return
    for name, scores in found.items():
        score = scores.get(task.metric)
        if score is not None:
            emit(BaselineMeasured(name, task.metric, score))


def _some(split: Dataset) -> Mapping[str, Sequence[Any]]:
    rows = split
    if len(split) > MOST_ROWS:
        chosen = np.random.Generator(np.random.PCG64(0)).choice(len(split), MOST_ROWS, replace=False)
        rows = split.select(np.sort(chosen))
    return {name: rows[name][:] for name in _COLUMNS if name in rows.column_names}
