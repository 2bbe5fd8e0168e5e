"""What the choice among candidates flatters, and what the correction leaves of it: equal ones, true scores known.

    python tests/benchmarks/choosing.py [--sets 60]

All candidates answer each row right with the same probability, and half of the answers of any two are shared, as those
of models that learned the same rows are. Reported are the mean score of the one that is taken as it is and corrected
(BBC-CV), and how often the corrected interval lies below and above the true score (0.025 each is due).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.evaluating.intervals import uncertainty
from engine.tasks.scores import ScoredRows, confusion_matrix, confusion_rows, confusion_scores
from engine.training.choosing.selection import select

CASES = ((6, 100, 0.8, "accuracy"), (20, 100, 0.8, "accuracy"), (6, 86, 0.7, "macro_f1"), (6, 1_000, 0.9, "macro_f1"))
CLASSES = 2


def candidate(generator: np.random.Generator, truth: np.ndarray, shared: np.ndarray, accuracy: float) -> ScoredRows:
    own = generator.random(len(truth)) >= accuracy
    wrong = np.where(generator.random(len(truth)) < 0.5, shared, own)
    predicted = np.where(wrong, 1 - truth, truth)
    return ScoredRows(
        confusion_scores(confusion_matrix(truth, predicted, CLASSES)), confusion_rows(truth, predicted, CLASSES)
    )


def measured(count: int, rows: int, accuracy: float, metric: str, sets: int) -> tuple[float, float, float, float]:
    """Mean score as it is and corrected, share of intervals below and above the true score."""
    plain, corrected, below, above = [], [], 0, 0
    truth = np.arange(rows) % CLASSES
    for seed in range(sets):
        generator = np.random.default_rng(seed)
        shared = generator.random(rows) >= accuracy
        found = [candidate(generator, truth, shared, accuracy) for _ in range(count)]
        selection = select([[one.rows] for one in found], metric, np.arange(rows), seed=1)
        score, expected = selection.scores[selection.taken], selection.corrected or 0.0
        interval = uncertainty(found[selection.taken], {}, metric, lambda _event: None, seed=1).intervals[metric]
        low, high = (end + expected - score for end in interval)
        plain.append(score)
        corrected.append(expected)
        below += high < accuracy
        above += low > accuracy
    return float(np.mean(plain)), float(np.mean(corrected)), below / sets, above / sets


def main() -> None:
    """Prints a line for each case."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", type=int, default=60)
    options = parser.parse_args()
    for count, rows, accuracy, metric in CASES:
        plain, corrected, below, above = measured(count, rows, accuracy, metric, options.sets)
        print(
            f"{count} candidates, {rows:,} rows, {metric} {accuracy}: taken {plain:.3f}, corrected {corrected:.3f}, "
            f"interval too low {below:.3f}, too high {above:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
