"""How many labels no split ever measures, and how far splits are from the shares of their labels: before and now.

    python tests/benchmarks/class_presence.py [--seeds 200]

A tenth of the rows goes to validation and a tenth to test, with so many seeds. Before: of each kind its share by
largest remainder, where what is left over goes to the first kinds in the file; the kind of a row with several labels is
the first of them by name. Now: `engine.preparing.splitting`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.preparing.splitting import TEST, TRAIN, VALIDATION, draw_splits

SHARE = 0.1
Sets = Sequence[Collection[int]]


def classes(histogram: Sequence[int]) -> list[tuple[int, ...]]:
    """Rows of one label each, in random order."""
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(histogram)), histogram))
    return [(label,) for label in labels.tolist()]


def question_types() -> list[tuple[int, ...]]:
    """1,000 rows of 50 types with shares of 1/k^1.2."""
    shares = 1 / np.arange(1, 51) ** 1.2
    drawn = np.random.default_rng(0).choice(50, 1_000, p=shares / shares.sum())
    return [(label,) for label in drawn.tolist()]


def label_sets(rows: int, labels: int) -> list[tuple[int, ...]]:
    """Label k is on a share of 0.3 / k of the rows."""
    marked = np.random.default_rng(0).random((rows, labels)) < 0.3 / np.arange(1, labels + 1)
    return [tuple(np.flatnonzero(row).tolist()) for row in marked]


def with_rare(sets: list[tuple[int, ...]], number: int) -> list[tuple[int, ...]]:
    """One more label on so many rows."""
    label = 1 + max(name for own in sets for name in own)
    for row in np.random.default_rng(1).choice(len(sets), number, replace=False).tolist():
        sets[row] += (label,)
    return sets


CELLS = {
    "77 classes of 4 rows": classes([4] * 77),
    "1,000 rows of 50 question types": question_types(),
    "6 classes, 600 rows": classes([300, 150, 75, 40, 25, 10]),
    "500 rows of 8 labels, and one on 5 rows": with_rare(label_sets(500, 8), 5),
    "1,000 rows of 60 labels": label_sets(1_000, 60),
    "2,000 sentences of 20 entity types": label_sets(2_000, 20),
}


# Before


def splits_before(sets: Sets, seed: int) -> np.ndarray:
    """As 0.1.0 drew them."""
    strata = np.unique([min(own, default=-1) for own in sets], return_inverse=True)[1]
    sizes = np.bincount(strata)
    left = np.maximum(sizes - 1, 0)
    test = _largest_remainder(sizes, left)
    validation = _largest_remainder(sizes, left - test)
    order = np.random.default_rng(seed).permutation(len(strata))
    by_kind = order[np.argsort(strata[order], kind="stable")]
    splits, start = np.zeros(len(strata), dtype=np.int8), 0
    for kind, size in enumerate(sizes):
        rows = by_kind[start : start + size]
        splits[rows[: test[kind]]] = TEST
        splits[rows[test[kind] : test[kind] + validation[kind]]] = VALIDATION
        start += size
    return splits


def _largest_remainder(sizes: np.ndarray, most: np.ndarray) -> np.ndarray:
    wanted = sizes * SHARE
    quotas = np.minimum(np.floor(wanted).astype(np.int64), most)
    missing = round(SHARE * int(sizes.sum())) - int(quotas.sum())
    while missing > 0 and (quotas < most).any():
        open_kinds = np.flatnonzero(quotas < most)
        best = open_kinds[np.argsort(-(wanted - quotas)[open_kinds], kind="stable")][:missing]
        quotas[best] += 1
        missing -= len(best)
    return quotas


# Table


def splits_now(sets: Sets, seed: int) -> np.ndarray:
    """As they are drawn now."""
    rows = np.arange(len(sets))
    return draw_splits(rows, rows, labels=sets, validation_share=SHARE, test_share=SHARE, seed=seed)


def class_presence(seeds: int) -> None:
    """For each cell, before and now, over all seeds."""
    print(
        "| rows | | labels never in validation or test (of those with 2 rows or more) | in neither, rarest label "
        "| labels in neither, a seed | most rows off its share, test | test rows |"
    )
    print("|---|---|---|---|---|---|---|")
    for title, sets in CELLS.items():
        marked = np.zeros((len(sets), 1 + max(label for own in sets for label in own)), dtype=bool)
        for row, own in enumerate(sets):
            marked[row, list(own)] = True
        sizes = marked.sum(axis=0)
        often = sizes >= 2
        rarest = int(np.flatnonzero(often)[sizes[often].argmin()])
        for name, draw in (("before", splits_before), ("now", splits_now)):
            held_out = np.zeros((seeds, len(sizes)), dtype=np.int64)
            off, rows = [], []
            for seed in range(seeds):
                splits = draw(sets, seed)
                held_out[seed] = marked[splits != TRAIN].sum(axis=0)
                off.append(np.abs(marked[splits == TEST].sum(axis=0) - SHARE * sizes)[often].max())
                rows.append(int((splits == TEST).sum()))
            absent = held_out == 0
            print(
                f"| {title} | {name} | {absent.all(axis=0)[often].sum()} of {often.sum()} | "
                f"{absent[:, rarest].mean():.0%} ({sizes[rarest]} rows) | {absent[:, often].sum(axis=1).mean():.1f} | "
                f"{np.mean(off):.1f} | {min(rows)} to {max(rows)} |",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    class_presence(parser.parse_args().seeds)
