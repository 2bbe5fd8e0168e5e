"""The export stage: write the folder, prove it in a clean process, then let it appear under its name.

    config.json, model.safetensors, tokenizer files     what `transformers` loads
    calibration.json                                    from which probability on labels are given, where not from 0.5
    README.md                                           the model card
    training_record.json, recipe.toml                   how it came to be
    repeat_run.py, split.json                           the run again, with plain transformers

A run whose prepared rows are gone is exported without these two, and proven with the texts of its evaluation.

Everything is written to a staging folder beside the target. The target is complete and proven, or absent.
"""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from datasets import Dataset, DatasetDict
from safetensors import SafetensorError
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from engine.contract.errors import DatasetInvalid, DatasetUnreadable, DiskFull, ExportFailed
from engine.contract.events import Emit, Noted, Progressed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ExportSettings
from engine.contract.states import EvaluationReport, ExportedFile, ExportedModel, PreparedDataset, Proof
from engine.evaluating.trained_network import trained_network
from engine.exporting.model_card import model_card
from engine.exporting.proof import prove
from engine.exporting.record import data_files, training_record
from engine.exporting.script import recipe_text, repeating_script, split_numbers
from engine.exporting.target import target_folder
from engine.tasks.encoding import encode_words
from engine.tasks.registry import task_facts, task_named
from engine.tasks.task import Task
from engine.tasks.texts import encoded_inputs
from engine.training.batching.rows import read_splits
from engine.workspace import atomic_files, leftovers
from engine.workspace.calibration import write_calibration
from engine.workspace.layout import Workspace
from engine.workspace.runs import read_run, run_folder, save_run

ROOM_FOR_TEXTS = 20_000_000  # bytes beside the weights: tokenizer, card, row numbers


def export(
    evaluation: EvaluationReport, settings: ExportSettings, emit: Emit, *, workspace: Workspace
) -> ExportedModel:
    """Writes and proves the folder; raises `ExportFailed` (X2, X7) or `DiskFull` (C4) with nothing half-written."""
    run = evaluation.run
    name = settings.name.strip() or run.settings.run_name.strip() or f"{run.dataset.model.name} on {run.dataset.name}"
    target = target_folder(settings.folder, name, run_folder=Path(run.folder), workspace=workspace)
    emit(Progressed(0, 0, Sentence("exporting.progress.reading_trained_network")))
    trained = trained_network(run)
    network, tokenizer = trained.network.to("cpu"), trained.tokenizer  # type: ignore[arg-type]
    task = task_named(run.dataset.task)
    splits = _splits_if_there(run.dataset, emit)
    _refuse_full_disk(target, network)
    with (
        _named_write_errors(target),
        _new_or_replaced(target) as staging,
        leftovers.outside_noted(Path(run.folder), staging),
    ):
        emit(Progressed(0, 0, Sentence("exporting.progress.writing_model")))
        write_model(staging, network, tokenizer, run.dataset)
        if splits is None:
            rows = _texts_of(task, evaluation, tokenizer)
        else:
            rows = _held_out_rows(task, splits, settings.proof_rows)
        proof = _proven(staging, network, task, rows, emit, scratch=Path(run.folder), thresholds=run.thresholds)
        write_calibration(staging, run.thresholds)
        emit(Progressed(0, 0, Sentence("exporting.progress.writing_model_card")))
        write_texts(staging, evaluation, proof, splits, name=name)
    _make_readable(target)
    files = tuple(
        ExportedFile(path.relative_to(target).as_posix(), path.stat().st_size)
        for path in sorted(target.rglob("*"))
        if path.is_file()
    )
    exported = ExportedModel(evaluation, settings, str(target), files, proof)
    if (run_folder(workspace, run.id) / "run.json").is_file():
        record = read_run(workspace, run.id)
        save_run(workspace, msgspec.structs.replace(record, evaluation=evaluation, exported=exported))
    return exported


def write_model(
    folder: Path, network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, dataset: PreparedDataset
) -> None:
    """What `transformers` loads; the tokenizer cuts at the length of training and has no padding baked in."""
    network.save_pretrained(folder)
    tokenizer.model_max_length = dataset.max_length
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.no_truncation()
        backend.no_padding()
    tokenizer.save_pretrained(folder)
    for file in ("config.json", "tokenizer_config.json"):
        path = folder / file
        values: dict[str, Any] = json.loads(path.read_text("utf-8"))
        path.write_text(json.dumps(_without_places(values), indent=2, ensure_ascii=False) + "\n", "utf-8")


def write_texts(
    folder: Path, evaluation: EvaluationReport, proof: Proof, splits: DatasetDict | None, *, name: str
) -> None:
    """What people read, and, where the prepared rows are there, what repeats the run."""
    dataset = evaluation.run.dataset
    pipeline = task_facts(dataset.task).pipeline
    files = data_files(dataset)
    texts = {
        "README.md": model_card(
            evaluation, proof, name=name, pipeline=pipeline, files=files, repeatable=splits is not None
        ),
        "training_record.json": training_record(evaluation, proof, files=files),
        "recipe.toml": recipe_text(evaluation),
    }
    if splits is not None:
        texts |= {"repeat_run.py": repeating_script(evaluation), "split.json": split_numbers(splits)}
    for file, text in texts.items():
        (folder / file).write_bytes(text.encode("utf-8", "replace"))


class ProofRows(NamedTuple):
    """Rows that both networks answer: as a stranger gives them, and as the trained network reads them."""

    inputs: list[Any]
    features: list[dict[str, list[int]]]  # input_ids and, of pairs, token_type_ids


