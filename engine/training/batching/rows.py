"""The encoded rows of a split as a few flat arrays, and batches of them as tensors.

Arrow columns are read once; after that a batch costs slices, no objects per token.
"""

from __future__ import annotations

import copy
import errno
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import torch
from datasets import Dataset, DatasetDict, load_from_disk
from transformers import PreTrainedTokenizerBase

from engine.calibration.conformal import calibration_halves
from engine.contract.calibration import has_own_rows
from engine.contract.errors import DatasetInvalid, DatasetUnreadable
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.tasks.rows import WordsOfRow
from engine.tasks.task import Task

WORD_COLUMN = "word_tokens"  # of rows of words since 0.2.0
ROWS_COMPARED = 50
MOST_IN_MEMORY = 0.25  # of the free memory
FeaturesOf = Callable[[np.ndarray, int], torch.Tensor]  # of rows, padded to a length: (rows, length, hidden)


class EncodedRows:
    """All rows of one split; `lengths` (rows,) counts their tokens, `numbers` (rows,) is their number in the file."""

    def __init__(
        self,
        input_ids: _Lists,
        labels: _Lists | np.ndarray,
        numbers: np.ndarray,
        token_type_ids: _Lists | None = None,
        words: Mapping[int, WordsOfRow] | None = None,
    ) -> None:
        self._input_ids = input_ids
        self._labels = labels
        self.lengths = np.diff(input_ids.offsets)
        self.numbers = numbers
        self.words = words or {}  # by position
        self._token_type_ids = token_type_ids  # of pairs

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def token_ids(self) -> np.ndarray:
        """The token ids of all rows end to end."""
        return self._input_ids.values

    @property
    def labels(self) -> np.ndarray:
        """The labels of all rows end to end, as the task has encoded them."""
        return self._labels if isinstance(self._labels, np.ndarray) else self._labels.values

    def features(self, positions: Sequence[int] | np.ndarray) -> list[Mapping[str, Any]]:
        """The rows at these positions, as a task collates them."""
        rows: list[Mapping[str, Any]] = [
            {"input_ids": self._input_ids[index], "labels": self._labels[index]} for index in positions
        ]
        if self._token_type_ids is None:
            return rows
        return [
            {**row, "token_type_ids": self._token_type_ids[index]} for row, index in zip(rows, positions, strict=True)
        ]


