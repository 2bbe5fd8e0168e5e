"""Second pass: canonical rows become token ids, split by split, in batches, straight to disk.

Every row is encoded once. Where the maximum length is found from the rows themselves, the few that are longer than it
are encoded a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from engine.contract.column_roles import GROUP
from engine.contract.errors import DatasetUnreadable
from engine.contract.events import Emit, Progressed
from engine.contract.length_table import LengthCounts, LengthTable
from engine.contract.parsing_limits import MEMORY, SECONDS, limited
from engine.contract.progress import ProgressReporter
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import SplitName
from engine.preparing.rows.collecting import FILE, LINE, ROW, Collected
from engine.preparing.rows.truncation import truncated
from engine.tasks.task import Task
from engine.workspace.file_operations import remove_file

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ANSWER_TOKENS = "answer_tokens"  # beside the columns of an encoded batch, not one of them
WORD_COLUMNS = ("word_tokens", "read_tokens")  # of rows with a label per word: which tokens represent them
_CHARACTERS_PER_BATCH = 300_000
SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")


class EncodedSplits(NamedTuple):
    """One Arrow stream per split, and the tokens of each row before any cut, over all splits."""

    files: dict[SplitName, Path]
    lengths: np.ndarray  # (rows,) int64
    max_length: int
    positions: np.ndarray  # (rows,) int64: which of the collected rows each length belongs to
    answer_tokens: np.ndarray  # (answers,) int64: tokens a row must keep for each answer that has a place in the text


class Encoder:
    """Encodes batches of canonical rows for one tokenizer and one set of label names."""

    def __init__(self, task: Task, tokenizer: PreTrainedTokenizerBase, label_names: tuple[str, ...]) -> None:
        self._task = task
        self._tokenizer = tokenizer
        self._label_names = label_names

    def encode(self, batch: pa.RecordBatch, columns: tuple[str, ...], max_length: int) -> dict[str, pa.Array]:
        """`input_ids`, `labels` and `length` of the rows, perhaps `token_type_ids`; and `ANSWER_TOKENS`, flat."""
        whole = {name: batch.column(name).to_pylist() for name in columns}
        rows, cut = truncated(whole, max_length)
        encoded = self._task.encode(self._tokenizer, rows, label_names=self._label_names, max_length=max_length)
        columns_made = {
            "input_ids": _lists(encoded["input_ids"], np.int32),
            "labels": pa.array(encoded["labels"]),
            "length": pa.array(encoded["length"], type=pa.int32()),
        }
        if "token_type_ids" in encoded:
            columns_made["token_type_ids"] = _lists(encoded["token_type_ids"], np.int8)
        columns_made |= {name: _lists(encoded[name], np.int32) for name in WORD_COLUMNS if name in encoded}
        answers = encoded.get(ANSWER_TOKENS, [])
        for index in cut if answers else ():  # answers in what is not taken apart need more tokens than there are
            more = self._answers(whole, index) - self._answers(rows, index)
            answers[index] = [*answers[index], *[max(encoded["length"][index], max_length) + 1] * more]
        needed = [tokens for row in answers for tokens in row]
        columns_made[ANSWER_TOKENS] = pa.array(needed, type=pa.int64())
        return columns_made

    def _answers(self, rows: Mapping[str, list[Any]], index: int) -> int:
        return len(self._task.count_labels({name: values[index] for name, values in rows.items()}))


def encode_splits(
    collected: Collected,
    assignment: np.ndarray,
    encoder: Encoder,
    *,
    max_length: int,
    limit: int,
    work: Path,
    emit: Emit,
) -> EncodedSplits:
    """Encodes all rows; `assignment` (rows,) int8 is the index into SPLITS, negative for rows that are not used.

    `max_length` 0 takes the 95th percentile of the lengths, and as much as no answer with a place in the text is cut,
    rounded up to a multiple of 8, at most `limit`.
    """
    total = int((assignment >= 0).sum())
    batch_rows = max(16, min(2_000, _CHARACTERS_PER_BATCH * max(1, len(collected)) // max(1, collected.characters)))
    files = {name: work / f"encoded-{name}.arrow" for name in SPLITS}
    lengths: list[np.ndarray] = []
    positions: list[np.ndarray] = []
    needed: list[np.ndarray] = []
    done, progress = 0, ProgressReporter(emit)
    with ExitStack() as stack:
        writers = {name: stack.enter_context(_Stream(path)) for name, path in files.items()}
        for batch, splits, places in _batches(collected.spool, assignment, batch_rows):
            progress.report(done, total, Sentence("preparing.progress.turning_texts_into_tokens"), "rows")
            columns = encode_batch(encoder, batch, collected.columns, max_length or limit)
            needed.append(columns.pop(ANSWER_TOKENS).to_numpy())
            lengths.append(columns["length"].to_numpy())
            positions.append(places)
            if collected.groups is not None:
                columns[GROUP] = pa.array(collected.groups[places])
            whole = _with_encoding(batch, collected.columns, columns)
            # The first batch goes to all, so that a split without rows has columns.
            for split in np.unique(splits) if done else range(len(SPLITS)):
                writers[SPLITS[split]].write(whole.filter(pa.array(splits == split)))
            done += batch.num_rows
    emit(Progressed(total, total, Sentence("preparing.progress.turning_texts_into_tokens"), "rows"))
    counted, placed, answers = _joined(lengths), _joined(positions), _joined(needed)
    if max_length:
        return EncodedSplits(files, counted, max_length, placed, answers)
    found = default_length(counted, answers, limit)
    if len(counted) and counted.max() > found:
        files = _cut_again(files, collected.columns, encoder, found, work, emit)
    return EncodedSplits(files, counted, found, placed, answers)


def encode_batch(
    encoder: Encoder, batch: pa.RecordBatch, columns: tuple[str, ...], max_length: int
) -> dict[str, pa.Array]:
    """As `Encoder.encode`; raises `DatasetUnreadable` (D21) for texts that make the tokenizer slow, large or fail."""
    with limited(*_given_up(batch)):
        return _encoded(encoder, batch, columns, max_length)


def _encoded(encoder: Encoder, batch: pa.RecordBatch, columns: tuple[str, ...], max_length: int) -> dict[str, pa.Array]:
    """As `Encoder.encode`; a text on which the tokenizer gives up is named by its row."""
    try:
        return encoder.encode(batch, columns, max_length)
    except BaseException as error:
        # A pattern that tries too often ends in a panic of `tokenizers`, which is no Exception; a vocabulary that lacks
        # its own token for unknown words in an Exception of no other type.
        if type(error).__name__ != "PanicException" and type(error) is not Exception:
            raise
        if batch.num_rows > 1:
            for place in range(batch.num_rows):
                _encoded(encoder, batch.slice(place, 1), columns, max_length)
        row = batch.column(LINE)[0].as_py()
        failed = Sentence("preparing.d21.tokens_failed", row=row)
        raise DatasetUnreadable(
            "D21",
            failed if type(error) is Exception else Sentence("preparing.d21.tokens_panic", row=row),
            hint=Sentence("preparing.d21.exclude_rows_other_model"),
            actions=(RecoveryAction.CHOOSE_OTHER_FILE, RecoveryAction.CHOOSE_OTHER_MODEL),
            details=str(error),
            rows=(batch.column(LINE)[0].as_py(),),
        ) from None


def _given_up(batch: pa.RecordBatch) -> tuple[DatasetUnreadable, DatasetUnreadable]:
    """The errors for a batch whose texts make the tokenizer slow or large."""
    numbers = batch.column(LINE)
    first, last = numbers[0].as_py(), numbers[-1].as_py()
    hint = Sentence("preparing.d21.exclude_rows_other_model")
    actions = (RecoveryAction.CHOOSE_OTHER_FILE, RecoveryAction.CHOOSE_OTHER_MODEL)
    slow = Sentence("preparing.d21.tokens_slow", first=first, last=last, seconds=round(SECONDS))
    large = Sentence("preparing.d21.tokens_large", first=first, last=last, memory=MEMORY)
    return (
        DatasetUnreadable("D21", slow, hint=hint, actions=actions),
        DatasetUnreadable("D21", large, hint=hint, actions=actions),
    )


def default_length(lengths: np.ndarray, answer_tokens: np.ndarray, limit: int) -> int:
    """The 95th percentile of the lengths in tokens, rounded up to a multiple of 8, at most the model's limit.

    It is longer where an entity lies further back: one that is cut off is a word with a wrong label to training, and
    lost to every score. Rows are padded to the longest of their batch, so the others pay nothing for it.
    """
    if not len(lengths):
        return limit
    percentile = int(np.ceil(np.percentile(lengths, 95, method="higher")))
    needed = int(answer_tokens[answer_tokens <= limit].max(initial=0))  # what no length can hold, none is chosen for
    return min(limit, max(8, -(-max(percentile, needed) // 8) * 8))


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)


def _lists(rows: list[list[int]], kind: type[np.integer[Any]]) -> pa.ListArray:
    """The rows as an Arrow array of lists; by way of one flat array, which is several times as fast."""
    ends = np.zeros(len(rows) + 1, dtype=np.int32)
    np.cumsum(np.fromiter(map(len, rows), dtype=np.int32, count=len(rows)), out=ends[1:])
    flat = np.fromiter(chain.from_iterable(rows), dtype=kind, count=int(ends[-1]))
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(flat))


def _batches(
    spool: Path, assignment: np.ndarray, batch_rows: int
) -> Iterator[tuple[pa.RecordBatch, np.ndarray, np.ndarray]]:
    """Rows that are used, the split of each, and which of the collected rows they are."""
    start = 0
    with pa.memory_map(str(spool)) as source:
        for stored in pa.ipc.open_stream(source):
            for offset in range(0, stored.num_rows, batch_rows):
                part = stored.slice(offset, batch_rows)
                first = start
                splits = assignment[first : first + part.num_rows]
                start += part.num_rows
                used = np.flatnonzero(splits >= 0)
                if len(used):
                    yield part.take(pa.array(used)), splits[used], first + used


def _with_encoding(batch: pa.RecordBatch, columns: tuple[str, ...], encoded: Mapping[str, pa.Array]) -> pa.RecordBatch:
    arrays = {
        **encoded,
        ROW: batch.column(ROW),
        LINE: batch.column(LINE),
        FILE: batch.column(FILE),
        **{name: batch.column(name) for name in columns},
    }
    return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


def _cut_again(
    files: Mapping[SplitName, Path],
    columns: tuple[str, ...],
    encoder: Encoder,
    max_length: int,
    work: Path,
    emit: Emit,
) -> dict[SplitName, Path]:
    """The same streams with the rows longer than `max_length` encoded to that length."""
    result: dict[SplitName, Path] = {}
    progress = ProgressReporter(emit)
    for name, path in files.items():
        result[name] = work / f"cut-{name}.arrow"
        with pa.OSFile(str(path)) as source, _Stream(result[name]) as writer:  # what is mapped stays on Windows
            for batch in pa.ipc.open_stream(source):
                progress.report(0, 0, Sentence("preparing.progress.cutting_long_texts"))
                lengths = batch.column("length").to_numpy()
                long = np.flatnonzero(lengths > max_length)
                if len(long):
                    again = encoder.encode(batch.take(pa.array(long)), columns, max_length)
                    for column in again.keys() - {"length", ANSWER_TOKENS}:
                        batch = replaced(batch, column, long, again[column])
                writer.write(batch)
        remove_file(path)
    return result


def replaced(batch: pa.RecordBatch, column: str, positions: np.ndarray, values: pa.Array) -> pa.RecordBatch:
    """The batch with the values at these positions of a column replaced."""
    order = np.arange(batch.num_rows)
    order[positions] = batch.num_rows + np.arange(len(positions))
    joined = pa.concat_arrays([batch.column(column), values.cast(batch.column(column).type)])
    return batch.set_column(batch.schema.get_field_index(column), column, joined.take(pa.array(order)))


class _Stream:
    """An Arrow stream on disk whose columns follow from its first batch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self._writer: Any = None

    def __enter__(self) -> _Stream:
        self._sink = self._stack.enter_context(pa.OSFile(str(self._path), "wb"))
        return self

    def __exit__(self, *problem: object) -> None:
        self._stack.close()

    def write(self, batch: pa.RecordBatch) -> None:
        if self._writer is None:
            self._writer = self._stack.enter_context(pa.ipc.new_stream(self._sink, batch.schema))
        self._writer.write_batch(batch)


