"""How far a score could be off because the held-out rows are only so many: 95 % bootstrap intervals.

Percentile bootstrap over rows (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np

from engine.events import Emit, Progressed
from engine.tasks.protocol import SampleScores

RESAMPLES = 1000
REPORT_SECONDS = 0.1


def bootstrap_intervals(
    samples: SampleScores, rows: int, scores: Mapping[str, float | None], emit: Emit, *, seed: int
) -> dict[str, tuple[float, float]]:
    """The middle 95 % of each measurable score over resamples of the rows; empty below two rows."""
    measurable = [name for name, score in scores.items() if score is not None]
    if rows < 2 or not measurable:
        return {}
    generator = np.random.default_rng(seed)
    drawn = np.empty((RESAMPLES, len(measurable)))
    told = 0.0
    for number in range(RESAMPLES):
        if time.monotonic() - told > REPORT_SECONDS:
            told = time.monotonic()
            emit(Progressed(number, RESAMPLES, "Measuring how certain the scores are", "resamples"))
        resampled = samples.of(generator.integers(0, rows, size=rows))
        drawn[number] = [resampled[name] for name in measurable]
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return {name: (float(low[index]), float(high[index])) for index, name in enumerate(measurable)}
