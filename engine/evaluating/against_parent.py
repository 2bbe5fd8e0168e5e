"""A run that was trained again on edited rows, beside its parent: the same rows, with the labels that they have now."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from engine.contract.errors import EngineError
from engine.contract.events import Emit
from engine.contract.score_sentences import difference_text
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import ScoredRowsName
from engine.contract.states import ScoreDifference, TrainingRun
from engine.evaluating.differences import score_differences
from engine.evaluating.resampling import equal_rows
from engine.tasks.rows import Outputs
from engine.tasks.task import Task
from engine.workspace.layout import Workspace
from engine.workspace.runs import read_run


def against_parent(
    run: TrainingRun,
    split: ScoredRowsName,
    task: Task,
    outputs: Outputs,
    emit: Emit,
    *,
    workspace: Workspace,
    groups: np.ndarray | None = None,
) -> Sentence:
    """How the run compares with its parent; empty where it has none, or one that was not evaluated on this split.

    Rows count that both have predicted; of cross-validation each by networks that did not learn it. Where a prediction
    of the parent is a label that is no longer there, nothing is returned. `groups` (rows,) is equal for rows of one
    observation.
    """
    if not run.settings.parent:
        return NOTHING
    try:
        record = read_run(workspace, run.settings.parent)
        before = record.evaluation
        if before is None or before.settings.split != split or before.run.dataset.task != run.dataset.task:
            return NOTHING
        table = parquet.read_table(Path(before.folder) / "predictions.parquet").to_pydict()
    except (EngineError, OSError, pa.ArrowException):
        return NOTHING
    names = run.dataset.label_names
    now = task.predictions(outputs, names)
    place = {number: index for index, number in enumerate(table["row"])}
    both = [(index, place[number]) for index, number in enumerate(outputs.rows) if number in place]
    truth = [now["truth"][own] for own, _ in both]
    try:
        own = task.scored_predictions(truth, [now["predicted"][own] for own, _ in both], names)
        other = task.scored_predictions(truth, [table["predicted"][earlier] for _, earlier in both], names)
    except (KeyError, ValueError):  # another label, or words that are others now
        return NOTHING
    common = None if groups is None else equal_rows(groups[[own for own, _ in both]].tolist())
    found = score_differences(own, {"parent": other}, task.metric, emit, seed=run.settings.seed, groups=common).get(
        "parent"
    )
    if found is None:
        return NOTHING
    edited = sum(now["truth"][own] != table["truth"][earlier] for own, earlier in both)
    if found.low > 0:
        return Sentence(
            "evaluating.note.better_than_parent",
            parent=record.name,
            score=task.metric,
            rows=len(both),
            edited=edited,
            difference=difference_text(found),
        )
    if found.high < 0:
        turned = ScoreDifference(-found.value, -found.high, -found.low)
        return Sentence(
            "evaluating.note.worse_than_parent",
            parent=record.name,
            score=task.metric,
            rows=len(both),
            edited=edited,
            difference=difference_text(turned),
        )
    return Sentence(
        "evaluating.note.as_parent",
        parent=record.name,
        score=task.metric,
        rows=len(both),
        edited=edited,
        difference=difference_text(found),
    )
