"""The workspace on disk: atomic writes, manifests, run folders and their records.

What must not be lost is written to a staging name, synced and renamed, so that after any interruption a file or
folder is either the old one, the new one, or absent. Knows no torch, no stage and no window.

    <workspace>/datasets/<fingerprint>/   a prepared data set, shared by many runs
    <workspace>/runs/<id>/                run.json, events.jsonl, checkpoints/, evaluation/, export/
    <workspace>/hub/                      the Hugging Face cache
    <workspace>/logs/
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Literal

import msgspec
import platformdirs
from filelock import FileLock, Timeout

from engine.contract.errors import DiskFull, EngineError, ErrorReport
from engine.contract.settings import FineTuneSettings
from engine.contract.states import EvaluationReport, ExportedModel, PreparedDataset, State, TrainingRun
from engine.workspace.checkpoint_locations import checkpoint_folders, checkpoint_places, remove_from_elsewhere

# Records of runs from elsewhere: a workspace that was moved or copied, and one that a newer program has written.
#
# A record names folders of its workspace in full, as the stages need them, and the workspace it was written in. Read in
# another place, those folders are found there. Knows no run.

SCHEMA = 1  # of run.json, as this program writes it


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


MANIFEST = "MANIFEST.json"
STAGING = ".staging-"
OUTSIDE = "staging-outside.json"
RunStatus = Literal["created", "preparing", "training", "stopping", "stopped", "failed", "finished"]


class Workspace:
    """The folder that holds everything the program writes for itself."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.datasets = root / "datasets"
        self.runs = root / "runs"
        self.hub = root / "hub"
        self.logs = root / "logs"

    def create(self) -> Workspace:
        """Makes the folders; raises `EngineError` (A3) where that is not possible."""
        try:
            for folder in (self.datasets, self.runs, self.hub, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(
                "A3",
                f"Nothing can be saved in {self.root}.",
                hint="Choose another folder with --workspace.",
                actions=("Choose folder",),
                details=str(error),
            ) from error
        return self


def default_workspace() -> Workspace:
    """The workspace in the user's data folder."""
    return Workspace(Path(platformdirs.user_data_dir("tunewright", appauthor=False)))


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────


def write_file(path: Path, content: bytes) -> None:
    """Replaces a file as a whole: staging name, fsync, rename, fsync of the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, staging = tempfile.mkstemp(prefix=STAGING, dir=path.parent)
    try:
        with full_disk_named(path.name):
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(staging).replace(path)
            sync_folder(path.parent)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(staging).unlink()
        raise


def write_record(path: Path, record: msgspec.Struct) -> None:
    """Replaces a file by the record as readable JSON."""
    text = json.dumps(msgspec.to_builtins(record), indent=1, ensure_ascii=False)
    write_file(path, text.encode("utf-8", "replace"))


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yields a staging folder beside `target`; afterwards it is complete under its real name, or absent.

    Files are synced and listed with size and sha256 in `MANIFEST.json`, which is written last. `target` must not
    exist. Raises `DiskFull` (C4) where the disk cannot hold the folder.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=target.parent))
    try:
        with full_disk_named(target.name):
            yield staging
            write_manifest(staging)
            staging.chmod(0o755)
            staging.rename(target)
            sync_folder(target.parent)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


@contextlib.contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """Like `new_folder`, for a folder of ours that may be there: once the new one is complete, it takes its place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=STAGING, dir=target.parent))
    try:
        with new_folder(fresh / "new") as staging:
            yield staging
        if target.exists():
            target.rename(fresh / "old")
        try:
            (fresh / "new").rename(target)
        except OSError:
            if (fresh / "old").exists():
                (fresh / "old").rename(target)
            raise
        sync_folder(target.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def write_manifest(folder: Path) -> None:
    """Syncs every file below `folder` and lists them in its manifest."""
    entries: dict[str, dict[str, object]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            sync_file(path)
            entries[path.relative_to(folder).as_posix()] = {"size": path.stat().st_size, "sha256": sha256_of(path)}
    write_file(folder / MANIFEST, json.dumps({"files": entries}, indent=1).encode())


def is_whole(folder: Path) -> bool:
    """Whether every file of the folder's manifest is there, unchanged."""
    try:
        entries = json.loads((folder / MANIFEST).read_bytes())["files"]
        for name, entry in entries.items():
            path = folder / name
            if ".." in Path(name).parts or Path(name).is_absolute() or path.is_symlink():
                return False
            if path.stat().st_size != entry["size"] or sha256_of(path) != entry["sha256"]:
                return False
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


def sha256_of(path: Path) -> str:
    """The sha256 of a file's content, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_file(path: Path) -> None:
    """Returns once the file's content is on the disk."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Returns once the folder's entries are on the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def full_disk_named(what: str) -> Iterator[None]:
    """Turns the system's "no space left" into `DiskFull` (C4) that names what could not be written."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise DiskFull(
            "C4",
            f"The disk is full: {what} could not be written. What was saved before is untouched.",
            hint="Free some space, or choose another folder.",
            actions=("Try again",),
            details=str(error),
        ) from error


def remove_leftovers(workspace: Workspace) -> None:
    """Deletes staging entries of this workspace, and of exports from it, older than an hour; never follows a link."""
    for parent in (
        workspace.datasets,
        *workspace.datasets.glob("*/frozen"),
        workspace.runs,
        *workspace.runs.glob("*"),
        *(place for run in workspace.runs.glob("*") for place in checkpoint_places(run)),
    ):
        for entry in parent.glob(STAGING + "*"):
            _remove_if_old(entry)
    for note in workspace.runs.glob("*/" + OUTSIDE):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            entry = Path(json.loads(note.read_bytes())["folder"])
            if entry.name.startswith(STAGING) and entry.is_dir():
                _remove_if_old(entry)
            if not entry.exists():
                note.unlink()


@contextlib.contextmanager
def outside_noted(folder: Path, staging: Path) -> Iterator[None]:
    """Notes in a run's folder that `staging` is being filled outside the workspace, for `remove_leftovers`."""
    write_file(folder / OUTSIDE, json.dumps({"folder": str(staging)}).encode())
    try:
        yield
    finally:
        (folder / OUTSIDE).unlink(missing_ok=True)


def _remove_if_old(entry: Path) -> None:
    if entry.is_symlink() or time.time() - entry.stat().st_mtime < 3600:
        return
    if entry.is_dir():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)


# ── Runs ────────────────────────────────────────────────────────────────────────────────────────────────────────


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
    shutil.rmtree(folder, ignore_errors=ignore_errors)
