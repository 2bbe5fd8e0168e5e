"""The training record: how the model came to be, as JSON that can be given away.

It names files and their hashes, never their folders, and holds no text of the data.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine import __version__
from engine.bootstrap.version import installed
from engine.cli.recipe import recipe_of, without_paths
from engine.contract.cleaning_rules import rule_name
from engine.contract.sentences import written_in_english
from engine.contract.settings import ExampleRows, FileRows, HubModel, HubRows
from engine.contract.states import ArtefactProof, EvaluationReport, PreparedDataset, Proof
from engine.script.data import files_inside
from engine.workspace.atomic_files import sha256_of

PACKAGES = ("torch", "transformers", "tokenizers", "datasets", "safetensors", "numpy", "scikit-learn")


@written_in_english
def training_record(
    evaluation: EvaluationReport, proof: Proof, *, files: dict[str, str], artefacts: Sequence[ArtefactProof] = ()
) -> str:
    """The record as JSON; `files` holds the sha256 of each data file by its name."""
    run = evaluation.run
    dataset = run.dataset
    model = dataset.model
    recipe = without_paths(recipe_of(evaluation))
    revision = model.source.revision if isinstance(model.source, HubModel) else ""
    record = {
        "schema": 1,
        "made_by": f"Tunewright {__version__}",
        "made_on": time.strftime("%Y-%m-%d", time.gmtime()),
        "versions": {package: installed(package) for package in PACKAGES},
        "settings": recipe,
        "model": {
            "name": model.name,
            "revision": revision,
            "architecture": model.architecture,
            "parameters": model.parameters,
            "sha256": model.sha256,
            "license": model.license,
            "languages": model.languages,
        },
        "data": {
            "name": dataset.name,
            "files": files,
            "task": dataset.task,
            "label_names": dataset.label_names,
            "rows_in": dataset.rows_in,
            "rows_used": dataset.rows_used,
            "splits": dataset.splits,
            "left_out": [{"reason": reason.reason, "rows": reason.count} for reason in dataset.excluded],
            "remedies": [
                {"remedy": rule_name(applied.rule), "rows": applied.rows, "labels": applied.labels}
                for applied in dataset.applied
            ],
            "findings": [finding.sentence for finding in dataset.findings],
            "max_length": dataset.max_length,
            "cut_rows": dataset.cut_rows,
            "fingerprint": dataset.fingerprint,
        },
        "training": {
            "device": run.device,
            "precision": run.precision,
            "seconds": round(run.seconds, 1),
            "steps": run.steps,
            "steps_planned": run.steps_planned,
            "stopped_early": run.stopped_early,
            "metric": run.metric,
            "best_step": run.best_step,
            "best_score": run.best_score,
            "history": run.history,
            "choice": run.choice,
        },
        "evaluation": {
            "split": evaluation.settings.split,
            "rows": evaluation.rows,
            "folds": evaluation.folds,
            "repeats": evaluation.repeats,
            "scores": evaluation.scores,
            "intervals": evaluation.intervals,
            "baselines": evaluation.baselines,
            "differences": {name: msgspec.to_builtins(one) for name, one in evaluation.differences.items()},
            "classes": evaluation.classes,
            "confusion_labels": evaluation.confusion_labels,
            "confusion": evaluation.confusion,
        },
        "proof": proof,
        "artefacts": artefacts,
    }
    return json.dumps(msgspec.to_builtins(record, enc_hook=str), indent=1, ensure_ascii=False) + "\n"


def data_files(dataset: PreparedDataset) -> dict[str, str]:
    """The sha256 of each data file by its name; empty where the file is no longer to be found."""
    match dataset.source:
        case ExampleRows():
            return {}
        case FileRows() | HubRows() if inside := files_inside(dataset):
            return {path.name: sha256_of(path) for path in inside.values()}
        case HubRows():
            return {}
        case FileRows():
            source = dataset.source
            places = [Path(place) for place in (source.path, source.validation_path, source.test_path) if place]
            return {place.name: _hash(Path(dataset.folder), place) for place in places}


def _hash(folder: Path, place: Path) -> str:
    """Of the snapshot that training saw, or of the file itself where the data set has no snapshot of this name."""
    for candidate in (*sorted(folder.rglob(place.name)), place):
        if candidate.is_file():
            return sha256_of(candidate)
    return ""
