"""The export stage: write the folder, prove it in a clean process, then let it appear under its name.

    config.json, model.safetensors, tokenizer files     what `transformers` loads
    calibration.json, predict.py                        thresholds and “don't know”, and what answers with them
    README.md, curve_*.svg, confusion.svg               the model card and its pictures
    training_record.json, recipe.toml                   how it came to be
    repeat_run.py, split.json                           the run again, with plain transformers
    onnx/…, serve.py, offline.html, repeat_run.ipynb, a zip     what else was chosen (contract/artefacts.py)
    passport.json, passport.json.sha256, row_hashes.json    what the folder claims, for `verify`

A run whose prepared rows are gone is exported without these two, and proven with the texts of its evaluation.

Everything is written to a staging folder beside the target. The target is complete and proven, or absent.
"""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from datasets import DatasetDict
from safetensors import SafetensorError
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from engine.contract.artefacts import MODELS, PREDICT, ArtefactName, with_needs
from engine.contract.errors import DatasetInvalid, DatasetUnreadable, DiskFull, ExportFailed
from engine.contract.events import Emit, Noted, Progressed
from engine.contract.queries import Prediction
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ExportSettings
from engine.contract.states import (
    ArtefactProof,
    EvaluationReport,
    ExportedFile,
    ExportedModel,
    PreparedDataset,
    Proof,
    TrainingRun,
)
from engine.evaluating.trained_network import TrainedNetwork, trained_network
from engine.exporting.archive import make_zip
from engine.exporting.artefact_proof import HeldOut, Making
from engine.exporting.artefacts import make_artefacts
from engine.exporting.example import typical_example
from engine.exporting.model_card import model_card, pictures
from engine.exporting.passport import write_passport
from engine.exporting.proof import Request, Row, predictions, prove
from engine.exporting.record import data_files, training_record
from engine.exporting.script import recipe_text, repeating_script, split_numbers
from engine.exporting.target import target_folder
from engine.script.answers import predict_script
from engine.tasks.network import label_names_of
from engine.tasks.registry import task_facts, task_named
from engine.tasks.task import Task
from engine.training.batching.rows import read_splits
from engine.workspace import atomic_files, leftovers
from engine.workspace.calibration import write_calibration
from engine.workspace.file_operations import retry
from engine.workspace.layout import Workspace
from engine.workspace.runs import read_run, run_folder, save_run

# A CrossEncoder of sentence-transformers puts a sigmoid on a single number, unless config.json names another function.
NO_ACTIVATION = "torch.nn.modules.linear.Identity"
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
    task = task_named(run.dataset.task, run.dataset.label_names).calibrated(run.calibration)
    splits = _splits_if_there(run.dataset, emit)
    wanted = with_needs(settings.artefacts)
    _refuse_full_disk(target, network, wanted)
    with (
        _named_write_errors(target),
        _noted_staging(Path(run.folder), target) as name_of_staging,
        _new_or_replaced(target, name_of_staging) as staging,
    ):
        emit(Progressed(0, 0, Sentence("exporting.progress.writing_model")))
        write_model(staging, network, tokenizer, run.dataset)
        if splits is None:
            held_out = HeldOut(_texts_of(task, evaluation))
        else:
            held_out = _held_out_rows(task, splits, settings.proof_rows)
        expected = _expected(trained, task, held_out.inputs, run, emit)
        proof = _proven(staging, trained, task, held_out.inputs, expected, run, emit)
        folded = msgspec.structs.replace(run.calibration, temperature=1.0, folded_temperature=run.temperature)
        write_calibration(staging, folded)
        made: dict[ArtefactName, ArtefactProof] = {"transformers": folder_proof(staging, proof)}
        make_artefacts(
            Making(
                folder=staging,
                title=name,
                wanted=wanted,
                evaluation=evaluation,
                task=task,
                network=network,
                tokenizer=tokenizer,
                held_out=held_out,
                expected=expected,
                batch_agreement=proof.batch_agreement,
                scratch=Path(run.folder),
                emit=emit,
                made=made,
            )
        )
        emit(Progressed(0, 0, Sentence("exporting.progress.writing_model_card")))
        example = typical_example(evaluation, splits)
        write_texts(staging, evaluation, proof, splits, name=name, example=example, artefacts=tuple(made.values()))
        digest = write_passport(staging, evaluation, proof, splits, name=name)  # it names all other files
        if "zip" in wanted:
            made["zip"] = make_zip(staging, name, emit)
    _make_readable(target)
    files = tuple(
        ExportedFile(path.relative_to(target).as_posix(), path.stat().st_size)
        for path in sorted(target.rglob("*"))
        if path.is_file()
    )
    exported = ExportedModel(
        evaluation,
        settings,
        str(target),
        files,
        proof,
        example=example,
        passport_digest=digest,
        artefacts=tuple(made.values()),
    )
    if (run_folder(workspace, run.id) / "run.json").is_file():
        record = read_run(workspace, run.id)
        save_run(workspace, msgspec.structs.replace(record, evaluation=evaluation, exported=exported))
    return exported


