"""First pass: rows of all files become canonical rows in one Arrow file, with what splitting needs in memory.

Per row there stay 42 bytes in memory, whatever the texts' length; the texts are on disk.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from engine.contract.cleaning_rules import CorrectTagPrefixes, RepairMisreadText, in_order
from engine.contract.column_roles import GROUP
from engine.contract.events import Emit
from engine.contract.progress import ProgressReporter
from engine.contract.row_edits import ChangedRows, column_of
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import PrepareSettings, SplitName
from engine.contract.states import TargetScale
from engine.contract.tag_schemes import corrected
from engine.contract.text_parsing import FULL_TEXT
from engine.preparing.rows.cleaning import Cleaner
from engine.preparing.rows.conversions import ConversionBook
from engine.preparing.rows.groups import group_numbers
from engine.preparing.rows.misread_text import repair, state_of
from engine.reading.formats.chunks import Cell, Chunk
from engine.reading.row_accounts import ExcludedRowsTally
from engine.reading.sources.sources import RowFile, rows_of
from engine.tasks.task import Task

FILE, ROW, LINE = "file", "row", "line"
TOKENS = "tokens"
_LISTS = (TOKENS, "tags", "label_set")
QUANTILES = 10  # kinds of rows whose answer is a number


class Collected:
    """The usable rows; `spool` is an Arrow stream with their canonical columns, all arrays are (rows,) in its order."""

    def __init__(self, spool: Path, columns: tuple[str, ...]) -> None:
        self.spool = spool
        self.columns = columns
        self.rows_in = 0
        self.excluded = ExcludedRowsTally()
        self.cleaner = Cleaner(strip_html_breaks=True)
        self.changes = ChangedRows(())
        self.conversions = ConversionBook()
        self.files = np.zeros(0, dtype=np.int8)
        self.numbers = np.zeros(0, dtype=np.int64)
        self.lines = np.zeros(0, dtype=np.int64)  # what the user's editor calls each row: `Chunk.lines`
        self.identities = np.zeros(0, dtype=np.int64)
        self.groups: np.ndarray | None = None  # equal for rows of one group, where a column groups them; else None
        self.together: np.ndarray | None = None  # equal for rows of one split, where that is more than `identities`
        self.in_training: np.ndarray | None = None  # which rows may only be drawn into training, (rows,) bool
        self.answers = np.zeros(0, dtype=np.int64)  # index into `answer_labels`; equal for rows with the same labels
        self.answer_labels: list[tuple[str, ...]] = []
        self.misread = np.zeros(0, dtype=np.int8)  # state of the row's encoding: `misread_text`
        self.is_repairing = False  # whether misread text is
        self.repaired = 0  # rows
        self.tag_corrections: dict[CorrectTagPrefixes, int] = {}  # and the rows that each has changed
        self.targets = np.zeros(0, dtype=np.float64)  # NaN where the answer is no number
        self.samples: dict[str, list[Any]] = {name: [] for name in columns}  # a row for each label there is
        self.characters = 0

    def __len__(self) -> int:
        return len(self.numbers)

    def target_scale(self, rows: np.ndarray) -> TargetScale | None:
        """Mean and spread of the numbers in the rows of this mask (rows,) bool; None where answers are no numbers."""
        numbers = self.targets[rows]
        if not len(numbers) or not np.isfinite(numbers).all():
            return None
        return TargetScale(mean=float(numbers.mean()), spread=float(numbers.std()) or 1.0)

    def kinds(self) -> tuple[np.ndarray, list[tuple[int, ...]] | None]:
        """What splits are drawn by: the kind of each row (rows,) int64, and the numbers of the labels of each kind.

        Numbers are of one kind in each tenth of their distribution, which has no further labels.
        """
        if len(self.targets) and np.isfinite(self.targets).all():
            edges = np.unique(np.quantile(self.targets, np.linspace(0, 1, QUANTILES + 1)[1:-1]))
            return np.searchsorted(edges, self.targets).astype(np.int64), None
        ids: dict[str, int] = {}
        labels = [tuple({ids.setdefault(label, len(ids)) for label in own}) for own in self.answer_labels]
        return self.answers, labels

    def label_counts(self, rows: np.ndarray) -> dict[str, int]:
        """How often each label occurs in the rows of this mask (rows,) bool, the most frequent first."""
        counts: Counter[str] = Counter()
        for answer, count in enumerate(np.bincount(self.answers[rows], minlength=len(self.answer_labels)).tolist()):
            for label in self.answer_labels[answer] if count else ():
                counts[label] += count
        return dict(counts.most_common())


def collect(
    files: tuple[RowFile, ...],
    roles: tuple[Mapping[str, str | tuple[str, ...]], ...],
    task: Task,
    settings: PrepareSettings,
    work: Path,
    emit: Emit,
) -> Collected:
    """Reads all files; `roles` maps, for each file, canonical names to the file's columns.

    Several columns represent labels of their own, with 1 where a row has it and 0 where not.
    """
    collected = not_collected(work / "rows.arrow", roles[0], settings)
    columns = collected.columns
    schema = spool_schema(columns)
    notebook = Notebook(task, collected)
    total = sum(file.place.path.stat().st_size for file in files)
    before, progress = 0, ProgressReporter(emit)
    with pa.OSFile(str(collected.spool), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for index, (file, parts) in enumerate(zip(files, roles, strict=True)):
            named = file.name if len(files) > 1 else ""
            for chunk in rows_of(file, columns_wanted(parts)):
                progress.report(
                    min(before + chunk.bytes_done, total),
                    total,
                    Sentence("preparing.progress.reading", file=file.name),
                    "bytes",
                )
                rows: list[dict[str, Any]] = []
                for number, row, written in usable_rows(chunk, file.split, named, parts, collected, task):
                    if TOKENS in row:
                        row[FULL_TEXT] = collected.cleaner.full_text(row[TOKENS], chunk.texts.get(number))
                    line = chunk.lines.get(number, number)
                    notebook.add(index, number, line, row)
                    if "tags" in row:
                        marked = chunk.marked.get(number)
                        collected.conversions.add(file.split, line, row[TOKENS], written or [], marked)
                    row[ROW], row[LINE], row[FILE] = number, line, index
                    rows.append(row)
                if rows:
                    writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema))
            before += file.place.path.stat().st_size
    notebook.close()
    return collected


def not_collected(spool: Path, parts: Mapping[str, str | tuple[str, ...]], settings: PrepareSettings) -> Collected:
    """No row yet, and how rows are read; `parts` maps canonical names to the training file's columns."""
    canonical = [name for name in parts if name != GROUP]
    collected = Collected(spool, (*canonical, FULL_TEXT) if TOKENS in parts else tuple(canonical))
    collected.cleaner = Cleaner(
        strip_html_breaks=settings.strip_html_breaks,
        label_delimiter=settings.label_delimiter,
        label_positions=settings.roles.labels if settings.label_positions else "",
    )
    collected.changes = ChangedRows(settings.changes, column_of(settings.roles))
    collected.is_repairing = RepairMisreadText() in settings.cleaning_rules
    rules = in_order(settings.cleaning_rules)
    collected.tag_corrections = {rule: 0 for rule in rules if isinstance(rule, CorrectTagPrefixes)}
    return collected


