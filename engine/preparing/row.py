"""One row of a prepared data set, as the network reads it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import datasets
import msgspec
from transformers import PreTrainedTokenizerBase

from engine.errors import DatasetInvalid
from engine.loading.tokenizer import load_tokenizer
from engine.questions import Pieces
from engine.states import PreparedDataset
from engine.tasks.choose import task_named


def show_row(dataset: PreparedDataset, split: str, index: int) -> Pieces:
    """The pieces of a row; `index` counts from 0 within the split.

    Raises `DatasetInvalid` (D20) where there is no such row.
    """
    folder = Path(dataset.folder) / split
    if split not in dataset.splits or not folder.is_dir():
        raise DatasetInvalid("D20", f"The prepared rows of {split} are not there.", hint="Prepare the data again.")
    rows = datasets.Dataset.load_from_disk(str(folder))
    if not 0 <= index < len(rows):
        raise DatasetInvalid(
            "D20", f"{split} has {len(rows):,} rows; there is no row {index + 1:,}.", hint="Choose another row."
        )
    row = rows[index]
    pieces = task_named(dataset.task).pieces(
        _tokenizer(dataset.model.folder), row, label_names=dataset.label_names, max_length=dataset.max_length
    )
    return msgspec.structs.replace(pieces, row=int(row["row"]))


@lru_cache(maxsize=2)
def _tokenizer(folder: str) -> PreTrainedTokenizerBase:
    return load_tokenizer(Path(folder))
