"""All rows of an evaluation, from the predictions and the prepared rows on disk: any of them at once, and queries.

Positions count from 0 within the split that was evaluated. Opening and queries run in a background thread; only
`row_at`, which reads a single row, runs on the window's own. Uses no widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.contract.formatting import number
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, WrongRow
from engine.contract.tag_schemes import OUTSIDE, type_of
from engine.tasks.facts import TaskFacts
from engine.tasks.registry import task_facts
from gui.evaluate.cell_rows import is_in_cell, no_entity
from gui.rows.arrow_arrays import numbers_in, one_text, truths_in
from gui.rows.prepared_rows import Mask, Positions, PreparedRows, RowCells

SortKey = Literal["", "row", "text", "truth", "predicted", "probability", "loss"]
Outcome = Literal["", "wrong", "right"]
LONGEST_KEY = 64  # characters of a text that decide about its place
Check = Callable[[], object]  # raises to end the query


@dataclass(frozen=True)
class EvaluatedQuery:
    """Which rows, in which order; empty fields do not restrict."""

    text: str = ""  # in the row or in the names of its labels, ignoring case
    cell: tuple[str, str] | None = None  # true and predicted label; of words where each has a tag
    label: str = ""  # true or predicted: a class, a label, an entity type
    among: tuple[int, ...] | None = None  # positions; None: all rows
    outcome: Outcome = ""
    shortest: int = 0  # tokens
    longest: int = 0  # tokens; 0: any
    sort: SortKey = "loss"
    descending: bool = True


class EvaluatedRows:
    """The rows in the order of their split."""

    def __init__(self, report: EvaluationReport) -> None:
        """Reads the predictions; raises `OSError`, `ValueError` or `KeyError` where they are not those of the rows."""
        import pyarrow.parquet as parquet

        dataset = report.run.dataset
        self.report = report
        self._facts: TaskFacts = task_facts(dataset.task)
        self._names = dataset.label_names
        table = parquet.read_table(Path(report.folder) / "predictions.parquet", use_threads=False)
        columns = {name: _whole(table.column(name)) for name in table.column_names}
        self._truth, self._predicted = columns["truth"], columns["predicted"]
        self.loss: NDArray[Any] = numbers_in(columns["loss"])
        self.probability: NDArray[Any] | None = None
        if not self._facts.labels_are_numbers:
            self.probability = numbers_in(columns["probability"])
        self.right: Mask = truths_in(columns["right"])
        self._orders: dict[tuple[SortKey, bool], _Order] = {}
        self._rows = PreparedRows(dataset)
        self._start, end = self._rows.split_at(report.settings.prepared_split)
        self.numbers, self.lengths = self._numbers_of_split("row"), self._numbers_of_split("length")
        if end - self._start != len(self.loss) or not np.array_equal(self.numbers, numbers_in(columns["row"])):
            raise ValueError("the predictions are of other rows")
        # The true and the predicted label of each row, label or word; `_owner` is the row that each belongs to.
        self._places: dict[str, int] = {}
        self._labels, self._owner = self._codes()

    def __len__(self) -> int:
        return len(self.loss)

    def cells_at(self, position: int) -> RowCells:
        """The row as it was prepared."""
        return self._rows.cells(self._start + position)

    def row_at(self, position: int) -> WrongRow:
        """The row with its truth and prediction as text."""
        cells = self.cells_at(position)
        return WrongRow(
            row=cells.line,
            text=cells.text,
            truth=self._shown(self._truth[position].as_py(), cells.words),
            predicted=self._shown(self._predicted[position].as_py(), cells.words),
            probability=float(self.probability[position]) if self.probability is not None else 0.0,
            loss=float(self.loss[position]),
            second_text=cells.text.partition("\n")[2] if self.has_pairs else "",
        )

    @property
    def has_pairs(self) -> bool:
        """Whether each row has two texts."""
        return len(self._rows.inputs) > 1

    def find(self, query: EvaluatedQuery, check: Check) -> Positions:
        """All rows that the query describes, in its order; equal rows in the order of the file."""
        kept = np.ones(len(self), dtype=bool)
        if query.cell is not None:
            kept &= self._in_cell(*query.cell)
        if query.label:
            kept &= self._has(self._is(0, query.label) | self._is(1, query.label))
        if query.among is not None:
            named = np.zeros(len(self), dtype=bool)
            places = np.asarray(query.among, dtype=np.int64)
            named[places[places < len(self)]] = True
            kept &= named
        if query.outcome and not self._facts.labels_are_numbers:
            kept &= self.right if query.outcome == "right" else ~self.right
        if query.shortest:
            kept &= self.lengths >= query.shortest
        if query.longest:
            kept &= self.lengths <= query.longest
        check()
        if query.text:
            kept &= self._holds(query.text, check)
        order = self._orders.get((query.sort, query.descending))
        if order is None:
            order = self._order(query.sort, check)
            if query.descending:
                # Backwards by value, but equal ones stay in the order of the file.
                order = _reversed_stably(order)
            self._orders[query.sort, query.descending] = order
        check()
        found: Positions = order.positions if kept.all() else order.positions[kept.take(order.positions)]
        return found

    # ── Parts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _numbers_of_split(self, column: str) -> NDArray[Any]:
        split = self.report.settings.prepared_split
        parts = [numbers_in(batch.column(column)) for _, name, batch in self._rows.batches() if name == split]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def _codes(self) -> tuple[tuple[NDArray[Any], NDArray[Any]], NDArray[np.int64] | None]:
        """True and predicted labels as numbers in `_places`, and the row of each; None where each row has one.

        Of words both arrays belong to the same words. Where a row has several labels, the true ones come first and the
        predicted ones after them, each with −1 on the other side.
        """
        import pyarrow.compute as compute

        if self._facts.labels_are_numbers:
            nothing = np.zeros(0, dtype=np.int64)
            return (nothing, nothing), nothing
        sides = (self._truth, self._predicted)
        if self._facts.one_label_per_row:
            return (self._numbered(self._truth), self._numbered(self._predicted)), None
        truth, predicted = (self._numbered(compute.list_flatten(side)) for side in sides)
        owners = [numbers_in(compute.list_parent_indices(side)).astype(np.int64) for side in sides]
        if self._facts.one_label_per_word:
            if not np.array_equal(owners[0], owners[1]):
                raise ValueError("words without a predicted tag")
            return (truth, predicted), owners[0]
        none = [np.full(len(side), -1, dtype=np.int64) for side in (truth, predicted)]
        both = np.concatenate([truth, none[1]]), np.concatenate([none[0], predicted])
        return both, np.concatenate(owners)

    def _numbered(self, labels: Any) -> NDArray[Any]:
        """The place in `_places` of each label, or of a word's tag without B- and I-."""
        encoded = labels.dictionary_encode()
        names = encoded.dictionary.to_pylist()
        if self._facts.one_label_per_word:
            names = [type_of(name) or (OUTSIDE if name else "") for name in names]
        places = np.asarray([self._places.setdefault(name, len(self._places)) for name in names], dtype=np.int64)
        found: NDArray[Any] = places[numbers_in(encoded.indices)]
        return found

    def _is(self, side: int, label: str) -> Mask:
        found: Mask = self._labels[side] == self._places.get(label, -2)
        return found

    def _has(self, marks: Mask) -> Mask:
        """The rows that own a marked label."""
        if self._owner is None:
            return marks
        found = np.zeros(len(self), dtype=bool)
        found[self._owner[marks]] = True
        return found

    def _in_cell(self, truth: str, predicted: str) -> Mask:
        if self._facts.one_label_per_word:
            truth, predicted = (OUTSIDE if label == no_entity() else label for label in (truth, predicted))
        return self._has(self._is(0, truth) & self._is(1, predicted))

    def _holds(self, text: str, check: Check) -> Mask:
        wanted = text.casefold()
        found = np.zeros(len(self), dtype=bool)
        end = self._start + len(self)
        for start, mask in self._rows.containing(text):
            check()
            first, last = max(start, self._start), min(start + len(mask), end)
            if first < last:
                found[first - self._start : last - self._start] = mask[first - start : last - start]
        for name in [name for name in self._places if wanted in name.casefold()]:
            found |= self._has(self._is(0, name) | self._is(1, name))
        return found

    def _order(self, key: SortKey, check: Check) -> _Order:
        if key in ("", "row"):
            return _ordered(self.numbers)
        if key == "loss":
            return _ordered(self.loss)
        if key == "probability":
            return _ordered(self.loss if self.probability is None else self.probability)
        if key == "text":
            return _ordered(self._text_ranks(check))
        side = self._truth if key == "truth" else self._predicted
        if self._facts.labels_are_numbers:
            return _ordered(numbers_in(side))
        return _ordered(_ranks(one_text(side)))

    def _text_ranks(self, check: Check) -> NDArray[Any]:
        import pyarrow as pa
        import pyarrow.compute as compute

        split, name = self.report.settings.prepared_split, self._rows.inputs[0]
        parts = []
        for _, of, batch in self._rows.batches():
            check()
            if of == split:
                text = compute.utf8_slice_codeunits(one_text(batch.column(name)), 0, LONGEST_KEY)
                parts.append(compute.utf8_lower(text))
        return _ranks(_whole(pa.chunked_array(parts)))

    def _shown(self, answer: Any, words: tuple[str, ...]) -> str:
        if self._facts.labels_are_numbers:
            return number(answer, ".4g" if abs(answer) < 10_000 else ",.0f")
        labels = tuple(answer) if isinstance(answer, list) else (str(answer),)
        return self._facts.label_text(labels, words, self._names) or Sentence("gui.evaluate.no_label")


