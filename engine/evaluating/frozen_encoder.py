"""The baseline that wins with few rows: a linear model on what the untouched encoder makes of the rows.

A text is the mean of its last states, a word the state of its first token, and a pair the cosine of the means of its
two texts (Reimers & Gurevych 2019). It is measured once for each split of a data set, and kept beside its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from datasets import DatasetDict
from safetensors import SafetensorError
from safetensors.numpy import load, save
from transformers import PreTrainedModel

from engine.contract.events import Emit, Progressed
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import SplitName
from engine.contract.states import PreparedDataset
from engine.devices.device_errors import is_out_of_memory
from engine.loading.tokenizer import load_tokenizer
from engine.tasks.baselines import one_blas_thread
from engine.tasks.rows import Outputs
from engine.tasks.scores import ScoredRows
from engine.tasks.task import Task
from engine.tasks.texts import encoded_inputs
from engine.training.batching.rows import EncodedRows
from engine.training.monitoring.linear_probe import NAME, States, fitted
from engine.training.step.encoder_states import encoder_states
from engine.workspace import atomic_files

OF_PAIRS = "cosine"
NOTE = Sentence("evaluating.progress.measuring_linear_model_pre_trained")
MOST_TRAINING_ROWS = 2_000
MOST_ROWS = 5_000  # held-out rows, above which reading them all would take too long beside the evaluation itself
MOST_OF_A_REASON = 200  # characters


class FrozenEncoder(NamedTuple):
    """The baseline by its name, or nothing, with the reason where it should have been there."""

    baselines: dict[str, ScoredRows]
    left_out: Sentence = NOTHING


def frozen_encoder(
    dataset: PreparedDataset,
    task: Task,
    splits: DatasetDict,
    split: SplitName,
    train: EncodedRows,
    held_out: EncodedRows,
    emit: Emit,
    *,
    device: torch.device,
) -> FrozenEncoder:
    """The baseline; left out where the held-out rows are too many or the training rows are of one class.

    Also where the model is gone or memory is short, for which the reason is given.

    `train` and `held_out` are the encoded rows of `splits["train"]` and `splits[split]`. `emit` may raise
    `StopRequested`.
    """
    if len(held_out) > MOST_ROWS:
        return FrozenEncoder({})
    kept = Path(dataset.folder) / f"frozen_encoder_{split}.safetensors"
    logits = _read(kept, held_out)
    if logits is None:
        try:
            logits = _measured(dataset, task, splits, split, train, held_out, emit, device)
        except (OSError, ValueError, SafetensorError) as error:  # the model was moved or deleted; the run has its own
            return _left_out(error)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            return _left_out(error)
        if logits is None:
            return FrozenEncoder({})
        with suppress(OSError):  # measured again the next time
            atomic_files.write_file(kept, save({"logits": np.concatenate(logits), "lengths": _lengths(logits)}))
    return _scored(dataset, task, logits, held_out)


def frozen_encoder_out_of_fold(
    dataset: PreparedDataset,
    task: Task,
    splits: DatasetDict,
    train: EncodedRows,
    folds: np.ndarray,
    emit: Emit,
    *,
    device: torch.device,
) -> FrozenEncoder:
    """The baseline on the training rows, each answered by a linear model that has learned the other `folds` (rows,)."""
    if len(train) > MOST_ROWS:
        return FrozenEncoder({})
    try:
        reader = _Reader(_encoder(dataset, task, device), dataset, len(train), emit)
        features = reader.features(splits["train"], train, np.arange(len(train)))
    except (OSError, ValueError, SafetensorError) as error:
        return _left_out(error)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return _left_out(error)
    labels = [_label(train, position) for position in range(len(train))]
    answers: list[np.ndarray] = [np.zeros(0, dtype=np.float32)] * len(train)
    for fold in range(int(folds.max()) + 1):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        found = _fitted_answers(dataset, features, labels, inside, [features[place] for place in outside])
        if found is None:
            return FrozenEncoder({})
        for place, answer in zip(outside.tolist(), found, strict=True):
            answers[place] = answer
    return _scored(dataset, task, answers, train)


def _scored(dataset: PreparedDataset, task: Task, logits: list[np.ndarray], rows: EncodedRows) -> FrozenEncoder:
    labels = [_label(rows, position) for position in range(len(rows))]
    outputs, names = Outputs(logits, labels, rows.numbers.tolist(), rows.words), dataset.label_names
    scored = ScoredRows(task.score(outputs, names), task.sample_scores(outputs, names))
    return FrozenEncoder({OF_PAIRS if dataset.settings.roles.second_text else NAME: scored})


def _left_out(error: BaseException) -> FrozenEncoder:
    """The first line of the error: that of a library goes on for lines."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0][:MOST_OF_A_REASON]
    return FrozenEncoder({}, Sentence("evaluating.note.frozen_encoder_left_out", reason=reason))


