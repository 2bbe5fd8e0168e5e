"""The points of a curve: kept within a fixed amount of memory, smoothed, and thinned to what the pixels can show.

Thinning keeps the lowest and the highest value of each piece, so that no peak is lost. Uses no widgets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_POINTS = 1 << 17  # 2 MB; at twenty points a second nearly two hours in full detail
_RECENT = MOST_POINTS // 2  # this many of the newest are always kept as they came
_BLOCK = 256  # 0.1 ** 256 is still a number; at 0.9 what is older than a block weighs 2e-12


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
    same = low == high  # all four are equal, or only one is a number: any other may be kept with it
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


def with_room(
    found: Sequence[tuple[float, float]], *, logarithmic: bool, pixels: float = 0.0, mark: float = 0.0
) -> tuple[float, float]:
    """The ends of an axis that shows everything between these limits with some room; about 0 to 1 without any.

    On an axis of so many `pixels` a mark that reaches `mark` pixels around the highest point is seen whole.
    """
    low = min((pair[0] for pair in found), default=0.0)
    high = max((pair[1] for pair in found), default=1.0)
    share = max(0.1, mark / (pixels - 2 * mark)) if pixels > 4 * mark else 0.1
    room = share * (high - low) or 0.1 * abs(high) or 0.5
    bottom = low - room
    if not logarithmic and low >= 0 > bottom:
        bottom = 0.0  # nothing here is below zero
    return bottom, high + room


def smoothed(values: Floats, strength: float) -> Floats:
    """A debiased exponential moving average; `strength` 0 returns the values, 0.9 is very smooth. NaN is passed over.

    Source: the smoothing of TensorBoard's scalar charts, with the correction of Adam's paper (section 3) for the
    first points. Computed in blocks: within one, the average after n more values is
    k^n (average + (1 - k) sum of value_i / k^i).
    """
    if strength <= 0 or len(values) == 0:
        return values
    keep = max(strength, 0.1)
    is_number = ~np.isnan(values)
    numbers = values if is_number.all() else values[is_number]
    count = len(numbers)
    if not count:
        return values
    blocks = -(-count // _BLOCK)
    padded = np.zeros(blocks * _BLOCK)
    padded[:count] = numbers
    powers = keep ** np.arange(1, _BLOCK + 1)
    within = np.cumsum(padded.reshape(blocks, _BLOCK) * ((1 - keep) / powers), axis=1) * powers
    carried = np.empty(blocks)  # the average before each block
    average = 0.0
    for index, end in enumerate(within[:, -1].tolist()):
        carried[index] = average
        average = average * powers[-1] + end
    averages: Floats = (within + carried[:, None] * powers).reshape(-1)[:count]
    averages[:_BLOCK] /= (1 - powers)[:count]  # the correction of the first points; later it is 1
    if count == len(values):
        return averages
    result = np.full(len(values), np.nan)
    result[is_number] = averages
    return result


class Series:
    """Points with ascending x, within `MOST_POINTS`, or all of them with `whole`, for a file.

    When there are more than `MOST_POINTS`, of the old ones only the lowest and the highest of each group are kept. The
    groups double in size as the run grows; the newest 65,536 points are always kept in full.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        self._points: Floats = np.empty((2, 256))
        self._count = 0
        self._coarse = 0  # this many points at the front represent groups
        self._halvings = 0  # how often what joins them is halved

    def __len__(self) -> int:
        return self._count

    def add(self, x: float, y: float | None) -> None:
        """Appends a point; a missing value leaves a gap in the line."""
        if self._count == self._points.shape[1]:
            if self._whole or self._count < MOST_POINTS:
                self._points = np.concatenate([self._points, np.empty_like(self._points)], axis=1)
            else:
                self._thin_out()
        self._points[:, self._count] = (x, np.nan if y is None else y)
        self._count += 1

    @property
    def is_thinned(self) -> bool:
        """Whether old points were dropped."""
        return self._halvings > 0

    @property
    def x(self) -> Floats:
        """The x values, float64 (points,); valid until the next `add`."""
        return self._points[0, : self._count]

    @property
    def y(self) -> Floats:
        """The y values, float64 (points,); NaN is a gap; valid until the next `add`."""
        return self._points[1, : self._count]

    def drop_from(self, x: float) -> None:
        """Drops the points from `x` on: a continued run writes them again."""
        self._count = int(np.searchsorted(self.x, x, side="left"))
        self._coarse = min(self._coarse, self._count - self._count % 4)

    def last(self) -> float | None:
        """The newest value that is a number."""
        for start in range(self._count - 256, -256, -256):
            values = self.y[max(0, start) : start + 256]
            values = values[~np.isnan(values)]
            if len(values):
                return float(values[-1])
        return None

    def at(self, x: float) -> tuple[float, float] | None:
        """The point nearest to `x`, or None where there is none."""
        if not self._count:
            return None
        right = min(int(np.searchsorted(self.x, x)), self._count - 1)
        left = max(0, right - 1)
        nearest = left if abs(self.x[left] - x) <= abs(self.x[right] - x) else right
        return float(self.x[nearest]), float(self.y[nearest])

    def _thin_out(self) -> None:
        """Makes room: the older half of what is in full detail joins the groups, which double when they are many."""
        self._halvings = max(1, self._halvings)
        coarse = self._points[:, : self._coarse]
        end = self._count - _RECENT
        joining = self._points[:, self._coarse : end - (end - self._coarse) % (2 << self._halvings)]
        rest = self._points[:, self._coarse + joining.shape[1] : self._count]
        for _ in range(self._halvings):
            joining = np.stack(halved(joining[0], joining[1]))
        coarse = np.concatenate([coarse, joining], axis=1)
        if coarse.shape[1] + rest.shape[1] > 3 * MOST_POINTS // 4:
            whole = coarse.shape[1] - coarse.shape[1] % 4
            coarse = np.concatenate([np.stack(halved(*coarse[:, :whole])), coarse[:, whole:]], axis=1)
            self._halvings += 1
        self._coarse = coarse.shape[1]
        self._count = self._coarse + rest.shape[1]
        self._points[:, : self._count] = np.concatenate([coarse, rest], axis=1)
