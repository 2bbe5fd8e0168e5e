"""The books about rows: which were left out and why, so that rows in = rows used + rows left out."""

from __future__ import annotations

import numpy as np

from engine.contract.states import LeftOut

NUMBERS_KEPT = 1_000


class LeftOutBook:
    """Counts rows left out by reason and keeps the first numbers of each."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._rows: dict[str, list[int]] = {}

    def add(self, reason: str, number: int) -> None:
        """One row."""
        self._counts[reason] = self._counts.get(reason, 0) + 1
        rows = self._rows.setdefault(reason, [])
        if len(rows) < NUMBERS_KEPT:
            rows.append(number)

    def add_many(self, reason: str, numbers: np.ndarray) -> None:
        """Several rows; an empty array adds nothing."""
        if len(numbers):
            self._counts[reason] = self._counts.get(reason, 0) + len(numbers)
            rows = self._rows.setdefault(reason, [])
            rows.extend(int(number) for number in numbers[: NUMBERS_KEPT - len(rows)])

    @property
    def total(self) -> int:
        """All rows left out."""
        return sum(self._counts.values())

    def entries(self) -> tuple[LeftOut, ...]:
        """One entry per reason, the most frequent first."""
        ordered = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(LeftOut(reason, count, tuple(self._rows[reason])) for reason, count in ordered)
