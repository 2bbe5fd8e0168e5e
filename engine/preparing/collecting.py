"""First pass: rows of all files become canonical rows in one Arrow file, with what splitting needs to know in memory.

Per row there stay 28 bytes in memory, whatever the texts' length; the texts are on disk.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from engine.events import Emit, Progressed
from engine.preparing.accounts import LeftOutBook
from engine.preparing.cleaning import Cleaner
from engine.reading.chunks import Cell
from engine.reading.preview import SECONDS_BETWEEN_WORDS
from engine.reading.sources import RowFile, rows_of
from engine.settings import PrepareSettings
from engine.tasks.protocol import Task

FILE, ROW = "file", "row"
_LISTS = ("tokens", "tags")


class Collected:
    """The usable rows; `spool` is an Arrow stream with their canonical columns, all arrays are (rows,) in its order."""

    def __init__(self, spool: Path, columns: tuple[str, ...]) -> None:
        self.spool = spool
        self.columns = columns
        self.rows_in = 0
        self.left_out = LeftOutBook()
        self.cleaner = Cleaner(strip_html_breaks=True)
        self.files = np.zeros(0, dtype=np.int8)
        self.numbers = np.zeros(0, dtype=np.int64)
        self.strata = np.zeros(0, dtype=np.int64)
        self.identities = np.zeros(0, dtype=np.int64)
        self.answers = np.zeros(0, dtype=np.int64)  # index into `answer_labels`; equal for rows with the same labels
        self.answer_labels: list[tuple[str, ...]] = []
        self.samples: dict[str, list[Any]] = {name: [] for name in columns}  # a row for each label there is
        self.characters = 0

    def __len__(self) -> int:
        return len(self.numbers)

    def label_counts(self, rows: np.ndarray) -> dict[str, int]:
        """How often each label occurs in the rows of this mask (rows,) bool, the most frequent first."""
        counts: Counter[str] = Counter()
        for answer, count in enumerate(np.bincount(self.answers[rows], minlength=len(self.answer_labels)).tolist()):
            for label in self.answer_labels[answer] if count else ():
                counts[label] += count
        return dict(counts.most_common())


def collect(
    files: tuple[RowFile, ...],
    roles: tuple[dict[str, str], ...],
    task: Task,
    settings: PrepareSettings,
    work: Path,
    emit: Emit,
) -> Collected:
    """Reads all files; `roles` maps, for each file, canonical names to the file's columns."""
    columns = tuple(roles[0])
    collected = Collected(work / "rows.arrow", columns)
    collected.cleaner = Cleaner(strip_html_breaks=settings.strip_html_breaks)
    schema = pa.schema(
        [(name, pa.list_(pa.string()) if name in _LISTS else pa.string()) for name in columns]
        + [(ROW, pa.int64()), (FILE, pa.int8())]
    )
    notebook = _Notebook()
    total = sum(file.place.path.stat().st_size for file in files)
    before, spoken = 0, 0.0
    with pa.OSFile(str(collected.spool), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for index, (file, parts) in enumerate(zip(files, roles, strict=True)):
            suffix = f" ({file.name})" if len(files) > 1 else ""
            for chunk in rows_of(file, tuple(dict.fromkeys(parts.values()))):
                now = time.monotonic()
                if now - spoken >= SECONDS_BETWEEN_WORDS:
                    emit(Progressed(min(before + chunk.bytes_done, total), total, f"Reading {file.name}", "bytes"))
                    spoken = now
                for number, reason in chunk.left_out:
                    collected.left_out.add(reason + suffix, number)
                collected.rows_in += len(chunk.numbers) + len(chunk.left_out)
                cells = [chunk.columns[parts[name]] for name in columns]
                rows: list[dict[str, Any]] = []
                for number, *row_cells in zip(chunk.numbers, *cells, strict=True):
                    row, reason = _canonical(collected.cleaner, columns, row_cells)
                    reason = reason or task.complaint(row)
                    if reason:
                        collected.left_out.add(reason + suffix, number)
                        continue
                    labels = tuple(task.count_labels(row))
                    for label in labels or ("",):
                        notebook.sample(label, row, collected.samples)
                    notebook.add(index, number, task.stratum(row), task.identity(row), labels)
                    collected.characters += sum(map(len, row.values()))
                    row[ROW], row[FILE] = number, index
                    rows.append(row)
                if rows:
                    writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))
            before += file.place.path.stat().st_size
    notebook.close(collected)
    return collected


class _Notebook:
    """What is remembered of each row, as plain lists that become arrays at the end of each chunk."""

    def __init__(self) -> None:
        self._sampled: set[str] = set()
        self._stratum_ids: dict[str, int] = {}
        self._answer_ids: dict[tuple[str, ...], int] = {}
        self._rows: list[np.ndarray] = []
        self._open: list[tuple[int, int, int, int, int]] = []

    def add(self, file: int, number: int, stratum: str, identity: str, labels: tuple[str, ...]) -> None:
        """One usable row."""
        answer_id = self._answer_ids.setdefault(labels, len(self._answer_ids))
        stratum_id = self._stratum_ids.setdefault(stratum, len(self._stratum_ids))
        self._open.append((file, number, stratum_id, _hash(identity), answer_id))
        if len(self._open) >= 10_000:
            self._pack()

    def sample(self, label: str, row: Mapping[str, Any], samples: dict[str, list[Any]]) -> None:
        """Keeps the row if it is the first with this label."""
        if label not in self._sampled:
            self._sampled.add(label)
            for name, values in samples.items():
                values.append(row[name])

    def close(self, collected: Collected) -> None:
        """Hands over everything as arrays."""
        self._pack()
        collected.answer_labels = list(self._answer_ids)
        if self._rows:
            table = np.concatenate(self._rows)
            collected.files = table[:, 0].astype(np.int8)
            collected.numbers, collected.strata = table[:, 1].copy(), table[:, 2].copy()
            collected.identities, collected.answers = table[:, 3].copy(), table[:, 4].copy()

    def _pack(self) -> None:
        if self._open:
            self._rows.append(np.asarray(self._open, dtype=np.int64))
            self._open = []


def _canonical(cleaner: Cleaner, columns: tuple[str, ...], cells: list[Cell]) -> tuple[dict[str, Any], str]:
    row: dict[str, Any] = {}
    problem = ""
    for name, cell in zip(columns, cells, strict=True):
        row[name], reason = cleaner.value(name, cell)
        problem = problem or reason
    return row, problem


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
