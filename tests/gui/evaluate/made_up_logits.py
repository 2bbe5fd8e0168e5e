"""A report whose logits are on disk, as an evaluation leaves them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.calibration.stored_logits import SCORED, VALIDATION, StoredLogits, write_logits
from engine.contract.states import EvaluationReport
from tests.builders import a_dataset, a_run, an_evaluation


def drawn(seed: int, rows: int, classes: int, *, several: bool = False) -> StoredLogits:
    """Overconfident logits, and a truth that follows half of them."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(rows, classes)) * 1.5
    if several:
        truth = (generator.random((rows, classes)) < 1 / (1 + np.exp(-logits))).astype(np.int64)
    else:
        likely = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        truth = (generator.random((rows, 1)) > np.cumsum(likely, axis=1)).sum(axis=1).clip(0, classes - 1)
    return StoredLogits(np.arange(1, rows + 1), truth, (2 * logits).astype(np.float32))


def report_with_logits(
    folder: Path,
    *,
    classes: int = 2,
    rows: int = 400,
    validation: int = 300,
    several: bool = False,
    temperature: float = 1.0,
) -> EvaluationReport:
    """A report in this folder."""
    names = ("negative", "positive") if classes == 2 else tuple(f"class {number}" for number in range(classes))
    task = "multi_label_classification" if several else "text_classification"
    dataset = a_dataset(label_names=names, task=task)
    place = folder / "evaluation"
    place.mkdir(parents=True)
    write_logits(place / SCORED, drawn(1, rows, classes, several=several), {})
    if validation:
        write_logits(place / VALIDATION, drawn(2, validation, classes, several=several), {})
    run = a_run(dataset=dataset, temperature=temperature)
    return an_evaluation(run=run, folder=str(place), rows=rows, wrong_rows=())