class Batches:
    """Makes padded tensors of rows and moves them to a device."""

    def __init__(self, task: Task, rows: EncodedRows, *, padding_id: int, device: torch.device, multiple: int) -> None:
        self._task = task
        self._rows = rows
        self._padding_id = padding_id
        self._device = device
        self._multiple = multiple
        self._features: FeaturesOf | None = None

    def with_features(self, features: FeaturesOf) -> Batches:
        """The same batches with the output of the frozen layers in place of token ids."""
        other = copy.copy(self)
        other._features = features
        return other

    def of(self, positions: np.ndarray) -> dict[str, torch.Tensor]:
        """A batch of these rows on the CPU."""
        features = self._rows.features(positions)
        batch = self._task.collate(features, padding_id=self._padding_id, multiple=self._multiple)
        if self._features is None:
            return batch
        return with_features(batch, self._features(positions, batch["input_ids"].shape[1]))

    def padded_tokens(self, positions: np.ndarray) -> int:
        """How many tokens a batch of these rows has, padding included."""
        longest = int(self._rows.lengths[positions].max())
        return len(positions) * -(-longest // self._multiple) * self._multiple

    def on_device(self, batch: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The batch on the network's device; through pinned memory to a GPU, so that the copy is asynchronous.

        Apple's GPUs have no float64; what is float64 (standardised scores) becomes float32 there.
        """
        if self._device.type == "mps":
            batch = {name: part.float() if part.dtype == torch.float64 else part for name, part in batch.items()}
        if self._device.type == "cuda":
            return {name: tensor.pin_memory().to(self._device, non_blocking=True) for name, tensor in batch.items()}
        return {name: tensor.to(self._device) for name, tensor in batch.items()}


def with_features(batch: Mapping[str, torch.Tensor], features: torch.Tensor) -> dict[str, torch.Tensor]:
    """The batch as the network above its frozen layers reads it; `features` (batch, positions, hidden).

    They may hold the first positions only.
    """
    kept = {name: tensor for name, tensor in batch.items() if name not in ("input_ids", "token_type_ids")}
    return {**kept, "attention_mask": batch["attention_mask"][:, : features.shape[1]], "hidden_states": features}


def choosing_splits(splits: DatasetDict, settings: FineTuneSettings) -> DatasetDict:
    """The splits for training: without the validation rows that are kept apart to calibrate answers."""
    validation = splits["validation"]
    if not has_own_rows(settings, len(validation)):
        return splits
    choosing, _ = calibration_halves(len(validation))
    return DatasetDict({**splits, "validation": validation.select(choosing.tolist())})


def read_splits(dataset: PreparedDataset) -> DatasetDict:
    """The prepared splits.

    Raises `DatasetUnreadable` (D20) where they are missing or damaged, and `DatasetInvalid` (D17) where training or
    validation rows are missing; these may, where all rows train.
    """
    try:
        _refuse_special_files(Path(dataset.folder))
        splits: DatasetDict = load_from_disk(dataset.folder, keep_in_memory=_fits_in_memory(Path(dataset.folder)))
    # A file of `datasets` with other content ends in an error of any of these types.
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DatasetUnreadable(
            "D20",
            Sentence("training.d20.prepared_rows_not_there_any", dataset=dataset.name),
            hint=Sentence("training.d20.prepare_data_again"),
            actions=(RecoveryAction.PREPARE_AGAIN,),
            details=str(error),
        ) from error
    for name, sentence in (
        ("train", Sentence("training.d17.no_training_rows")),
        ("validation", Sentence("training.d17.no_validation_rows")),
    ):
        may_be_empty = name == "validation" and dataset.all_train
        if name not in splits or (len(splits[name]) == 0 and not may_be_empty):
            raise DatasetInvalid(
                "D17",
                sentence,
                hint=Sentence("training.d17.prepare_data_again_more_rows"),
                actions=(RecoveryAction.CHANGE_SPLITS,),
                field="splits",
            )
    return splits


def _refuse_special_files(folder: Path) -> None:
    """Raises `OSError` where something in a prepared data set is no file: a pipe would be waited for without an end."""
    for path in (*folder.glob("*"), *folder.glob("*/*")):
        if not (path.is_file() or path.is_dir()):
            raise OSError(errno.EINVAL, f"{path.name} is not a plain file", str(path))


def _fits_in_memory(folder: Path) -> bool:
    """Whether the rows are read at once, and not mapped: who reads a mapped file that was cut meanwhile is killed."""
    size = sum(path.stat().st_size for path in folder.glob("*/*.arrow"))
    return bool(size <= MOST_IN_MEMORY * psutil.virtual_memory().available)


def refuse_outdated(
    dataset: PreparedDataset,
    split: Dataset,
    task: Task,
    tokenizer: Callable[[], PreTrainedTokenizerBase] | None = None,
) -> None:
    """Raises `DatasetUnreadable` (D20) for rows of words that 0.1.0 prepared, which read each word without its text.

    Given the way to the `tokenizer` of a run that was trained on them, only where the tokens of the text are others.
    """
    if not task.facts.one_label_per_word or WORD_COLUMN in split.column_names:
        return
    if tokenizer is not None:
        rows = split.select(range(min(len(split), ROWS_COMPARED)))
        again = task.encode(tokenizer(), rows[:], label_names=dataset.label_names, max_length=dataset.max_length)
        if again["input_ids"] == list(rows["input_ids"][:]):
            return
    raise DatasetUnreadable(
        "D20",
        Sentence("training.d20.prepared_by_earlier_version", dataset=dataset.name),
        hint=Sentence("training.d20.prepare_data_again"),
        actions=(RecoveryAction.PREPARE_AGAIN,),
    )


def encoded_rows(
    split: Dataset, words_of: Callable[[Mapping[str, Any]], WordsOfRow | None] | None = None
) -> EncodedRows:
    """Reads the encoded columns of a split; `words_of` a row is asked for where scores are per word."""
    columns = [name for name in ("input_ids", "labels", "row", "token_type_ids") if name in split.column_names]
    table: pa.Table = split.with_format("arrow", columns=columns)[:]
    labels = table.column("labels")
    one_per_row = not _is_list(labels.type)
    numbers = table.column("row").to_numpy() if "row" in columns else np.arange(1, len(table) + 1)
    return EncodedRows(
        _Lists.read(table.column("input_ids")),
        _numbers(labels.to_numpy()) if one_per_row else _Lists.read(labels),
        numbers,
        _Lists.read(table.column("token_type_ids")) if "token_type_ids" in columns else None,
        _words(split, words_of) if words_of is not None and "tags" in split.column_names else None,
    )


def _words(split: Dataset, words_of: Callable[[Mapping[str, Any]], WordsOfRow | None]) -> dict[int, WordsOfRow]:
    """By position how tokens represent words, where that is known."""
    names = [name for name in ("labels", "word_tokens", "read_tokens") if name in split.column_names]
    table: pa.Table = split.with_format("arrow", columns=["tags", *names])[:]
    lists = {name: _Lists.read(table.column(name)) for name in names}
    found = {}
    for position, tags in enumerate(table.column("tags").to_pylist()):
        words = words_of({"tags": tags, **{name: values[position] for name, values in lists.items()}})
        if words is not None:
            found[position] = words
    return found


def _numbers(values: np.ndarray) -> np.ndarray:
    """Class ids as int64, scores as they are."""
    return values if values.dtype.kind == "f" else values.astype(np.int64)


class _Lists:
    """Lists of numbers end to end: list i is `values[offsets[i]:offsets[i + 1]]`."""

    def __init__(self, values: np.ndarray, offsets: np.ndarray) -> None:
        self.values = values
        self.offsets = offsets

    @staticmethod
    def read(column: pa.ChunkedArray) -> _Lists:
        values = [chunk.flatten().to_numpy(zero_copy_only=False).astype(np.int32) for chunk in column.chunks]
        lengths = [chunk.value_lengths().to_numpy(zero_copy_only=False) for chunk in column.chunks]
        offsets = np.zeros(sum(map(len, lengths)) + 1, dtype=np.int64)
        if lengths:
            np.cumsum(np.concatenate(lengths), out=offsets[1:])
        return _Lists(np.concatenate(values) if values else np.zeros(0, dtype=np.int32), offsets)

    def __getitem__(self, index: int) -> np.ndarray:
        return self.values[self.offsets[index] : self.offsets[index + 1]]


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))
