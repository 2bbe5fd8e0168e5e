"""Baselines beside the training curves: those of the task, and a linear probe on the pre-trained encoder.

Fine-tuning has to beat them. The probe is a linear model on the encoder's hidden states of some rows, chosen so that
computing them takes about 3 % of the time that training will take; a short run has none. Draws nothing from torch's
generators.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from datasets import Dataset
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge

from engine.contract.column_roles import INPUTS, LABELS
from engine.contract.events import BaselineMeasured, Emit, Noted, Progressed
from engine.devices.device_errors import is_out_of_memory
from engine.tasks.baselines import one_blas_thread
from engine.tasks.losses import IGNORED
from engine.tasks.rows import Outputs
from engine.tasks.task import Task
from engine.training.batching.batch_plan import by_length
from engine.training.batching.rows import Batches, EncodedRows
from engine.training.memory.out_of_memory import micro_batch
from engine.training.step.training import NUMBER_FORMATS, Training

NAME = "frozen_encoder"
NOTE = "Measuring a linear probe on the pre-trained encoder"
MOST_TRAINING_ROWS, MOST_VALIDATION_ROWS = 2_000, 1_000
FEWEST_ROWS = 120  # training and validation rows together; below, the score varies too much
MOST_WORDS = 15_000  # tagged words to fit on
MOST_BASELINE_ROWS = 20_000  # of each split; the evaluation stage measures baselines on all rows
SHARE = 0.03  # of the work of training
REPORT_SECONDS = 0.05

_COLUMNS = (*INPUTS, *LABELS, "labels")  # what baselines read: the readable columns and the encoded labels


class States(NamedTuple):
    """Hidden states, one entry per row: features (hidden,) or (length, hidden) float32, labels as a task's."""

    features: list[np.ndarray]
    labels: list[np.ndarray]
    rows: list[int]


def measure_baselines(
    task: Task, train: Dataset, validation: Dataset, label_names: tuple[str, ...], emit: Emit
) -> None:
    """Emits one `BaselineMeasured` for each baseline of the task, from at most 20,000 rows of each split."""
    emit(Progressed(0, 0, "Measuring baselines"))
    try:
        found = task.baselines(_some(train), _some(validation), label_names)
    except ValueError as error:  # scikit-learn: nothing in these texts to count
        emit(Noted(f"Baselines could not be measured on these rows ({error})."))
        return
    for name, measured in found.items():
        score = measured.scores.get(task.metric)
        if score is not None:
            emit(BaselineMeasured(name, task.metric, score))


def measure_linear_probe(training: Training, emit: Emit) -> None:
    """Emits one `BaselineMeasured`, or nothing where the run is short or memory is. `emit` may raise `StopRequested`.

    The network must be pre-trained only, before its first step. Rows with one label are represented by the mean of the
    last hidden states, tagged words by the state of their first token.
    """
    learned, held_out = _chosen_rows(training)
    if len(learned) + len(held_out) < FEWEST_ROWS:
        return
    was_training = training.network.training
    training.network.train(False)
    reader = _ReadRows(len(learned) + len(held_out), emit)
    try:
        train = _states(training, training.train_rows, training.train_batches, learned, reader)
        validation = _states(training, training.validation_rows, training.validation_batches, held_out, reader)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return  # training itself may still fit: it retries in smaller parts
    finally:
        training.network.train(was_training)
    with one_blas_thread():
        logits = fitted_logits(train, validation, classes=len(training.label_names))
    if logits is None:
        return
    outputs = Outputs(logits, validation.labels, validation.rows, training.validation_rows.unread)
    score = training.task.score(outputs, training.label_names).get(training.task.metric)
    if score is not None:
        emit(BaselineMeasured(NAME, training.task.metric, score))


def fitted_logits(train: States, validation: States, *, classes: int) -> list[np.ndarray] | None:
    """Logits of the validation rows, as a task's network would return them; None where there is only one class.

    The labels decide what is fitted: a class per row or per token, any number of labels per row, or a number.
    """
    first_features, first_label = train.features[0], train.labels[0]
    if first_features.ndim == 2:
        return _tag_logits(train, validation, classes)
    features, held_out = _standardised(np.stack(train.features), np.stack(validation.features))
    labels = np.stack(train.labels)
    if first_label.ndim == 1:
        columns = [_yes_no_logits(features, labels[:, column], held_out) for column in range(labels.shape[1])]
        return list(np.stack(columns, axis=1).astype(np.float32))
    if np.issubdtype(labels.dtype, np.floating):
        model = Ridge(alpha=float(len(labels)) ** 0.5).fit(features, labels)
        return list(model.predict(held_out).reshape(-1, 1).astype(np.float32))
    found = _class_logits(features, labels, held_out, classes)
    return None if found is None else list(found)


