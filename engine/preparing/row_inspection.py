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
from engine.preparing.rows.collecting import FILE, LINE, ROW
from engine.preparing.rows.truncation import truncated
from engine.tasks.registry import task_named
from engine.tasks.rows import line_of

_NO_LINE = np.iinfo(np.int64).max
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
    tokens = task_named(dataset.task).tokenized(
        _tokenizer(dataset.model.folder), row, label_names=dataset.label_names, max_length=dataset.max_length
    )
    return msgspec.structs.replace(
        tokens, row=line_of(row, row[ROW]), split=split, index=index, unread_characters=unread
    )


def show_numbered_row(dataset: PreparedDataset, number: int, split: str = "", file: str = "") -> TokenizedText:
    """The tokens of the row that an editor shows at this line of its file, looked for in `split`, or in all.

    Where no row begins at this line, the one is meant that goes on there: the one before it, where another follows, or
    below a header the first one.
    `file` is the split that the file is for, where there are several files. Raises `DatasetInvalid` (D20) where that
    row is not used, with the reason where it is known.
    """
    before: tuple[int, str, int] | None = None  # line, split, index
    after: tuple[int, str, int] | None = None
    for name in (split,) if split else SPLITS:
        if name not in dataset.splits or not dataset.splits[name].rows:
            continue
        rows = _rows_of(dataset, name)
        lines = np.asarray(rows.data.column(LINE if LINE in rows.column_names else ROW))
        if file:
            if file not in ("train", name):
                continue
            own = np.asarray(rows.data.column(FILE)) > 0  # rows of a file for validation or test stay in that split
            lines = np.where(own if file != "train" else ~own, lines, -1)
        places = np.flatnonzero(lines == number)
        if len(places):
            return show_row(dataset, name, int(places[0]))
        earlier, later = np.where(lines < number, lines, -1), np.where(lines > number, lines, _NO_LINE)
        last, first = int(earlier.argmax()), int(later.argmin())
        if earlier[last] > (before[0] if before else 0):
            before = int(earlier[last]), name, last
        if later[first] < (after[0] if after else _NO_LINE):
            after = int(later[first]), name, first
    excluded = [line for reason in dataset.excluded for line in reason.rows]
    are_all_known = len(excluded) == sum(reason.count for reason in dataset.excluded)
    start = before[0] if before else 0
    if after and not split and are_all_known and not any(start < line <= number for line in excluded):
        return show_row(dataset, *(before or after)[1:])
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
    """Excluded rows do not record which file they are from, so a reason is given only where there can be no doubt."""
    reasons = [excluded.reason for excluded in dataset.excluded if number in excluded.rows]
    if len(reasons) == 1:
        return Sentence("preparing.d20.row_file_not_used", number=number, reasons=reasons[0])
    return Sentence("preparing.d20.row_file_not_among_prepared", number=number)


@lru_cache(maxsize=2)
def _tokenizer(folder: str) -> PreTrainedTokenizerBase:
    return load_tokenizer(Path(folder))