def usable_rows(
    chunk: Chunk,
    split: SplitName,
    named: str,
    parts: Mapping[str, str | tuple[str, ...]],
    collected: Collected,
    task: Task,
) -> Iterator[tuple[int, dict[str, Any], Any]]:
    """The rows that can be used: number, canonical columns, and the tags as the file has them, where it has any.

    The others are counted in `collected.excluded` by their lines, under the file's name where it is `named`; `split` is
    what the file is for.
    """
    for number, reason in chunk.excluded:
        collected.excluded.add(reason, chunk.lines.get(number, number), file=named)
    collected.rows_in += len(chunk.numbers) + len(chunk.excluded)
    for position, number in enumerate(chunk.numbers):
        row, reason = _canonical(collected.cleaner, parts, chunk.columns, position)
        for rule in collected.tag_corrections if "tags" in row else ():
            tags = corrected(row["tags"], rule)
            collected.tag_corrections[rule] += tags != row["tags"]
            row["tags"] = tags
        written = row.get("tags")
        reason = reason or collected.changes.apply(split, number, row)
        if not reason and collected.is_repairing and repair(row, collected.columns):
            collected.repaired += 1
            reason = collected.changes.apply(split, number, row)  # made after an earlier repair
        reason = reason or task.complaint(row)
        if reason:
            collected.excluded.add(reason, chunk.lines.get(number, number), file=named)
        else:
            yield number, row, written


def columns_wanted(parts: Mapping[str, str | tuple[str, ...]]) -> tuple[str, ...]:
    """The columns of the file that are read for these canonical names, each once."""
    names = (name for part in parts.values() for name in ((part,) if isinstance(part, str) else part) if name)
    return tuple(dict.fromkeys(names))


