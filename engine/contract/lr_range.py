"""The result of a learning-rate range test: the smoothed losses, where to end, and which rate to suggest.

Source: Smith 2015, "Cyclical Learning Rates for Training Neural Networks" (section 3.3), with the exponential ramp and
the end at a multiple of the lowest loss that became usual since. Plain arithmetic; uses no torch and no window.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

LOWEST, HIGHEST = 1e-7, 1e-1
STEPS = 100
TOO_HIGH = 4.0  # times the lowest smoothed loss: the test ends
KEEP = 0.9  # of the moving average in each step
FIRST = 10  # steps after which the moving average is meaningful
BELOW_LOWEST = 10.0  # the suggestion is at least so many times smaller than the rate with the lowest loss


def rate_at(step: int, steps: int = STEPS) -> float:
    """The learning rate of this step (from 0): equal factors from `LOWEST` to `HIGHEST`."""
    return float(LOWEST * (HIGHEST / LOWEST) ** (step / max(1, steps - 1)))


def smoothed_losses(losses: Sequence[float]) -> list[float]:
    """The exponential moving average, without the pull towards zero at the start."""
    result, average, weight = [], 0.0, 0.0
    for loss in losses:
        average = KEEP * average + (1 - KEEP) * loss
        weight = KEEP * weight + (1 - KEEP)
        result.append(average / weight)
    return result


def is_over(losses: Sequence[float]) -> bool:
    """Whether the loss is no number any more, or so high that higher rates show nothing new."""
    if losses and not math.isfinite(losses[-1]):
        return True
    smooth = smoothed_losses(losses)
    return len(smooth) > FIRST and smooth[-1] > TOO_HIGH * min(smooth[FIRST:])


def suggestion(rates: Sequence[float], losses: Sequence[float]) -> float | None:
    """The rate at which the smoothed loss falls fastest per factor, at most a tenth of the one where it is lowest.

    One significant digit. None where there are too few points, or where the loss does not fall.
    """
    known = [(rate, loss) for rate, loss in zip(rates, losses, strict=True) if math.isfinite(loss)]
    smooth = smoothed_losses([loss for _, loss in known])
    if len(smooth) < FIRST + 5:
        return None
    lowest = min(range(FIRST, len(smooth)), key=lambda place: smooth[place])
    if smooth[lowest] > 0.98 * smooth[FIRST]:
        return None
    slopes = {
        place: (smooth[place + 1] - smooth[place - 1]) / (math.log(known[place + 1][0]) - math.log(known[place - 1][0]))
        for place in range(FIRST, lowest)
    }
    steepest = min(slopes, key=lambda place: slopes[place])
    return float(f"{min(known[steepest][0], known[lowest][0] / BELOW_LOWEST):.0e}")
