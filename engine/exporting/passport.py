"""Writes passport.json, its digest and row_hashes.json: the last of an export, since they name every other file."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from datasets import Dataset, DatasetDict
from safetensors import safe_open

from engine import __version__
from engine.bootstrap.version import installed
from engine.calibration.answers import cutoffs_of, predicted_classes, unsure_rows
from engine.calibration.stored_logits import SCORED, read_logits
from engine.calibration.temperature import class_probabilities
from engine.contract.calibration import Calibration
from engine.contract.column_roles import INPUTS, LABELS
from engine.contract.passport import (
    DIGEST,
    HASH_DIGITS,
    PASSPORT,
    ROW_HASHES,
    SCHEMA,
    AnswersClaim,
    DataClaim,
    EvaluationClaim,
    FileClaim,
    ModelClaim,
    Passport,
    ProofClaim,
    ScoreClaim,
    SplitClaim,
    latency_class,
)
from engine.contract.settings import TaskName
from engine.contract.states import EvaluationReport, Proof
from engine.exporting.model_card import base_model_id
from engine.exporting.record import PACKAGES, data_files
from engine.tasks.registry import task_named
from engine.workspace import atomic_files

HUMAN_PART = "## Intended use and limits"  # of the card: what follows, up to the next heading, people write
_UNNAMED = (PASSPORT, DIGEST, atomic_files.MANIFEST)


def write_passport(
    folder: Path, evaluation: EvaluationReport, proof: Proof, splits: DatasetDict | None, *, name: str
) -> str:
    """Writes the three files into `folder`, which holds all others; returns the digest."""
    salt = secrets.token_hex(16)
    if splits is not None:
        hashes = {split: [row_hash(salt, row) for row in canonical_rows(rows)] for split, rows in splits.items()}
        (folder / ROW_HASHES).write_text(json.dumps(hashes) + "\n", "utf-8")
    content = atomic_files.as_json(passport_of(folder, evaluation, proof, splits, name=name, salt=salt)) + b"\n"
    (folder / PASSPORT).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (folder / DIGEST).write_text(f"{digest}  {PASSPORT}\n", "utf-8")
    return digest


def passport_of(
    folder: Path, evaluation: EvaluationReport, proof: Proof, splits: DatasetDict | None, *, name: str, salt: str
) -> Passport:
    """The claims of the export in `folder`."""
    run = evaluation.run
    dataset, model = run.dataset, run.dataset.model
    config: dict[str, Any] = json.loads((folder / "config.json").read_bytes())
    return Passport(
        schema=SCHEMA,
        made_by=f"Tunewright {__version__}",
        made_on=time.strftime("%Y-%m-%d", time.gmtime()),
        name=name,
        task=dataset.task,
        label_names=proof.label_names,
        model=ModelClaim(
            architecture=(config.get("architectures") or [""])[0],
            parameters=parameters_in(folder / "model.safetensors"),
            max_length=dataset.max_length,
            base_model=base_model_id(model) or model.name,
            base_sha256=model.sha256,
            base_license=model.license,
        ),
        versions={package: installed(package) for package in PACKAGES},
        files=files_in(folder),
        card_sha256=card_digest((folder / "README.md").read_text("utf-8")),
        data=DataClaim(
            name=dataset.name,
            files=data_files(dataset),
            rows_in=dataset.rows_in,
            rows_used=dataset.rows_used,
            excluded={str(reason.reason): reason.count for reason in dataset.excluded},
            findings=tuple(str(finding.sentence) for finding in dataset.findings),
        ),
        splits={} if splits is None else split_claims(dataset.task, splits),
        row_salt=salt,
        evaluation=_evaluation_claim(evaluation),
        proof=ProofClaim(
            rows=proof.rows,
            agreement=proof.agreement,
            largest_difference=proof.largest_difference,
            milliseconds_per_row=proof.milliseconds_per_row,
            latency=latency_class(proof.milliseconds_per_row),
        ),
        calibration=msgspec.structs.replace(run.calibration, temperature=1.0, folded_temperature=run.temperature),
    )


def files_in(folder: Path) -> dict[str, FileClaim]:
    """Size and sha256 of every file below the folder that a passport names."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return {
        path.relative_to(folder).as_posix(): FileClaim(path.stat().st_size, atomic_files.sha256_of(path))
        for path in found
        if path.relative_to(folder).as_posix() not in _UNNAMED
    }


