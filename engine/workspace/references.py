"""How a query names a run or a data set instead of carrying it, and how the engine finds it again in the workspace.

A prediction is asked for at each pause in typing. With the run in it, each of these lines would carry a data set with
the edits of its rows and a history with all scores.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import msgspec

from engine.contract.diagnoses import RunReference
from engine.contract.errors import DatasetUnreadable, EngineError
from engine.contract.former_names import decode
from engine.contract.queries import DatasetReference
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence, decode_hook, encode_without_text
from engine.contract.states import PreparedDataset, TrainingRun
from engine.workspace.atomic_files import as_json, read_regular
from engine.workspace.layout import Workspace
from engine.workspace.runs import UNREADABLE, read_run
from engine.workspace.state_files import LARGEST_STATE

DATASET = "dataset.json"  # the state of a data set, in its folder


def reference_to_run(run: TrainingRun) -> RunReference:
    """What a query holds in place of this run; equal for equal runs only."""
    # As it is read from a file: a whole number in a field of floats is written in another way then.
    read = msgspec.json.decode(as_json(run), type=TrainingRun, dec_hook=decode_hook)
    return RunReference(run.id, hashlib.sha256(as_json(read, encode_without_text)).hexdigest()[:32])


def reference_to_dataset(dataset: PreparedDataset) -> DatasetReference:
    """What a query holds in place of this data set."""
    return DatasetReference(dataset.folder, dataset.fingerprint, dataset.model.folder)


@lru_cache(maxsize=4)
def find_run(workspace_root: str, reference: RunReference) -> TrainingRun:
    """The run that is meant; raises `EngineError` (C9) where it has gone or was trained on since."""
    record = read_run(Workspace(Path(workspace_root)), reference.id)
    evaluations = (record.evaluation, record.exported.evaluation if record.exported is not None else None)
    for run in (record.run, *(evaluation.run for evaluation in evaluations if evaluation is not None)):
        if run is not None and reference_to_run(run) == reference:
            return run
    raise EngineError(
        "C9",
        Sentence("workspace.c9.run_changed_since", name=record.name),
        hint=Sentence("workspace.c9.open_again_from_list"),
    )


@lru_cache(maxsize=4)
def find_dataset(reference: DatasetReference) -> PreparedDataset:
    """The data set that is meant, wherever it lies now; raises `DatasetUnreadable` (D20) where it has gone."""
    folder = Path(reference.folder)
    try:
        dataset = decode(read_regular(folder / DATASET, LARGEST_STATE), PreparedDataset)
        if dataset.fingerprint != reference.fingerprint:
            raise msgspec.DecodeError(f"{DATASET} is that of other rows")
    except UNREADABLE as error:
        raise DatasetUnreadable(
            "D20",
            Sentence("workspace.d20.prepared_rows_gone"),
            hint=Sentence("workspace.d20.prepare_data_again"),
            actions=(RecoveryAction.PREPARE_AGAIN,),
            details=str(error),
        ) from error
    model = msgspec.structs.replace(dataset.model, folder=reference.model_folder)
    return msgspec.structs.replace(dataset, folder=reference.folder, model=model)
