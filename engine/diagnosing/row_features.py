"""What the untouched encoder makes of every prepared row, computed once and kept beside the rows.

A row is the mean of its last states; a pair is the two means of its texts, how far they are apart and their product
(Conneau et al. 2017). Where words have tags, each word has the states of its first token below. The encoder has seen no
label, so a model on these features can be fitted out of sample for every row, the training rows among them.

    <data set>/row_features.safetensors    features (rows, width) float16, words (words, width) float16
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import DatasetDict
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.contract.column_roles import GROUP, INPUTS, LABELS
from engine.contract.errors import DiskFull, InvalidSetting, ModelDamaged
from engine.contract.events import Emit, Progressed
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset, TrainingRun
from engine.devices import detection as devices
from engine.loading.tokenizer import load_tokenizer
from engine.tasks.padding import padded_inputs
from engine.tasks.registry import task_named
from engine.tasks.task import Task
from engine.tasks.texts import encoded_inputs
from engine.training.batching.batch_plan import by_length
from engine.training.batching.rows import read_splits
from engine.workspace import atomic_files

FILE = "row_features.safetensors"
FORMAT = 1  # counts up when the same rows have other features
MOST_ROWS = 30_000  # above, so many are drawn: what follows is fitted several times
MOST_WORDS = 400_000  # of tagged rows
BATCH = 64
WORD_LAYERS = (0.34, 0.67, 1.0)  # of all layers, from which the states of a word are taken
LONGEST_TEXT = 20_000  # characters; far beyond what any of these networks reads
LARGEST = 60_000.0  # float16 ends at 65,504
NOTE = Sentence("diagnosing.progress.reading_rows_with_encoder")


@dataclass(frozen=True)
class PreparedRow:
    """Where a row is: its split, its place there from 0, and its number in its file."""

    split: str
    index: int
    number: int


@dataclass(frozen=True)
class Rows:
    """Rows of all splits, in their order, with what they read and their labels."""

    places: list[PreparedRow]
    columns: Mapping[str, list[Any]]  # canonical inputs and labels
    encoded: list[list[int]]  # input ids
    labels: list[Any]  # as the task has encoded them
    total: int  # of which these are drawn

    def __len__(self) -> int:
        return len(self.places)

    def row(self, position: int) -> dict[str, Any]:
        """The canonical columns of one row."""
        return {name: values[position] for name, values in self.columns.items()}


@dataclass(frozen=True)
class RowFeatures:
    """`features` (rows, width) float32; where words have tags also `words` (words, width), of the rows `owner`."""

    rows: Rows
    features: np.ndarray
    words: np.ndarray | None = None
    owner: np.ndarray | None = None


def read_rows(dataset: PreparedDataset, *, seed: int = 0) -> Rows:
    """All prepared rows, or `MOST_ROWS` drawn from them where there are more; raises as `read_splits`."""
    splits = read_splits(dataset)
    total = sum(len(split) for split in splits.values())
    chosen = np.arange(total)
    if total > MOST_ROWS:
        chosen = np.sort(np.random.Generator(np.random.PCG64(seed)).choice(total, MOST_ROWS, replace=False))
    return _rows(splits, chosen, total)


def _rows(splits: DatasetDict, chosen: np.ndarray, total: int) -> Rows:
    places: list[PreparedRow] = []
    columns: dict[str, list[Any]] = {}
    encoded: list[list[int]] = []
    labels: list[Any] = []
    start = 0
    for name, split in splits.items():
        own = chosen[(chosen >= start) & (chosen < start + len(split))] - start
        start += len(split)
        if not len(own):
            continue
        part = split if len(own) == len(split) else split.select(own)
        named = next((name for name in ("line", "row") if name in part.column_names), "")
        numbers = part[named][:] if named else (own + 1).tolist()
        places += [PreparedRow(str(name), int(index), int(number)) for index, number in zip(own, numbers, strict=True)]
        encoded += part["input_ids"][:]
        labels += part["labels"][:]
        for column in (*INPUTS, *LABELS, GROUP, "word_tokens"):
            if column in part.column_names:
                columns.setdefault(column, []).extend(part[column][:])
    return Rows(places, columns, encoded, labels, total)


def row_features(dataset: PreparedDataset, emit: Emit, *, device: str = "cpu", threads: int = 0) -> RowFeatures:
    """The features of all rows, those of before where they are kept; `emit` may raise `StopRequested`.

    Raises as `read_splits`, and `ModelDamaged` (M5) where the pre-trained encoder cannot be read any more.
    """
    rows = read_rows(dataset)
    task = task_named(dataset.task, dataset.label_names)
    per_word = task.facts.one_label_per_word
    path = Path(dataset.folder) / FILE
    kept = _read(path, rows, per_word)
    if kept is None:
        kept = _computed(dataset, task, rows, emit, device, threads)
        with suppress(OSError, DiskFull):  # computed again the next time
            atomic_files.write_file(path, save({**kept, "key": _key(rows)}))
    features = kept["features"].astype(np.float32)
    if not per_word:
        return RowFeatures(rows, features)
    owner = np.repeat(np.arange(len(rows)), [len(tokens) for tokens in rows.columns["word_tokens"]])
    return RowFeatures(rows, features, kept["words"].astype(np.float32), owner.astype(np.int64))


def asked_texts(run: TrainingRun, text: str, second_text: str) -> tuple[str, ...]:
    """The text or the two of a pair as they are read; raises `InvalidSetting` (E4) where one is empty."""
    pairs = bool(run.dataset.settings.roles.second_text)
    texts = tuple(
        one.encode("utf-8", "replace").decode("utf-8")[:LONGEST_TEXT] for one in (text, second_text)[: 1 + pairs]
    )
    if not all(one.strip() for one in texts):
        raise InvalidSetting(
            "E4",
            Sentence("evaluating.e4.there_no_text_answer"),
            hint=Sentence("evaluating.e4.type_sentence"),
            field="text",
        )
    return texts


def features_of_text(dataset: PreparedDataset, texts: Sequence[str], emit: Emit) -> np.ndarray:
    """The features (width,) float32 of one text, or of the two of a pair, as `row_features` has them."""
    task = task_named(dataset.task, dataset.label_names)
    network = _warm.get(dataset.model.folder)
    if network is None:
        _warm.clear()
        network = _warm[dataset.model.folder] = _encoder(dataset, task)
    tokenizer = load_tokenizer(Path(dataset.model.folder))
    inputs = encoded_inputs(tokenizer, {"text": list(texts)}, dataset.max_length)["input_ids"]
    means = _Reader(network.base_model, _padding_id(network), emit).means(inputs, total=len(inputs))
    own = _of_pair(means[:1], means[1:]) if len(texts) > 1 else means
    return np.asarray(own[0], dtype=np.float32)


_warm: dict[str, Any] = {}  # the untouched encoder that was asked last, by its folder


def shown_labels(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels of a canonical row as texts, as the table of rows has them."""
    for name in ("label", "label_set", "tags", "score"):
        if name in row:
            value = row[name]
            return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
    return ()


