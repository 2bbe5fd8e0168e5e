"""A held-out row that is like most: what the Export page and a card of public data show the model used with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from datasets import DatasetDict

from engine.contract.states import EvaluationReport
from engine.tasks.registry import task_named

LONGEST = 200  # characters of both texts
MOST_ROWS = 5_000  # that are looked at
NONE = ("", "")


def typical_example(evaluation: EvaluationReport, splits: DatasetDict | None) -> tuple[str, str]:
    """Text and second text of a scored row that is answered rightly and is neither long nor short; empty without rows.

    It is nearest to the median length and to the median probability of those that are right.
    """
    if splits is None or evaluation.settings.split not in splits:
        return NONE
    rows = splits[evaluation.settings.split]
    task = task_named(evaluation.run.dataset.task)
    places = np.linspace(0, len(rows) - 1, min(MOST_ROWS, len(rows))).astype(int)
    looked_at = rows.select_columns(_read(rows.column_names)).select(places.tolist())
    inputs = [task.plain_input(row) for row in looked_at]
    pairs = [(one, "") if isinstance(one, str) else (one["text"], one["text_pair"]) for one in inputs]
    lengths = np.asarray([len(first) + len(second) for first, second in pairs])
    right, probability = (part[places] for part in _answers(Path(evaluation.folder), len(rows)))
    possible = np.flatnonzero(right & (lengths > 0) & (lengths <= LONGEST))
    if not len(possible):
        possible = np.flatnonzero(lengths > 0)
    if not len(possible):
        return NONE
    usual = np.median(lengths[lengths > 0])
    apart = np.abs(lengths[possible] - usual) / max(1.0, float(usual))
    apart += np.abs(probability[possible] - np.median(probability[possible]))
    text, second = pairs[int(possible[int(apart.argmin())])]
    return text[:LONGEST], second[:LONGEST]


def _read(columns: list[str]) -> list[str]:
    wanted = ("text", "second_text", "tokens", "full_text")
    return [column for column in columns if column in wanted]


def _answers(folder: Path, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Which rows are right (rows,) bool, and how likely their answers are (rows,) float64; of no table, all and 0."""
    try:
        table = parquet.read_table(folder / "predictions.parquet", columns=["right", "probability"], use_threads=False)
    except (OSError, ValueError, pa.ArrowException):
        return np.ones(rows, dtype=bool), np.zeros(rows)
    if len(table) != rows:
        return np.ones(rows, dtype=bool), np.zeros(rows)
    right = [one is not False for one in table["right"].to_pylist()]
    likely = [one if one is not None else 0.0 for one in table["probability"].to_pylist()]
    return np.asarray(right, dtype=bool), np.asarray(likely, dtype=np.float64)
