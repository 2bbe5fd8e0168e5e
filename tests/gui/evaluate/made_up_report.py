"""Made-up rows with truth and prediction on disk, as an evaluation leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from datasets import Dataset, DatasetDict

from engine.contract.settings import TaskName
from engine.contract.states import EvaluationReport, SplitCounts, TargetScale, WrongRow
from tests.builders import a_dataset, a_run, an_evaluation

WORDS = "the film was good bad long Short story ÄRGER scene".split()
CLASSES = ("negative", "neutral", "positive")
TAGS = ("O", "B-PERSON", "I-PERSON", "B-PLACE", "I-PLACE")
Rows = list[dict[str, Any]]


class Names(NamedTuple):
    """Words and labels that the rows are made of."""

    words: Sequence[str] = WORDS
    classes: Sequence[str] = CLASSES
    tags: Sequence[str] = TAGS


NAMES = Names()


def made_up(task: TaskName, rows: int, *, seed: int = 3, names: Names = NAMES) -> Rows:
    """Rows with random texts, labels, predictions and many equal losses."""
    generator = np.random.Generator(np.random.PCG64(seed))
    found: Rows = []
    for number in range(rows):
        words = generator.choice(names.words, size=int(generator.integers(1, 9))).tolist()
        row: dict[str, Any] = {"row": 2 * number + 1, "words": words, "loss": float(generator.integers(0, 40)) / 8}
        row["probability"] = float(generator.integers(5, 11)) / 10
        row["length"] = len(words) + 2
        for side in ("truth", "predicted"):
            if task == "text_classification":
                row[side] = str(generator.choice(names.classes))
            elif task == "multi_label_classification":
                row[side] = [name for name in names.classes if generator.random() < 0.4]
            elif task == "regression":
                row[side] = float(generator.normal())
            else:
                row[side] = generator.choice(names.tags, size=len(words)).tolist()
        row["right"] = row["truth"] == row["predicted"]
        found.append(row)
    return found


def on_disk(
    folder: Path, task: TaskName, rows: Rows, *, before: int = 5, validation: int = 0, names: Names = NAMES
) -> EvaluationReport:
    """The rows as the test split of a data set, `before` others in front of it, with the file of predictions.

    `validation`: so many rows are those of a third split.
    """
    per_word = task == "token_classification"
    answers = {
        "text_classification": ("label", lambda row: row["truth"]),
        "multi_label_classification": ("label_set", lambda row: row["truth"]),
        "regression": ("score", lambda row: str(row["truth"])),
        "token_classification": ("tags", lambda row: row["truth"]),
    }
    column, answer = answers[task]

    def split(part: Rows) -> Dataset:
        texts = {"tokens": [row["words"] for row in part]} if per_word else {"text": [text_of(row) for row in part]}
        numbers = {name: [row[name] for row in part] for name in ("row", "length")}
        return Dataset.from_dict({**numbers, **texts, column: [answer(row) for row in part]})

    parts = {"train": rows[:before], **({"validation": rows[:validation]} if validation else {}), "test": rows}
    DatasetDict({name: split(part) for name, part in parts.items()}).save_to_disk(str(folder / "dataset"))
    dataset = a_dataset(
        folder=str(folder / "dataset"),
        task=task,
        label_names=("score",) if task == "regression" else tuple(names.tags if per_word else names.classes),
        splits={name: SplitCounts(len(part), {}) for name, part in parts.items()},
        target_scale=TargetScale(0.0, 1.0) if task == "regression" else None,
    )
    (folder / "evaluation").mkdir()
    kinds = {"truth": None, "predicted": None, "probability": pa.float32(), "loss": pa.float32(), "right": pa.bool_()}
    columns = {name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()}
    if task == "regression":
        columns |= {name: pa.array([None] * len(rows), kinds[name]) for name in ("probability", "right")}
    table = pa.table({"row": pa.array([row["row"] for row in rows], pa.int64()), **columns})
    parquet.write_table(table, folder / "evaluation" / "predictions.parquet")
    listed = tuple(WrongRow(row["row"], text_of(row), "a", "b", 0.5, row["loss"]) for row in rows[:1])
    return an_evaluation(
        run=a_run(dataset=dataset), folder=str(folder / "evaluation"), rows=len(rows), wrong_rows=listed
    )


def text_of(row: dict[str, Any]) -> str:
    return " ".join(row["words"])
