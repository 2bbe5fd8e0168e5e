"""The user's edits of single rows while they are made: what each row answers now, undo and redo.

Holds records only. `changes` is what the file of edits and the settings take; the prepared rows include `applied`
already and show their answers. Uses neither widgets nor files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from engine.contract.row_edits import MOST_CHANGES, RowChange, in_order
from engine.contract.tag_schemes import with_tag

MOST_UNDONE = 500  # steps back
Answer = tuple[str, ...]
Changes = tuple[RowChange, ...]
Places = dict[tuple[str, int], RowChange]


class EditedRow(Protocol):
    """What an edit needs from a row."""

    @property
    def row(self) -> int:
        """Its number in its file, from 1."""

    @property
    def line(self) -> int:
        """What the user's editor calls it."""

    @property
    def file(self) -> str:
        """The split its file was given for."""

    @property
    def answer(self) -> Answer:
        """What the prepared rows answer."""

    @property
    def words(self) -> Sequence[str]:
        """Its words, where each has a tag."""

    @property
    def input_hash(self) -> str:
        """Of what it reads."""


class RowEdits:
    """All edits; every method that changes something returns whether it did."""

    def __init__(self) -> None:
        self.changes: Changes = ()
        self.applied: Changes = ()
        self.column = ""
        self._tag_names: tuple[str, ...] = ()
        self._places: Places = {}
        self._applied_places: Places = {}
        self._before: deque[Changes] = deque(maxlen=MOST_UNDONE)
        self._after: list[Changes] = []

    def show_rows(self, applied: Changes, column: str, tag_names: tuple[str, ...] = ()) -> None:
        """The prepared rows include these edits; their answers come from this column."""
        self._tag_names = tag_names
        self.applied, self.column = applied, column
        self._applied_places = {change.place: change for change in applied}

    def take(self, changes: Changes) -> None:
        """Begins with these edits; where they differ from the present ones, nothing can be undone."""
        if changes != self.changes:
            self._before.clear()
            self._after.clear()
            self._hold(changes)

    # ── What each row answers ─────────────────────────────────────────────────────────────────────────────────────────

    def change_of(self, row: EditedRow) -> RowChange | None:
        """The user's edit of this row; one of another column's answers counts only where it excludes the row."""
        change = self._places.get((row.file, row.row))
        if change is None or change.input_hash != row.input_hash:
            return None
        if change.column and self.column and change.column != self.column:
            answer = self.answer_before(row)
            return msgspec.structs.replace(change, old=answer, new=answer) if change.leave_out else None
        return change

    def answer_before(self, row: EditedRow) -> Answer:
        """What the row answers without any edit."""
        known = self._applied_places.get((row.file, row.row))
        if known is None or known.input_hash != row.input_hash or known.leave_out or known.column != self.column:
            return row.answer
        return known.old

    def answer_of(self, row: EditedRow) -> Answer:
        """What the row answers now."""
        change = self.change_of(row)
        return self.answer_before(row) if change is None else change.new

    def is_excluded(self, row: EditedRow) -> bool:
        """Whether the user excludes this row."""
        change = self.change_of(row)
        return change is not None and change.leave_out

    def is_checked(self, row: EditedRow) -> bool:
        """Whether the user has marked this row as checked."""
        change = self.change_of(row)
        return change is not None and change.checked

    def room_for(self, rows: int) -> bool:
        """Whether this many more rows can certainly be edited."""
        return len(self.changes) + rows <= MOST_CHANGES

    # ── What the user does ────────────────────────────────────────────────────────────────────────────────────────────

    def relabel(self, rows: Sequence[EditedRow], answer: Answer) -> bool:
        """Gives these rows this answer; excluded rows stay excluded."""
        return self.revise(rows, lambda _: answer)

    def revise(self, rows: Sequence[EditedRow], revised: Callable[[Answer], Answer]) -> bool:
        """Gives each of these rows what `revised` makes of its answer now."""
        return self._change(
            [msgspec.structs.replace(self._known(row), new=revised(self.answer_of(row))) for row in rows]
        )

    def relabel_each(self, answers: Sequence[tuple[EditedRow, Answer]]) -> bool:
        """Gives each of these rows an answer of its own; one edit to undo."""
        return self._change([msgspec.structs.replace(self._known(row), new=answer) for row, answer in answers])

    def set_tag(self, row: EditedRow, word: int, tag: str) -> bool:
        """Gives one word (from 0) of this row another tag; tags of entities become IOB2 where they were not."""
        before = self.answer_before(row)
        return self.relabel([row], with_tag(before, self.answer_of(row), word, tag, self._tag_names))

    def exclude(self, rows: Sequence[EditedRow]) -> bool:
        """Excludes these rows."""
        return self._change([msgspec.structs.replace(self._known(row), leave_out=True) for row in rows])

    def include(self, rows: Sequence[EditedRow]) -> bool:
        """Includes these rows again."""
        return self._change([msgspec.structs.replace(self._known(row), leave_out=False) for row in rows])

    def mark_checked(self, rows: Sequence[EditedRow], checked: bool) -> bool:
        """Records that the user has checked these rows, or drops the record; their answers stay."""
        return self._change([msgspec.structs.replace(self._known(row), checked=checked) for row in rows])

    def revert(self, changes: Iterable[RowChange]) -> bool:
        """Drops these edits."""
        gone = {change.place for change in changes}
        return self._set(tuple(change for change in self.changes if change.place not in gone))

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to undo."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether an undone edit can be made again."""
        return bool(self._after)

    def undo(self) -> bool:
        """Undoes the last edit."""
        if not self._before:
            return False
        self._after.append(self.changes)
        self._hold(self._before.pop())
        return True

    def redo(self) -> bool:
        """Makes the last undone edit again."""
        if not self._after:
            return False
        self._before.append(self.changes)
        self._hold(self._after.pop())
        return True

    # ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _known(self, row: EditedRow) -> RowChange:
        """The edit of this row so far, or one that changes nothing yet."""
        change = self.change_of(row)
        if change is not None:
            return msgspec.structs.replace(change, column=self.column)
        answer = self.answer_before(row)
        made = {"row": row.row, "input_hash": row.input_hash, "file": row.file, "old": answer, "new": answer}
        made["line"] = row.line if row.line != row.row else 0
        return msgspec.convert({**made, "column": self.column, "per_word": bool(row.words)}, RowChange)

    def _change(self, changes: Sequence[RowChange]) -> bool:
        after = in_order([*self.changes, *changes])
        return len(after) <= MOST_CHANGES and self._set(after)

    def _set(self, changes: Changes) -> bool:
        if changes == self.changes:
            return False
        self._before.append(self.changes)
        self._after.clear()
        self._hold(changes)
        return True

    def _hold(self, changes: Changes) -> None:
        self.changes = changes
        self._places = {change.place: change for change in changes}
