"""Stage 2 from end to end: files to canonical rows, splits, token ids and a folder that is complete or absent.

The same content, settings and model lead to the same folder; where it is whole already, it is returned at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from engine.contract.cleaning_rules import in_order
from engine.contract.errors import DatasetInvalid, InvalidSetting
from engine.contract.events import Emit, Noted
from engine.contract.file_formats import file_format
from engine.contract.findings import AppliedRemedy
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.row_edits import in_order as changes_in_order
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, HubRows, PrepareSettings, ReadingOptions, Roles, RowSource, SplitName
from engine.contract.split_columns import (
    own_reading,
    own_roles,
    read_as_sentence,
    roles_of,
    with_same_names,
)
from engine.contract.states import ModelHandle, PreparedDataset, SplitCounts
from engine.loading.tokenizer import load_tokenizer
from engine.preparing.apply_cleaning_rules import need_near_duplicates, remedied
from engine.preparing.checks.context import Seen
from engine.preparing.checks.labels import check_texts
from engine.preparing.checks.run_checks import look_over
from engine.preparing.encoding import SPLITS, Encoder, encode_splits, length_table
from engine.preparing.findings import (
    check_enough,
    check_labels,
    columns_of,
    no_column,
    notes_on_labels,
    notes_on_lengths,
)
from engine.preparing.preview import guess, no_rows
from engine.preparing.rows.collecting import Collected, collect
from engine.preparing.rows.embedding_duplicates import TextEmbeddings
from engine.preparing.rows.near_duplicates import NearDuplicates, find_near_duplicates
from engine.preparing.saving import content_hash, find_again, fingerprint_of, save, snapshot
from engine.preparing.splitting import draw_rows, draw_splits, rarest_labels
from engine.reading.sources.hub_rows import on_this_computer
from engine.reading.sources.sources import RowFile, all_files, name_of
from engine.reading.sources.unpacking import Unpacking
from engine.tasks.registry import task_named
from engine.tasks.task import Task
from engine.workspace.atomic_files import full_disk_named, staging_folder
from engine.workspace.layout import Workspace

SHORTEST = 8  # tokens


def prepare(
    model: ModelHandle,
    rows: RowSource,
    settings: PrepareSettings,
    emit: Emit,
    *,
    device: str = "auto",
    workspace: Workspace,
) -> PreparedDataset:
    """Reads, accounts for, splits, encodes and saves the rows; embeddings are computed on the `device`.

    Raises `DatasetUnreadable`, `DatasetInvalid` and `InvalidSetting`; the user's files are only ever read.
    """
    if 0 < settings.max_length < SHORTEST:
        raise InvalidSetting(
            "T16",
            Sentence(
                "preparing.t16.maximum_length_text_needs_least", max_length=settings.max_length, shortest=SHORTEST
            ),
            hint=Sentence("preparing.t16.choose_larger_length_0_found"),
            field="max_length",
        )
    rows = on_this_computer(rows, emit, hub=workspace.hub)
    with Unpacking(workspace.datasets, emit) as unpacking:
        own = {split: own_reading(settings, split) for split in ("validation", "test")}
        files = all_files(rows, settings.reading, unpacking, hub=workspace.hub, own=own)
        return _prepare_files(model, rows, settings, files, emit, device=device, workspace=workspace)


def _prepare_files(
    model: ModelHandle,
    rows: RowSource,
    settings: PrepareSettings,
    files: tuple[RowFile, ...],
    emit: Emit,
    *,
    device: str,
    workspace: Workspace,
) -> PreparedDataset:
    task = task_named(settings.task)
    settings = _with_other_files(_with_guesses(task, settings, files[0], emit), files)
    roles = tuple(_columns_in(file, task, settings) for file in files)
    hashes = [content_hash(file.place.path, emit) for file in files]
    folder = workspace.datasets / fingerprint_of(model, rows, settings, files, hashes)
    workspace.datasets.mkdir(parents=True, exist_ok=True)
    known = find_again(folder, model, rows, name_of(rows))
    if known is not None:
        emit(Noted(Sentence("preparing.note.these_rows_prepared_before_same")))
        _tell_findings(known, emit)
        return known
    with full_disk_named(Sentence("preparing.c4_what.prepared_data_set")), staging_folder(workspace.datasets) as work:
        dataset = _prepare_in(work, folder, model, rows, settings, files, roles, hashes, emit, device)
    _tell_findings(dataset, emit)
    return dataset


def _prepare_in(
    work: Path,
    folder: Path,
    model: ModelHandle,
    rows: RowSource,
    settings: PrepareSettings,
    files: tuple[RowFile, ...],
    roles: tuple[Mapping[str, str | tuple[str, ...]], ...],
    hashes: list[str],
    emit: Emit,
    device: str,
) -> PreparedDataset:
    """Goes from files to `folder` by way of the scratch folder `work`."""
    task = task_named(settings.task)
    sources = None if isinstance(rows, ExampleRows) else work / "source"
    if sources is not None:
        files = snapshot(files, hashes, sources, emit)
    collected = collect(files, roles, task, settings, work, emit)
    if not len(collected):
        raise _nothing_usable(collected, files[0])
    check_texts(collected, settings.roles)
    conversions = collected.conversions
    tokenizer = load_tokenizer(Path(model.folder))
    by_meaning = settings.likeness == "meaning"
    compare = TextEmbeddings(model, tokenizer, device).find_near_duplicates if by_meaning else find_near_duplicates
    near: NearDuplicates | None = None
    applied: tuple[AppliedRemedy, ...] = ()
    if settings.remedies:
        if need_near_duplicates(settings.remedies):
            everything = np.ones(len(collected), dtype=bool)
            near = compare(collected, everything, emit, seed=settings.seed)
        named_files = [(file.split, file.name) for file in files]
        collected, applied = remedied(collected, settings.remedies, near, task, named_files, work, emit)
        if not len(collected):
            raise _nothing_usable(collected, files[0])
    label_names = task.label_names(collected.samples)
    check_labels(collected, label_names, task, settings.roles)
    assignment, given = _assign(collected, files, settings, optional=isinstance(rows, HubRows))
    check_enough(collected, files[0].name, SPLITS, assignment)
    encoded = encode_splits(
        collected,
        assignment,
        Encoder(task, tokenizer, label_names),
        max_length=min(settings.max_length, model.max_length),
        limit=model.max_length,
        work=work,
        emit=emit,
    )
    splits = _counts(collected, assignment)
    near = compare(collected, assignment >= 0, emit, seed=settings.seed)
    file_splits = [file.split for file in files]
    findings, examples = look_over(
        Seen(collected, assignment, SPLITS, given, file_splits, near, task, model, tokenizer), emit
    )
    state = PreparedDataset(
        model=model,
        folder=str(folder),
        name=name_of(rows),
        source=rows,
        settings=settings,
        task=settings.task,
        label_names=label_names,
        splits=splits,
        rows_in=collected.rows_in,
        left_out=collected.left_out.entries(),
        max_length=encoded.max_length,
        cut_rows=int((encoded.lengths > encoded.max_length).sum()),
        mean_tokens=float(encoded.lengths.mean()),
        longest_tokens=int(encoded.lengths.max()),
        fingerprint=folder.name,
        notes=(
            *(note for file in files for note in file.layout.notes),
            *_other_names(files, settings),
            *_kept_back(files, given),
            *collected.cleaner.notes(),
            *collected.changes.notes(),
            *conversions.notes(),
            *notes_on_labels(splits),
            *notes_on_lengths(encoded.lengths, encoded.max_length),
            *_limit_note(settings, model),
        ),
        target_scale=collected.target_scale(assignment == SPLITS.index("train")),
        findings=findings,
        applied=applied,
        conversion=conversions.report() if task.facts.one_label_per_word else None,
    )
    numbers = {name: collected.numbers[assignment == index] for index, name in enumerate(SPLITS)}
    lengths = length_table(collected, assignment, encoded)
    save({name: encoded.files[name] for name in SPLITS}, numbers, state, examples, lengths, sources, emit)
    return state


def _with_guesses(task: Task, settings: PrepareSettings, file: RowFile, emit: Emit) -> PrepareSettings:
    """The settings with the way of reading and the roles filled in, roles of other tasks cleared.

    Where the user chose no column at all, a second text is guessed as well; a chosen text stands alone.
    """
    roles, delimiter = settings.roles, settings.label_delimiter
    chosen = {part: columns_of(roles, part) for part in task.facts.parts}
    second = columns_of(roles, "second_text") if task.facts.reads_pairs else ()
    joined = task.facts.several_labels and not delimiter and not roles.label_columns
    if not all(chosen.values()) or joined:
        guessed = guess(file, settings.task, emit)
        if not any(chosen.values()) and not second:
            second = columns_of(guessed.roles, "second_text")
        taken = {name for names in (*chosen.values(), second) for name in names}
        for part, names in chosen.items():
            if not names and not taken.intersection(columns_of(guessed.roles, part)):
                chosen[part] = columns_of(guessed.roles, part)
        if joined:
            delimiter = guessed.delimiter_of(*chosen["labels"][:1])
    filled: dict[str, str | tuple[str, ...]] = {"second_text": "".join(second)}
    for part, names in chosen.items():
        several = len(names) > 1 or names == roles.label_columns != ()
        filled["label_columns" if several else part] = names if several else "".join(names)
    return msgspec.structs.replace(
        settings,
        roles=msgspec.convert(filled, Roles),
        reading=_reading_again(file, settings.reading),
        label_delimiter=delimiter if task.facts.several_labels else "",
        remedies=in_order(settings.remedies),
        changes=changes_in_order(settings.changes),
    )


def _reading_again(file: RowFile, chosen: ReadingOptions) -> ReadingOptions:
    """How to read the source once more: a table such as a sheet is named, what was found in an archive or a folder is
    found again."""
    found = file.layout.options
    names_its_part = found.format != "" and file_format(found.format).part_word != ""
    return found if names_its_part else msgspec.structs.replace(found, part=chosen.part)


def _with_other_files(settings: PrepareSettings, files: tuple[RowFile, ...]) -> PrepareSettings:
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


def _columns_in(file: RowFile, task: Task, settings: PrepareSettings) -> Mapping[str, str | tuple[str, ...]]:
    roles = roles_of(settings, file.split)
    problem = no_column(task, roles, file.name, file.layout.columns)
    if problem is not None:
        raise problem
    return task.readable_columns(roles)


def _assign(
    collected: Collected, files: tuple[RowFile, ...], settings: PrepareSettings, *, optional: bool
) -> tuple[np.ndarray, list[SplitName]]:
    """The index into SPLITS for each row, −1 beyond the row limit; and which splits were given as files.

    Where these are `optional`, one without a usable row does not count: data sets are published with test rows
    whose labels are kept back.
    """
    given = [
        file.split for index, file in enumerate(files) if index and not (optional and _is_useless(collected, index))
    ]
    kinds, labels = collected.kinds()
    if settings.row_limit:
        strata = kinds if labels is None else rarest_labels(kinds, labels)
        used = draw_rows(strata * len(files) + collected.files, settings.row_limit, settings.seed)
        for index, file in enumerate(files):
            collected.left_out.add_many(
                Sentence("preparing.excluded.beyond_limit", limit=settings.row_limit),
                collected.numbers[~used & (collected.files == index)],
                file=file.name if len(files) > 1 else "",
            )
    else:
        used = np.ones(len(collected), dtype=bool)
    assignment = np.full(len(collected), -1, dtype=np.int8)
    for index, file in enumerate(files):
        mine = used & (collected.files == index)
        if index:
            assignment[mine] = SPLITS.index(file.split)
        else:
            assignment[mine] = draw_splits(
                kinds[mine],
                (collected.identities if collected.together is None else collected.together)[mine],
                labels=labels,
                validation_share=0.0 if "validation" in given else settings.validation_share,
                test_share=0.0 if "test" in given else settings.test_share,
                seed=settings.seed,
                in_training=None if collected.in_training is None else collected.in_training[mine],
            )
    return assignment, given


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


def _tell_findings(dataset: PreparedDataset, emit: Emit) -> None:
    """Says what spoils the result, or may, and which entities are not as they were marked."""
    if dataset.conversion is not None and dataset.conversion.changed:
        emit(Noted(dataset.conversion.sentence))
    for finding in dataset.findings:
        if finding.severity != "note":
            emit(Noted(finding.sentence))


def _counts(collected: Collected, assignment: np.ndarray) -> dict[str, SplitCounts]:
    return {
        name: SplitCounts(int((assignment == index).sum()), collected.label_counts(assignment == index))
        for index, name in enumerate(SPLITS)
    }


def _nothing_usable(collected: Collected, file: RowFile) -> Exception:
    entries = collected.left_out.entries()
    if not entries:
        return no_rows(file)
    return DatasetInvalid(
        "D10",
        Sentence(
            "preparing.d10.none_rows_can_used_row",
            rows_in=collected.rows_in,
            rows=entries[0].rows[0],
            reason=entries[0].reason,
        ),
        hint=Sentence("preparing.d10.check_columns_how_file_read"),
        actions=(RecoveryAction.CHOOSE_COLUMNS,),
        rows=entries[0].rows[:10],
    )


def _limit_note(settings: PrepareSettings, model: ModelHandle) -> tuple[Sentence, ...]:
    if settings.max_length <= model.max_length:
        return ()
    return (Sentence("preparing.data_note.fewer_tokens_than_asked", most=model.max_length, asked=settings.max_length),)
