"""How often each row is drawn in a resample, and how many resamples there are."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from functools import lru_cache

import numpy as np
from scipy import stats

RESAMPLES = 5_000
MOST_UNDEFINED = 0.05  # share of the resamples in which a score is not measurable
LARGE = 2_000  # rows from which the size of a resample may vary a little
CELLS = 200_000  # rows times resamples that are computed together: what the processor's cache holds
FEWEST_RESAMPLES = 200  # enough for the variance that the intervals are made of
MOST_CELLS = 200_000_000  # rows times resamples times passes: some seconds
TAIL = 0.025  # on each side of an interval
QUANTILE = float(stats.norm.ppf(1 - TAIL))


def resamples_for(rows: int, passes: int = 1) -> int:
    """Fewer for very many rows, whose scores hardly vary, and where each resample is costly."""
    usual = max(1_000, min(RESAMPLES, 40_000 * RESAMPLES // rows))
    return min(usual, max(FEWEST_RESAMPLES, MOST_CELLS // (rows * passes)))


def portions(rows: int, passes: int = 1) -> Iterator[tuple[int, int]]:
    """How many resamples are done, and how many come next."""
    total, size = resamples_for(rows, passes), max(8, CELLS // rows)
    for done in range(0, total, size):
        yield done, min(size, total - done)


def drawn_times(generator: np.random.Generator, rows: int, resamples: int, *, kept: float = 1.0) -> np.ndarray:
    """How often each row is drawn: (rows, resamples) float32. `kept` is the share of the draws that count.

    Of many rows each is drawn a Poisson number of times, independently of the others: quicker, and the same for shares
    (Hanley and MacGibbon 2006).
    """
    if rows >= LARGE:
        return _poisson_table(kept).take(
            generator.integers(0, 65_536, size=(rows, resamples), dtype=np.uint16), mode="clip"
        )
    picked = generator.integers(0, rows, size=(resamples, rows)) * resamples + np.arange(resamples)[:, None]
    if kept < 1:
        picked = picked[generator.random(picked.shape, dtype=np.float32) < kept]
    times = np.bincount(picked.reshape(-1), minlength=resamples * rows)
    return times.reshape(rows, resamples).astype(np.float32)


@lru_cache(maxsize=8)
def _poisson_table(mean: float) -> np.ndarray:
    """A Poisson number for each of 65,536 equally likely ones; float32."""
    steps = np.floor(stats.poisson.cdf(np.arange(12), mean) * 65_536 + 0.5)
    return np.searchsorted(steps, np.arange(65_536), side="right").astype(np.float32)


def equal_rows(keys: Iterable[Hashable]) -> np.ndarray | None:
    """The number of the observation that each row belongs to (rows,) int64; None where each row is one of its own.

    Rows with the same text are answered alike, so that they are one observation made several times: drawn one by one
    they would make every interval too narrow (a cluster bootstrap: Davison and Hinkley 1997, section 3.8).
    """
    number: dict[Hashable, int] = {}
    groups = np.asarray([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)
    return groups if len(number) < len(groups) else None
