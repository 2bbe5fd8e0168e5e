"""How often conformal sets hold the true label, over many splits into calibration and test rows.

    python -m tests.benchmarks.conformal_coverage
    python -m tests.benchmarks.conformal_coverage --logits RUN/evaluation/logits.parquet
    python -m tests.benchmarks.conformal_coverage --checkpoints 10

Each split's share of test rows whose set holds the true label is beta-binomial; of 200 splits about 10 may be outside
their 95 % band. Without a file the rows are drawn: overconfident logits of several classes. With `--checkpoints` the
calibration rows have first chosen the most accurate of so many equally good networks, as validation rows do.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.calibration.conformal import coverage_band, coverage_to_aim_at, cutoff, label_sets
from engine.calibration.stored_logits import read_logits
from engine.calibration.temperature import class_probabilities

NOISE = 0.8  # of a network's logits beside the true ones, whose standard deviation is 1.5


class Trial(NamedTuple):
    """Rows of one split, and what is promised."""

    classes: int
    calibration_rows: int
    test_rows: int
    coverage: float


def drawn_rows(trial: Trial, generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of an overconfident network (rows, classes), and the true classes."""
    logits = generator.normal(size=(rows, trial.classes)) * 1.5
    likely = class_probabilities(logits)
    return class_probabilities(logits * 2.5), _drawn_classes(likely, generator)


def coverage_of(
    calibration: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    promised: float,
    *,
    checkpoints: int = 1,
) -> float:
    """The share of test rows whose set holds the true label."""
    likely, truth = calibration
    aimed = coverage_to_aim_at(likely, truth, promised, evaluations=checkpoints, rows=len(truth))
    cut = cutoff(likely[np.arange(len(truth)), truth], aimed)
    likely, truth = test
    sets = label_sets(likely, np.full(likely.shape[1], cut))
    return float(sets[np.arange(len(truth)), truth].mean())


def coverages(trial: Trial, *, splits: int, seed: int) -> list[float]:
    """The coverage of each split of freshly drawn rows."""
    generator = np.random.default_rng(seed)
    return [
        coverage_of(
            drawn_rows(trial, generator, trial.calibration_rows),
            drawn_rows(trial, generator, trial.test_rows),
            trial.coverage,
        )
        for _ in range(splits)
    ]


def coverages_after_choice(trial: Trial, *, checkpoints: int, splits: int, seed: int, aims: bool = True) -> list[float]:
    """The same where the calibration rows have chosen the network, of equally good ones that differ by noise.

    `aims` is whether the cutoffs aim at more for that, as the program's do.
    """
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(splits):
        rows = trial.calibration_rows + trial.test_rows
        logits = generator.normal(size=(rows, trial.classes)) * 1.5
        truth = _drawn_classes(class_probabilities(logits), generator)
        networks = [logits + NOISE * generator.normal(size=logits.shape) for _ in range(checkpoints)]
        first, second = slice(0, trial.calibration_rows), slice(trial.calibration_rows, rows)
        best = max(networks, key=lambda one: float((one[first].argmax(axis=1) == truth[first]).mean()))
        likely = class_probabilities(best * 2.5)
        sides = (likely[first], truth[first]), (likely[second], truth[second])
        found.append(coverage_of(*sides, trial.coverage, checkpoints=checkpoints if aims else 1))
    return found


def _drawn_classes(likely: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    drawn: np.ndarray = (generator.random((len(likely), 1)) > np.cumsum(likely, axis=1)).sum(axis=1)
    return drawn.clip(0, likely.shape[1] - 1)


def coverages_of_stored(path: Path, trial: Trial, *, splits: int, seed: int) -> list[float]:
    """The same over random splits of stored rows."""
    stored = read_logits(path)
    if stored is None or stored.truth.ndim > 1:
        raise SystemExit(f"{path} holds no logits of rows with one class")
    generator = np.random.default_rng(seed)
    likely = class_probabilities(stored.logits)
    found = []
    for _ in range(splits):
        order = generator.permutation(len(likely))
        first, second = order[: trial.calibration_rows], order[trial.calibration_rows :]
        both = ((likely[part], stored.truth[part]) for part in (first, second))
        found.append(coverage_of(*both, trial.coverage))
    return found


def outside(found: list[float], *, calibration_rows: int, test_rows: int, coverage: float) -> int:
    """How many are outside the 95 % band of the beta-binomial distribution."""
    low, high = coverage_band(calibration_rows, test_rows, coverage)
    return sum(not low - 1e-12 <= share <= high + 1e-12 for share in found)


def main() -> None:
    """Prints a line for each trial."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logits", type=Path, help="evaluation/logits.parquet of a run")
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--checkpoints", type=int, default=0, help="that the calibration rows choose one of")
    options = parser.parse_args()
    print("classes  calibration  test  promised  mean    outside of splits")
    for classes in (2, 6, 77):
        for calibration in (100, 400):
            for promised in (0.8, 0.9, 0.95):
                trial = Trial(classes, calibration, 500, promised)
                if options.logits:
                    found = coverages_of_stored(options.logits, trial, splits=options.splits, seed=0)
                    stored = read_logits(options.logits)
                    trial = trial._replace(test_rows=len(stored.rows) - calibration if stored else 0)
                elif options.checkpoints:
                    found = coverages_after_choice(
                        trial, checkpoints=options.checkpoints, splits=options.splits, seed=0
                    )
                else:
                    found = coverages(trial, splits=options.splits, seed=0)
                number = outside(found, **{key: getattr(trial, key) for key in Trial._fields if key != "classes"})
                print(
                    f"{classes:7}  {calibration:11}  {trial.test_rows:4}  {promised:8}  {np.mean(found):.4f}  "
                    f"{number:3} of {len(found)}"
                )
        if options.logits:
            return


if __name__ == "__main__":
    main()