# Counts rows by length, over all and label by label, while everything about them is still in memory.

MOST_LABELS = 500  # with lengths of their own


def length_table(collected: Collected, assignment: np.ndarray, encoded: EncodedSplits) -> LengthTable:
    """The lengths of the rows in use; `assignment` (rows,) int8 is an index into SPLITS, negative for others."""
    lengths = np.full(len(collected), -1, dtype=np.int64)
    lengths[encoded.positions] = encoded.lengths
    used = assignment >= 0
    frequent = list(collected.label_counts(used))[:MOST_LABELS]
    return LengthTable(
        everything=counted(lengths[used]),
        training=counted(lengths[assignment == SPLITS.index("train")]),
        labels=_by_label(collected, lengths, used, frequent),
        answers=counted(encoded.answer_tokens),
    )


def counted(lengths: np.ndarray) -> LengthCounts:
    """How often each length is in the array (rows,) int64."""
    values, rows = np.unique(lengths, return_counts=True)
    return LengthCounts(tuple(values.tolist()), tuple(rows.tolist()))


def _by_label(
    collected: Collected, lengths: np.ndarray, used: np.ndarray, labels: list[str]
) -> dict[str, LengthCounts]:
    """A row counts once for each label it has, however often."""
    order = np.argsort(collected.answers[used], kind="stable")
    answers, sorted_lengths = collected.answers[used][order], lengths[used][order]
    edges = np.searchsorted(answers, np.arange(len(collected.answer_labels) + 1))
    wanted: dict[str, list[np.ndarray]] = {label: [] for label in labels}
    for answer, names in enumerate(collected.answer_labels):
        for label in set(names):
            if label in wanted:
                wanted[label].append(sorted_lengths[edges[answer] : edges[answer + 1]])
    return {label: counted(np.concatenate(parts)) for label, parts in wanted.items()}
