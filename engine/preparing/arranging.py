"""From files to rows that are accounted for, cleaned and split: all of Prepare that needs no model.

`prepare` continues from here to token ids; `inspection` reports it as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from engine.contract.cleaning_rules import in_order
from engine.contract.column_roles import GROUP
from engine.contract.errors import DatasetInvalid
from engine.contract.events import Emit
from engine.contract.file_formats import file_format
from engine.contract.findings import AppliedRule, Finding
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.row_edits import effective
from engine.contract.row_edits import in_order as changes_in_order
from engine.contract.sentences import Sentence
from engine.contract.settings import PrepareSettings, ReadingOptions, Roles, SplitName
from engine.contract.split_columns import own_reading, own_roles, read_as_sentence, roles_of, with_same_names
from engine.contract.states import SplitCounts
from engine.preparing.apply_cleaning_rules import cleaned, need_near_duplicates
from engine.preparing.checks.labels import check_texts
from engine.preparing.encoding import SPLITS
from engine.preparing.findings import (
    check_enough,
    check_labels,
    columns_of,
    no_column,
    notes_on_groups,
    notes_on_labels,
)
from engine.preparing.preview import guess, limited_reading, no_rows, survey_rows
from engine.preparing.rows.collecting import Collected, collect
from engine.preparing.rows.conversions import ConversionBook
from engine.preparing.rows.near_duplicates import NearDuplicates
from engine.preparing.splitting import draw_rows, draw_splits, rarest_labels
from engine.reading.sources.sources import RowFile
from engine.tasks.columns import unread_texts
from engine.tasks.registry import task_named
from engine.tasks.row_groups import joined_groups
from engine.tasks.task import Task

KeptSplits = Mapping[str, np.ndarray]  # the numbers of the rows of each split
PartsOfFile = Mapping[str, str | tuple[str, ...]]  # the columns of rows to those of a file

# Where more than a tenth of the rows repeat others, shares of inputs would be far from those of rows.
_DIFFERENT = 0.9


class Arranged(NamedTuple):
    """The usable rows; `assignment` (rows,) int8 is the index into `SPLITS`, −1 beyond the row limit.

    `given` are the splits that have a file of their own.
    """

    collected: Collected
    assignment: np.ndarray
    given: list[SplitName]
    label_names: tuple[str, ...]
    splits: dict[str, SplitCounts]
    applied: tuple[AppliedRule, ...]
    notes: tuple[Sentence, ...]
    conversions: ConversionBook


def arrange(
    files: tuple[RowFile, ...],
    roles: tuple[PartsOfFile, ...],
    settings: PrepareSettings,
    work: Path,
    emit: Emit,
    *,
    compare: Callable[..., NearDuplicates],
    optional: bool = False,
    kept: KeptSplits | None = None,
) -> Arranged:
    """Reads the rows of all files, applies the cleaning rules and splits; scratch files go to `work`.

    `compare` finds near-duplicates. Rows stay in the splits that are `kept`, where there are any. Where further files
    are `optional`, one without a usable row does not count. Raises `DatasetUnreadable` and `DatasetInvalid`.
    """
    task = task_named(settings.task)
    with limited_reading(", ".join(file.name for file in files)):
        collected = collect(files, roles, task, settings, work, emit)
    if not len(collected):
        raise _nothing_usable(collected, files[0])
    check_texts(collected, settings.roles)
    conversions = collected.conversions
    applied: tuple[AppliedRule, ...] = ()
    if settings.cleaning_rules:
        near: NearDuplicates | None = None
        if need_near_duplicates(settings.cleaning_rules):
            everything = np.ones(len(collected), dtype=bool)
            near = compare(collected, everything, emit, seed=settings.seed)
        named_files = [(file.split, file.name) for file in files]
        collected, applied = cleaned(collected, settings.cleaning_rules, near, task, named_files, work, emit)
        if not len(collected):
            raise _nothing_usable(collected, files[0])
    for index, file in enumerate(files[1:], start=1):
        if not optional and _is_useless(collected, index):
            raise _nothing_usable(collected, file)
    label_names = task.label_names(collected.samples)
    check_labels(collected, label_names, task, settings.roles)
    if collected.groups is not None:
        inputs = collected.identities if collected.together is None else collected.together
        collected.together = joined_groups(collected.groups, inputs)
    assignment, given = _assign(collected, files, settings, optional=optional, kept=kept)
    check_enough(collected, files[0].name, SPLITS, assignment, all_train=_all_train(settings, given))
    splits = _counts(collected, assignment)
    notes = (
        *dict.fromkeys(note for file in files for note in file.layout.notes),
        *_other_names(files, settings),
        *_kept_back(files, given),
        *collected.cleaner.notes(),
        *collected.changes.notes(),
        *conversions.notes(),
        *notes_on_labels(splits, settings.roles.label_columns),
        *notes_on_groups(collected, assignment, settings.roles.group),
    )
    return Arranged(collected, assignment, given, label_names, splits, applied, notes, conversions)


def with_second_texts(
    findings: tuple[Finding, ...], file: RowFile, settings: PrepareSettings, emit: Emit
) -> tuple[Finding, ...]:
    """The findings, where contradictions may come from a text that is not read, with that said of them.

    Excluding such rows would exclude what is to be learned, so no fix is offered.
    """
    at = next((n for n, one in enumerate(findings) if one.id == "contradictions" and one.severity == "problem"), -1)
    if at < 0 or settings.roles.second_text or not settings.roles.text:
        return findings
    unread = unread_texts(survey_rows(file, emit).columns, settings.roles)
    if not unread:
        return findings
    values = findings[at].sentence.values
    sentence = Sentence(
        "preparing.finding.contradictions_of_pairs",
        inputs=values["inputs"],
        labels=values["labels"],
        rows=values["rows"],
        columns=unread[:1],
    )
    changed = msgspec.structs.replace(findings[at], sentence=sentence, offers=())
    return (*findings[:at], changed, *findings[at + 1 :])


def with_guesses(
    task: Task, settings: PrepareSettings, file: RowFile, emit: Emit, *, asks: bool = False
) -> PrepareSettings:
    """The settings with the way of reading and the roles filled in, roles of other tasks cleared.

    Where the user chose no column at all, a second text is guessed as well; a chosen text is alone. With `asks`,
    several columns that may hold the answers are an error (D16) unless the user chose one.
    """
    roles, delimiter, by_position = settings.roles, settings.label_delimiter, False
    chosen = {part: columns_of(roles, part) for part in task.facts.parts}
    second = columns_of(roles, "second_text") if task.facts.reads_pairs else ()
    joined = task.facts.several_labels and not delimiter and not roles.label_columns
    if not all(chosen.values()) or joined:
        with limited_reading(file.name):
            guessed = guess(file, settings.task, emit)
        _, answers = task.facts.parts
        if asks and guessed.questions and not chosen[answers]:
            raise DatasetInvalid(
                "D16",
                guessed.questions[0],
                hint=Sentence("preparing.d16.name_column", part=answers),
                actions=(RecoveryAction.CHOOSE_COLUMNS,),
                field=answers,
            )
        constant = next((name for name, survey in guessed.columns.items() if survey.is_constant), "")
        if task.facts.parts[0] == "text" and not chosen["text"] and not guessed.roles.text and constant:
            raise DatasetInvalid(
                "D16",
                Sentence("preparing.d16.same_text_everywhere", column=constant, file=file.name),
                hint=Sentence("preparing.d16.choose_column_holds_something_read"),
                actions=(RecoveryAction.CHOOSE_COLUMNS,),
                field="text",
            )
        if not any(chosen.values()) and not second:
            second = columns_of(guessed.roles, "second_text")
        taken = {name for names in (*chosen.values(), second) for name in names}
        for part, names in chosen.items():
            if not names and not taken.intersection(columns_of(guessed.roles, part)):
                chosen[part] = columns_of(guessed.roles, part)
        if joined:
            delimiter = guessed.delimiter_of(*chosen["labels"][:1])
            by_position = guessed.has_positions(*chosen["labels"][:1])
    filled: dict[str, str | tuple[str, ...]] = {"second_text": "".join(second), "group": roles.group}
    for part, names in chosen.items():
        several = len(names) > 1 or names == roles.label_columns != ()
        filled["label_columns" if several else part] = names if several else "".join(names)
    return msgspec.structs.replace(
        settings,
        roles=msgspec.convert(filled, Roles),
        reading=_reading_again(file, settings.reading),
        label_delimiter=delimiter if task.facts.several_labels else "",
        label_positions=by_position,
        cleaning_rules=in_order(settings.cleaning_rules),
        changes=changes_in_order(effective(settings.changes)),
    )


def _reading_again(file: RowFile, chosen: ReadingOptions) -> ReadingOptions:
    """How to read the source once more: a table such as a sheet is named, what was found in an archive or a folder is
    found again."""
    found = file.layout.options
    names_its_part = found.format != "" and file_format(found.format).part_word != ""
    return found if names_its_part else msgspec.structs.replace(found, part=chosen.part)


def with_other_files(settings: PrepareSettings, files: tuple[RowFile, ...]) -> PrepareSettings:
    """The settings with what is different in further files.

    These are columns that are called the same but for case and punctuation, or have the same place where there is no
    header; and how the file is written, where that was chosen or is not as in the training file.
    """
    training = files[0].layout
    roles, readings = {}, {}
    for file in files[1:]:
        roles[file.split] = with_same_names(
            own_roles(settings, file.split), settings.roles, file.layout.columns, training.columns
        )
        chosen = own_reading(settings, file.split)
        if chosen != ReadingOptions() or _is_written_otherwise(file.layout.options, training.options):
            readings[file.split] = _reading_again(file, chosen)
    return msgspec.structs.replace(
        settings,
        validation_roles=roles.get("validation", Roles()),
        test_roles=roles.get("test", Roles()),
        validation_reading=readings.get("validation", ReadingOptions()),
        test_reading=readings.get("test", ReadingOptions()),
    )


def _is_written_otherwise(reading: ReadingOptions, like: ReadingOptions) -> bool:
    """Whether a file of text or a workbook is written in another way than the training file."""
    found = file_format(reading.format) if reading.format else None
    if found is None or found.is_gathered or not (reading.encoding or found.may_lack_header):
        return False
    return msgspec.structs.replace(reading, part="", undecodable="") != msgspec.structs.replace(
        like, part="", undecodable=""
    )


def with_columns(files: tuple[RowFile, ...], task: Task, settings: PrepareSettings) -> tuple[RowFile, ...]:
    """The files without those that lie beside the training file and lack a column, such as a contest's test rows.

    The training file's notes name them. A file that the user has chosen stays, and raises an error later.
    """
    kept, notes = [files[0]], []
    for file in files[1:]:
        problem = no_column(task, roles_of(settings, file.split), file.name, file.layout.columns)
        if problem is None or file.was_chosen:
            kept.append(file)
        else:
            notes.append(Sentence("preparing.data_note.split_not_read", reason=problem.message, split=file.split))
    layout = files[0].layout
    kept[0] = files[0]._replace(layout=layout._replace(notes=(*layout.notes, *notes)))
    return tuple(kept)


def columns_in(file: RowFile, task: Task, settings: PrepareSettings) -> Mapping[str, str | tuple[str, ...]]:
    roles = roles_of(settings, file.split)
    problem = no_column(task, roles, file.name, file.layout.columns, with_group=file.split == "train")
    if problem is not None:
        raise problem
    if not roles.group:
        return task.readable_columns(roles)
    # A file of its own for validation or test may lack the groups: its rows are then none of a group's.
    return {**task.readable_columns(roles), GROUP: roles.group if roles.group in file.layout.columns else ""}


def _assign(
    collected: Collected,
    files: tuple[RowFile, ...],
    settings: PrepareSettings,
    *,
    optional: bool,
    kept: KeptSplits | None,
) -> tuple[np.ndarray, list[SplitName]]:
    """The index into SPLITS for each row, −1 beyond the row limit; and which splits were given as files.

    Where these are `optional`, one without a usable row does not count: data sets are published with test rows
    whose labels are kept back.
    """
    given = [
        file.split for index, file in enumerate(files) if index and not (optional and _is_useless(collected, index))
    ]
    kinds, labels = collected.kinds()
    if kept is not None:
        assignment = _kept_assignment(collected, given, kept, limited=bool(settings.row_limit))
        for index, file in enumerate(files):
            if index:
                assignment[collected.files == index] = SPLITS.index(file.split)
            collected.excluded.add_many(
                Sentence("preparing.excluded.beyond_limit", limit=settings.row_limit),
                collected.lines[(assignment < 0) & (collected.files == index)],
                file=file.name if len(files) > 1 else "",
            )
        return assignment, given
    if settings.row_limit:
        strata = kinds if labels is None else rarest_labels(kinds, labels)
        used = draw_rows(strata * len(files) + collected.files, settings.row_limit, settings.seed)
        for index, file in enumerate(files):
            collected.excluded.add_many(
                Sentence("preparing.excluded.beyond_limit", limit=settings.row_limit),
                collected.lines[~used & (collected.files == index)],
                file=file.name if len(files) > 1 else "",
            )
    else:
        used = np.ones(len(collected), dtype=bool)
    assignment = np.full(len(collected), -1, dtype=np.int8)
    all_train = _all_train(settings, given)
    for index, file in enumerate(files):
        mine = used & (collected.files == index)
        if index:
            assignment[mine] = SPLITS.index(file.split)
        else:
            inputs = (collected.identities if collected.together is None else collected.together)[mine]
            assignment[mine] = draw_splits(
                kinds[mine],
                inputs,
                labels=labels,
                validation_share=0.0 if "validation" in given or all_train else settings.validation_share,
                test_share=0.0 if "test" in given else settings.test_share,
                seed=settings.seed,
                in_training=None if collected.in_training is None else collected.in_training[mine],
                by_rows=collected.together is not None or len(np.unique(inputs)) < _DIFFERENT * len(inputs),
            )
    return assignment, given


def _all_train(settings: PrepareSettings, given: Collection[SplitName]) -> bool:
    """Whether no rows are drawn to be held out."""
    return settings.test_share == 0 and "test" not in given


def _kept_assignment(collected: Collected, given: list[SplitName], kept: KeptSplits, *, limited: bool) -> np.ndarray:
    """The index into SPLITS for each row as it was, (rows,) int8.

    A row that has none, because it was excluded, follows a row with the same input, else it is for training; −1 where
    the number of rows is `limited`. Rows with a file of their own belong to its split.
    """
    assignment = np.full(len(collected), -1, dtype=np.int8)
    from_first = collected.files == 0
    for index, name in enumerate(SPLITS):
        if name in given:
            continue
        assignment[from_first & np.isin(collected.numbers, kept[name])] = index
    identities = collected.identities if collected.together is None else collected.together
    known = np.flatnonzero(assignment >= 0)
    of_input = dict(zip(identities[known].tolist(), assignment[known].tolist(), strict=True))
    otherwise = -1 if limited else SPLITS.index("train")
    for place in np.flatnonzero(from_first & (assignment < 0)).tolist():
        assignment[place] = of_input.get(int(identities[place]), otherwise)
    return assignment


def _is_useless(collected: Collected, index: int) -> bool:
    """Whether none of the rows of this file can be used."""
    return not (collected.files == index).any()


def _other_names(files: tuple[RowFile, ...], settings: PrepareSettings) -> tuple[Sentence, ...]:
    """A note on each file whose columns have other names than those of the training file."""
    sentences = (read_as_sentence(file.name, own_roles(settings, file.split), settings.roles) for file in files[1:])
    return tuple(filter(None, sentences))


def _kept_back(files: tuple[RowFile, ...], given: list[SplitName]) -> tuple[Sentence, ...]:
    """A note on each split whose rows cannot be used."""
    return tuple(
        Sentence("preparing.data_note.split_unusable", split=file.split)
        for file in files[1:]
        if file.split not in given
    )


def _counts(collected: Collected, assignment: np.ndarray) -> dict[str, SplitCounts]:
    return {
        name: SplitCounts(int((assignment == index).sum()), collected.label_counts(assignment == index))
        for index, name in enumerate(SPLITS)
    }


def _nothing_usable(collected: Collected, file: RowFile) -> Exception:
    """The error for a file, or for the only one, none of whose rows is left."""
    entries = collected.excluded.entries(file=file.name) or collected.excluded.entries()
    if not collected.excluded.counts(file=file.name) and not collected.excluded.counts():
        return no_rows(file)
    return DatasetInvalid(
        "D10",
        Sentence(
            "preparing.d10.none_rows_of_file",
            rows=sum(entry.count for entry in entries),
            file=file.name,
            number=entries[0].rows[0],
            reason=entries[0].reason,
        ),
        hint=Sentence("preparing.d10.check_columns_how_file_read"),
        actions=(RecoveryAction.CHOOSE_COLUMNS,),
        rows=entries[0].rows[:10],
    )
