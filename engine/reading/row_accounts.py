"""The books about rows: which were excluded and why, so that rows in = rows used + excluded rows."""

from __future__ import annotations

import numpy as np

from engine.contract.sentences import Sentence
from engine.contract.states import ExcludedRows

NUMBERS_KEPT = 1_000


class ExcludedRowsTally:
    """Counts excluded rows by reason and file and keeps the first numbers of each.

    The file is named where there are several.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[Sentence, str], int] = {}
        self._rows: dict[tuple[Sentence, str], list[int]] = {}

    def add(self, reason: Sentence, number: int, *, file: str = "") -> None:
        """One row."""
        key = reason, file
        self._counts[key] = self._counts.get(key, 0) + 1
        rows = self._rows.setdefault(key, [])
        if len(rows) < NUMBERS_KEPT:
            rows.append(number)

    def add_many(self, reason: Sentence, numbers: np.ndarray, *, file: str = "") -> None:
        """Several rows; an empty array adds nothing."""
        if len(numbers):
            key = reason, file
            self._counts[key] = self._counts.get(key, 0) + len(numbers)
            rows = self._rows.setdefault(key, [])
            rows.extend(int(number) for number in numbers[: NUMBERS_KEPT - len(rows)])

    @property
    def total(self) -> int:
        """All excluded rows."""
        return sum(self._counts.values())

    def counts(self, *, file: str = "") -> dict[str, int]:
        """Rows excluded of this file by reason, the most frequent first."""
        found = {str(reason): count for (reason, named), count in self._counts.items() if named == file}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def entries(self, *, file: str = "") -> tuple[ExcludedRows, ...]:
        """One entry per reason, the most frequent first; of one `file` the reasons alone."""
        wanted = [key for key in self._counts if not file or key[1] == file]
        entries = [
            ExcludedRows(key[0] if file else _in_file(*key), self._counts[key], tuple(self._rows[key]))
            for key in wanted
        ]
        return tuple(sorted(entries, key=lambda entry: (-entry.count, entry.reason)))


def _in_file(reason: Sentence, file: str) -> Sentence:
    return Sentence("reading.excluded.in_file", reason=reason, file=file) if file else reason
