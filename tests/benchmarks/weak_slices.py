"""Whether a weak group among test rows is found, and how often a group is reported that is not weak.

    python tests/benchmarks/weak_slices.py [--trials 50] [--first 0] [--rows 2000]

In each trial 3 % of the rows, with a word, a range of lengths or a place among what an encoder makes of them in common,
are wrong in 40 % of cases and all others in 10 %. It is found first where most of its rows are in the first group that
is reported. In as many trials no group is worse: whatever is reported there is false.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.contract.diagnoses import WeakSlices
from engine.diagnosing.weak_slices import weak_slices
from tests.engine.diagnosing.planted import SlicedRows, sliced_rows

KINDS = ("word", "length", "cluster")


def searched(rows: SlicedRows) -> WeakSlices:
    return weak_slices(rows.wrong, rows.texts, rows.lengths, rows.labels, rows.features, lambda _event: None, seed=1)


def main() -> None:
    """Prints how many were found first, and how many reported groups were false."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--first", type=int, default=0, help="the seed of the first trial")
    parser.add_argument("--rows", type=int, default=2_000)
    options = parser.parse_args()
    first, reported, false, empty_trials = 0, 0, 0, 0
    by_kind = dict.fromkeys(KINDS, 0)
    for done, trial in enumerate(range(options.first, options.first + options.trials), start=1):
        rows = sliced_rows(options.rows, KINDS[trial % 3], seed=trial)
        found = searched(rows)
        for place, one in enumerate(found.slices):
            mask = np.zeros(options.rows, dtype=bool)
            mask[list(one.positions)] = True
            shared = int((mask & rows.planted).sum())
            is_planted = shared >= 0.5 * rows.planted.sum()
            # A group with more of the planted rows than chance would give it is weak because of them.
            is_weak = is_planted or shared / mask.sum() > 2 * rows.planted.mean()
            reported += 1
            false += not is_weak
            if place == 0 and is_planted:
                first += 1
                by_kind[KINDS[trial % 3]] += 1
        empty_trials += bool(searched(sliced_rows(options.rows, "", seed=1_000 + trial)).slices)
        print(
            f"{done} trials: found first {first} ({by_kind}); false {false} of {reported} reported; "
            f"without a weak group {empty_trials} reported one",
            flush=True,
        )


if __name__ == "__main__":
    main()
