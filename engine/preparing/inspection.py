"""What is found in files, as one record: for `main.py inspect`, and for tests of how files are read.

It is what the page shows before and after Prepare: the columns are surveyed and their roles guessed as in the preview,
and the rows are read, accounted for, split and checked as Prepare does, except for checks that need a model.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from engine.contract.errors import EngineError
from engine.contract.events import Emit
from engine.contract.inspection import InspectedError, InspectedFile, InspectedFinding, Inspection
from engine.contract.queries import is_question
from engine.contract.settings import PrepareSettings, ReadingOptions, Roles, RowSource
from engine.contract.split_columns import roles_of
from engine.contract.tag_schemes import are_one_per_word
from engine.preparing.arranging import (
    Arranged,
    arrange,
    columns_in,
    with_columns,
    with_guesses,
    with_other_files,
    with_second_texts,
)
from engine.preparing.checks.context import CheckContext
from engine.preparing.checks.run_checks import run_checks
from engine.preparing.column_roles import guess_roles, notes_on_columns
from engine.preparing.encoding import SPLITS
from engine.preparing.preview import encoding_question, encodings_in_question, limited_reading, no_rows, survey_rows
from engine.preparing.rows.collecting import rows_at
from engine.preparing.rows.near_duplicates import find_near_duplicates
from engine.reading.sources.sources import RowFile, all_files
from engine.reading.sources.unpacking import Unpacking
from engine.tasks.registry import task_named
from engine.workspace.atomic_files import staging_folder

_EXAMPLES = 3
_LONGEST = 400  # characters of a cell that is shown


def inspect(rows: RowSource, emit: Emit, *, scratch: Path) -> Inspection:
    """What is found in these files; an error is part of the record. Scratch files go below `scratch`."""
    seen = Inspection()
    try:
        with Unpacking(scratch, emit) as unpacking, staging_folder(scratch) as work:
            _look_at(all_files(rows, ReadingOptions(), unpacking), work, seen, emit)
    except EngineError as error:
        seen.error = InspectedError(error.id, str(error.message), str(error.hint))
    return seen


def _look_at(files: tuple[RowFile, ...], work: Path, seen: Inspection, emit: Emit) -> None:
    """Fills in what is found, as far as it is found."""
    seen.files = [_file_as_read(file) for file in files]
    first = seen.files[0]
    seen.format, seen.encoding, seen.delimiter, seen.header = (
        first.format,
        first.encoding,
        first.delimiter,
        first.header,
    )
    for file in files:
        seen.findings += _questions(file)
    with limited_reading(files[0].name):
        survey = survey_rows(files[0], emit)
    if not survey.rows:
        raise no_rows(files[0])
    guesses = guess_roles(survey.columns)
    for note in notes_on_columns(survey.columns, guesses):
        seen.findings.append(InspectedFinding(note.id, str(note), "question" if is_question(note) else "note"))
    seen.task, seen.roles = guesses.task, guesses.by_task[guesses.task]
    task = task_named(guesses.task)
    settings = PrepareSettings(task=guesses.task, roles=guesses.by_task[guesses.task])
    settings = with_other_files(with_guesses(task, settings, files[0], emit), files)
    files = with_columns(files, task, settings)
    settings = with_other_files(settings, files)
    seen.files = [_file_as_read(file) for file in files]
    seen.task, seen.roles = settings.task, settings.roles
    for file, read in zip(files, seen.files, strict=True):
        read.roles = roles_of(settings, file.split)
    roles = tuple(columns_in(file, task, settings) for file in files)
    arranged = arrange(files, roles, settings, work, emit, compare=find_near_duplicates)
    _count_rows(arranged, seen)
    _count_labels(arranged, seen)
    seen.findings += _findings(arranged, files, settings, emit)


def _file_as_read(file: RowFile) -> InspectedFile:
    options = file.layout.as_written
    return InspectedFile(
        split=file.split,
        name=file.name,
        format=options.format,
        encoding=options.encoding,
        delimiter=options.delimiter,
        quoting=options.quoting,
        header=options.header,
        part=options.part,
        columns=file.layout.columns,
        roles=Roles(),
    )


def _questions(file: RowFile) -> Iterator[InspectedFinding]:
    """What the page asks before this file can be prepared."""
    if encodings_in_question(file, ReadingOptions()):
        sentence = encoding_question(file)
        yield InspectedFinding(sentence.id, str(sentence), "question")


def _count_rows(arranged: Arranged, seen: Inspection) -> None:
    collected = arranged.collected
    for index, read in enumerate(seen.files):
        read.rows_used = int(((collected.files == index) & (arranged.assignment >= 0)).sum())
        read.rows_excluded = collected.excluded.counts(file=read.name if len(seen.files) > 1 else "")
        read.rows_in = read.rows_used + sum(read.rows_excluded.values())
        for reason, number in read.rows_excluded.items():
            seen.rows_excluded[reason] = seen.rows_excluded.get(reason, 0) + number
    seen.rows_in = collected.rows_in
    seen.rows_used = sum(read.rows_used for read in seen.files)
    seen.splits = {name: split.rows for name, split in arranged.splits.items()}


def _count_labels(arranged: Arranged, seen: Inspection) -> None:
    collected, used = arranged.collected, arranged.assignment >= 0
    counts = collected.label_counts(used)
    marks_entities = "tags" in collected.columns and not are_one_per_word(arranged.label_names)
    seen.entities, seen.labels = (counts, {}) if marks_entities else ({}, counts)
    if "tokens" in collected.columns:
        with pa.memory_map(str(collected.spool)) as source:
            seen.words = sum(len(batch.column("tokens").flatten()) for batch in pa.ipc.open_stream(source))
    numbers = collected.targets[used]
    if len(numbers) and np.isfinite(numbers).all():
        seen.scores = {"least": float(numbers.min()), "most": float(numbers.max()), "mean": float(numbers.mean())}
    for rows in rows_at(collected, np.flatnonzero(used)[:_EXAMPLES]):
        shown = [name for name in ("row", "line", *collected.columns) if name != "full_text"]
        seen.examples += [{name: _shortened(row[name]) for name in shown} for row in rows]


def _findings(
    arranged: Arranged, files: tuple[RowFile, ...], settings: PrepareSettings, emit: Emit
) -> Iterator[InspectedFinding]:
    """What the checks find, the worst first, then entities that are not as they were marked, then the notes."""
    collected, assignment = arranged.collected, arranged.assignment
    near = find_near_duplicates(collected, assignment >= 0, emit, seed=settings.seed)
    of_files = [file.split for file in files]
    task = task_named(settings.task)
    found, _ = run_checks(CheckContext(collected, assignment, SPLITS, arranged.given, of_files, near, task, None), emit)
    for finding in with_second_texts(found, files[0], settings, emit):
        yield InspectedFinding(finding.id, str(finding.sentence), finding.severity)
    report = arranged.conversions.report()
    if task.facts.one_label_per_word and report.changed:
        yield InspectedFinding(report.sentence.id, str(report.sentence), "caution")
    for note in arranged.notes:
        yield InspectedFinding(note.id, str(note), "note")


def _shortened(cell: Any) -> Any:
    return cell[:_LONGEST] if isinstance(cell, str | list) else cell
