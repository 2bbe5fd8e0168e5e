"""Which prepared rows match a query, and in which order: by text, split, label, the user's edits, any column.

Works batch by batch, reports its progress after each, and runs in a background thread. Uses no widgets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engine.contract.row_edits import RowChange
from engine.contract.text_parsing import number_in
from gui.rows.arrow_arrays import doubles, numbers_in, one_text, strings, truths, truths_in
from gui.rows.prepared_rows import Mask, Positions, PreparedRows
from gui.rows.row_edits import RowEdits

SortKey = Literal["", "row", "split", "text", "answer", "length", "change"]
ChangeFilter = Literal["", "changed", "excluded", "relabelled"]
LONGEST_KEY = 64  # characters of a text that decide about its place
_PREFIXES = ("", "B-", "I-", "E-", "S-", "L-", "U-", "M-")
Progress = Callable[[int, int], object]  # rows done, all rows; raises to stop


@dataclass(frozen=True)
class RowQuery:
    """Which rows, in which order; `changes` are the user's edits, `applied` those in the prepared rows."""

    text: str = ""
    split: str = ""
    label: str = ""
    change: ChangeFilter = ""
    sort: SortKey = ""
    descending: bool = False
    only_hits: bool = True  # rows without the text are hidden; otherwise Next skips them
    changes: tuple[RowChange, ...] = ()
    applied: tuple[RowChange, ...] = ()
    column: str = ""

    @property
    def filters(self) -> bool:
        """Whether rows are hidden for another reason than their text."""
        return bool(self.split or self.label or self.change)


class RowSearch:
    """Answers queries about `rows`; caches the last orders."""

    def __init__(self, rows: PreparedRows) -> None:
        self.rows = rows
        self.lock = threading.Lock()  # held by the thread that answers a query: the caches below are not safe
        self._orders: dict[SortKey, Positions] = {}
        self._edited_for: tuple[object, ...] | None = None
        self._edited: dict[int, RowChange] = {}
        self._answers: dict[int, tuple[str, ...]] = {}

    def hits(self, query: RowQuery) -> Iterator[tuple[int, Mask]]:
        """For each batch the position of its first row and which of its rows contain the text, ignoring case."""
        return self.rows.containing(query.text)

    def kept(self, query: RowQuery, progress: Progress) -> Mask:
        """Which rows (rows,) pass the filters for split, label and changes."""
        edited = self._take_edits(query)
        total = len(self.rows)
        mask = np.ones(total, dtype=bool)
        for start, split, batch in self.rows.batches():
            part = slice(start, start + batch.num_rows)
            if query.split and split != query.split:
                mask[part] = False
            elif query.label:
                mask[part] = _has_label(batch, self.rows.answer, query.label)
            progress(part.stop, total)
        for position, answer in self._answers.items() if query.label else ():
            if not query.split or self.rows.cells(position).split == query.split:
                mask[position] = _is_among(query.label, answer)
        if query.change:
            touched = np.zeros(total, dtype=bool)
            chosen = [position for position, change in edited.items() if _is_kind(change, query.change)]
            touched[chosen] = True
            mask &= touched
        return mask

    def order(self, query: RowQuery, progress: Progress) -> Positions:
        """All positions by the query's key; equal rows in the order of the splits, backwards where it descends."""
        key = query.sort
        edited = self._take_edits(query)
        if key in self._orders:
            order = self._orders[key]
        elif key == "change":
            ranks = np.full(len(self.rows), 2, dtype=np.int8)
            for position, change in edited.items():
                ranks[position] = 0 if change.leave_out else 1
            order = np.argsort(ranks, kind="stable")
        elif key in ("", "split"):
            order = np.arange(len(self.rows), dtype=np.int64)  # the splits come one after the other
        else:
            order = self._sorted(key, progress)
        order = order.astype(np.int64, copy=False)
        self._orders[key] = order
        return order[::-1] if query.descending else order

    def _sorted(self, key: SortKey, progress: Progress) -> Positions:
        import pyarrow as pa

        total, parts = len(self.rows), []
        for start, _, batch in self.rows.batches():
            parts.append(self._key_of(batch, key))
            progress(start + batch.num_rows, total)
        if not parts:
            return np.zeros(0, dtype=np.int64)
        progress(total, 0)
        keys = pa.chunked_array(parts).combine_chunks()
        if key == "answer" and self._answers:
            keys = self._with_new_answers(keys)
        if pa.types.is_string(keys.type) or pa.types.is_large_string(keys.type):
            import pyarrow.compute as compute

            keys = compute.fill_null(keys, "") if keys.null_count else keys
            return numbers_in(compute.array_sort_indices(keys)).astype(np.int64)
        return np.argsort(numbers_in(keys), kind="stable").astype(np.int64)

    def _key_of(self, batch: Any, key: SortKey) -> Any:
        if key in ("row", "length"):
            return batch.column(key)
        if key == "answer" and self.rows.answer == "score":
            return batch.column("labels")
        import pyarrow.compute as compute

        name = self.rows.answer if key == "answer" else self.rows.inputs[0]
        text = one_text(batch.column(name))
        if name == "tags":
            text = compute.replace_substring_regex(text, pattern=r"(^| )O\b", replacement="")
        return compute.utf8_lower(compute.utf8_slice_codeunits(text, 0, LONGEST_KEY))

    def _with_new_answers(self, keys: Any) -> Any:
        """The keys (rows,) with those of edited answers replaced."""
        import pyarrow.compute as compute

        mask = np.zeros(len(keys), dtype=bool)
        places = sorted(self._answers)
        mask[places] = True
        texts = [" ".join(tag for tag in self._answers[place] if tag != "O") for place in places]
        if self.rows.answer == "score":
            values = compute.cast(doubles([number_in(text) for text in texts]), keys.type)
        else:
            values = strings([text.lower()[:LONGEST_KEY] for text in texts])
        return compute.replace_with_mask(keys, truths(mask), values)

    def _take_edits(self, query: RowQuery) -> dict[int, RowChange]:
        """The user's edits by position; cached orders that depend on other edits are dropped."""
        given = (query.changes, query.applied, query.column)
        if self._edited_for != given:
            edits = RowEdits()
            edits.show_rows(query.applied, query.column)
            edits.take(query.changes)
            self._edited, self._answers = {}, {}
            for position in self.rows.changed((*query.applied, *query.changes)):
                cells = self.rows.cells(position)
                change = edits.change_of(cells)
                if change is not None:
                    self._edited[position] = change
                answer = edits.answer_of(cells)
                if answer != cells.answer:
                    self._answers[position] = answer
            self._edited_for = given
            for key in ("change", "answer"):
                self._orders.pop(key, None)
        return self._edited


def _has_label(batch: Any, answer: str, label: str) -> Mask:
    import pyarrow as pa
    import pyarrow.compute as compute

    column = batch.column(answer)
    if not pa.types.is_list(column.type):
        return truths_in(compute.is_in(column, value_set=strings([label])))
    names = [prefix + label for prefix in _PREFIXES] if answer == "tags" else [label]
    inside = compute.is_in(compute.list_flatten(column), value_set=strings(names))
    parents = numbers_in(compute.list_parent_indices(column).filter(inside))
    found = np.zeros(batch.num_rows, dtype=bool)
    found[parents] = True
    return found


def _is_among(label: str, answer: tuple[str, ...]) -> bool:
    return label in answer or any(prefix + label in answer for prefix in _PREFIXES[1:])


def _is_kind(change: RowChange, wanted: ChangeFilter) -> bool:
    if wanted == "excluded":
        return change.leave_out
    return wanted == "changed" or change.new != change.old