def word_labels(task: Task, names: Sequence[str], rows: Rows) -> np.ndarray:
    """The label of each word of all rows end to end, int64."""
    parts = []
    for position in range(len(rows)):
        words = task.words_of_row({**rows.row(position), "labels": np.asarray(rows.labels[position])}, names)
        assert words is not None
        parts.append(words.labels)
    return np.concatenate(parts)


def _key(rows: Rows) -> np.ndarray:
    return np.asarray([FORMAT, len(rows), rows.total, sum(map(len, rows.encoded))], dtype=np.int64)


def _read(path: Path, rows: Rows, per_word: bool) -> dict[str, np.ndarray] | None:
    try:
        stored = load(path.read_bytes())
        if not np.array_equal(stored["key"], _key(rows)) or len(stored["features"]) != len(rows):
            return None
        if per_word and len(stored["words"]) != sum(map(len, rows.columns["word_tokens"])):
            return None
    except (OSError, SafetensorError, KeyError):
        return None
    return stored


def _computed(
    dataset: PreparedDataset, task: Task, rows: Rows, emit: Emit, device: str, threads: int
) -> dict[str, np.ndarray]:
    emit(Progressed(0, len(rows), NOTE, "rows"))
    network = _encoder(dataset, task)
    compute = devices.choose(device, precision="fp32", threads=threads)
    before = torch.get_num_threads()
    torch.set_num_threads(compute.threads)
    try:
        network.to(compute.device)
        return _read_with(network, dataset, task, rows, emit)
    finally:
        torch.set_num_threads(before)