class ListedRows:
    """The rows that the report itself lists, where the others are not on disk any more."""

    def __init__(self, report: EvaluationReport) -> None:
        self._rows = report.wrong_rows
        facts = task_facts(report.run.dataset.task)
        self._entities = bool(facts.uncounted) and facts.uncounted in report.run.dataset.label_names

    def __len__(self) -> int:
        return len(self._rows)

    def row_at(self, position: int) -> WrongRow:
        """The row with its truth and prediction as text."""
        return self._rows[position]

    def find(self, query: EvaluatedQuery, check: Check) -> Positions:
        """The listed rows that the query describes; their lengths are not known."""
        wanted = query.text.casefold()
        found = [
            position
            for position, row in enumerate(self._rows)
            if (query.cell is None or is_in_cell(row, *query.cell, entities=self._entities))
            and (not query.label or query.label in (row.truth, row.predicted))
            and query.outcome != "right"
            and (not wanted or any(wanted in part.casefold() for part in (row.text, row.truth, row.predicted)))
        ]
        if query.sort:
            found.sort(key=lambda position: getattr(self._rows[position], query.sort), reverse=query.descending)
        return np.asarray(found, dtype=np.int64)


@dataclass(frozen=True)
class _Order:
    positions: Positions
    keys: NDArray[Any]  # of the rows in this order


def _ordered(keys: NDArray[Any]) -> _Order:
    positions = np.argsort(keys, kind="stable").astype(np.int64)
    return _Order(positions, keys[positions])


def _reversed_stably(order: _Order) -> _Order:
    if not len(order.positions):
        return order
    starts = np.flatnonzero(np.concatenate([[True], order.keys[1:] != order.keys[:-1]]))
    group = np.cumsum(np.bincount(starts, minlength=len(order.keys)))
    again = np.argsort(-group, kind="stable")
    return _Order(order.positions[again], order.keys[again])


def _whole(column: Any) -> Any:
    """One `pyarrow.Array` of all chunks."""
    import pyarrow as pa

    whole = column.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)


def _ranks(texts: Any) -> NDArray[Any]:
    """A number for each text that grows with it; equal for equal texts."""
    import pyarrow.compute as compute

    return numbers_in(compute.rank(compute.fill_null(texts, ""), sort_keys="ascending", tiebreaker="dense"))
