"""What the user changed about single rows: labels put right and excluded rows, as frozen records.

They are part of `PrepareSettings`, so that they belong to the data set's fingerprint and to the recipe; the user's
file is never touched. A change finds its row by the number in its file and by a hash of what the row reads, so that a
file that has changed since is noticed. Uses no torch and no Qt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec

from engine.contract.column_roles import INPUTS, LABELS, LISTS, ROLES
from engine.contract.sentences import NOTHING, Sentence

MOST_CHANGES = 10_000
MOST_WORDS_TOLD = 4
LEFT_OUT = Sentence("contract.edit.left_out_by_you")


class RowChange(msgspec.Struct, frozen=True):
    """One row of one file: excluded, or with other labels than it had.

    `file` is the split that the row's file was given for; the file for train holds all rows without a file of their
    own. `old` and `new` hold one label, several labels, a number as text, or (`per_word`) a tag for each word.
    `column` is where that answer is in the file: where another column is learned, the row keeps what it has there.
    `row` counts the rows of the file; `line` is what an editor calls it, where that is another number.
    """

    row: Annotated[int, msgspec.Meta(ge=1)]
    input_hash: str
    file: Literal["train", "validation", "test"] = "train"
    leave_out: bool = False
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    column: str = ""
    per_word: bool = False
    checked: bool = False  # the user has looked at the row and found it right
    line: Annotated[int, msgspec.Meta(ge=0)] = 0

    @property
    def is_effective(self) -> bool:
        """Whether the row is excluded or has another label."""
        return self.leave_out or self.new != self.old

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
    kept = (change for change in by_place.values() if change.is_effective or change.checked)
    return tuple(sorted(kept, key=lambda change: change.place))


def effective(changes: Iterable[RowChange]) -> tuple[RowChange, ...]:
    """Those that change what is learned: a row that was only checked is as it was."""
    return tuple(change for change in changes if change.is_effective)


def change_name(change: RowChange) -> str:
    """Row 17: excluded; Row 5 of validation: negative → positive."""
    row = change.line or change.row
    where = (
        Sentence("contract.edit.row", row=row)
        if change.file == "train"
        else Sentence("contract.edit.row_of", row=row, file=change.file)
    )
    if change.leave_out:
        return Sentence("contract.edit.left_out", where=where)
    if not change.is_effective:
        return Sentence("contract.edit.checked", where=where)
    if change.per_word:
        return f"{where}: {words_text(change)}"
    return f"{where}: {labels_text(change.old)} → {labels_text(change.new)}"


def words_text(change: RowChange) -> str:
    """Word 3: O → B-PER; of a row with tags."""
    parts = [
        Sentence("contract.edit.word", word=number, old=old, new=new)
        for number, (old, new) in enumerate(zip(change.old, change.new, strict=True), start=1)
        if old != new
    ]
    return ", ".join(parts[:MOST_WORDS_TOLD]) + (" …" if len(parts) > MOST_WORDS_TOLD else "")


def column_of(roles: Any) -> str:
    """The column with the labels among the `Roles` of one task; several columns of 0 and 1 are joined by commas."""
    single = (getattr(roles, role.name) for role in ROLES if role.is_label and role.name != "yes_no")
    return next(filter(None, single), "") or ", ".join(roles.label_columns)


def labels_text(labels: tuple[str, ...]) -> str:
    """The labels as one text."""
    return ", ".join(labels) or Sentence("contract.edit.no_label")


class ChangedRows:
    """The changes as rows go by: applies each to its row, and lists afterwards those that found none.

    `column` is where the answers that are learned are; an empty string takes every change.
    """

    def __init__(self, changes: Iterable[RowChange], column: str = "") -> None:
        self._changes = {change.place: change for change in changes}
        self._column = column
        self._applied: set[tuple[str, int]] = set()
        self._elsewhere = 0
        self.relabelled = 0

    def apply(self, file: str, number: int, row: dict[str, Any]) -> Sentence:
        """Puts the user's labels into this canonical row; returns why it is excluded, or an empty sentence."""
        change = self._changes.get((file, number)) if self._changes else None
        if change is None or change.input_hash != input_hash(row):
            return NOTHING
        name = next((name for name in LABELS if name in row), "")
        if not change.leave_out and name == "tags" and len(change.new) != len(row["tags"]):
            return NOTHING
        self._applied.add(change.place)
        if change.leave_out:
            return LEFT_OUT
        if change.column and self._column and change.column != self._column:
            self._elsewhere += 1
        elif name:
            row[name] = list(change.new) if name in LISTS else (change.new or ("",))[0]
            self.relabelled += 1
        return NOTHING

    def notes(self) -> list[Sentence]:
        """What was changed, and which changes found no row, in sentences."""
        notes = []
        if self.relabelled:
            notes.append(Sentence("contract.edit.answers_changed", answers=self.relabelled))
        if self._elsewhere:
            notes.append(Sentence("contract.edit.kept_for_other_column", changes=self._elsewhere))
        lost = sorted(place for place in self._changes if place not in self._applied)
        if lost:
            shown = [self._changes[place].line or place[1] for place in lost[:5]]
            numbers = ", ".join(f"{number:,}" for number in shown) + (" …" if len(lost) > 5 else "")
            notes.append(Sentence("contract.edit.rows_not_found", changes=len(lost), numbers=numbers))
        return notes
