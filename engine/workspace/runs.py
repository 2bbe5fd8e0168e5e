"""Runs on disk: their folders, their records and where each stands.

A record names folders of its workspace in full, as the stages need them, and the workspace it was written in. Read in
another place, because the workspace was moved or copied, those folders are found there.
"""

from __future__ import annotations

import time
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Literal

import msgspec
from filelock import FileLock, Timeout

from engine.contract.errors import EngineError, ErrorReport
from engine.contract.settings import FineTuneSettings
from engine.contract.states import EvaluationReport, ExportedModel, PreparedDataset, State, TrainingRun
from engine.workspace.atomic_files import STAGING, write_record
from engine.workspace.checkpoint_locations import checkpoint_folders, remove_from_elsewhere
from engine.workspace.file_operations import remove_folder
from engine.workspace.layout import Workspace

SCHEMA = 1  # of run.json, as this program writes it
RunStatus = Literal["created", "preparing", "training", "stopping", "stopped", "failed", "finished"]


def refuse_newer(schema: int, name: str) -> None:
    """Raises `EngineError` (C14) for a record whose meaning this program cannot know."""
    if schema > SCHEMA:
        raise EngineError(
            "C14",
            f"The run {name} was made by a newer Tunewright.",
            hint="Update the program to open it; its files are untouched.",
        )


def with_new_root(value: object, old: str, new: str) -> object:
    """The decoded JSON with each path inside `old` now inside `new`; other texts stay as they are."""
    if isinstance(value, dict):
        return {name: with_new_root(part, old, new) for name, part in value.items()}
    if isinstance(value, list):
        return [with_new_root(part, old, new) for part in value]
    if isinstance(value, str) and value.startswith(old):
        kind = PureWindowsPath if "\\" in old else PurePosixPath
        inside = value[len(old) :]
        if not inside:
            return new
        if inside[0] in "/\\":
            separator = "\\" if "\\" in new else "/"
            return separator.join((new, *kind(inside[1:]).parts))
    return value


class RunRecord(msgspec.Struct, frozen=True):
    """run.json: where a run stands. `run`, `evaluation` and `exported` appear as they are reached."""

    id: str
    name: str
    created: float  # seconds since the epoch
    status: RunStatus
    dataset: PreparedDataset
    settings: FineTuneSettings
    step: int = 0
    total_steps: int = 0
    run: TrainingRun | None = None
    evaluation: EvaluationReport | None = None
    exported: ExportedModel | None = None
    error: ErrorReport | None = None
    changes: tuple[str, ...] = ()  # of the settings while it was trained: from which step on, and from what
    schema: int = SCHEMA
    root: str = ""  # of the workspace it was written in

    @property
    def furthest(self) -> State | None:
        """The furthest state of this run, or None while it is not trained."""
        return self.exported or self.evaluation or self.run


class _Header(msgspec.Struct):
    schema: int = SCHEMA


_headers: msgspec.json.Decoder[_Header] = msgspec.json.Decoder(_Header)
_records: msgspec.json.Decoder[RunRecord] = msgspec.json.Decoder(RunRecord)


def create_run(workspace: Workspace, dataset: PreparedDataset, settings: FineTuneSettings) -> RunRecord:
    """Makes a run folder with a readable, unique id and its first record."""
    now = time.time()
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    workspace.runs.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        identity = stamp if number == 1 else f"{stamp}-{number}"
        try:
            (workspace.runs / identity).mkdir()
            break
        except FileExistsError:
            number += 1
    name = settings.run_name or f"{dataset.model.name} on {dataset.name}"
    record = RunRecord(
        id=identity,
        name=name,
        created=now,
        status="created",
        dataset=dataset,
        settings=settings,
        root=str(workspace.root),
    )
    save_run(workspace, record)
    return record


def save_run(workspace: Workspace, record: RunRecord) -> None:
    """Writes run.json as a whole."""
    write_record(workspace.runs / record.id / "run.json", record)


