"""Rows that are prepared, as another encoder reads them: the same rows and splits, nothing read or checked again.

Nothing is written. A race needs the rows of up to six encoders for a few minutes.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from datasets import Dataset, DatasetDict

from engine.contract.events import Emit
from engine.contract.progress import ProgressReporter
from engine.contract.sentences import Sentence
from engine.contract.states import ModelHandle, PreparedDataset
from engine.loading.tokenizer import load_tokenizer
from engine.preparing.encoding import (
    ANSWER_TOKENS,
    WORD_COLUMNS,
    Encoder,
    default_length,
    encode_batch,
    replaced,
)
from engine.preparing.rows.collecting import FILE, LINE, ROW
from engine.preparing.saving import tokenizer_files
from engine.tasks.registry import task_named

BATCH = 1_000  # rows
_NOT_CANONICAL = {"input_ids", "labels", "length", "token_type_ids", *WORD_COLUMNS, ROW, LINE, FILE}


def encoded_for(
    model: ModelHandle, dataset: PreparedDataset, splits: DatasetDict, emit: Emit
) -> tuple[PreparedDataset, DatasetDict]:
    """The data set and its `splits` for this model, with the length that preparing them for it would find.

    Where both tokenizers are the same files, the tokens stay. `emit` may raise `StopRequested`.
    """
    same = tokenizer_files(model) == tokenizer_files(dataset.model)
    if same and min(model.max_length, dataset.max_length) == dataset.max_length:
        return msgspec.structs.replace(dataset, model=model), splits
    encoder = Encoder(
        task_named(dataset.task, dataset.label_names), load_tokenizer(Path(model.folder)), dataset.label_names
    )
    progress, total, done = ProgressReporter(emit), sum(len(rows) for rows in splits.values()), 0
    columns = tuple(name for name in next(iter(splits.values())).column_names if name not in _NOT_CANONICAL)
    batches: dict[str, list[pa.RecordBatch]] = {name: [] for name in splits}
    lengths: list[np.ndarray] = [np.zeros(0, dtype=np.int64)]
    answers: list[np.ndarray] = [np.zeros(0, dtype=np.int64)]
    for name, rows in splits.items():
        for start in range(0, len(rows), BATCH):
            progress.report(done, total, Sentence("preparing.progress.turning_texts_into_tokens"), "rows")
            batch = _batch(rows, start, (*columns, ROW, LINE, FILE))
            encoded = encode_batch(encoder, batch, columns, model.max_length)
            answers.append(encoded.pop(ANSWER_TOKENS).to_numpy())
            lengths.append(encoded["length"].to_numpy())
            batches[name].append(_with(batch, encoded))
            done += batch.num_rows
    every = np.concatenate(lengths)
    found = default_length(every, np.concatenate(answers), model.max_length)
    again = DatasetDict(
        {name: _cut(batches[name], encoder, columns, found) if batches[name] else splits[name] for name in splits}
    )
    read = float(np.minimum(every, found).mean()) if len(every) else 0.0
    return msgspec.structs.replace(dataset, model=model, max_length=found, mean_tokens=read), again


def _batch(rows: Dataset, start: int, columns: tuple[str, ...]) -> pa.RecordBatch:
    wanted = [name for name in columns if name in rows.column_names]
    table: pa.Table = rows.with_format("arrow", columns=wanted)[start : start + BATCH]
    (batch,) = table.combine_chunks().to_batches(max_chunksize=BATCH)
    if LINE not in wanted:  # prepared by 0.1.0
        batch = batch.append_column(LINE, batch.column(ROW))
    return batch


def _with(batch: pa.RecordBatch, encoded: dict[str, pa.Array]) -> pa.RecordBatch:
    names = [name for name in batch.schema.names if name not in encoded]
    return pa.RecordBatch.from_arrays(
        [*encoded.values(), *(batch.column(name) for name in names)], names=[*encoded, *names]
    )


def _cut(batches: list[pa.RecordBatch], encoder: Encoder, columns: tuple[str, ...], max_length: int) -> Dataset:
    """The rows with those longer than `max_length` encoded to that length."""
    result = []
    for batch in batches:
        long = np.flatnonzero(batch.column("length").to_numpy() > max_length)
        if len(long):
            shorter = encoder.encode(batch.take(pa.array(long)), columns, max_length)
            for column in shorter.keys() - {"length", ANSWER_TOKENS}:
                batch = replaced(batch, column, long, shorter[column])
        result.append(batch)
    return Dataset(pa.Table.from_batches(result))
