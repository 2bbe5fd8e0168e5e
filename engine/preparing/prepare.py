"""Stage 2 from end to end: files to canonical rows, splits, token ids and a folder that is complete or absent.

The same content, settings and model lead to the same folder; where it is whole already, it is returned at once.
"""

from __future__ import annotations

from pathlib import Path

from engine.contract.errors import DatasetUnreadable, InvalidSetting
from engine.contract.events import Emit, Noted
from engine.contract.queries import is_group_note
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, HubRows, PrepareSettings, RowSource
from engine.contract.split_columns import (
    own_reading,
)
from engine.contract.states import ModelHandle, PreparedDataset
from engine.loading.tokenizer import load_tokenizer
from engine.preparing.arranging import (
    KeptSplits,
    PartsOfFile,
    arrange,
    columns_in,
    with_columns,
    with_guesses,
    with_other_files,
    with_second_texts,
)
from engine.preparing.beside import Beside
from engine.preparing.checks.context import CheckContext, Loaded
from engine.preparing.checks.run_checks import run_checks
from engine.preparing.column_roles import notes_on_possible_groups
from engine.preparing.encoding import SPLITS, EncodedSplits, Encoder, encode_splits, length_table
from engine.preparing.findings import notes_on_lengths
from engine.preparing.preview import encoding_question, encodings_in_question, limited_reading, survey_rows
from engine.preparing.rows.embedding_duplicates import TextEmbeddings
from engine.preparing.rows.groups import numbered
from engine.preparing.rows.near_duplicates import NearDuplicates, find_near_duplicates
from engine.preparing.saving import content_hash, find_again, fingerprint_of, kept_splits, save, snapshot
from engine.reading.sources.hub_rows import on_this_computer
from engine.reading.sources.sources import RowFile, all_files, name_of
from engine.reading.sources.unpacking import Unpacking
from engine.tasks.columns import may_name_groups
from engine.tasks.registry import task_named
from engine.workspace.atomic_files import full_disk_named, staging_folder
from engine.workspace.layout import Workspace
from engine.workspace.near_duplicate_groups import encode_groups

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
        with limited_reading(name_of(rows)):
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
    for file in files:
        chosen = settings.reading if file.split == "train" else own_reading(settings, file.split)
        if not isinstance(rows, ExampleRows) and encodings_in_question(file, chosen):
            raise _encoding_is_open(file)
    task = task_named(settings.task)
    settings = with_other_files(with_guesses(task, settings, files[0], emit, asks=True), files)
    files = with_columns(files, task, settings)
    settings = with_other_files(settings, files)
    roles = tuple(columns_in(file, task, settings) for file in files)
    hashes = [content_hash(file.place.path, emit) for file in files]
    folder = workspace.datasets / fingerprint_of(model, rows, settings, files, hashes)
    workspace.datasets.mkdir(parents=True, exist_ok=True)
    known = find_again(folder, model, rows, name_of(rows))
    if known is not None:
        emit(Noted(Sentence("preparing.note.these_rows_prepared_before_same")))
        _report_findings(known, emit)
        return known
    kept = kept_splits(workspace.datasets / settings.kept_splits, files, hashes) if settings.kept_splits else None
    with full_disk_named(Sentence("preparing.c4_what.prepared_data_set")), staging_folder(workspace.datasets) as work:
        dataset = _prepare_in(work, folder, model, rows, settings, files, roles, hashes, emit, device, kept)
    _report_findings(dataset, emit)
    return dataset


def _encoding_is_open(file: RowFile) -> DatasetUnreadable:
    """The error (D1) for a file that may be written in several encodings, of which none was chosen."""
    return DatasetUnreadable(
        "D1",
        encoding_question(file),
        hint=Sentence("preparing.d1.name_encoding"),
        actions=(RecoveryAction.CHOOSE_COLUMNS,),
        field="encoding",
    )


