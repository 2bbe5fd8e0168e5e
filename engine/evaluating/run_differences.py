"""Evaluated runs beside each other on the same rows: the paired difference of one to each of the others.

Rows are the same where both runs have learned from the same file, and the number in it and the true answer agree; how
many the other does not have is said. Rows that are one observation (engine/evaluating/observations.py) are exchanged
together, where the prepared rows are still there. Scores and tests are of the same rows alone. With several runs the p
values are corrected together (Holm 1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from engine.contract.errors import EngineError
from engine.contract.events import Emit
from engine.contract.queries import RunDifference, RunDifferences
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, PairedTest
from engine.evaluating.differences import score_differences
from engine.evaluating.observations import observations_of
from engine.evaluating.paired_tests import holm, paired_tests
from engine.evaluating.resampling import equal_rows
from engine.tasks.registry import task_named
from engine.training.batching.rows import read_splits
from engine.workspace.layout import Workspace
from engine.workspace.runs import read_run

OTHER = "other"
SEED = 0
Table = Mapping[str, Sequence[Any]]


def run_differences(reference: str, others: Sequence[str], emit: Emit, *, workspace: Workspace) -> RunDifferences:
    """The differences of the run `reference` to the others, by their ids, in their order."""
    own, why = _evaluated(workspace, reference)
    if own is None:
        return RunDifferences(reference, tuple(RunDifference(run, reason=why) for run in others))
    found = []
    for identity in others:
        other, why = _evaluated(workspace, identity)
        found.append(RunDifference(identity, reason=why) if other is None else _difference(own, identity, other, emit))
    tested = [index for index, one in enumerate(found) if one.test is not None]
    adjusted = holm([_p_of(found[index]) for index in tested])
    for index, p in zip(tested, adjusted, strict=True):
        found[index] = _with_p(found[index], p)
    return RunDifferences(reference, tuple(found))


def _p_of(one: RunDifference) -> float:
    return one.test.p if one.test is not None else 1.0


def _with_p(one: RunDifference, p: float) -> RunDifference:
    test = one.test
    assert test is not None
    return RunDifference(
        one.run,
        one.rows,
        one.left_out,
        one.headline,
        one.score,
        one.other_score,
        one.difference,
        PairedTest(test.better, test.worse, test.mcnemar_p, test.p, p),
    )


def _evaluated(workspace: Workspace, identity: str) -> tuple[EvaluationReport | None, Sentence]:
    try:
        record = read_run(workspace, identity)
    except EngineError as error:
        return None, error.message if isinstance(error.message, Sentence) else Sentence("evaluating.compare.unreadable")
    if record.evaluation is None:
        return None, Sentence("evaluating.compare.not_evaluated", run=record.name)
    return record.evaluation, Sentence("evaluating.compare.unreadable")


def _groups(report: EvaluationReport, numbers: Sequence[int], emit: Emit) -> np.ndarray | None:
    """Which of the rows with these numbers in the file are one observation; None where none is known to be."""
    dataset, split = report.run.dataset, report.settings.prepared_split
    try:
        rows = read_splits(dataset)[split]
    except (EngineError, KeyError):
        return None
    groups = observations_of(dataset, split, rows, emit).groups
    if groups is None or "row" not in rows.column_names:
        return None
    of_number = dict(zip(rows["row"][:], groups.tolist(), strict=True))
    return equal_rows(of_number.get(number, -number) for number in numbers)  # numbers in a file are from 1


def _difference(own: EvaluationReport, identity: str, other: EvaluationReport, emit: Emit) -> RunDifference:
    first, second = own.run.dataset, other.run.dataset
    if first.task != second.task or own.settings.split != other.settings.split:
        return RunDifference(identity, reason=Sentence("evaluating.compare.other_task_or_split"))
    if first.fingerprint != second.fingerprint and first.source != second.source:
        return RunDifference(identity, reason=Sentence("evaluating.compare.other_rows"))
    try:
        mine, theirs = (
            parquet.read_table(Path(report.folder) / "predictions.parquet").to_pydict() for report in (own, other)
        )
    except (OSError, pa.ArrowException):
        return RunDifference(identity, reason=Sentence("evaluating.compare.unreadable"))
    place = {number: index for index, number in enumerate(theirs["row"])}
    both = [
        (index, place[number])
        for index, number in enumerate(mine["row"])
        if number in place and mine["truth"][index] == theirs["truth"][place[number]]
    ]
    left_out = len(mine["row"]) + len(theirs["row"]) - 2 * len(both)
    names = tuple(dict.fromkeys((*first.label_names, *second.label_names)))
    task = task_named(first.task, names)
    truth = [mine["truth"][index] for index, _ in both]
    try:
        methods = [
            task.scored_predictions(truth, [table["predicted"][pair[side]] for pair in both], names)
            for side, table in enumerate((mine, theirs))
        ]
    except (KeyError, ValueError):
        return RunDifference(identity, reason=Sentence("evaluating.compare.other_rows"))
    headline = own.headline if own.headline in methods[0].scores else task.metric
    if len(both) < 2 or any(method.scores.get(headline) is None for method in methods):
        return RunDifference(
            identity, len(both), left_out, reason=Sentence("evaluating.compare.too_few", rows=len(both))
        )
    others = {OTHER: methods[1]}
    groups = _groups(own, [mine["row"][index] for index, _ in both], emit)
    differences = score_differences(methods[0], others, headline, emit, seed=SEED, groups=groups)
    tests = paired_tests(methods[0], others, differences)
    return RunDifference(
        identity,
        rows=len(both),
        left_out=left_out,
        headline=headline,
        score=methods[0].scores[headline],
        other_score=methods[1].scores[headline],
        difference=differences.get(OTHER),
        test=tests.get(OTHER),
    )
