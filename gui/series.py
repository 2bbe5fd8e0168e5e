"""Points that only grow at the end, within a fixed amount of memory. Knows no widgets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gui.thinning import halved

Floats = NDArray[np.float64]

MOST_POINTS = 1 << 17  # 2 MB; at twenty points a second nearly two hours in full detail
_RECENT = MOST_POINTS // 2  # this many of the newest are always kept as they came


class Series:
    """Points with ascending x, within `MOST_POINTS`, or all of them where `whole` is wanted for a file.

    When there are more than `MOST_POINTS`, of the old ones the lowest and the highest of each group stay: the groups
    double in size as the run goes on, the newest 65,536 points are always there in full.
    """

    def __init__(self, *, whole: bool = False) -> None:
        self._whole = whole
        self._points: Floats = np.empty((2, 256))
        self._count = 0
        self._coarse = 0  # so many points at the front stand for groups
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
        """Whether old points were left out."""
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
        """Forgets the points from `x` on: a continued run writes them again."""
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
