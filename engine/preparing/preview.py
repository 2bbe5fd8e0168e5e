"""A file as it was understood, before anything is prepared: first rows, columns, roles, label counts."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.contract.errors import DatasetUnreadable
from engine.contract.events import Emit
from engine.contract.examples import example_named
from engine.contract.file_formats import file_format
from engine.contract.parsing_limits import MEMORY, SECONDS, limited
from engine.contract.progress import ProgressReporter
from engine.contract.queries import EncodingChoice, Preview, is_question
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, ReadingOptions, Roles, RowSource, TaskName
from engine.contract.text_parsing import YES
from engine.preparing.column_roles import describe, guess_roles, notes_on_columns
from engine.reading.columns import ColumnSurvey
from engine.reading.formats.chunks import Cell, Chunk
from engine.reading.formats.text_files import encoding_choices
from engine.reading.row_accounts import ExcludedRowsTally
from engine.reading.sources.sources import RowFile, all_files, first_file, name_of, rows_of
from engine.reading.sources.unpacking import Unpacking

SURVEYED_ROWS = 50_000
COUNTED_BYTES = 64 * 1024 * 1024
COUNTED_CELLS = 3_000_000  # rows, cells and words of lists together: some seconds
LONGEST_CELL = 2_000
SHOWN_LABELS = 2_000


def preview(
    rows: RowSource,
    reading: ReadingOptions,
    limit: int,
    emit: Emit,
    *,
    scratch: Path | None = None,
    hub: Path | None = None,
    file: str = "train",
    own: ReadingOptions | None = None,
) -> Preview:
    """The first `limit` rows of the source and what they seem to be; raises `DatasetUnreadable` as `read` does.

    `file` is the split whose file is meant, where it has one of its own, and `own` what was chosen about reading it.

    What has to be unpacked goes below `scratch` and is removed again. Rows of the Hub are looked for below `hub`;
    nothing is downloaded here.
    """
    within = Unpacking(scratch or Path(tempfile.gettempdir()), emit, most_rows=SURVEYED_ROWS)
    with limited_reading(name_of(rows)), within as unpacking:
        place = first_file(rows, reading, unpacking, hub=hub)
        if file != "train":
            chosen = own or ReadingOptions()
            further = all_files(rows, reading, unpacking, hub=hub, own={file: chosen})
            place = next((one for one in further if one.split == file), place)
        found = _preview_of(place, rows, reading if file == "train" else own or ReadingOptions(), limit, emit)
        if file != "train":
            found = msgspec.structs.replace(found, name=place.name)
        return msgspec.structs.replace(found, rows_total=0) if unpacking.was_cut else found


def _preview_of(file: RowFile, rows: RowSource, reading: ReadingOptions, limit: int, emit: Emit) -> Preview:
    columns = file.layout.columns
    cells: list[tuple[str, ...]] = []
    numbers: list[int] = []

    def keep(chunk: Chunk) -> None:
        wanted = limit - len(cells)
        if wanted > 0:
            numbers.extend(chunk.lines.get(number, number) for number in chunk.numbers[:wanted])
            by_column = [chunk.columns[name][:wanted] for name in columns]
            cells.extend(tuple(_shown(cell) for cell in row) for row in zip(*by_column, strict=True))

    survey = survey_rows(file, emit, keep=keep)
    if not survey.rows:
        raise no_rows(file)
    guesses = guess_roles(survey.columns)
    roles = guesses.by_task[guesses.task]
    return Preview(
        name=name_of(rows),
        reading=file.layout.as_written,
        columns=describe(survey.columns, guesses),
        cells=tuple(cells),
        rows_total=_known_total(rows) or survey.total,
        roles=roles,
        task=guesses.task,
        size_bytes=file.place.path.stat().st_size,
        notes=(*file.layout.notes, *notes_on_columns(survey.columns, guesses), *survey.notes()),
        label_counts=_label_counts(survey.columns, roles),
        parts=file.layout.parts,
        excluded=survey.excluded.entries(),
        encodings=encodings_in_question(file, reading),
        numbers=tuple(numbers),
    )


class Survey:
    """What a look at a file's rows found: `total` is 0 where the file was not read to its end."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = [ColumnSurvey(name) for name in columns]
        self.rows = 0
        self.total = 0
        self.excluded = ExcludedRowsTally()

    def notes(self) -> tuple[Sentence, ...]:
        """What the user is shown before going on."""
        if not self.excluded.total:
            return ()
        number, reason = min((entry.rows[0], entry.reason) for entry in self.excluded.entries())
        if self.excluded.total == 1:
            return (Sentence("preparing.data_note.one_row_unusable", number=number, reason=reason),)
        return (Sentence("preparing.data_note.rows_unusable", rows=self.excluded.total, number=number, reason=reason),)


