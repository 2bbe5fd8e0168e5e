"""Answers the queries about a run's rows, labels and weak spots, and keeps what took long in its evaluation folder.

<run>/evaluation/diagnoses.json    `Diagnoses`; another evaluation begins without it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from engine.contract.diagnoses import Diagnoses, LabelErrors, LearningCurve, WeakSlices
from engine.contract.errors import DiskFull
from engine.contract.events import Emit
from engine.contract.former_names import decode
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, TrainingRun
from engine.diagnosing.row_features import RowFeatures, row_features
from engine.tasks.registry import task_named
from engine.workspace import atomic_files

FILE = "diagnoses.json"
VERSION = 2  # counts up when the same rows give other answers
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
    split, wrong = predictions
    features = _features(run, emit)
    rows = features.rows
    # Where the rows were drawn, those of the split that were.
    chosen = [place for place, one in enumerate(rows.places) if one.split == split and one.index < len(wrong)]
    positions = np.asarray([rows.places[place].index for place in chosen], dtype=np.int64)
    texts = [_text_of(rows.row(place)) for place in chosen]
    lengths = np.asarray([len(rows.encoded[place]) for place in chosen], dtype=np.int64)
    labels = [_counted_labels(run, rows.row(place)) for place in chosen]
    found = weak_slices(
        wrong[positions], texts, lengths, labels, features.features[chosen], emit, seed=run.settings.seed
    )
    slices = tuple(
        msgspec.structs.replace(one, positions=tuple(positions[list(one.positions)].tolist())) for one in found.slices
    )
    found = msgspec.structs.replace(found, slices=slices, split=split)
    _keep(run, msgspec.structs.replace(kept, weak_slices=found))
    return found


def _predictions(run: TrainingRun) -> tuple[str, np.ndarray] | None:
    """The evaluated split and which of its rows are wrong (rows,) bool; of numbers the worst tenth."""
    folder = _file(run).parent
    try:
        report = decode(atomic_files.read_regular(folder / "report.json", LARGEST), EvaluationReport)
        table = parquet.read_table(folder / "predictions.parquet", columns=["loss", "right"])
    except (OSError, ValueError, msgspec.DecodeError, pa.ArrowException):
        return None
    right = table.column("right").to_pylist()
    if None not in right:
        return report.settings.prepared_split, ~np.asarray(right, dtype=bool)
    losses = np.asarray(table.column("loss").to_pylist(), dtype=np.float64)
    return report.settings.prepared_split, losses > np.quantile(losses, 1 - WORST_OF_NUMBERS)


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
