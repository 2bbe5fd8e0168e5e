"""The output of the frozen layers for each row: computed once, cached beside the prepared rows, read at each step.

    <data set>/frozen/<key>/{train,validation}.states, MANIFEST.json

A file holds the hidden states of all tokens of a split, row after row, as plain numbers: float32, or float16 where the
arithmetic is in a half-precision format. Runs over the same rows with the same frozen layers share them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch

from engine.contract.calibration import has_own_rows
from engine.contract.errors import DiskFull
from engine.contract.events import Emit, Noted, Progressed
from engine.contract.formatting import size
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from engine.devices.device_errors import is_out_of_memory
from engine.training.acceleration.feature_file import FeatureFile
from engine.training.acceleration.split_network import SplitNetwork, lower_hidden_states, split_network
from engine.training.batching.batch_plan import by_length
from engine.training.batching.rows import Batches, EncodedRows, FeaturesOf
from engine.training.step.bf16_copy import Bf16Copy
from engine.training.step.training import Training
from engine.training.trainable.freezing import freezes_lower_layers
from engine.workspace import atomic_files
from engine.workspace.file_operations import remove_folder

FORMAT = 1  # counts up when the same rows and layers give other files
ROWS_AT_ONCE = 64
PROOF_ROWS = 8
SPARE = 2**30  # bytes of the disk that stay free
REPORT_SECONDS = 0.05


def with_feature_cache(training: Training, dataset: PreparedDataset, emit: Emit) -> Training:
    """The training with its frozen layers computed once for all rows; the same training where that cannot be done.

    Emits a note about it. Draws nothing from the random generators. `emit` may raise `StopRequested`.
    """
    if training.frozen_layers is None:
        if freezes_lower_layers(training.settings):
            emit(Noted(Sentence("training.note.layers_encoder_not_known_frozen")))
        return training
    found = _split(training)
    if found is None:
        emit(Noted(Sentence("training.note.encoder_cannot_split_above_frozen")))
        return training
    whole, half = np.dtype(np.float32), np.dtype(np.float16)
    kind: np.dtype[np.floating] = whole if training.compute.precision == "fp32" else half
    splits = {
        "train": (training.train_rows, training.train_batches),
        "validation": (training.validation_rows, training.validation_batches),
    }
    folder = Path(dataset.folder) / "frozen" / _key(training, dataset, found, kind)
    if not atomic_files.is_whole(folder):
        try:
            _write(folder, splits, training, found, kind, emit)
        except (DiskFull, OSError, _NotCachedError) as error:
            emit(Noted(Sentence("training.note.frozen_layers_computed_every_epoch", error=error)))
            return training
    files = {
        name: FeatureFile(
            folder / f"{name}.states", rows.lengths, hidden=found.hidden, kind=kind, first_only=found.first_only
        )
        for name, (rows, _) in splits.items()
    }
    return _with_upper_network(training, found, files["train"].of, files["validation"].of)


def with_blank_features(training: Training) -> Training:
    """The training with zeros in place of the cached features: its steps cost the same and learn nothing.

    The same training where nothing would be cached.
    """
    found = _split(training) if training.frozen_layers is not None else None
    if found is None:
        return training

    def blank(rows: np.ndarray, length: int) -> torch.Tensor:
        return torch.zeros((len(rows), 1 if found.first_only else length, found.hidden))

    return _with_upper_network(training, found, blank, blank)


def _split(training: Training) -> SplitNetwork | None:
    training.network.train(False)
    training.computing_network.train(False)
    batch = training.train_batches.on_device(training.train_batches.of(_sample(training)))
    return split_network(training.network, training.frozen_layers or 0, batch)


def _with_upper_network(training: Training, found: SplitNetwork, train: FeaturesOf, validation: FeaturesOf) -> Training:
    return dataclasses.replace(
        training,
        upper_network=found.upper_network,
        bf16_copy=None if training.bf16_copy is None else Bf16Copy(found.upper_network, torch.bfloat16),
        train_batches=training.train_batches.with_features(train),
        validation_batches=training.validation_batches.with_features(validation),
    )


def _sample(training: Training) -> np.ndarray:
    """Rows of all lengths, the longest among them."""
    order = np.argsort(-training.train_rows.lengths, kind="stable")
    return order[:: max(1, len(order) // PROOF_ROWS)][:PROOF_ROWS]


def _key(training: Training, dataset: PreparedDataset, found: SplitNetwork, kind: np.dtype[np.floating]) -> str:
    """Equal only where every number of the files would be equal."""
    compute = training.compute
    parts = (
        FORMAT,
        dataset.model.sha256,
        dataset.fingerprint,
        dataset.max_length,
        found.frozen_layers,
        found.first_only,
        kind.name,
        compute.device.type,
        compute.precision,
        training.settings.threads,
        torch.__version__,
        *_rows_apart(training, dataset),
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _write(
    folder: Path,
    splits: Mapping[str, tuple[EncodedRows, Batches]],
    training: Training,
    found: SplitNetwork,
    kind: np.dtype[np.floating],
    emit: Emit,
) -> None:
    """Computes the features of all splits into a folder that exists as a whole afterwards, or not at all."""
    for other in folder.parent.glob("*"):  # of other layers; a run that has mapped them keeps them
        if not other.name.startswith(atomic_files.STAGING):
            remove_folder(other, ignore_errors=True)
    positions = sum(len(rows) if found.first_only else int(rows.lengths.sum()) for rows, _ in splits.values())
    needed, free = positions * found.hidden * kind.itemsize, shutil.disk_usage(folder.parent.parent).free
    if needed + SPARE > free:
        raise _NotCachedError(f"it takes {size(needed)}, and {size(free)} of the disk are free.")
    with atomic_files.new_folder(folder) as staging:
        for name, (rows, batches) in splits.items():
            with (staging / f"{name}.states").open("wb") as file:
                _compute(rows, batches, training, found, kind, file, emit)
    emit(Noted(Sentence("training.note.frozen_layers_computed_once_per", needed=needed)))


def _compute(
    rows: EncodedRows,
    batches: Batches,
    training: Training,
    found: SplitNetwork,
    kind: np.dtype[np.floating],
    file: BinaryIO,
    emit: Emit,
) -> None:
    lengths = np.ones_like(rows.lengths) if found.first_only else rows.lengths
    starts = (np.cumsum(lengths) - lengths) * found.hidden * kind.itemsize
    waiting, at_once, done, reported = by_length(rows.lengths, ROWS_AT_ONCE)[::-1], ROWS_AT_ONCE, 0, 0.0
    while waiting:
        positions = waiting.pop()
        try:
            batch = batches.on_device(batches.of(positions))
            with torch.inference_mode(), training.autocast():
                states = lower_hidden_states(training.computing_network, found.frozen_layers, batch)
            numbers = states[:, : int(lengths[positions].max())].float().cpu().numpy()
        except Exception as error:
            if not is_out_of_memory(error) or len(positions) == 1:
                raise
            at_once = -(-len(positions) // 2)
            order = np.concatenate([positions, *waiting[::-1]])
            waiting = [order[start : start + at_once] for start in range(0, len(order), at_once)][::-1]
            continue
        with np.errstate(over="ignore"):
            numbers = numbers.astype(kind, copy=False)
        if not np.isfinite(numbers).all():
            raise _NotCachedError("it holds numbers beyond the range of float16.")
        for place, row in enumerate(positions.tolist()):
            file.seek(int(starts[row]))
            file.write(numbers[place, : lengths[row]].tobytes())
        done += len(positions)
        if time.monotonic() - reported >= REPORT_SECONDS or not waiting:
            reported = time.monotonic()
            emit(Progressed(done, len(rows), Sentence("training.progress.computing_frozen_layers_once_per"), "rows"))


class _NotCachedError(Exception):
    """The features cannot be cached on the disk, with the reason."""


def _rows_apart(training: Training, dataset: PreparedDataset) -> tuple[int, ...]:
    """How many validation rows are read, where some are kept apart."""
    apart = has_own_rows(training.settings, dataset.splits["validation"].rows)
    return (len(training.validation_rows),) if apart else ()
