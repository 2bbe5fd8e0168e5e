"""Which rows make up each batch: drawn from a private generator, equal for equal (seed, epoch).

The batches of any epoch can be computed at any time, so a continued run starts with exactly the batch that was next.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# Batches whose rows are sorted by length together: larger buckets pad less and mix less. An epoch has at least four
# buckets, drawn anew each time, as with `group_by_length` of `transformers.Trainer`: a single bucket would be the same
# sorted list in every epoch, and its batches nearly the same rows (tests/benchmarks/length_buckets.py).
BUCKET_BATCHES = 50
FEWEST_BUCKETS = 4


class BatchPlan:
    """The batches of every epoch over rows of these lengths."""

    def __init__(self, lengths: np.ndarray, *, batch_size: int, seed: int, length_buckets: bool) -> None:
        self._lengths = lengths
        self._batch_size = batch_size
        self._seed = seed
        self._length_buckets = length_buckets
        self.batches_per_epoch = max(1, -(-len(lengths) // batch_size))
        self.epoch = lru_cache(maxsize=1)(self._epoch)

    def _epoch(self, number: int) -> list[np.ndarray]:
        """Positions of the rows of each batch of this epoch, counted from 0; every row occurs once."""
        generator = np.random.Generator(np.random.PCG64([self._seed, number]))
        order = generator.permutation(len(self._lengths))
        if not self._length_buckets:
            return _chunks(order, self._batch_size)
        # The rows of a partial batch are drawn before sorting: otherwise the shortest row would be alone in every
        # epoch, with the weight of a whole batch.
        whole = len(order) - len(order) % self._batch_size
        batches = _chunks(order[whole:], self._batch_size)
        bucket_batches = max(1, min(BUCKET_BATCHES, whole // self._batch_size // FEWEST_BUCKETS))
        for bucket in _chunks(order[:whole], bucket_batches * self._batch_size):
            by_length = bucket[np.argsort(-self._lengths[bucket], kind="stable")]
            batches += _chunks(by_length, self._batch_size)
        shuffled = [batches[index] for index in generator.permutation(len(batches))]
        if number == 0:
            # The longest batch first: if it does not fit into memory, that shows at once and not after an hour. Only
            # once, since the first batch of an epoch would otherwise always be of long rows.
            longest = max(range(len(shuffled)), key=lambda index: int(self._lengths[shuffled[index]].max()))
            shuffled[0], shuffled[longest] = shuffled[longest], shuffled[0]
        return shuffled


def in_parts(batch: np.ndarray, *, batch_size: int, parts: int) -> list[np.ndarray]:
    """A batch split into parts for gradient accumulation; no part is larger than `batch_size / parts`, rounded up."""
    return _chunks(batch, -(-batch_size // parts))


def by_length(lengths: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Batches for evaluation: all rows once, the longest first, little padding."""
    return _chunks(np.argsort(-lengths, kind="stable"), batch_size)


def _chunks(rows: np.ndarray, size: int) -> list[np.ndarray]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