def _chosen_rows(training: Training) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows to read, ascending: two thirds of what the share allows are training rows."""
    whole_passes = training.total_steps / training.steps_per_epoch
    rows = len(training.train_rows)
    # Forward and backward pass cost three times a forward pass; frozen layers are computed once.
    work = 3.0 * whole_passes * rows if training.frozen_layers is None else float(rows)
    allowed = SHARE * work
    held_out_rows = len(training.validation_rows)
    few = (
        min(MOST_TRAINING_ROWS, rows, int(allowed * 2 / 3)),
        min(MOST_VALIDATION_ROWS, held_out_rows, int(allowed / 3)),
    )
    generator = np.random.Generator(np.random.PCG64(0))
    learned, held_out = (
        np.sort(generator.choice(total, count, replace=False))
        for total, count in zip((rows, held_out_rows), few, strict=True)
    )
    return learned, held_out


def _states(training: Training, rows: EncodedRows, batches: Batches, chosen: np.ndarray, reader: _ReadRows) -> States:
    features: list[np.ndarray] = [np.zeros(0, dtype=np.float32)] * len(chosen)
    labels: list[np.ndarray] = [np.zeros(0, dtype=np.int64)] * len(chosen)
    format = NUMBER_FORMATS[training.compute.precision]
    for places in by_length(rows.lengths[chosen], 2 * micro_batch(training.settings)):
        batch = batches.of(chosen[places])
        on_device = batches.on_device(batch)
        with (
            torch.inference_mode(),
            torch.autocast(training.compute.device.type, dtype=format, enabled=format != torch.float32),
        ):
            states = _read(training.network.base_model, on_device)
        for place, row_features, row_labels in zip(
            places.tolist(), *training.task.split_outputs(states, batch), strict=True
        ):
            features[place], labels[place] = row_features, row_labels
        reader.add(len(places))
    return States(features, labels, rows.numbers[chosen].tolist())


def _read(encoder: Any, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """The last states (batch, length, hidden) where each token has a label, otherwise their mean (batch, hidden)."""
    given = {"token_type_ids": batch["token_type_ids"]} if "token_type_ids" in batch else {}
    mask = batch["attention_mask"]
    states: torch.Tensor = encoder(input_ids=batch["input_ids"], attention_mask=mask, **given).last_hidden_state.float()
    if batch["labels"].shape == mask.shape and not batch["labels"].is_floating_point():
        return states
    weights = mask[..., None].to(states.dtype)
    mean: torch.Tensor = (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
    return mean


class _ReadRows:
    """Reports how many rows have been read, at most twenty times a second."""

    def __init__(self, total: int, emit: Emit) -> None:
        self._total, self._emit = total, emit
        self._done, self._at = 0, time.monotonic()
        emit(Progressed(0, total, NOTE, "rows"))

    def add(self, rows: int) -> None:
        self._done += rows
        if time.monotonic() - self._at >= REPORT_SECONDS or self._done == self._total:
            self._at = time.monotonic()
            self._emit(Progressed(self._done, self._total, NOTE, "rows"))


def _some(split: Dataset) -> Mapping[str, Sequence[Any]]:
    rows = split
    if len(split) > MOST_BASELINE_ROWS:
        chosen = np.random.Generator(np.random.PCG64(0)).choice(len(split), MOST_BASELINE_ROWS, replace=False)
        rows = split.select(np.sort(chosen))
    return {name: rows[name][:] for name in _COLUMNS if name in rows.column_names}


def _tag_logits(train: States, validation: States, classes: int) -> list[np.ndarray] | None:
    labels = np.concatenate(train.labels)
    words = np.flatnonzero(labels != IGNORED)
    if len(words) > MOST_WORDS:
        words = np.sort(np.random.Generator(np.random.PCG64(0)).choice(words, MOST_WORDS, replace=False))
    lengths = [len(row) for row in validation.labels]
    features, held_out = _standardised(np.concatenate(train.features)[words], np.concatenate(validation.features))
    found = _class_logits(features, labels[words], held_out, classes)
    return None if found is None else np.split(found, np.cumsum(lengths)[:-1])


def _standardised(features: np.ndarray, held_out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    return (features - mean) / spread, (held_out - mean) / spread


def _class_logits(features: np.ndarray, labels: np.ndarray, held_out: np.ndarray, classes: int) -> np.ndarray | None:
    """(rows, classes) float32; classes that do not occur in the training rows are never predicted."""
    occurring = np.unique(labels)
    if len(occurring) < 2:
        return None
    likely = _regression(features, labels).predict_proba(held_out)
    logits = np.full((len(held_out), classes), -100.0, dtype=np.float32)
    logits[:, occurring] = np.log(np.maximum(likely, 1e-30))
    return logits


def _yes_no_logits(features: np.ndarray, labels: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    if len(np.unique(labels)) < 2:
        return np.full(len(held_out), 10.0 if labels[0] else -10.0)
    decisions: np.ndarray = _regression(features, labels).decision_function(held_out)
    return decisions


def _regression(features: np.ndarray, labels: np.ndarray) -> LogisticRegression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # accurate enough for a line in a chart
        return LogisticRegression(C=0.1, max_iter=100).fit(features, labels)
