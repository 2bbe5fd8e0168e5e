"""One row of a prepared data set, as the network reads it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import datasets
import msgspec
import numpy as np
from transformers import PreTrainedTokenizerBase

from engine.contract.errors import DatasetInvalid
from engine.contract.queries import TokenizedText
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from engine.contract.text_parsing import FULL_TEXT
from engine.loading.tokenizer import load_tokenizer
from engine.preparing.encoding import SPLITS
from engine.preparing.rows.collecting import FILE, ROW
from engine.preparing.rows.truncation import truncated
from engine.tasks.registry import task_named

READ = ("text", "second_text", "tokens", "tags", FULL_TEXT)


def show_row(dataset: PreparedDataset, split: str, index: int) -> TokenizedText:
    """The tokens of a row; `index` counts from 0 within the split.

    Raises `DatasetInvalid` (D20) where there is no such row.
    """
    rows = _rows_of(dataset, split)
    if not 0 <= index < len(rows):
        raise DatasetInvalid(
            "D20",
            Sentence("preparing.d20.rows_there_no_row", split=split, rows=len(rows), index=index + 1),
            hint=Sentence("preparing.d20.choose_another_row"),
        )
    row, unread = _as_encoded(rows[index], dataset.max_length)
    pieces = task_named(dataset.task).tokenized(
        _tokenizer(dataset.model.folder), row, label_names=dataset.label_names, max_length=dataset.max_length
    )
    return msgspec.structs.replace(pieces, row=int(row[ROW]), split=split, index=index, unread_characters=unread)


def show_numbered_row(dataset: PreparedDataset, number: int, split: str = "", file: str = "") -> TokenizedText:
    """The tokens of the row of this number in its file, looked for in `split`, or in all where that is empty.

    `file` is the split that the file is for, where there are several files. Raises `DatasetInvalid` (D20) where that
    row is not used, with the reason where it is known.
    """
    for name in (split,) if split else SPLITS:
        if name not in dataset.splits or not dataset.splits[name].rows:
            continue
        rows = _rows_of(dataset, name)
        found = np.asarray(rows.data.column(ROW)) == number
        if file:
            own = np.asarray(rows.data.column(FILE)) > 0  # rows of a file for validation or test stay in that split
            found &= own if file != "train" else ~own
            if file not in ("train", name):
                continue
        places = np.flatnonzero(found)
        if len(places):
            return show_row(dataset, name, int(places[0]))
    raise DatasetInvalid("D20", _why_not_there(dataset, number), hint=Sentence("preparing.d20.choose_another_row"))


def _rows_of(dataset: PreparedDataset, split: str) -> datasets.Dataset:
    folder = Path(dataset.folder) / split
    if split not in dataset.splits or not folder.is_dir():
        raise DatasetInvalid(
            "D20",
            Sentence("preparing.d20.prepared_rows_not_there", split=split),
            hint=Sentence("preparing.d20.prepare_data_again"),
        )
    return datasets.Dataset.load_from_disk(str(folder))


def _as_encoded(row: dict[str, Any], max_length: int) -> tuple[dict[str, Any], int]:
    """The row as far as it is taken apart, and how many characters that leaves unread."""
    read = {name: [row[name]] for name in READ if row.get(name) is not None}
    kept, unread = truncated(read, max_length)
    return {**row, **{name: values[0] for name, values in kept.items()}}, unread.get(0, 0)


def _why_not_there(dataset: PreparedDataset, number: int) -> Sentence:
    """Left-out rows do not say which file they are from, so a reason is given only where there can be no doubt."""
    reasons = [excluded.reason for excluded in dataset.excluded if number in excluded.rows]
    if len(reasons) == 1:
        return Sentence("preparing.d20.row_file_not_used", number=number, reasons=reasons[0])
    return Sentence("preparing.d20.row_file_not_among_prepared", number=number)


@lru_cache(maxsize=2)
def _tokenizer(folder: str) -> PreTrainedTokenizerBase:
    return load_tokenizer(Path(folder))
