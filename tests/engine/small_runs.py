"""Prepared rows, settings and a listener for tests that train a two-layer network in a second."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import torch
from datasets import Dataset, DatasetDict
from safetensors.torch import load_file
from transformers import BertConfig, BertModel

from engine.contract.events import Event
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset, SplitCounts, TrainingRun
from engine.workspace.atomic_files import write_record
from engine.workspace.references import DATASET
from tests.builders import a_dataset, a_model

VOCABULARY = 40
WORDS_OF_CLASS = {0: (10, 20), 1: (20, 30)}  # token ids that mostly occur in rows of this class
SMALL = FineTuneSettings(  # fp32: Auto depends on the processor
    epochs=2,
    batch_size=8,
    learning_rate=5e-3,
    threads=1,
    checkpoint_interval=86_400,
    device="cpu",
    precision="fp32",
)


def small_settings(**changes: object) -> FineTuneSettings:
    return msgspec.structs.replace(SMALL, **changes)


def tiny_bert(folder: Path) -> Path:
    """Writes a BERT with two layers of 16 and dropout, as a folder with safetensors."""
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(folder)
    return folder


def saved(dataset: PreparedDataset) -> PreparedDataset:
    """The data set, with its state in its folder."""
    write_record(Path(dataset.folder) / DATASET, dataset)
    return dataset


def copied(dataset: PreparedDataset, folder: Path) -> PreparedDataset:
    """A copy of this data set that a test may change."""
    shutil.copytree(dataset.folder, folder)
    return saved(msgspec.structs.replace(dataset, folder=str(folder)))


def prepared_reviews(model: Path, folder: Path) -> PreparedDataset:
    """72 + 16 + 16 rows of two classes that can be distinguished by their words."""
    generator = np.random.Generator(np.random.PCG64(3))
    rows = {"train": 72, "validation": 16, "test": 16}
    splits = DatasetDict({name: Dataset.from_dict(_texts(generator, count)) for name, count in rows.items()})
    splits.save_to_disk(str(folder))
    return saved(
        a_dataset(
            model=a_model(folder=str(model), max_length=32),
            folder=str(folder),
            splits={name: SplitCounts(count, {}) for name, count in rows.items()},
            max_length=32,
            fingerprint="reviews",
        )
    )


def prepared_entities(model: Path, folder: Path) -> PreparedDataset:
    """48 + 12 + 12 sentences in which the token ids 10 to 14 are names."""
    generator = np.random.Generator(np.random.PCG64(4))
    rows = {"train": 48, "validation": 12, "test": 12}
    splits = DatasetDict({name: Dataset.from_dict(_sentences(generator, count)) for name, count in rows.items()})
    splits.save_to_disk(str(folder))
    return saved(
        a_dataset(
            model=a_model(folder=str(model), max_length=32),
            folder=str(folder),
            task="token_classification",
            label_names=("O", "B-PER", "I-PER"),
            splits={name: SplitCounts(count, {}) for name, count in rows.items()},
            max_length=32,
            fingerprint="entities",
        )
    )


class Listener:
    """Keeps events; raises what `at` returns for an event, once."""

    def __init__(self, at: Callable[[Event], BaseException | None] = lambda event: None) -> None:
        self.events: list[Event] = []
        self._at = at
        self._raised = False

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        problem = None if self._raised else self._at(event)
        if problem is not None:
            self._raised = True
            raise problem

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]


def _texts(generator: np.random.Generator, count: int) -> dict[str, list]:
    columns: dict[str, list] = {"input_ids": [], "labels": [], "length": [], "row": [], "text": []}
    for number in range(count):
        label = number % 2
        low, high = WORDS_OF_CLASS[label]
        ids = [2, *generator.integers(low, high, size=int(generator.integers(3, 12))).tolist(), 3]
        columns["input_ids"].append(ids)
        columns["labels"].append(label)
        columns["length"].append(len(ids))
        columns["row"].append(number + 1)
        columns["text"].append(" ".join(f"word{token}" for token in ids[1:-1]))
    return columns


def _sentences(generator: np.random.Generator, count: int) -> dict[str, list]:
    names = ("input_ids", "labels", "length", "row", "tokens", "tags", "word_tokens", "read_tokens")
    columns: dict[str, list] = {name: [] for name in names}
    for number in range(count):
        words = generator.integers(10, 30, size=int(generator.integers(3, 12))).tolist()
        tags, before = [], "O"
        for word in words:
            before = "O" if word >= 15 else ("I-PER" if before != "O" else "B-PER")
            tags.append(before)
        columns["input_ids"].append([2, *words, 3])
        columns["labels"].append([-100, *(("O", "B-PER", "I-PER").index(tag) for tag in tags), -100])
        columns["length"].append(len(words) + 2)
        columns["row"].append(number + 1)
        columns["tokens"].append([f"word{word}" for word in words])
        columns["tags"].append(tags)
        columns["word_tokens"].append(list(range(1, len(words) + 1)))
        columns["read_tokens"].append(list(range(1, len(words) + 1)))
    return columns


def weights(run: TrainingRun) -> dict[str, torch.Tensor]:
    """The weights of the run's checkpoint."""
    return load_file(Path(run.checkpoint) / "model.safetensors")