def parameters_in(weights: Path) -> int:
    """How many numbers the tensors of this file have together; raises `SafetensorError` where it is none."""
    with safe_open(weights, "np") as tensors:
        names = tensors.keys()
        return sum(int(np.prod(tensors.get_slice(name).get_shape(), dtype=np.int64)) for name in names)


def card_digest(card: str) -> str:
    """The sha256 of the card without the section that people fill in, so that filling it in breaks nothing."""
    before, heading, after = card.replace("\r\n", "\n").partition(f"\n{HUMAN_PART}\n")
    _, next_heading, rest = after.partition("\n## ")
    return hashlib.sha256(f"{before}{heading}{next_heading}{rest}".encode("utf-8", "replace")).hexdigest()


# ── Rows ────────────────────────────────────────────────────────────────────────────────────────────────────────


def canonical_rows(split: Dataset) -> Iterable[Mapping[str, Any]]:
    """What is read of each row and its labels, a row at a time."""
    columns = [column for column in (*INPUTS, *LABELS) if column in split.column_names]
    values = [split[column][:] for column in columns]
    return (dict(zip(columns, cells, strict=True)) for cells in zip(*values, strict=True))


def row_hash(salt: str, row: Mapping[str, Any]) -> str:
    """The hash of a canonical row: of its columns that are read and those that hold labels, whatever else it has."""
    kept = [(column, row[column]) for column in (*INPUTS, *LABELS) if column in row]
    text = json.dumps([salt, kept], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_DIGITS]


def split_claims(task_name: TaskName, splits: Mapping[str, Dataset]) -> dict[str, SplitClaim]:
    """Rows and labels of each split, and how many of its inputs are in the training split."""
    task = task_named(task_name)
    inputs = {name: [task.identity(row) for row in canonical_rows(split)] for name, split in splits.items()}
    training = set(inputs.get("train", ()))
    claims = {}
    for name, split in splits.items():
        labels: dict[str, int] = {}
        for row in canonical_rows(split):
            for label in task.count_labels(row):
                labels[label] = labels.get(label, 0) + 1
        leaked = 0 if name == "train" else sum(one in training for one in inputs[name])
        claims[name] = SplitClaim(len(split), dict(sorted(labels.items())), leaked)
    return claims


# ── Scores ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _evaluation_claim(evaluation: EvaluationReport) -> EvaluationClaim:
    return EvaluationClaim(
        split=evaluation.settings.split,
        rows=evaluation.rows,
        headline=evaluation.headline,
        scores={key: ScoreClaim(score, evaluation.intervals.get(key)) for key, score in evaluation.scores.items()},
        precision=_precision(evaluation),
        answers=_answers(evaluation),
    )


def _precision(evaluation: EvaluationReport) -> str:
    """The number format of the scored logits, which a note states where it is not fp32."""
    for note in evaluation.notes:
        if note.id == "evaluating.note.computed_in":
            return str(note.values["precision"])
    return "fp32"


def _answers(evaluation: EvaluationReport) -> AnswersClaim | None:
    """What “don't know” makes of the scored rows; None where there is always an answer, or no logits were kept."""
    run = evaluation.run
    origin = {"checkpoint": run.checkpoint, "fingerprint": run.dataset.fingerprint, "split": evaluation.settings.split}
    try:
        stored = read_logits(Path(evaluation.folder) / SCORED, origin)
    except (OSError, ValueError):
        return None
    if stored is None:
        return None
    return answers_claim(run.calibration, run.dataset.label_names, stored.logits / run.temperature, stored.truth)


def answers_claim(
    calibration: Calibration, label_names: Sequence[str], logits: np.ndarray, truth: np.ndarray
) -> AnswersClaim | None:
    """What the rule for “don't know” makes of rows; None without one. `logits` (rows, labels), `truth` (rows,)."""
    rule = calibration.unsure
    if rule is None or truth.ndim != 1:
        return None
    likely = class_probabilities(logits)
    predicted = predicted_classes(likely, label_names, calibration.thresholds)
    answered = ~unsure_rows(rule, label_names, likely, predicted)
    held = None
    if rule.kind == "conformal":
        held = int((likely >= cutoffs_of(rule, label_names))[np.arange(len(truth)), truth].sum())
    return AnswersClaim(len(truth), int(answered.sum()), int((predicted == truth)[answered].sum()), held)