def survey_rows(file: RowFile, emit: Emit, *, keep: Callable[[Chunk], None] | None = None) -> Survey:
    """Looks at the file's rows: all of them up to a size, else the first ones."""
    survey = Survey(file.layout.columns)
    size = file.place.path.stat().st_size
    progress = ProgressReporter(emit)
    ended = True
    for chunk in rows_of(file, file.layout.columns):
        progress.report(
            min(chunk.bytes_done, size), size, Sentence("preparing.progress.reading", file=file.name), "bytes"
        )
        if survey.rows < SURVEYED_ROWS:
            for column in survey.columns:
                column.add(chunk.columns[column.name])
        survey.rows += len(chunk.numbers)
        for number, reason in chunk.excluded:
            survey.excluded.add(reason, chunk.lines.get(number, number))
        if keep is not None:
            keep(chunk)
        looked_at = survey.rows * (1 + len(survey.columns)) + sum(column.items for column in survey.columns)
        if (survey.rows >= SURVEYED_ROWS and size > COUNTED_BYTES) or looked_at > COUNTED_CELLS:
            ended = False
            break
    survey.total = survey.rows + survey.excluded.total if ended else 0
    return survey


class Guessed(NamedTuple):
    """The likely roles of a file's columns for one task, and what its columns hold."""

    roles: Roles
    columns: dict[str, ColumnSurvey]
    questions: tuple[Sentence, ...] = ()  # that only the user can answer

    def delimiter_of(self, column: str) -> str:
        """What is between several labels in one cell of the column, or an empty string."""
        return self.columns[column].delimiter if column in self.columns else ""

    def has_positions(self, column: str) -> bool:
        """Whether the column holds lists of 0 and 1 with a position for each label."""
        return column in self.columns and self.columns[column].is_multi_hot


def guess(file: RowFile, task: TaskName, emit: Emit) -> Guessed:
    """The likely roles of the file's columns for this task."""
    columns = survey_rows(file, emit).columns
    guesses = guess_roles(columns)._replace(task=task)
    questions = tuple(note for note in notes_on_columns(columns, guesses) if is_question(note))
    return Guessed(guesses.by_task[task], {column.name: column for column in columns}, questions)


def limited_reading(name: str) -> AbstractContextManager[None]:
    """Limits time and memory for reading a file or the source of this name; what passes them is `DatasetUnreadable`."""
    return limited(
        _given_up(Sentence("preparing.d21.reading_slow", file=name, seconds=round(SECONDS))),
        _given_up(Sentence("preparing.d21.reading_large", file=name, memory=MEMORY)),
    )


def _given_up(sentence: Sentence) -> DatasetUnreadable:
    return DatasetUnreadable(
        "D21",
        sentence,
        hint=Sentence("preparing.d21.save_again_other_file"),
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
    )


def no_rows(file: RowFile) -> DatasetUnreadable:
    """The error for a file with a header at most, or with rows none of which can be read."""
    is_table = file.layout.options.header == "yes" and file.layout.columns
    unread = [row for chunk in rows_of(file, file.layout.columns) for row in chunk.excluded]
    sentence = Sentence("preparing.d10.no_rows_can_used", file=file.name)
    if unread:
        number, reason = unread[0]
        sentence = Sentence(
            "preparing.d10.none_rows_of_file", rows=len(unread), file=file.name, number=number, reason=reason
        )
    elif is_table:
        sentence = Sentence("preparing.d10.column_names_only", file=file.name, columns=file.layout.columns[:12])
    return DatasetUnreadable(
        "D10",
        sentence,
        hint=Sentence("preparing.d10.least_three_rows_needed_each")
        if file.split == "train"
        else Sentence("preparing.d10.remove_split_file", split=file.split),
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
    )


def _label_counts(columns: list[ColumnSurvey], roles: Roles) -> dict[str, int]:
    """How often each label is in the rows looked at, the most frequent first."""
    counts: Counter[str] = Counter()
    for column in columns:
        if column.name in roles.label_columns:
            counts[column.name] = sum(column.values[value] for value in column.values if value.casefold() in YES)
        elif column.name == roles.labels != "" or (column.name == roles.tags and column.is_tag_sequence):
            counts.update(column.label_counts())
        elif column.name == (roles.label or roles.tags):
            counts.update(column.values)
    return dict(counts.most_common(SHOWN_LABELS))


def encodings_in_question(file: RowFile, reading: ReadingOptions) -> tuple[EncodingChoice, ...]:
    """The encodings that the file may have where only the user can decide and has not chosen one; else none."""
    found = file.layout.options
    gathered = found.format != "" and file_format(found.format).is_gathered
    is_guessed = bool(found.encoding) and not reading.encoding and not gathered
    return encoding_choices(file.place.path) if is_guessed else ()


def encoding_question(file: RowFile) -> Sentence:
    """Which of the encodings in question it is."""
    choices = encoding_choices(file.place.path)
    return Sentence("preparing.question.encoding", file=file.name, encodings=[choice.encoding for choice in choices])


def _known_total(rows: RowSource) -> int:
    example = example_named(rows.name) if isinstance(rows, ExampleRows) else None
    return example.rows if example else 0


def _shown(cell: Cell) -> str:
    text = " ".join(cell) if isinstance(cell, list) else cell or ""
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "…"