def _prepare_in(
    work: Path,
    folder: Path,
    model: ModelHandle,
    rows: RowSource,
    settings: PrepareSettings,
    files: tuple[RowFile, ...],
    roles: tuple[PartsOfFile, ...],
    hashes: list[str],
    emit: Emit,
    device: str,
    kept: KeptSplits | None,
) -> PreparedDataset:
    """Goes from files to `folder` by way of the scratch folder `work`."""
    task = task_named(settings.task)
    sources = None if isinstance(rows, ExampleRows) else work / "source"
    if sources is not None:
        files = snapshot(files, hashes, sources, emit)
    tokenizer = load_tokenizer(Path(model.folder))
    by_meaning = settings.near_duplicates == "meaning"
    compare = TextEmbeddings(model, tokenizer, device).find_near_duplicates if by_meaning else find_near_duplicates
    arranged = arrange(
        files, roles, settings, work, emit, compare=compare, optional=isinstance(rows, HubRows), kept=kept
    )
    collected, assignment = arranged.collected, arranged.assignment
    encoder = Encoder(task, tokenizer, arranged.label_names)

    def encode() -> EncodedSplits:
        return encode_splits(
            collected,
            assignment,
            encoder,
            max_length=min(settings.max_length, model.max_length),
            limit=model.max_length,
            work=work,
            emit=emit,
        )

    def find(report: Emit) -> NearDuplicates:
        return compare(collected, assignment >= 0, report, seed=settings.seed)

    if by_meaning:  # computed on the device, with the same tokenizer
        encoded = encode()
        near = find(emit)
    else:  # on one core, while the tokenizer computes outside the interpreter
        with Beside(find) as beside:
            encoded = encode()
            near = beside.result(emit)
    file_splits = [file.split for file in files]
    findings, examples = run_checks(
        CheckContext(collected, assignment, SPLITS, arranged.given, file_splits, near, task, Loaded(model, tokenizer)),
        emit,
    )
    findings = with_second_texts(findings, files[0], settings, emit)
    state = PreparedDataset(
        model=model,
        folder=str(folder),
        name=name_of(rows),
        source=rows,
        settings=settings,
        task=settings.task,
        label_names=arranged.label_names,
        splits=arranged.splits,
        rows_in=collected.rows_in,
        excluded=collected.excluded.entries(),
        max_length=encoded.max_length,
        cut_rows=int((encoded.lengths > encoded.max_length).sum()),
        mean_tokens=float(encoded.lengths.mean()),
        longest_tokens=int(encoded.lengths.max()),
        fingerprint=folder.name,
        notes=(
            *arranged.notes,
            *notes_on_lengths(encoded.lengths, encoded.answer_tokens, encoded.max_length),
            *_limit_note(settings, model),
            *_possible_groups(files[0], settings, emit),
        ),
        target_scale=collected.target_scale(assignment == SPLITS.index("train")),
        findings=findings,
        applied=arranged.applied,
        conversion=arranged.conversions.report() if task.facts.one_label_per_word else None,
    )
    numbers = {name: collected.numbers[assignment == index] for index, name in enumerate(SPLITS)}
    lengths = length_table(collected, assignment, encoded)
    inputs, _ = numbered(collected.identities)
    alike = encode_groups(
        {name: near.groups[assignment == index] for index, name in enumerate(SPLITS)},
        {name: inputs[assignment == index] for index, name in enumerate(SPLITS)},
    )
    save({name: encoded.files[name] for name in SPLITS}, numbers, state, examples, lengths, alike, sources, emit)
    return state


def _report_findings(dataset: PreparedDataset, emit: Emit) -> None:
    """Finds what spoils the result, or may, and which entities are not as they were marked."""
    if dataset.conversion is not None and dataset.conversion.changed:
        emit(Noted(dataset.conversion.sentence))
    for finding in dataset.findings:
        if finding.severity != "note":
            emit(Noted(finding.sentence))
    for note in dataset.notes:
        if is_group_note(note):
            emit(Noted(note))


def _possible_groups(file: RowFile, settings: PrepareSettings, emit: Emit) -> tuple[Sentence, ...]:
    """That rows may belong together; the file is read once more only where a column is called so."""
    if settings.roles.group or not any(map(may_name_groups, file.layout.columns)):
        return ()
    return notes_on_possible_groups(survey_rows(file, emit).columns, settings.roles)


def _limit_note(settings: PrepareSettings, model: ModelHandle) -> tuple[Sentence, ...]:
    if settings.max_length <= model.max_length:
        return ()
    return (Sentence("preparing.data_note.fewer_tokens_than_asked", most=model.max_length, asked=settings.max_length),)
