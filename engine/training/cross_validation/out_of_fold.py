"""Logits of every training row from networks that did not learn it: a candidate trained anew in each fold.

They are kept beside the prepared rows after each fold, so that a comparison that was interrupted goes on where it was:

    <data set>/out_of_fold/<key>/logits.safetensors    logits (repeats, rows, …) float32, NaN where none are yet
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

import msgspec
import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.contract.errors import DiskFull
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.devices.detection import Compute
from engine.workspace import atomic_files

FOLDER = "out_of_fold"
FILE = "logits.safetensors"
FORMAT = 1  # counts up when the same candidate and rows give other logits
# Settings that leave the weights at the end as they are.
WITHOUT_EFFECT = (
    *("run_name", "watch_list", "checkpoint_interval", "device", "precision", "threads", "time_budget"),
    *("evaluation_interval", "kept_checkpoint", "patience"),
)


class KeptLogits:
    """What is computed so far of one candidate; a disk that does not take it costs the continuation alone."""

    def __init__(
        self,
        dataset: PreparedDataset,
        settings: FineTuneSettings,
        compute: Compute,
        folds: np.ndarray,
        shape: tuple[int, ...],
        *,
        numbers: bool = False,
    ) -> None:
        """`folds` (repeats, rows) int64; `shape` is that of the logits of one row, as long as the longest has them.

        `numbers` means that they are the user's own, which float32 would round.
        """
        self._path = Path(dataset.folder) / FOLDER / _key(dataset, settings, compute, folds) / FILE
        self._folds = folds
        self.logits = np.full((*folds.shape, *shape), np.nan, dtype=np.float64 if numbers else np.float32)
        with contextlib.suppress(OSError, SafetensorError, KeyError):
            stored = load(self._path.read_bytes())["logits"]
            if stored.shape == self.logits.shape:
                self.logits = stored.copy()

    def missing(self, repeat: int) -> list[int]:
        """The folds of this repeat that are still to be computed."""
        numbers = np.unique(self._folds[repeat]).tolist()
        return [fold for fold in numbers if np.isnan(self.logits[repeat, self._folds[repeat] == fold]).any()]

    def take(self, repeat: int, fold: int, logits: np.ndarray) -> None:
        """Keeps the logits of the rows of this fold, in their order."""
        self.logits[repeat, self._folds[repeat] == fold] = logits
        with contextlib.suppress(OSError, DiskFull):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            atomic_files.write_file(self._path, save({"logits": self.logits}))


def _key(dataset: PreparedDataset, settings: FineTuneSettings, compute: Compute, folds: np.ndarray) -> str:
    """Equal only where every number would be equal."""
    plain = {name: getattr(FineTuneSettings(), name) for name in WITHOUT_EFFECT}
    parts = (
        FORMAT,
        dataset.model.sha256,
        dataset.fingerprint,
        msgspec.to_builtins(msgspec.structs.replace(settings, **plain)),
        hashlib.sha256(np.ascontiguousarray(folds).tobytes()).hexdigest(),
        compute.device.type,
        compute.precision,
        compute.threads,
        torch.__version__,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