def read_run(workspace: Workspace, identity: str) -> RunRecord:
    """The record of a run, its folders as they are found in this workspace.

    Raises `EngineError`: C9 where there is none that can be read, C14 where a newer program has written it.
    """
    path, root = workspace.runs / identity / "run.json", str(workspace.root)
    try:
        written = path.read_bytes()
        refuse_newer(_headers.decode(written).schema, identity)
        record = _records.decode(written)
        if record.root in ("", root):
            return record
        moved = with_new_root(msgspec.json.decode(written), record.root, root)
        return msgspec.convert(moved, RunRecord)
    except (OSError, msgspec.DecodeError) as error:
        raise EngineError(
            "C9",
            f"The run {identity} cannot be read.",
            hint="Its folder was changed or comes from another version. Choose another run.",
            details=str(error),
        ) from error


def list_runs(workspace: Workspace, newer: list[str] | None = None) -> tuple[RunRecord, ...]:
    """All readable runs, the newest first; the ids of those that a newer program has written join `newer`."""
    records = []
    for path in workspace.runs.glob("*/run.json"):
        try:
            records.append(read_run(workspace, path.parent.name))
        except EngineError as error:
            if newer is not None and error.id == "C14":
                newer.append(path.parent.name)
    return tuple(sorted(records, key=lambda record: record.created, reverse=True))


def run_folder(workspace: Workspace, identity: str) -> Path:
    """The folder of a run."""
    return workspace.runs / identity


def checkpoint_steps(folder: Path) -> tuple[int, ...]:
    """Steps of the checkpoints in a run folder, ascending; whether they are whole is not checked."""
    names = {path.name for path in checkpoint_folders(folder)}
    return tuple(sorted(int(name.removeprefix("step-")) for name in names if name.startswith("step-")))


def interrupted_runs(workspace: Workspace) -> tuple[RunRecord, ...]:
    """Runs that ended without a word and have a checkpoint to continue from, the newest first."""
    found = []
    for record in list_runs(workspace):
        unfinished = record.status in ("training", "stopping", "failed")
        if unfinished and checkpoint_steps(run_folder(workspace, record.id)) and not is_locked(workspace, record.id):
            found.append(record)
    return tuple(found)


def can_continue(workspace: Workspace, identity: str) -> bool:
    """Whether this run was stopped, or ended without a word, and has a checkpoint to go on from."""
    try:
        record = read_run(workspace, identity)
    except EngineError:
        return False
    return record.status not in ("finished", "created") and bool(checkpoint_steps(run_folder(workspace, identity)))


def run_lock(workspace: Workspace, identity: str) -> FileLock:
    """The lock that a process holds while it writes this run; freed by the system when the process dies."""
    return FileLock(run_folder(workspace, identity) / ".lock", timeout=0)


def is_locked(workspace: Workspace, identity: str) -> bool:
    """Whether some process is writing this run now."""
    lock = run_lock(workspace, identity)
    try:
        with lock:
            return False
    except Timeout:
        return True


def rename_run(workspace: Workspace, identity: str, name: str) -> None:
    """Gives a run another name in its record; raises `EngineError` (T20) while it is being written."""
    try:
        with run_lock(workspace, identity):
            record = read_run(workspace, identity)
            save_run(workspace, msgspec.structs.replace(record, name=" ".join(name.split())))
    except Timeout as error:
        raise EngineError("T20", "This run is being trained now.", hint="Rename it when it has ended.") from error


def checked_for_removal(workspace: Workspace, identity: str) -> Path:
    """The folder of a run that may be removed; raises `EngineError`: T20 while it is written, C9 if it is none."""
    folder = run_folder(workspace, identity)
    if Path(identity).name != identity or folder.is_symlink() or not (folder / "run.json").is_file():
        raise EngineError("C9", f"{identity} is not a run of this workspace.", hint="Nothing was deleted.")
    if is_locked(workspace, identity):
        raise EngineError("T20", "This run is being trained now.", hint="Stop it first, then delete it.")
    return folder


def delete_run(workspace: Workspace, identity: str) -> None:
    """Deletes a run's folder; raises `EngineError` (T20) while it is being written."""
    remove_run_folder(checked_for_removal(workspace, identity))


def remove_run_folder(folder: Path, *, ignore_errors: bool = False) -> None:
    """Deletes the folder of a run, and the checkpoints that it has elsewhere."""
    remove_from_elsewhere(folder, STAGING)
    remove_folder(folder, ignore_errors=ignore_errors)
