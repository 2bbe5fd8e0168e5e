"""Many points as few, so that what is drawn depends on the pixels and not on the length of a run. Knows no widgets.

The lowest and the highest value of each piece are kept, so that no peak gets lost.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def thinned(x: Floats, y: Floats, low: float, high: float, pixels: int) -> tuple[Floats, Floats]:
    """The points (points,) of ascending `x` between `low` and `high`, at most two for each of `pixels` columns.

    A neighbour on either side comes along, so that the line leaves the picture where it should. NaN stays a gap where
    a column has nothing else.
    """
    first = max(0, int(np.searchsorted(x, low, side="left")) - 1)
    last = min(len(x), int(np.searchsorted(x, high, side="right")) + 1)
    x, y = x[first:last], y[first:last]
    if len(x) <= 2 * pixels:
        return x, y
    starts = np.unique(np.searchsorted(x, np.linspace(x[0], x[-1], pixels + 1)[:-1], side="left"))
    result_x, result_y = np.repeat(x[starts], 2), np.empty(2 * len(starts))
    result_y[0::2] = np.fmin.reduceat(y, starts)
    result_y[1::2] = np.fmax.reduceat(y, starts)
    return result_x, result_y


def halved(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Half as many points: of each four the lowest and the highest, in their order; (points,), a multiple of four."""
    groups = y.reshape(-1, 4)
    low = np.where(np.isnan(groups), np.inf, groups).argmin(axis=1)
    high = np.where(np.isnan(groups), -np.inf, groups).argmax(axis=1)
    same = low == high  # all four are equal, or only one is a number: any other may stand beside it
    high = np.where(same, (low + 1) % 4, high)
    first = 4 * np.arange(len(groups))
    kept = np.sort(np.concatenate([first + low, first + high]))
    return x[kept], y[kept]


def limits(y: Floats, *, without_outliers: bool) -> tuple[float, float] | None:
    """The lowest and the highest of the values, or None where there is no number.

    Without outliers: the 2nd and the 98th percentile, of at most some 20,000 of the values.
    """
    if without_outliers:
        y = y[:: max(1, len(y) // 20_000)]
    y = y[np.isfinite(y)]
    if not len(y):
        return None
    if without_outliers and len(y) >= 8:
        low, high = np.percentile(y, (2.0, 98.0))
        return float(low), float(high)
    return float(y.min()), float(y.max())


def with_room(found: Sequence[tuple[float, float]], *, logarithmic: bool) -> tuple[float, float]:
    """The ends of an axis that shows everything between these limits with some room; about 0 to 1 without any."""
    low = min((pair[0] for pair in found), default=0.0)
    high = max((pair[1] for pair in found), default=1.0)
    room = 0.1 * (high - low) or 0.1 * abs(high) or 0.5
    bottom = low - room
    if not logarithmic and low >= 0 > bottom:
        bottom = 0.0  # nothing here is below zero
    return bottom, high + room