def write_model(
    folder: Path, network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, dataset: PreparedDataset
) -> None:
    """What `transformers` loads; the tokenizer cuts at what the encoder can read and has no padding baked in."""
    network.save_pretrained(folder)
    tokenizer.model_max_length = dataset.model.max_length
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.no_truncation()
        backend.no_padding()
    tokenizer.save_pretrained(folder)
    for file in ("config.json", "tokenizer_config.json"):
        path = folder / file
        values: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if file == "config.json" and dataset.target_scale is not None:
            values["sentence_transformers"] = {"activation_fn": NO_ACTIVATION}
        path.write_text(json.dumps(_without_places(values), indent=2, ensure_ascii=False) + "\n", "utf-8")


def write_texts(
    folder: Path,
    evaluation: EvaluationReport,
    proof: Proof,
    splits: DatasetDict | None,
    *,
    name: str,
    example: tuple[str, str] = ("", ""),
    artefacts: Sequence[ArtefactProof] = (),
) -> None:
    """What people read, and, where the prepared rows are there, what repeats the run."""
    dataset = evaluation.run.dataset
    pipeline = task_facts(dataset.task).pipeline
    files = data_files(dataset)
    texts = {
        "README.md": model_card(
            evaluation,
            proof,
            name=name,
            pipeline=pipeline,
            files=files,
            repeatable=splits is not None,
            example=example,
            artefacts=artefacts,
        ),
        **pictures(evaluation),
        "training_record.json": training_record(evaluation, proof, files=files, artefacts=artefacts),
        "recipe.toml": recipe_text(evaluation),
    }
    if evaluation.run.calibration.changes_answers and not (folder / PREDICT).is_file():
        is_pair = bool(dataset.settings.roles.second_text)
        texts[PREDICT] = predict_script(several_labels=task_facts(dataset.task).several_labels, pairs=is_pair)
    if splits is not None:
        texts["split.json"] = split_numbers(splits)
        if not evaluation.run.settings.student_layers:  # which a script could not repeat without its parent
            texts["repeat_run.py"] = repeating_script(evaluation)
    for file, text in texts.items():
        (folder / file).write_bytes(text.encode("utf-8", "replace"))


def _splits_if_there(dataset: PreparedDataset, emit: Emit) -> DatasetDict | None:
    try:
        return read_splits(dataset)
    except DatasetUnreadable as error:
        emit(Noted(Sentence("exporting.note.no_script_no_split", reason=error.message)))
        return None


def _held_out_rows(task: Task, splits: DatasetDict, most: int) -> HeldOut:
    """Texts and pairs, spread evenly over held-out rows; of training where there are none, for agreement alone."""
    held_out = next((splits[name] for name in ("test", "validation", "train") if len(splits[name])), None)
    if held_out is None:
        raise DatasetInvalid(
            "E1",
            Sentence("exporting.e1.there_no_rows_compare_export"),
            hint=Sentence("exporting.e1.prepare_data_again"),
        )
    count = min(most, len(held_out))
    rows = held_out.select(np.linspace(0, len(held_out) - 1, count).astype(int).tolist())
    learned = not (len(splits["test"]) or len(splits["validation"]))  # by the weights, so they are not scored on them
    return HeldOut([task.plain_input(row) for row in rows], () if learned else list(rows))


