"""Whether the forecast for twice the rows holds: half of the training rows of real sets, then all of them.

    python tests/benchmarks/learning_curve.py MODEL_FOLDER DATA_FOLDER --features FOLDER [--trials 40]

Each trial draws the rows that are held out and those to learn from, forecasts from a curve over 10 to 100 % of them,
and compares with the score of twice as many. The aim: the 80 % interval holds it in 30 of 40 trials.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.diagnosing.learning_curve import learning_curve
from engine.diagnosing.row_features import PreparedRow, RowFeatures, Rows
from tests.benchmarks.label_errors import kept, means, texts_of
from tests.builders import a_dataset

SETS = ("trec", "snips")
SIZES = (300, 600, 1_200, 1_800)  # training rows of a trial, in turn
HELD_OUT = 1_000


def curve_of(features: np.ndarray, labels: np.ndarray, names: tuple[str, ...], rows: np.ndarray, train: int) -> object:
    chosen = rows[: train + HELD_OUT]
    places = [PreparedRow("train" if place < train else "test", place, place + 1) for place in range(len(chosen))]
    own = Rows(places, {"text": [""] * len(chosen)}, [[0]] * len(chosen), labels[chosen].tolist(), len(chosen))
    return learning_curve(a_dataset(label_names=names), RowFeatures(own, features[chosen]), lambda _event: None, seed=1)


def main() -> None:
    """Prints a line for each trial and how many intervals held."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--features", type=Path)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--sets", default=",".join(SETS))
    options = parser.parse_args()
    sets = options.sets.split(",")
    loaded = {}
    for name in sets:
        texts, written = texts_of(options.data, name, 0)
        names, labels = np.unique(written, return_inverse=True)
        loaded[name] = kept(options, name, len(texts), lambda texts=texts: means(options.model, texts)), labels, names
    held = 0
    for trial in range(options.trials):
        name, size = sets[trial % len(sets)], SIZES[trial // len(sets) % len(SIZES)]
        features, labels, names = loaded[name]
        generator = np.random.default_rng(trial)
        order = generator.permutation(len(labels))
        test, pool = order[:HELD_OUT], order[HELD_OUT:]
        half, whole = (np.concatenate([pool[:rows], test]) for rows in (size, 2 * size))
        forecast = curve_of(features, labels, tuple(names), half, size)
        true = curve_of(features, labels, tuple(names), whole, 2 * size).points[-1].scores[0]  # type: ignore[attr-defined]
        low, high = forecast.interval  # type: ignore[attr-defined]
        held += low <= true <= high
        print(
            f"{trial + 1}: {name}, {size} rows: {forecast.score_ahead:.3f} ({low:.3f} to {high:.3f}), "  # type: ignore[attr-defined]
            f"true {true:.3f}; held {held} of {trial + 1}",
            flush=True,
        )


if __name__ == "__main__":
    main()
