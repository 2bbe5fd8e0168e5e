"""How well grouping by length mixes the rows of small data sets, and what padding it costs.

    python tests/benchmarks/length_buckets.py

Compares the batches of training with `group_by_length` of `transformers.Trainer`, with a plain shuffle, and with one
bucket of all rows sorted whole. Needs no model: the lengths are drawn like those of SST-2's sentences (a mean of 23
tokens). Prints, as means over 40 epochs:

- together again: pairs of rows that share a batch in one epoch and in the next
- identical: batches whose rows are those of a batch of the epoch before
- one class: batches with one label only, where rows above the median length have one label and the others another
- padding: padding tokens a batch holds for each real token
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import numpy as np

ROWS = (72, 200, 1_000)
BATCH_SIZE = 16
EPOCHS = 40
Epoch = list[np.ndarray]


def main() -> None:
    """Prints a table for each number of rows."""
    for rows in ROWS:
        lengths = np.random.Generator(np.random.PCG64(rows)).lognormal(3.0, 0.5, rows).clip(3, 65).astype(int) + 2
        print(f"\n{rows:,} rows, batches of {BATCH_SIZE}")
        print(f"{'':<24}{'together again':>16}{'identical':>12}{'one class':>12}{'padding':>10}")
        for name, epoch in samplers(lengths).items():
            epochs = [epoch(number) for number in range(1, EPOCHS + 1)]
            shares = (together_again(epochs), identical(epochs), one_class(epochs, lengths), padding(epochs, lengths))
            print(f"{name:<24}{shares[0]:>15.0%} {shares[1]:>11.0%} {shares[2]:>11.0%} {shares[3]:>9.0%}")


def samplers(lengths: np.ndarray) -> dict[str, Callable[[int], Epoch]]:
    """The batches of an epoch, by who makes them."""
    import torch
    from transformers.trainer_pt_utils import get_length_grouped_indices

    from engine.training.batching.batch_plan import BatchPlan

    grouped, shuffled = (
        BatchPlan(lengths, batch_size=BATCH_SIZE, seed=1, length_buckets=buckets) for buckets in (True, False)
    )
    generator = torch.Generator().manual_seed(1)

    def trainer(_number: int) -> Epoch:
        return cut(np.asarray(get_length_grouped_indices(lengths.tolist(), BATCH_SIZE, generator=generator)))

    def sorted_whole(number: int) -> Epoch:
        order = np.random.Generator(np.random.PCG64(number)).permutation(len(lengths))
        return cut(order[np.argsort(-lengths[order], kind="stable")])

    return {
        "Tunewright": grouped.epoch,
        "group_by_length": trainer,
        "plain shuffle": shuffled.epoch,
        "one bucket": sorted_whole,
    }


def cut(order: np.ndarray) -> Epoch:
    """Batches of rows in this order."""
    return [order[start : start + BATCH_SIZE] for start in range(0, len(order), BATCH_SIZE)]


def together_again(epochs: list[Epoch]) -> float:
    """The share of the pairs of rows of a batch that share a batch in the next epoch, too."""

    def pairs(batches: Epoch) -> set[tuple[int, int]]:
        return {(one, other) for batch in batches for one in batch.tolist() for other in batch.tolist() if one < other}

    found = [pairs(epoch) for epoch in epochs]
    return float(np.mean([len(before & after) / len(before) for before, after in pairwise(found)]))


def identical(epochs: list[Epoch]) -> float:
    """The share of batches that hold exactly the rows of a batch of the epoch before."""
    found = [{frozenset(batch.tolist()) for batch in epoch} for epoch in epochs]
    return float(np.mean([len(before & after) / len(after) for before, after in pairwise(found)]))


def one_class(epochs: list[Epoch], lengths: np.ndarray) -> float:
    """The share of batches of more than one row with one label only, where the label follows from the length."""
    labels = lengths > np.median(lengths)
    batches = [labels[batch] for epoch in epochs for batch in epoch if len(batch) > 1]
    return float(np.mean([batch.all() or not batch.any() for batch in batches]))


def padding(epochs: list[Epoch], lengths: np.ndarray) -> float:
    """Padding tokens for each real token."""
    padded = sum(int(lengths[batch].max()) * len(batch) for epoch in epochs for batch in epoch)
    return padded / (len(epochs) * int(lengths.sum())) - 1


if __name__ == "__main__":
    main()