def _texts_of(task: Task, evaluation: EvaluationReport) -> Sequence[Row]:
    """The wrong rows of the evaluation; where each was answered rightly, the names that the run has."""
    dataset = evaluation.run.dataset
    texts = [row.text.removesuffix(f"\n{row.second_text}") for row in evaluation.wrong_rows]
    seconds = [row.second_text for row in evaluation.wrong_rows]
    if not texts:
        texts = [dataset.name, dataset.model.name, *dataset.label_names]
        seconds = texts[::-1]
    if task.facts.reads_pairs and dataset.settings.roles.second_text:
        return [{"text": text, "text_pair": second} for text, second in zip(texts, seconds, strict=True)]
    return list(texts)


def _expected(
    trained: TrainedNetwork, task: Task, rows: Sequence[Row], run: TrainingRun, emit: Emit
) -> list[Prediction]:
    """What the trained network answers."""
    network, tokenizer = trained.network, trained.tokenizer
    network.train(False)

    def predict(text: str, second_text: str) -> Prediction:
        return task.predict(network, tokenizer, text, max_length=run.dataset.model.max_length, second_text=second_text)

    return predictions(rows, predict, emit)


def _proven(
    folder: Path,
    trained: TrainedNetwork,
    task: Task,
    rows: Sequence[Row],
    expected: Sequence[Prediction],
    run: TrainingRun,
    emit: Emit,
) -> Proof:
    top_k = {} if task.facts.one_label_per_word else {"top_k": None}  # every label with its probability
    names = label_names_of(trained.network)
    options = task.pipeline_options(trained.tokenizer, names, run.dataset.model.max_length)
    request = Request(rows, task.facts.pipeline, options, {**task.facts.call_options, **top_k})
    return prove(folder, request, expected, task.compared, names, emit, scratch=Path(run.folder))


def folder_proof(folder: Path, proof: Proof) -> ArtefactProof:
    """The proof of the folder for transformers, as those of the other artefacts are."""
    return ArtefactProof(
        "transformers",
        passed=proof.passed,
        size_bytes=sum(path.stat().st_size for path in folder.iterdir() if path.is_file()),
        rows=proof.rows,
        agreement=proof.agreement,
        largest_difference=proof.largest_difference,
        batch_agreement=proof.batch_agreement,
        batch_difference=proof.batch_difference,
        latencies=proof.latencies,
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
def _noted_staging(run: Path, target: Path) -> Iterator[str]:
    """The name of the staging folder beside `target`, noted in the run's folder until `target` has its own name."""
    name = atomic_files.staging_name()
    with leftovers.outside_noted(run, target.parent / name):
        yield name


@contextlib.contextmanager
def _new_or_replaced(target: Path, name: str) -> Iterator[Path]:
    """A staging folder that becomes `target`: the run's own earlier export is replaced, an empty folder filled."""
    was_empty = target.is_dir() and not any(target.iterdir())
    if was_empty:
        retry(target.rmdir)
    try:
        folder = atomic_files.replaced_folder if target.exists() else atomic_files.new_folder
        with folder(target, name=name) as staging:
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
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else ordinary)


def _unwritable(target: Path, error: Exception) -> ExportFailed:
    return ExportFailed(
        "X2",
        Sentence("exporting.x2.nothing_can_written", parent=target.parent.name or target.parent),
        hint=Sentence("exporting.x2.choose_another_folder"),
        actions=(RecoveryAction.CHOOSE_EXPORT_FOLDER,),
        field="folder",
        details=str(error),
    )


def _refuse_full_disk(target: Path, network: PreTrainedModel, wanted: Sequence[ArtefactName]) -> None:
    weights = sum(tensor.numel() * tensor.element_size() for tensor in network.parameters())
    in_8_bits = sum(name in wanted for name in ("onnx_int8", "onnx_fastest", "html"))
    times = 1 + any(name in MODELS for name in wanted) + 0.4 * in_8_bits
    needed = weights * times * (2 if "zip" in wanted else 1) + ROOM_FOR_TEXTS
    existing = next(parent for parent in target.parents if parent.exists())
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise DiskFull(
            "C4",
            Sentence("exporting.c4.disk_full_export_needs_mb", needed=needed / 1e6, free=free / 1e6),
            hint=Sentence("exporting.c4.free_some_space_choose_another"),
            actions=(RecoveryAction.TRY_AGAIN, RecoveryAction.CHOOSE_EXPORT_FOLDER),
        )