def _encoder(dataset: PreparedDataset, task: Task) -> Any:
    """The pre-trained network, in evaluation mode; raises `ModelDamaged` (M5)."""
    try:
        network = task.build_network(Path(dataset.model.folder), dataset.label_names)
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelDamaged(
            "M5",
            Sentence("diagnosing.m5.encoder_gone", model=dataset.model.name),
            hint=Sentence("diagnosing.m5.load_model_again"),
            details=str(error),
        ) from error
    network.train(False)
    return network


def _padding_id(network: Any) -> int:
    return int(getattr(network.config, "pad_token_id", None) or 0)


def _of_pair(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.asarray(np.concatenate([first, second, abs(first - second), first * second], axis=1))


def _read_with(network: Any, dataset: PreparedDataset, task: Task, rows: Rows, emit: Emit) -> dict[str, np.ndarray]:
    reader = _Reader(network.base_model, _padding_id(network), emit)
    if "second_text" in rows.columns:
        tokenizer = load_tokenizer(Path(dataset.model.folder))
        parts = [
            encoded_inputs(tokenizer, {"text": [str(text) for text in rows.columns[column]]}, dataset.max_length)
            for column in ("text", "second_text")
        ]
        first, second = (reader.means(part["input_ids"], total=2 * len(rows)) for part in parts)
        return {"features": _of_pair(first, second)}
    if task.facts.one_label_per_word:
        features, words = reader.words(rows.encoded, rows.columns["word_tokens"])
        return {"features": features, "words": words}
    return {"features": reader.means(rows.encoded, total=len(rows))}


class _Reader:
    """The encoder over rows, in batches of similar length."""

    def __init__(self, encoder: Any, padding_id: int, emit: Emit) -> None:
        self._encoder, self._padding_id, self._emit = encoder, padding_id, emit
        self._done = 0

    def means(self, inputs: Sequence[Sequence[int]], *, total: int) -> np.ndarray:
        """The mean of the last states of each row, (rows, hidden) float16."""
        found = np.zeros((len(inputs), self._encoder.config.hidden_size), dtype=np.float16)
        for places in by_length(np.asarray([len(ids) for ids in inputs]), BATCH):
            states, mask = self._states(inputs, places, total)
            found[places] = _mean(states[-1], mask)
        return found

    def words(self, inputs: Sequence[Sequence[int]], tokens: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
        """The mean of each row, and of each word the states of its first token, zeros where it was not read."""
        hidden = self._encoder.config.hidden_size
        means = np.zeros((len(inputs), hidden), dtype=np.float16)
        ends = np.cumsum([0, *map(len, tokens)])
        words = np.zeros((int(ends[-1]), len(WORD_LAYERS) * hidden), dtype=np.float16)
        for places in by_length(np.asarray([len(ids) for ids in inputs]), BATCH):
            states, mask = self._states(inputs, places, len(inputs))
            means[places] = _mean(states[-1], mask)
            layers = [states[round(share * (len(states) - 1))] for share in WORD_LAYERS]
            joined = _as_half(torch.cat(layers, dim=-1))
            for row, place in enumerate(places.tolist()):
                own = np.asarray(tokens[place], dtype=np.int64)
                read = (own >= 0) & (own < len(inputs[place]))
                words[ends[place] : ends[place + 1]][read] = joined[row, own[read]]
        return means, words

    def _states(
        self, inputs: Sequence[Sequence[int]], places: np.ndarray, total: int
    ) -> tuple[tuple[torch.Tensor, ...], torch.Tensor]:
        self._emit(Progressed(self._done, total, NOTE, "rows"))
        batch = padded_inputs(
            [{"input_ids": inputs[place]} for place in places], padding_id=self._padding_id, multiple=1
        )
        on_device = {name: tensor.to(self._encoder.device) for name, tensor in batch.items()}
        with torch.inference_mode():
            states = self._encoder(**on_device, output_hidden_states=True).hidden_states
        self._done += len(places)
        self._emit(Progressed(self._done, total, NOTE, "rows"))
        return tuple(state.float() for state in states), on_device["attention_mask"]


def _mean(states: torch.Tensor, mask: torch.Tensor) -> np.ndarray:
    weights = mask[..., None].float()
    return _as_half((states * weights).sum(dim=1) / weights.sum(dim=1))


def _as_half(states: torch.Tensor) -> np.ndarray:
    return states.clamp(-LARGEST, LARGEST).cpu().numpy().astype(np.float16)
