"""Evaluated rows by the values of a column of the file: the headline score of each, and groups for weak slices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.contract.diagnoses import ColumnScores, ValueScore
from engine.contract.events import Emit, Progressed
from engine.contract.sentences import Sentence
from engine.contract.text_parsing import number_in
from engine.diagnosing.other_columns import OtherColumn
from engine.evaluating.intervals import uncertainty
from engine.evaluating.resampling import equal_rows
from engine.tasks.task import Task

MOST_SHOWN = 30  # values of a column; each has an interval of its own to be computed
RANGES = 8  # of numbers, with equally many rows each
FEWEST_RANGED = 13  # different numbers from which on they are shown by range
NOTE = Sentence("diagnosing.progress.column_scores")


class ValueRows(NamedTuple):
    """The rows of a value, or of a range of numbers: `mask` (rows,) bool."""

    value: str
    lowest: float | None
    highest: float | None
    mask: np.ndarray


class Answers(NamedTuple):
    """The evaluated rows as `Task.scored_predictions` takes them; `groups` (rows,) are those of one observation."""

    truth: Sequence[Any]
    predicted: Sequence[Any]
    groups: np.ndarray | None
    has_intervals: bool = True


def values_of(column: OtherColumn) -> list[ValueRows]:
    """The groups of rows, the most frequent values first, ranges of numbers in their order, rows without one last."""
    cells = column.cells
    numbers = cells if cells.dtype == np.float64 else _as_numbers(cells)
    if numbers is not None:
        return _ranges(numbers)
    counts = Counter(cells.tolist())
    empty = counts.pop(None, 0)
    found = [ValueRows(value, None, None, cells == value) for value, _ in counts.most_common()]
    without = np.asarray([cell is None for cell in cells], dtype=bool)
    return [*found, ValueRows("", None, None, without)] if empty else found


def _as_numbers(cells: np.ndarray) -> np.ndarray | None:
    """The cells as float64, where they are so many numbers that ranges are clearer than values."""
    values = {cell: number_in(cell) for cell in set(cells.tolist()) if cell is not None}
    if len(values) < FEWEST_RANGED or not all(map(np.isfinite, values.values())):
        return None
    return np.asarray([np.nan if cell is None else values[cell] for cell in cells], dtype=np.float64)


def _ranges(numbers: np.ndarray) -> list[ValueRows]:
    known = np.isfinite(numbers)
    found = []
    if known.any():
        # Each range ends at a number that occurs, and the next one begins behind it.
        ends = np.unique(np.quantile(numbers[known], np.linspace(0, 1, RANGES + 1)[1:], method="lower"))
        owner = np.searchsorted(ends, np.where(known, numbers, ends[0]))
        for place in range(len(ends)):
            mask = known & (owner == place)
            if mask.any():
                found.append(ValueRows("", float(numbers[mask].min()), float(numbers[mask].max()), mask))
    return [*found, ValueRows("", None, None, ~known)] if (~known).any() else found


def can_be_split(column: OtherColumn, rows: int) -> bool:
    """Whether its values group more than single rows."""
    values = values_of(column)
    return 1 < len(values) <= max(2, rows // 2)


def column_scores(
    task: Task,
    label_names: Sequence[str],
    columns: Sequence[OtherColumn],
    wanted: str,
    answers: Answers,
    emit: Emit,
    *,
    split: str,
    seed: int,
) -> ColumnScores:
    """The scores by the wanted column, or the first one; `emit` may raise `StopRequested`."""
    rows = len(answers.truth)
    possible = [column for column in columns if can_be_split(column, rows)]
    if not possible:
        return ColumnScores((), "", task.metric, split, rows, refused=Sentence("diagnosing.refused.no_other_columns"))
    column = next((one for one in possible if one.name == wanted), possible[0])
    values = values_of(column)
    scored = []
    for done, one in enumerate(values[:MOST_SHOWN]):
        emit(Progressed(done, min(len(values), MOST_SHOWN), NOTE))
        scored.append(_scored(task, label_names, one, answers, emit, seed))
    names = tuple(one.name for one in possible)
    return ColumnScores(names, column.name, task.metric, split, rows, tuple(scored), len(values) - len(scored))


def _scored(
    task: Task, label_names: Sequence[str], one: ValueRows, answers: Answers, emit: Emit, seed: int
) -> ValueScore:
    places = np.flatnonzero(one.mask).tolist()
    truth, predicted = ([side[place] for place in places] for side in (answers.truth, answers.predicted))
    found = task.scored_predictions(truth, predicted, label_names)
    score = found.scores.get(task.metric)
    if not answers.has_intervals:
        return ValueScore(one.value, one.lowest, one.highest, score, None, tuple(places))
    groups = None if answers.groups is None else equal_rows(answers.groups[places].tolist())

    def checked(_progress: object) -> None:
        emit(Progressed(0, 0, NOTE))

    uncertain = uncertainty(found, {}, task.metric, checked, seed=seed, groups=groups)
    interval = uncertain.intervals.get(task.metric)
    return ValueScore(one.value, one.lowest, one.highest, score, interval, tuple(places))
