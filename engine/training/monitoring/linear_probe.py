"""Baselines beside the training curves: those of the task, and a linear probe on the pre-trained encoder.

Fine-tuning has to beat them. All are scored on the same validation rows, and give from how many training rows they
learned where these are not all. The probe is a linear model on the encoder's hidden states, of so many training rows
that computing these takes about 3 % of the time that training will take; a short run has none. Draws nothing from
torch's generators.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from datasets import Dataset
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge

from engine.contract.column_roles import GROUP, INPUTS, LABELS
from engine.contract.events import BaselineMeasured, Emit, Noted, Progressed
from engine.contract.sentences import Sentence
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
NOTE = Sentence("training.progress.measuring_linear_probe_pre_trained")
MOST_TRAINING_ROWS = 5_000
FEWEST_ROWS = 80  # to learn from; with fewer the score varies too much
MOST_WORDS = 15_000  # tagged words to fit on
MOST_BASELINE_ROWS = 20_000  # of each split; the evaluation stage measures baselines on all rows
SHARE = 0.03  # of the work of training
REPORT_SECONDS = 0.05

_COLUMNS = (*INPUTS, *LABELS, GROUP, "labels")  # what baselines read: the columns of rows and the encoded labels


Predict = Callable[[np.ndarray], np.ndarray]


class States(NamedTuple):
    """Hidden states, one entry per row: features (hidden,) or (length, hidden) float32, labels as a task's."""

    features: list[np.ndarray]
    labels: list[np.ndarray]
    rows: list[int]


def measure_baselines(
    task: Task, train: Dataset, validation: Dataset, label_names: tuple[str, ...], emit: Emit
) -> None:
    """Emits one `BaselineMeasured` for each baseline of the task, from at most 20,000 rows of each split."""
    progress = partial(emit, Progressed(0, 0, Sentence("training.progress.measuring_baselines")))
    progress()
    try:
        found = task.baselines(_some(train), _some(validation), label_names, pause=progress)
    except ValueError as error:  # scikit-learn: nothing in these texts to count
        emit(Noted(Sentence("training.note.baselines_could_not_measured_these", error=error)))
        return
    for name, measured in found.items():
        score = measured.scores.get(task.metric)
        if score is not None:
            emit(
                BaselineMeasured(name, task.metric, score, _if_not_all(min(len(train), MOST_BASELINE_ROWS), len(train)))
            )


def measure_linear_probe(training: Training, emit: Emit) -> None:
    """Emits one `BaselineMeasured`, or nothing where the run is short or memory is. `emit` may raise `StopRequested`.

    The network must be pre-trained only, before its first step. Rows with one label are represented by the mean of the
    last hidden states, rows with a label per word by the states of their tokens.
    """
    learned, held_out = _chosen_rows(training)
    if len(learned) < FEWEST_ROWS or not len(held_out):
        return
    was_training = training.network.training
    training.network.train(False)
    reader = _ReadRows(len(learned) + len(held_out), emit)
    try:
        train = _states(training, training.train_rows, training.train_batches, learned, reader)
        with one_blas_thread():
            predict = fitted(train, classes=len(training.label_names))
        if predict is None:
            return
        rows = training.validation_rows
        predicted = _states(training, rows, training.validation_batches, held_out, reader, predict)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return  # training itself may still fit: it retries in smaller parts
    finally:
        training.network.train(was_training)
    words = {place: rows.words[row] for place, row in enumerate(held_out.tolist()) if row in rows.words}
    outputs = Outputs(predicted.features, predicted.labels, predicted.rows, words)
    score = training.task.score(outputs, training.label_names).get(training.task.metric)
    if score is not None:
        learned_rows = _if_not_all(len(learned), len(training.train_rows))
        emit(BaselineMeasured(NAME, training.task.metric, score, learned_rows))


def fitted(train: States, *, classes: int) -> Predict | None:
    """A linear model as a function from hidden states (n, hidden) to logits (n, outputs) float32.

    The labels decide what is fitted: a class per row or per token, any number of labels per row, or a number. None
    where there is only one class.
    """
    tagged = train.features[0].ndim == 2
    features = np.concatenate(train.features) if tagged else np.stack(train.features)
    labels = np.concatenate(train.labels) if tagged else np.stack(train.labels)
    if tagged:
        words = np.flatnonzero(labels != IGNORED)
        words = words[_chosen(len(words), MOST_WORDS)]
        features, labels = features[words], labels[words]
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    predict = _fitted_to((features - mean) / spread, labels, classes)
    return None if predict is None else lambda states: predict((states - mean) / spread).astype(np.float32)


def _chosen_rows(training: Training) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows to read, ascending: as many training rows as the share allows, all rows to be scored on."""
    whole_passes = training.total_steps / training.steps_per_epoch
    rows = len(training.train_rows)
    # Forward and backward pass cost three times a forward pass; frozen layers are computed once.
    work = 3.0 * whole_passes * rows if training.frozen_layers is None else float(rows)
    few = min(MOST_TRAINING_ROWS, rows, int(SHARE * work))
    return _chosen(rows, few), _chosen(len(training.validation_rows), MOST_BASELINE_ROWS)


def _chosen(rows: int, most: int) -> np.ndarray:
    """Positions of at most so many of some rows, ascending; the same ones each time."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.Generator(np.random.PCG64(0)).choice(rows, most, replace=False))


def _if_not_all(used: int, rows: int) -> int:
    return used if used < rows else 0


def _states(
    training: Training,
    rows: EncodedRows,
    batches: Batches,
    chosen: np.ndarray,
    reader: _ReadRows,
    predict: Predict | None = None,
) -> States:
    """Hidden states of the chosen rows; what is predicted from them in their place, which takes less memory."""
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
            if predict is not None:
                logits = predict(np.atleast_2d(row_features))
                row_features = logits if row_features.ndim == 2 else logits[0]
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
    rows = split.select(_chosen(len(split), MOST_BASELINE_ROWS)) if len(split) > MOST_BASELINE_ROWS else split
    return {name: rows[name][:] for name in _COLUMNS if name in rows.column_names}


def _fitted_to(features: np.ndarray, labels: np.ndarray, classes: int) -> Predict | None:
    """The same for standardised features."""
    if labels.ndim == 2:
        columns = [_fitted_to_one_label(features, labels[:, column]) for column in range(labels.shape[1])]
        return lambda states: np.stack([column(states) for column in columns], axis=1)
    if np.issubdtype(labels.dtype, np.floating):
        ridge = Ridge(alpha=float(len(labels)) ** 0.5).fit(features, labels)
        return lambda states: ridge.predict(states).reshape(-1, 1)
    occurring = np.unique(labels)
    if len(occurring) < 2:
        return None
    model = _regression(features, labels)

    def logits(states: np.ndarray) -> np.ndarray:
        found = np.full((len(states), classes), -100.0)  # classes that training does not have are never predicted
        found[:, occurring] = np.log(np.maximum(model.predict_proba(states), 1e-30))
        return found

    return logits


def _fitted_to_one_label(features: np.ndarray, marked: np.ndarray) -> Predict:
    if len(np.unique(marked)) < 2:
        always = 10.0 if marked[0] else -10.0
        return lambda states: np.full(len(states), always)
    model = _regression(features, marked)
    return lambda states: np.asarray(model.decision_function(states))


def _regression(features: np.ndarray, labels: np.ndarray) -> LogisticRegression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # accurate enough for a line in a chart
        return LogisticRegression(C=0.1, max_iter=100).fit(features, labels)