def _splits_if_there(dataset: PreparedDataset, emit: Emit) -> DatasetDict | None:
    try:
        return read_splits(dataset)
    except DatasetUnreadable as error:
        emit(Noted(Sentence("exporting.note.no_script_no_split", reason=error.message)))
        return None


def _held_out_rows(task: Task, splits: DatasetDict, most: int) -> ProofRows:
    held_out = next((splits[name] for name in ("test", "validation", "train") if len(splits[name])), None)
    if held_out is None:
        raise DatasetInvalid(
            "E1",
            Sentence("exporting.e1.there_no_rows_compare_export"),
            hint=Sentence("exporting.e1.prepare_data_again"),
        )
    count = min(most, len(held_out))
    rows = held_out.select(np.linspace(0, len(held_out) - 1, count).astype(int).tolist())
    features = [{name: row[name] for name in ("input_ids", "token_type_ids") if name in row} for row in rows]
    return ProofRows([task.plain_input(row) for row in rows], features)


def _texts_of(task: Task, evaluation: EvaluationReport, tokenizer: PreTrainedTokenizerBase) -> ProofRows:
    """The wrong rows of the evaluation; where each was answered rightly, the names that the run has."""
    dataset = evaluation.run.dataset
    texts = [row.text.removesuffix(f"\n{row.second_text}") for row in evaluation.wrong_rows]
    seconds = [row.second_text for row in evaluation.wrong_rows]
    if not texts:
        texts = [dataset.name, dataset.model.name, *dataset.label_names]
        seconds = texts[::-1]
    if task.facts.one_label_per_word:
        words = [text.split() or [dataset.name] for text in texts]
        encoded = encode_words(tokenizer, words, dataset.max_length)
        return ProofRows(words, [{"input_ids": row.input_ids} for row in encoded])
    rows: dict[str, Any] = {"text": texts}
    if dataset.settings.roles.second_text:
        rows["second_text"] = seconds
    columns = encoded_inputs(tokenizer, rows, dataset.max_length)
    names: list[str] = [name for name in ("input_ids", "token_type_ids") if name in columns]
    features = [{name: columns[name][index] for name in names} for index in range(len(texts))]
    return ProofRows([task.plain_input(row) for row in Dataset.from_dict(rows)], features)


def _proven(
    folder: Path,
    network: PreTrainedModel,
    task: Task,
    rows: ProofRows,
    emit: Emit,
    *,
    scratch: Path,
    thresholds: Mapping[str, float],
) -> Proof:
    return prove(
        folder,
        network,
        rows.inputs,
        rows.features,
        task.facts.pipeline,
        emit,
        scratch=scratch,
        activation=task.activation,
        thresholds=thresholds,
    )


def _without_places(values: dict[str, Any]) -> dict[str, Any]:
    """A configuration without absolute paths, names of code to be run, and the model's old way of cutting."""
    baked_in = ("max_length", "stride", "truncation_strategy", "pad_to_multiple_of")
    unwanted = ("_name_or_path", "name_or_path", "is_local", "auto_map", "tokenizer_file", "local_files_only")
    return {
        key: value
        for key, value in values.items()
        if key not in (*unwanted, *baked_in) and not (isinstance(value, str) and Path(value).is_absolute())
    }


# ── The folder ──────────────────────────────────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def _new_or_replaced(target: Path) -> Iterator[Path]:
    """A staging folder that becomes `target`: the run's own earlier export is replaced, an empty folder filled."""
    was_empty = target.is_dir() and not any(target.iterdir())
    if was_empty:
        target.rmdir()
    try:
        with atomic_files.replaced_folder(target) if target.exists() else atomic_files.new_folder(target) as staging:
            yield staging
    except BaseException:
        if was_empty:
            target.mkdir(exist_ok=True)
        raise


@contextlib.contextmanager
def _named_write_errors(target: Path) -> Iterator[None]:
    """Errors of writing in the user's words; safetensors hides the system's number in its text."""
    try:
        yield
    except SafetensorError as error:
        with atomic_files.full_disk_named(target.name):
            named = atomic_files.system_error(error)
            if named is not None and named.errno in atomic_files.FULL_DISK:
                raise named from error
        raise _unwritable(target, error) from error
    except (PermissionError, NotADirectoryError, FileNotFoundError) as error:
        raise _unwritable(target, error) from error
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EIO, errno.EEXIST, errno.ENOTEMPTY):
            raise _unwritable(target, error) from error
        raise


def _make_readable(folder: Path) -> None:
    """Gives all files the rights that an ordinary new file has here; staging made some of them private."""
    ordinary = (folder / "README.md").stat().st_mode
    for path in folder.iterdir():
        path.chmod(ordinary)


def _unwritable(target: Path, error: Exception) -> ExportFailed:
    return ExportFailed(
        "X2",
        Sentence("exporting.x2.nothing_can_written", parent=target.parent.name or target.parent),
        hint=Sentence("exporting.x2.choose_another_folder"),
        actions=(RecoveryAction.CHOOSE_EXPORT_FOLDER,),
        field="folder",
        details=str(error),
    )


def _refuse_full_disk(target: Path, network: PreTrainedModel) -> None:
    needed = sum(tensor.numel() * tensor.element_size() for tensor in network.parameters()) + ROOM_FOR_TEXTS
    existing = next(parent for parent in target.parents if parent.exists())
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise DiskFull(
            "C4",
            Sentence("exporting.c4.disk_full_export_needs_mb", needed=needed / 1e6, free=free / 1e6),
            hint=Sentence("exporting.c4.free_some_space_choose_another"),
            actions=(RecoveryAction.TRY_AGAIN, RecoveryAction.CHOOSE_EXPORT_FOLDER),
        )
