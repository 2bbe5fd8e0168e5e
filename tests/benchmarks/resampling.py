"""Seconds of one core that 5,000 resamples take, by kind and number of rows.

OMP_NUM_THREADS=1 python tests/benchmarks/resampling.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.contract.events import Event
from engine.evaluating.resampling import resampled_scores
from engine.tasks.further_scores import ClassProbabilityRows
from engine.tasks.scores import NumberRows, SampleScores, confusion_rows

Make = Callable[[np.random.Generator, int], SampleScores]


def classes(number: int) -> Make:
    """Right in 80 % of the rows."""

    def make(generator: np.random.Generator, rows: int) -> SampleScores:
        truth, other = generator.integers(0, number, (2, rows))
        return confusion_rows(truth, np.where(generator.random(rows) < 0.8, truth, other), number)

    return make


def probabilities(number: int) -> Make:
    """Normal logits, higher by 2 at the true class."""

    def make(generator: np.random.Generator, rows: int) -> SampleScores:
        truth = generator.integers(0, number, rows)
        logits = generator.standard_normal((rows, number))
        logits[np.arange(rows), truth] += 2
        return ClassProbabilityRows(truth, logits)

    return make


def numbers(generator: np.random.Generator, rows: int) -> SampleScores:
    """Normal numbers with as large errors."""
    truth, error = generator.standard_normal((2, rows))
    return NumberRows(truth, truth + error)


CELLS: list[tuple[str, Make, int]] = [
    *(("6 classes", classes(6), rows) for rows in (2_000, 40_000, 1_000_000)),
    *(("77 classes", classes(77), rows) for rows in (10_000, 1_000_000)),
    *(("probabilities of 2 classes", probabilities(2), rows) for rows in (2_000, 40_000)),
    ("probabilities of 20 classes", probabilities(20), 10_000),
    ("probabilities of 77 classes", probabilities(77), 2_000),
    *(("numbers", numbers, rows) for rows in (40_000, 400_000)),
]


def quietly(_event: Event) -> None:
    """Shows nothing."""


if __name__ == "__main__":
    print("| rows | seconds |")
    print("|---|---|")
    drawing = np.random.default_rng(0)
    for title, make_rows, count in CELLS:
        made = make_rows(drawing, count)
        begun = time.process_time()
        resampled_scores(made, None, quietly, drawing)
        print(f"| {title}, {count:,} | {time.process_time() - begun:.2f} |", flush=True)
