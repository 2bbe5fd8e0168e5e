"""One fold: a network that is trained on some rows as a run would train it, and what it predicts for the others."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from datasets import Dataset, DatasetDict

from engine.contract.events import Emit, Event, Progressed
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset, SplitCounts, TargetScale
from engine.devices.detection import Compute
from engine.tasks.rows import Outputs
from engine.training.acceleration.feature_cache import with_feature_cache
from engine.training.loop.assembly import assemble
from engine.training.loop.updates import Updates
from engine.training.memory.out_of_memory import micro_batch
from engine.training.methods.linear_start import start_from_linear_model
from engine.training.step.predictions import predict_all


class FoldRows(NamedTuple):
    """Rows, and the positions of those that are learned and of those that are predicted."""

    rows: Dataset
    inside: np.ndarray
    outside: np.ndarray


def predict_out_of_fold(
    dataset: PreparedDataset,
    settings: FineTuneSettings,
    compute: Compute,
    fold: FoldRows,
    note: Sentence,
    emit: Emit,
) -> Outputs:
    """What a network that has learned the rows inside predicts for those outside, in their order.

    `emit` may raise `StopRequested` within each step; `note` is what the steps are reported with. Raises
    `NumbersDiverged` (T5), and `OutOfMemory` (T1) where one row alone does not fit.
    """
    splits = DatasetDict({"train": fold.rows.select(fold.inside), "validation": fold.rows.select(fold.outside)})
    counts = {"train": SplitCounts(len(fold.inside), {}), "validation": SplitCounts(len(fold.outside), {})}
    # Features of frozen layers are kept by the rows of a whole data set: those of a fold in a folder of its own. On
    # Windows what is still mapped cannot be removed; the system's cleaning takes it then.
    with TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        own = msgspec.structs.replace(
            dataset,
            splits={**dataset.splits, **counts},
            folder=str(Path(temporary) / "rows"),
            target_scale=_scale(splits["train"]) if dataset.target_scale is not None else None,
        )
        Path(own.folder).mkdir()
        return _predictions(own, settings, compute, splits, note, emit)


def _predictions(
    fold: PreparedDataset,
    settings: FineTuneSettings,
    compute: Compute,
    splits: DatasetDict,
    note: Sentence,
    emit: Emit,
) -> Outputs:
    """Those for the validation rows of these splits after training on the others."""

    def silently(event: Event) -> None:
        """Notes of a fold are not those of the run; a stop is taken as ever."""
        if isinstance(event, Progressed):
            emit(event)

    torch.manual_seed(settings.seed)
    training = assemble(fold, settings, compute, splits)
    if settings.head_start == "linear":
        start_from_linear_model(training, silently)
    training = with_feature_cache(training, fold, silently)
    torch.manual_seed(settings.seed)
    steps = Updates(training, silently)
    for number in range(training.total_steps):
        steps.take(number)
        emit(Progressed(number + 1, training.total_steps, note, "steps"))
    steps.refuse_divergence()
    ended = steps.training
    if ended.method is not None:
        ended.method.prepare_evaluation(ended, silently)
    return predict_all(
        ended.computing_network,
        ended.task,
        ended.validation_rows,
        ended.validation_batches,
        silently,
        batch_size=2 * micro_batch(ended.settings),
        note=note,
        autocast=ended.autocast,
    )


def _scale(rows: Dataset) -> TargetScale:
    numbers = np.asarray(rows["labels"][:], dtype=np.float64)
    return TargetScale(mean=float(numbers.mean()), spread=float(numbers.std()) or 1.0)
