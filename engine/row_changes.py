"""What the user changed about single rows: labels put right and rows left out, as frozen records.

They are part of `PrepareSettings`, so that they belong to the data set's fingerprint and to the recipe; the user's
file is never touched. A change knows its row by the number in its file and by a hash of what the row reads, so that a
file that has changed since is noticed. Knows no torch and no Qt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec

MOST_CHANGES = 10_000
INPUTS = ("text", "second_text", "tokens")
ANSWERS = ("label", "label_set", "score")
LEFT_OUT = "left out by you"


class RowChange(msgspec.Struct, frozen=True):
    """One row of one file: left out, or with other labels than it had.

    `file` is the split that the row's file was given for; the file for train holds all rows without a file of their
    own. `old` and `new` hold one label, several labels, or a number as text.
    """

    row: Annotated[int, msgspec.Meta(ge=1)]
    input_hash: str
    file: Literal["train", "validation", "test"] = "train"
    leave_out: bool = False
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, int]:
        """Which row it is."""
        return self.file, self.row


def input_hash(row: Mapping[str, Any]) -> str:
    """16 hexadecimal digits, equal for rows that read the same; from the canonical columns of the row."""
    parts = []
    for name in INPUTS:
        value = row.get(name)
        if value is not None:
            parts.append("\x1f".join(value) if isinstance(value, list) else str(value))
    text = "\x1e".join(parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def in_order(changes: Iterable[RowChange]) -> tuple[RowChange, ...]:
    """One change a row, the last one given, in the order of files and rows; those that change nothing are dropped."""
    by_place = {change.place: change for change in changes}
    kept = (change for change in by_place.values() if change.leave_out or change.new != change.old)
    return tuple(sorted(kept, key=lambda change: change.place))


def change_name(change: RowChange) -> str:
    """Row 17: left out; Row 5 of validation: negative → positive."""
    where = f"Row {change.row:,}" + (f" of {change.file}" if change.file != "train" else "")
    if change.leave_out:
        return f"{where}: left out"
    return f"{where}: {labels_text(change.old)} → {labels_text(change.new)}"


def labels_text(labels: tuple[str, ...]) -> str:
    """The labels as one text."""
    return ", ".join(labels) or "no label"


class ChangedRows:
    """The changes as rows go by: applies each to its row, and knows afterwards which found none."""

    def __init__(self, changes: Iterable[RowChange]) -> None:
        self._changes = {change.place: change for change in changes}
        self._applied: set[tuple[str, int]] = set()
        self.relabelled = 0

    def apply(self, file: str, number: int, row: dict[str, Any]) -> str:
        """Puts the user's labels into this canonical row; returns why it is left out, or an empty string."""
        change = self._changes.get((file, number)) if self._changes else None
        if change is None or change.input_hash != input_hash(row):
            return ""
        self._applied.add(change.place)
        if change.leave_out:
            return LEFT_OUT
        for name in ANSWERS:
            if name in row:
                row[name] = list(change.new) if name == "label_set" else (change.new or ("",))[0]
                self.relabelled += 1
        return ""

    def notes(self) -> list[str]:
        """What was changed, and which changes found no row, in sentences."""
        notes = []
        if self.relabelled:
            labels = "1 label was" if self.relabelled == 1 else f"{self.relabelled:,} labels were"
            notes.append(f"{labels} changed by you.")
        lost = sorted(place for place in self._changes if place not in self._applied)
        if lost:
            numbers = ", ".join(f"{number:,}" for _, number in lost[:5]) + (" …" if len(lost) > 5 else "")
            rows = (
                "1 of your changes finds its row no more: row"
                if len(lost) == 1
                else (f"{len(lost):,} of your changes find their rows no more: rows")
            )
            notes.append(f"{rows} {numbers} {'reads' if len(lost) == 1 else 'read'} differently now.")
        return notes
