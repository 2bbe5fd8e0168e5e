"""Scores of a predicted file that has labels, and of another model whose answers are in one of its columns.

Both are scored on the same rows: those with a text and a label of the model. An answer of the other model that
is no label of the task is a wrong one, and counts as a class of its own. Where this model's answer is "don't know",
the one that it would give is scored.

Rows with the same text, near-duplicates, and rows of one group where a column groups them are one observation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.contract.events import Emit
from engine.contract.queries import Disagreement, FileScores, Prediction
from engine.contract.sentences import NOTHING
from engine.contract.text_parsing import number_in
from engine.evaluating.intervals import uncertainty
from engine.evaluating.observations import Observations, counted_once, numbers_of
from engine.evaluating.paired_tests import paired_tests
from engine.preparing.rows.near_duplicates import compared_part, near_duplicate_groups
from engine.tasks.facts import BETWEEN_LABELS
from engine.tasks.labels import label_text
from engine.tasks.task import Task

MOST_COMPARED = 50_000_000  # characters that are kept to look for near-duplicates; later rows are not compared
MOST_LISTED = 500  # rows on which the two models disagree
LONGEST_TEXT = 300  # characters of such a row
OTHER = "other"  # the key of the other model
SEED = 0


class _Row(NamedTuple):
    number: int
    text: str
    input: int  # the hash of all that is read, since `text` may be cut
    group: str  # empty where there is none
    truth: Any  # as `Task.scored_predictions` takes it; None where there is no label
    predicted: Any
    other: Any


class ScoredFile:
    """Takes rows as they are predicted; `found` gives the scores in the end."""

    def __init__(self, task: Task, label_names: Sequence[str], *, labels: bool, other: bool, group: str = "") -> None:
        """`group` is the name of the column by which rows belong together."""
        self._task, self._names = task, tuple(label_names)
        self._labels, self._other = labels, other
        self._group = group
        self._rows: list[_Row] = []
        self._compared: list[dict[str, str]] = []  # what is compared of the first rows
        self._characters = 0
        self._unknown = 0  # rows whose label is none of the model's

    def take(self, number: int, prediction: Prediction | None, label: object, other: object, group: object) -> None:
        """A row with its cells; a row without a prediction counts for nothing."""
        if prediction is None:
            return
        truth = self._answer(label) if self._labels else None
        if self._labels and truth is None:
            self._unknown += 1
            return
        self._rows.append(
            _Row(
                number,
                prediction.text[:LONGEST_TEXT],
                hash((prediction.text, prediction.second_text)),
                label_text(group).strip() if group is not None else "",
                truth,
                self._task.answer_of(prediction),
                self._answer(other, strict=False) if self._other else None,
            )
        )

        if self._characters < MOST_COMPARED:
            row = {"text": compared_part(prediction.text)}
            if prediction.second_text:
                row["second_text"] = compared_part(prediction.second_text)
            self._compared.append(row)
            self._characters += sum(map(len, row.values()))

    def found(self, emit: Emit) -> FileScores:
        """The scores; those of the other model and the test only where there are labels."""
        rows = self._rows
        listed = [row for row in rows if row.predicted != row.other] if self._other else []
        disagreements = tuple(
            Disagreement(row.number, row.text, *map(self._shown, (row.truth, row.predicted, row.other)))
            for row in listed[:MOST_LISTED]
        )
        if not self._labels or len(rows) < 2:
            return FileScores(len(rows), self._unknown, disagreements=disagreements, disagreeing=len(listed))
        truth = [row.truth for row in rows]
        names = self._names if self._task.facts.labels_are_numbers else (*self._names, "")  # what is no label
        own = self._task.scored_predictions(truth, [row.predicted for row in rows], names)
        others = {}
        if self._other:
            others[OTHER] = self._task.scored_predictions(truth, [row.other for row in rows], names)
        headline = self._task.metric
        observed = self._observations(emit)
        uncertain = uncertainty(
            own, others, headline, emit, seed=SEED, groups=observed.groups, different=observed.different
        )
        tests = paired_tests(own, others, uncertain.differences)
        return FileScores(
            rows=len(rows),
            unknown_labels=self._unknown,
            headline=headline,
            scores=own.scores,
            intervals=uncertain.intervals,
            other_scores=others[OTHER].scores if self._other else {},
            difference=uncertain.differences.get(OTHER),
            test=tests.get(OTHER),
            disagreements=disagreements,
            disagreeing=len(listed),
            note=observed.note or NOTHING,
        )

    def _observations(self, emit: Emit) -> Observations:
        texts = numbers_of([row.input for row in self._rows])
        # A row that was not compared is alone, but for those with the same text.
        alike = texts + len(texts)
        alike[: len(self._compared)] = near_duplicate_groups(self._compared, texts[: len(self._compared)], emit)
        later = np.flatnonzero(alike >= len(texts))
        first = dict(zip(texts[::-1].tolist(), alike[::-1].tolist(), strict=True))
        alike[later] = [first[text] for text in texts[later].tolist()]
        groups = None
        if self._group:
            groups = numbers_of([row.group or row.input for row in self._rows])
        return counted_once(texts, alike, groups, self._group)

    def _answer(self, cell: object, *, strict: bool = True) -> Any:
        """The answer in a cell; None where there is none, or, not `strict`, what counts as wrong."""
        facts = self._task.facts
        if facts.labels_are_numbers:
            number = number_in(str(cell)) if cell is not None else None
            return number if number is not None or strict else 0.0
        if facts.several_labels:
            parts = cell if isinstance(cell, list) else label_text(cell).split(BETWEEN_LABELS.strip())
            names = [name for name in map(label_text, parts) if name]
            known = [name for name in self._names if name in names]
            return None if strict and len(known) < len(set(names)) else known
        name = label_text(cell)
        return name if name in self._names else None if strict else ""

    def _shown(self, answer: Any) -> str:
        if answer is None:
            return ""
        if isinstance(answer, list):
            return BETWEEN_LABELS.join(answer)
        return f"{answer:.4g}" if isinstance(answer, float) else str(answer)