def spool_schema(columns: tuple[str, ...]) -> pa.Schema:
    """The columns of a spool: the canonical ones, the row's number, its line and its file."""
    return pa.schema(
        [(name, pa.list_(pa.string()) if name in _LISTS else pa.string()) for name in columns]
        + [(ROW, pa.int64()), (LINE, pa.int64()), (FILE, pa.int8())]
    )


class Notebook:
    """What is remembered of each row, as plain lists that become the arrays of `collected` at the end of each chunk."""

    def __init__(self, task: Task, collected: Collected) -> None:
        self._task = task
        self._collected = collected
        self._sampled: set[str] = set()
        self._answer_ids: dict[tuple[str, ...], int] = {}
        self._rows: list[np.ndarray] = []
        self._open: list[tuple[int, int, int, int, int]] = []
        self._targets = array("d")
        self._misread = array("b")
        self._groups = array("q")

    def add(self, file: int, number: int, line: int, row: Mapping[str, Any]) -> None:
        """One usable row with its canonical columns."""
        task, collected = self._task, self._collected
        labels = tuple(task.count_labels(row))
        for key in task.sample_keys(row) or ("",):
            if key not in self._sampled:
                self._sampled.add(key)
                for name, values in collected.samples.items():
                    values.append(row[name])
        answer_id = self._answer_ids.setdefault(labels, len(self._answer_ids))
        self._targets.append(task.target(row))
        self._misread.append(state_of(row, collected.columns))
        identity = task.identity(row)
        self._open.append((file, number, _hash(identity), answer_id, line))
        if GROUP in row:
            # A row without a group is alone, or with those that read the same.
            self._groups.append(_hash(f"group\0{row[GROUP]}") if row[GROUP] else _hash(identity))
        collected.characters += sum(len(row[name]) for name in collected.columns)
        if len(self._open) >= 10_000:
            self._pack()

    def close(self) -> None:
        """Hands over everything as arrays."""
        collected = self._collected
        self._pack()
        collected.answer_labels = list(self._answer_ids)
        if self._rows:
            table = np.concatenate(self._rows)
            collected.files = table[:, 0].astype(np.int8)
            collected.numbers = table[:, 1].copy()
            collected.identities, collected.answers = table[:, 2].copy(), table[:, 3].copy()
            collected.lines = table[:, 4].copy()
            collected.targets = np.frombuffer(self._targets, dtype=np.float64)
            collected.misread = np.frombuffer(self._misread, dtype=np.int8)
            collected.groups = np.frombuffer(self._groups, dtype=np.int64) if len(self._groups) else None

    def _pack(self) -> None:
        if self._open:
            self._rows.append(np.asarray(self._open, dtype=np.int64))
            self._open = []


def rows_at(collected: Collected, positions: np.ndarray) -> Iterator[list[dict[str, Any]]]:
    """The canonical rows at these ascending positions, a stretch at a time."""
    start = 0
    with pa.memory_map(str(collected.spool)) as source:
        for batch in pa.ipc.open_stream(source):
            low, high = np.searchsorted(positions, [start, start + batch.num_rows])
            if high > low:
                yield batch.take(pa.array(positions[low:high] - start)).to_pylist()
            start += batch.num_rows


def answer_numbers(collected: Collected, names: Mapping[str, str] | None = None) -> np.ndarray:
    """Equal for rows with the same answer: the same labels, called by `names`, or the same number; (rows,) int64."""
    if len(collected.targets) and np.isfinite(collected.targets).all():
        return group_numbers(collected.targets)
    if not names:
        return collected.answers
    seen: dict[tuple[str, ...], int] = {}
    for_answer = [
        seen.setdefault(tuple(names.get(label, label) for label in labels), len(seen))
        for labels in collected.answer_labels
    ]
    return np.asarray(for_answer, dtype=np.int64)[collected.answers]


def _canonical(
    cleaner: Cleaner,
    parts: Mapping[str, str | tuple[str, ...]],
    columns: Mapping[str, list[Cell]],
    position: int,
) -> tuple[dict[str, Any], Sentence]:
    row: dict[str, Any] = {}
    problem = NOTHING
    for name, part in parts.items():
        if name == GROUP and isinstance(part, str):
            cell = columns[part][position] if part else ""
            row[GROUP] = (" ".join(cell) if isinstance(cell, list) else cell or "").strip()
        elif isinstance(part, str):
            row[name], reason = cleaner.value(name, columns[part][position])
        else:
            row[name], reason = cleaner.marked(part, [columns[column][position] for column in part])
        problem = problem or reason
    return row, problem


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