def _measured(
    dataset: PreparedDataset,
    task: Task,
    splits: DatasetDict,
    split: SplitName,
    train: EncodedRows,
    held_out: EncodedRows,
    emit: Emit,
    device: torch.device,
) -> list[np.ndarray] | None:
    """What the linear model answers for each held-out row, as a network's logits would be."""
    network = _encoder(dataset, task, device)
    chosen = np.arange(len(train))
    if len(train) > MOST_TRAINING_ROWS:
        chosen = np.sort(np.random.Generator(np.random.PCG64(0)).choice(len(train), MOST_TRAINING_ROWS, replace=False))
    reader = _Reader(network, dataset, len(chosen) + len(held_out), emit)
    places = np.arange(len(held_out))
    learned = reader.features(splits["train"], train, chosen)
    found = reader.features(splits[split], held_out, places)
    labels = [_label(train, position) for position in chosen]
    return _fitted_answers(dataset, learned, labels, np.arange(len(chosen)), found)


def _encoder(dataset: PreparedDataset, task: Task, device: torch.device) -> PreTrainedModel:
    network = task.build_network(Path(dataset.model.folder), dataset.label_names)
    network.train(False)
    network.to(device)  # type: ignore[arg-type]
    return network


def _fitted_answers(
    dataset: PreparedDataset,
    features: Sequence[np.ndarray],
    labels: Sequence[np.ndarray],
    inside: np.ndarray,
    asked: Sequence[np.ndarray],
) -> list[np.ndarray] | None:
    """The answers for the features `asked` of a linear model that has learned the rows `inside`; None for one class."""
    learned = States([features[place] for place in inside], [labels[place] for place in inside], [])
    with one_blas_thread():
        predict = fitted(learned, classes=len(dataset.label_names))
        if predict is None:
            return None
        answers = [predict(np.atleast_2d(row)) for row in asked]
    return [answer if row.ndim == 2 else answer[0] for answer, row in zip(answers, asked, strict=True)]


class _Reader:
    """The untouched encoder over rows, in batches of similar length."""

    def __init__(self, network: PreTrainedModel, dataset: PreparedDataset, total: int, emit: Emit) -> None:
        self._encoder = network.base_model
        self._dataset = dataset
        self._padding_id = int(getattr(network.config, "pad_token_id", None) or 0)
        self._emit, self._done, self._total = emit, 0.0, total

    def features(self, split: Sequence[object], rows: EncodedRows, chosen: np.ndarray) -> list[np.ndarray]:
        """The cosines of pairs, else the states, of the chosen rows; `rows` are those of `split`, encoded."""
        is_pair = bool(self._dataset.settings.roles.second_text)
        return self.cosines(split, chosen) if is_pair else self.states(rows, chosen)

    def states(self, rows: EncodedRows, chosen: np.ndarray) -> list[np.ndarray]:
        """The mean state (hidden,) of each row, or where each word has a label all states (length, hidden)."""
        by_word = _label(rows, 0).ndim == 1 and len(_label(rows, 0)) == rows.lengths[0]
        inputs = [row["input_ids"] for row in rows.features(chosen)]
        return self._read(inputs, by_word=by_word, counts=1.0)

    def cosines(self, split: Sequence[object], chosen: np.ndarray) -> list[np.ndarray]:
        """The cosine (1,) of the mean states of the two texts of each row."""
        tokenizer = load_tokenizer(Path(self._dataset.model.folder))
        rows = split.select(chosen)  # type: ignore[attr-defined]
        means = [
            self._read(
                encoded_inputs(tokenizer, {"text": rows[column][:]}, self._dataset.max_length)["input_ids"],
                by_word=False,
                counts=0.5,
            )
            for column in ("text", "second_text")
        ]
        return [_cosine(first, second) for first, second in zip(*means, strict=True)]

    def _read(self, inputs: Sequence[Sequence[int]], *, by_word: bool, counts: float) -> list[np.ndarray]:
        """`counts` is what a row adds to the progress."""

        def report(done: int) -> None:
            self._emit(Progressed(int(self._done + counts * done), self._total, NOTE, "rows"))

        found = encoder_states(self._encoder, inputs, padding_id=self._padding_id, by_word=by_word, report=report)
        report(len(inputs))
        self._done += counts * len(inputs)
        return found


def _cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    return np.asarray([float(first @ second) / max(lengths, 1e-12)], dtype=np.float32)


def _label(rows: EncodedRows, position: int | np.integer) -> np.ndarray:
    (row,) = rows.features([int(position)])
    return np.asarray(row["labels"])


def _lengths(logits: Sequence[np.ndarray]) -> np.ndarray:
    """How many rows of answers each row has; 0 where it has one answer and not one per token."""
    return np.asarray([len(row) if row.ndim == 2 else 0 for row in logits], dtype=np.int64)


def _read(path: Path, rows: EncodedRows) -> list[np.ndarray] | None:
    """The answers of before, or None where there are none for these rows."""
    try:
        stored = load(path.read_bytes())
        values, lengths = stored["logits"], stored["lengths"]
    except (OSError, SafetensorError, KeyError):
        return None
    if len(lengths) != len(rows):
        return None
    if not lengths.any():
        return list(values.reshape(len(lengths), -1))
    return np.split(values, np.cumsum(lengths)[:-1])
