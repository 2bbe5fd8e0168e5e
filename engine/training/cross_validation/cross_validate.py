"""Cross-validation of the way in which a run was trained: each training row predicted by a network without it.

What was computed when methods were compared is taken again; what is computed here is kept beside the rows, so that an
evaluation that was stopped goes on where it was.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from datasets import Dataset

from engine.contract.column_roles import INPUTS
from engine.contract.defaults import CROSS_VALIDATION_FOLDS
from engine.contract.events import Emit, Progressed
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.devices.detection import Compute
from engine.tasks.registry import task_named
from engine.tasks.row_groups import with_groups_of
from engine.tasks.rows import Outputs
from engine.tasks.task import Task
from engine.training.batching.rows import encoded_rows
from engine.training.cross_validation.fold_training import FoldRows, predict_out_of_fold
from engine.training.cross_validation.folds import draw_folds
from engine.training.cross_validation.out_of_fold import KeptLogits

FOLDS, REPEATS = CROSS_VALIDATION_FOLDS, 2
QUANTILES = 5  # of numbers, which folds hold evenly


class OutOfFold(NamedTuple):
    """The outputs of all rows in their order, and the fold of each, (rows,) int64 from 0."""

    outputs: Outputs
    folds: np.ndarray

    @property
    def fold_count(self) -> int:
        return int(self.folds.max()) + 1


def as_cross_validated(settings: FineTuneSettings) -> FineTuneSettings:
    """The settings without what would need held-out rows of its own inside each fold, on one device."""
    return msgspec.structs.replace(settings, kept_checkpoint="last", patience=0, gpus=1)


def cross_validate(
    dataset: PreparedDataset, settings: FineTuneSettings, train: Dataset, compute: Compute, emit: Emit
) -> OutOfFold:
    """Predicts every row of `train` by a network that was trained in this way on those of the other folds.

    `emit` may raise `StopRequested` within each step. Raises `NumbersDiverged` (T5) and `OutOfMemory` (T1).
    """
    task = task_named(dataset.task, dataset.label_names)
    settings = as_cross_validated(settings)
    drawn = folds_of(train, task, seed=settings.seed)
    folds = drawn[0]
    rows = encoded_rows(train, partial(task.words_of_row, label_names=dataset.label_names))
    labels = [np.asarray(row["labels"]) for row in rows.features(range(len(rows)))]
    by_token = task.facts.one_label_per_word
    outputs = 1 if task.facts.labels_are_numbers else len(dataset.label_names)
    shape = (max(map(len, labels)), outputs) if by_token else (outputs,)
    kept = KeptLogits(dataset, settings, compute, drawn, shape, numbers=task.facts.labels_are_numbers)
    count = int(folds.max()) + 1
    missing = kept.missing(0)
    before = torch.get_num_threads()
    torch.set_num_threads(compute.threads)
    try:
        for fold in missing:
            note = Sentence("training.progress.cross_validating", number=fold + 1, folds=count)
            emit(Progressed(0, 0, note))
            own = folds == fold
            part = FoldRows(train, np.flatnonzero(~own), np.flatnonzero(own))
            found = predict_out_of_fold(dataset, settings, compute, part, note, emit)
            kept.take(0, fold, _padded(found.logits, shape))
    finally:
        torch.set_num_threads(before)
    logits = [row[: len(own)] if by_token else row for row, own in zip(kept.logits[0], labels, strict=True)]
    return OutOfFold(Outputs(logits, labels, rows.numbers.tolist(), rows.words), folds)


def _padded(logits: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    """The logits of rows in one array (rows, *shape), those of words with zeros behind the last."""
    padded = np.zeros((len(logits), *shape), dtype=logits[0].dtype)
    for place, row in enumerate(logits):
        padded[place, : len(row)] = row
    return padded


def folds_of(train: Dataset, task: Task, *, seed: int) -> np.ndarray:
    """The fold of each row in each repeat, (repeats, rows) int64; dependent rows are in one fold."""
    return draw_folds(_strata(train, task), dependent_rows(train, task), folds=FOLDS, repeats=REPEATS, seed=seed)


def dependent_rows(train: Dataset, task: Task) -> np.ndarray:
    """Equal for rows with the same input, and for those of one group: (rows,) int64 from 0."""
    readable = [name for name in INPUTS if name in train.column_names]
    inputs = [task.identity(row) for row in train.select_columns(readable)]
    return with_groups_of(train, np.unique(inputs, return_inverse=True)[1].reshape(-1).astype(np.int64))


def _strata(train: Dataset, task: Task) -> np.ndarray:
    """What each fold holds evenly: the class, the fifth of the numbers, or the rarest label that is not too rare."""
    labels = train["labels"][:]
    if task.facts.one_label_per_row:
        return np.asarray(labels, dtype=np.int64)
    if task.facts.labels_are_numbers:
        numbers = np.asarray(labels, dtype=np.float64)
        edges = np.unique(np.quantile(numbers, np.linspace(0, 1, QUANTILES + 1)[1:-1]))
        return _without_rare(np.searchsorted(edges, numbers).astype(np.int64))
    of_rows = [frozenset(task.count_labels(row)) for row in train]
    counts: dict[str, int] = {}
    for own in of_rows:
        for label in own:
            counts[label] = counts.get(label, 0) + 1
    rarest = [min(own, key=lambda label: (counts[label], label), default="") for own in of_rows]
    return _without_rare(np.unique(rarest, return_inverse=True)[1].reshape(-1).astype(np.int64))


def _without_rare(strata: np.ndarray) -> np.ndarray:
    """The strata with those of fewer rows than folds as one: here a rare label does not make the folds fewer."""
    sizes = np.bincount(strata)
    rare = sizes[strata] < FOLDS
    together = np.where(rare, len(sizes), strata)
    if rare.any() and rare.sum() < FOLDS:  # with the largest, where all of them are still too few
        together = np.where(rare, int(sizes.argmax()), strata)
    return together
