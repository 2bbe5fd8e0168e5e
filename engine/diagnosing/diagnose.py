"""Answers the queries about a run's rows, labels and weak spots, and keeps what took long in its evaluation folder.

<run>/evaluation/diagnoses.json    `Diagnoses`; another evaluation begins without it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from engine.contract.diagnoses import AskColumnScores, ColumnScores, Diagnoses, LabelErrors, LearningCurve, WeakSlices
from engine.contract.errors import DiskFull
from engine.contract.events import Emit
from engine.contract.former_names import decode
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, TrainingRun
from engine.diagnosing.other_columns import other_columns
from engine.diagnosing.row_features import RowFeatures, row_features
from engine.evaluating.observations import observations_of
from engine.tasks.registry import task_named
from engine.training.batching.rows import read_splits
from engine.workspace import atomic_files

FILE = "diagnoses.json"
VERSION = 3  # counts up when the same rows give other answers
WORST_OF_NUMBERS = 0.1  # of rows with a number, which are never right or wrong
TEXTS = ("text", "second_text")
LARGEST = 64 * 2**20  # bytes


def find_label_errors(run: TrainingRun, emit: Emit) -> LabelErrors:
    """The most doubtful labels of all splits; `emit` may raise `StopRequested`."""
    from engine.diagnosing.label_errors import label_errors

    kept = kept_diagnoses(run)
    if kept.label_errors is None:
        found = label_errors(run.dataset, _features(run, emit), emit, seed=run.settings.seed)
        _keep(run, msgspec.structs.replace(kept, label_errors=found))
        return found
    return kept.label_errors


def find_learning_curve(run: TrainingRun, emit: Emit) -> LearningCurve:
    """The score by training rows with its forecast; `emit` may raise `StopRequested`."""
    from engine.diagnosing.learning_curve import learning_curve

    kept = kept_diagnoses(run)
    if kept.learning_curve is None:
        found = learning_curve(run.dataset, _features(run, emit), emit, seed=run.settings.seed)
        _keep(run, msgspec.structs.replace(kept, learning_curve=found))
        return found
    return kept.learning_curve


def find_weak_slices(run: TrainingRun, emit: Emit) -> WeakSlices:
    """The groups of evaluated rows that are wrong more often; `emit` may raise `StopRequested`."""
    from engine.diagnosing.weak_slices import weak_slices

    kept = kept_diagnoses(run)
    if kept.weak_slices is not None:
        return kept.weak_slices
    predictions = _predictions(run)
    if predictions is None:
        return WeakSlices(0, 0, refused=Sentence("diagnosing.refused.not_evaluated"))
    split, wrong = predictions.split, predictions.wrong
    features = _features(run, emit)
    rows = features.rows
    # Where the rows were drawn, those of the split that were.
    chosen = [place for place, one in enumerate(rows.places) if one.split == split and one.index < len(wrong)]
    positions = np.asarray([rows.places[place].index for place in chosen], dtype=np.int64)
    texts = [_text_of(rows.row(place)) for place in chosen]
    lengths = np.asarray([len(rows.encoded[place]) for place in chosen], dtype=np.int64)
    labels = [_counted_labels(run, rows.row(place)) for place in chosen]
    columns = other_columns(run.dataset, split, predictions.numbers[positions].tolist(), emit)
    found = weak_slices(
        wrong[positions],
        texts,
        lengths,
        labels,
        features.features[chosen],
        emit,
        seed=run.settings.seed,
        columns=columns,
    )
    slices = tuple(
        msgspec.structs.replace(one, positions=tuple(positions[list(one.positions)].tolist())) for one in found.slices
    )
    found = msgspec.structs.replace(found, slices=slices, split=split)
    _keep(run, msgspec.structs.replace(kept, weak_slices=found))
    return found


def find_column_scores(run: TrainingRun, question: AskColumnScores, emit: Emit) -> ColumnScores:
    """The scores by a column of the file; `emit` may raise `StopRequested`."""
    from engine.diagnosing.column_scores import Answers, column_scores

    predictions = _predictions(run)
    task = task_named(run.dataset.task, run.dataset.label_names)
    if predictions is None:
        refused = Sentence("diagnosing.refused.not_evaluated")
        return ColumnScores((), "", task.metric, "", 0, refused=refused)
    split = predictions.split
    columns = other_columns(run.dataset, split, predictions.numbers.tolist(), emit)
    held_out = read_splits(run.dataset)[split]
    answers = Answers(
        predictions.table["truth"].to_pylist(),
        predictions.table["predicted"].to_pylist(),
        observations_of(run.dataset, split, held_out, emit).groups,
        has_intervals=predictions.has_intervals,
    )
    return column_scores(
        task,
        run.dataset.label_names,
        columns,
        question.column,
        answers,
        emit,
        split=split,
        seed=run.settings.seed,
    )


class _Predictions(NamedTuple):
    """The evaluated rows; `wrong` (rows,) bool, of numbers the worst tenth."""

    split: str
    table: pa.Table
    numbers: np.ndarray  # (rows,) int64, in the file
    wrong: np.ndarray
    has_intervals: bool  # whether the evaluation gave its score one


def _predictions(run: TrainingRun) -> _Predictions | None:
    folder = _file(run).parent
    try:
        report = decode(atomic_files.read_regular(folder / "report.json", LARGEST), EvaluationReport)
        table = parquet.read_table(folder / "predictions.parquet")
    except (OSError, ValueError, msgspec.DecodeError, pa.ArrowException):
        return None
    right = table.column("right").to_pylist()
    if None in right:
        losses = np.asarray(table.column("loss").to_pylist(), dtype=np.float64)
        wrong = losses > np.quantile(losses, 1 - WORST_OF_NUMBERS)
    else:
        wrong = ~np.asarray(right, dtype=bool)
    numbers = np.asarray(table.column("row"), dtype=np.int64)
    return _Predictions(report.settings.prepared_split, table, numbers, wrong, report.headline in report.intervals)


def _text_of(row: Mapping[str, Any]) -> str:
    words = row.get("tokens")
    return " ".join(map(str, words)) if words else "\n".join(str(row[name]) for name in TEXTS if row.get(name))


def _counted_labels(run: TrainingRun, row: Mapping[str, Any]) -> Sequence[str]:
    task = task_named(run.dataset.task, run.dataset.label_names)
    return () if task.facts.labels_are_numbers else task.count_labels(row)


def kept_diagnoses(run: TrainingRun) -> Diagnoses:
    """What was found of this run before; nothing where its rows or the methods were others."""
    nothing = Diagnoses(run.dataset.fingerprint, VERSION)
    try:
        stored = decode(atomic_files.read_regular(_file(run), LARGEST), Diagnoses)
    except (OSError, ValueError, msgspec.DecodeError):
        return nothing
    fits = (stored.fingerprint, stored.version) == (nothing.fingerprint, nothing.version)
    return stored if fits else nothing


def _keep(run: TrainingRun, found: Diagnoses) -> None:
    if _file(run).parent.is_dir():  # made by an evaluation as a whole
        with suppress(OSError, DiskFull):  # found again the next time
            atomic_files.write_record(_file(run), found)


def _file(run: TrainingRun) -> Path:
    return Path(run.folder) / "evaluation" / FILE


def _features(run: TrainingRun, emit: Emit) -> RowFeatures:
    return row_features(run.dataset, emit, device=run.settings.device, threads=run.settings.threads)
