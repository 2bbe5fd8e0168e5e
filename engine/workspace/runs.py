"""Runs on disk: their folders, their records and how far each one is.

    <run>/run.json    how far the run is, its settings, and the hashes of the states it has reached
    <run>/states/     these states, each once (state_files.py)

So a folder that was copied alone, or whose data set is gone, still opens. A record names folders of its workspace in
full, as the stages need them, and the workspace it was written in. Read in another place, because workspace or folder
were moved or copied, those folders are found there.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Literal

import msgspec
from filelock import FileLock, Timeout

from engine.contract.errors import EngineError, ErrorReport
from engine.contract.former_names import convert, with_current_names
from engine.contract.score_sentences import evaluations_compared
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, ScoredRowsName
from engine.contract.states import Choice, EvaluationReport, ExportedModel, PreparedDataset, State, TrainingRun
from engine.workspace.atomic_files import STAGING, read_regular, write_file, write_record
from engine.workspace.checkpoint_locations import checkpoint_folders, remove_from_elsewhere
from engine.workspace.file_operations import remove_folder
from engine.workspace.layout import Workspace
from engine.workspace.state_files import Relocate, read_states, remove_other_states, write_states

SCHEMA = 2  # of run.json, as this program writes it; 1 held the states themselves, up to four times the same
RECORD = "run.json"
LOCK = ".lock"
BEFORE_SCHEMA_2 = "run-schema-1.json"  # the record as an earlier program left it
LARGEST_RECORD = 64 * 1024 * 1024  # bytes; schema 1 held the row edits in each of its states
LONGEST_NOTE = 2_000  # characters
CURVE_POINTS = 200  # of a summary; a cell of the list is narrower
# What reading a file of somebody else's making can raise; JSON that is nested without end is a RecursionError.
UNREADABLE = (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError)
RunStatus = Literal["created", "preparing", "training", "stopping", "stopped", "failed", "finished"]


def status_name(status: RunStatus) -> Sentence:
    """How far a run came, in a word."""
    match status:
        case "created":
            return Sentence("workspace.status.created")
        case "preparing":
            return Sentence("workspace.status.preparing")
        case "training":
            return Sentence("workspace.status.training")
        case "stopping":
            return Sentence("workspace.status.stopping")
        case "stopped":
            return Sentence("workspace.status.stopped")
        case "failed":
            return Sentence("workspace.status.failed")
        case "finished":
            return Sentence("workspace.status.finished")


# ── Records ─────────────────────────────────────────────────────────────────────────────────────────────────────


class RunRecord(msgspec.Struct, frozen=True):
    """A run: how far it is, with its states. `run`, `evaluation` and `exported` appear as they are reached."""

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
    changes: tuple[Sentence, ...] = ()  # of the settings while it was trained: from which step on, and from what
    schema: int = SCHEMA
    root: str = ""  # of the workspace it was written in
    choice: Choice | None = None  # that the settings are the outcome of
    note: str = ""  # the user's own words
    pinned: bool = False  # stays at the top of the list

    @property
    def furthest(self) -> State | None:
        """The furthest state of this run, or None while it is not trained."""
        return self.exported or self.evaluation or self.run


class RunSummary(msgspec.Struct, frozen=True):
    """What a list of runs shows of a run's states."""

    dataset: str  # its name
    model: str
    fingerprint: str  # of the data set
    model_folder: str
    reached: Literal["", "run", "evaluation", "exported"] = ""  # the furthest state
    metric: str = ""  # of the best checkpoint
    best_score: float | None = None
    headline: str = ""  # of the evaluation
    test_score: float | None = None  # of the evaluation, whatever rows it scored
    scored_split: ScoredRowsName = "test"  # that the evaluation scored
    interval: tuple[float, float] | None = None  # of the evaluation's score
    evaluations: int = 0  # that `best_score` is the best of
    seconds: float | None = None  # of training
    curve: tuple[tuple[int, float], ...] = ()  # step and score of evaluations on the validation set, evenly thinned


class RunRow(msgspec.Struct, frozen=True):
    """A run as a list shows it; read from run.json alone."""

    id: str
    name: str
    created: float
    status: RunStatus
    settings: FineTuneSettings
    summary: RunSummary
    step: int = 0
    total_steps: int = 0
    note: str = ""
    pinned: bool = False


class StoredRun(msgspec.Struct, frozen=True):
    """run.json: `states` holds the hashes of the states by their kinds."""

    id: str
    name: str
    created: float
    status: RunStatus
    settings: FineTuneSettings
    states: dict[str, str]
    summary: RunSummary
    step: int = 0
    total_steps: int = 0
    error: ErrorReport | None = None
    changes: tuple[Sentence, ...] = ()
    schema: int = SCHEMA
    root: str = ""
    choice: Choice | None = None
    note: str = ""
    pinned: bool = False


class _Header(msgspec.Struct):
    schema: int = SCHEMA
    root: str = ""
    id: str = ""


_headers: msgspec.json.Decoder[_Header] = msgspec.json.Decoder(_Header)
_STATES = ("dataset", "run", "evaluation", "exported")  # the fields of a record that hold a state


def row_of(record: RunRecord) -> RunRow:
    """The run as a list shows it."""
    run, evaluation = record.run, record.evaluation
    summary = RunSummary(
        dataset=record.dataset.name,
        model=record.dataset.model.name,
        fingerprint=record.dataset.fingerprint,
        model_folder=record.dataset.model.folder,
        reached="exported" if record.exported else "evaluation" if evaluation else "run" if run else "",
        metric=run.metric if run else "",
        best_score=run.best_score if run else None,
        headline=evaluation.headline if evaluation else "",
        test_score=evaluation.scores.get(evaluation.headline) if evaluation else None,
        scored_split=evaluation.settings.split if evaluation else "test",
        interval=evaluation.intervals.get(evaluation.headline) if evaluation else None,
        evaluations=evaluations_compared(run) if run else 0,
        seconds=run.seconds if run else None,
        curve=_thinned(curve_of(run)) if run else (),
    )
    return RunRow(
        id=record.id,
        name=record.name,
        created=record.created,
        status=record.status,
        settings=record.settings,
        summary=summary,
        step=record.step,
        total_steps=record.total_steps,
        note=record.note,
        pinned=record.pinned,
    )


def curve_of(run: TrainingRun) -> tuple[tuple[int, float], ...]:
    """Step and score of each evaluation on the validation set; those that could not be scored are excluded."""
    scored = ((point.step, point.scores.get(run.metric)) for point in run.history)
    return tuple((step, score) for step, score in scored if score is not None)


def _thinned(curve: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
    """At most `CURVE_POINTS` of the points, the first and the last among them."""
    if len(curve) <= CURVE_POINTS:
        return curve
    return tuple(curve[round(number * (len(curve) - 1) / (CURVE_POINTS - 1))] for number in range(CURVE_POINTS))


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────


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
    """Writes run.json as a whole, and before it the states that it names; those that it names no more go after it."""
    folder = run_folder(workspace, record.id)
    if record.schema < SCHEMA and not (folder / BEFORE_SCHEMA_2).exists():
        with contextlib.suppress(FileNotFoundError):
            write_file(folder / BEFORE_SCHEMA_2, (folder / RECORD).read_bytes())
    states = {name: state for name in _STATES if (state := getattr(record, name)) is not None}
    hashes, written = write_states(folder, states)
    row = row_of(record)
    stored = StoredRun(
        id=record.id,
        name=record.name,
        created=record.created,
        status=record.status,
        settings=record.settings,
        states=hashes,
        summary=row.summary,
        step=record.step,
        total_steps=record.total_steps,
        error=record.error,
        changes=record.changes,
        root=record.root,
        choice=record.choice,
        note=record.note,
        pinned=record.pinned,
    )
    write_record(folder / RECORD, stored)
    remove_other_states(folder, written)


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────


def read_run(workspace: Workspace, identity: str) -> RunRecord:
    """The record of a run with its states, their folders as they are found in this workspace.

    Raises `EngineError`: C9 where there is none that can be read, C14 where a newer program has written it.
    """
    path = workspace.runs / identity / RECORD
    try:
        content = read_regular(path, LARGEST_RECORD)
        while True:
            try:
                return _record(workspace, identity, content)
            except FileNotFoundError:  # a state that is no longer named: another process has just saved the run
                again = read_regular(path, LARGEST_RECORD)
                if again == content:
                    raise
                content = again
    except UNREADABLE as error:
        raise EngineError(
            "C9",
            Sentence("workspace.c9.run_cannot_read", identity=identity),
            hint=Sentence("workspace.c9.folder_changed_comes_another_version"),
            details=str(error),
        ) from error


def read_row(workspace: Workspace, identity: str, content: bytes) -> RunRow:
    """The run as a list shows it, from the content of its run.json.

    Raises `EngineError` (C14) where a newer program has written it, and one of `UNREADABLE` where it is no record.
    """
    header = _known(content, identity)
    if header.schema < SCHEMA:
        return row_of(_record(workspace, identity, content))
    values = {**_relocation(workspace, identity, header)(msgspec.json.decode(content)), "id": identity}
    return convert(with_current_names(values, RunRow), RunRow)


def _record(workspace: Workspace, identity: str, content: bytes) -> RunRecord:
    header = _known(content, identity)
    relocate = _relocation(workspace, identity, header)
    values = {**relocate(msgspec.json.decode(content)), "id": identity, "root": str(workspace.root)}
    if header.schema < SCHEMA:
        values = with_current_names(values, RunRecord)
        for state in _each_run(values):
            state["id"] = identity
        return convert(values, RunRecord)
    stored = convert(with_current_names(values, StoredRun), StoredRun)
    states = read_states(workspace.runs / identity, stored.states, relocate, run_id=identity)
    if not isinstance(states.get("dataset"), PreparedDataset) or not states.keys() <= set(_STATES):
        raise msgspec.DecodeError("run.json does not name the states of a run")
    return RunRecord(
        id=stored.id,
        name=stored.name,
        created=stored.created,
        status=stored.status,
        settings=stored.settings,
        step=stored.step,
        total_steps=stored.total_steps,
        error=stored.error,
        changes=stored.changes,
        schema=stored.schema,
        root=stored.root,
        choice=stored.choice,
        note=stored.note,
        pinned=stored.pinned,
        **states,  # type: ignore[arg-type]
    )


def _known(content: bytes, identity: str) -> _Header:
    """The header of a record; raises `EngineError` (C14) of which this program cannot read the rest."""
    header = _headers.decode(content)
    if header.schema > SCHEMA:
        raise EngineError(
            "C14",
            Sentence("workspace.c14.run_made_newer_tunewright", identity=identity),
            hint=Sentence("workspace.c14.update_program_open_files_untouched"),
        )
    return header


def _relocation(workspace: Workspace, identity: str, header: _Header) -> Relocate:
    """How paths in a run's files are found where it lies now: its workspace and its own folder may have moved."""
    root = str(workspace.root)

    def relocate(values: Any) -> Any:
        if header.root not in ("", root):
            values = with_new_root(values, header.root, root)
        if header.id not in ("", identity):
            values = with_new_root(values, str(workspace.runs / header.id), str(workspace.runs / identity))
        return values

    return relocate


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


def _each_run(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The `TrainingRun` states in a record of schema 1."""
    evaluations = [values.get("evaluation"), (values.get("exported") or {}).get("evaluation")]
    runs = [values.get("run"), *((evaluation or {}).get("run") for evaluation in evaluations)]
    return [run for run in runs if isinstance(run, dict)]


# ── All of them ─────────────────────────────────────────────────────────────────────────────────────────────────


def list_runs(workspace: Workspace) -> tuple[RunRecord, ...]:
    """All readable runs with their states, the newest first; a list alone is read faster by `run_index.list_rows`."""
    records = []
    for path in workspace.runs.glob(f"*/{RECORD}"):
        with contextlib.suppress(EngineError):
            records.append(read_run(workspace, path.parent.name))
    return tuple(sorted(records, key=lambda record: record.created, reverse=True))


def run_folder(workspace: Workspace, identity: str) -> Path:
    """The folder of a run."""
    return workspace.runs / identity


def checkpoint_steps(folder: Path) -> tuple[int, ...]:
    """Steps of the checkpoints in a run folder, ascending; whether they are whole is not checked."""
    names = {path.name for path in checkpoint_folders(folder)}
    return tuple(sorted(int(name.removeprefix("step-")) for name in names if name.startswith("step-")))


def is_unfinished(workspace: Workspace, run: RunRecord | RunRow) -> bool:
    """Whether this run has not reached its end and has a checkpoint to continue from."""
    return run.status != "finished" and bool(checkpoint_steps(run_folder(workspace, run.id)))


def is_left_alone(workspace: Workspace, run: RunRecord | RunRow) -> bool:
    """Whether nobody has stopped this run and no process trains it now."""
    return run.status != "stopped" and not is_locked(workspace, run.id)


def is_interrupted(workspace: Workspace, run: RunRecord | RunRow) -> bool:
    """Whether this run ended without being stopped, has a checkpoint to continue from, and nobody continues it now."""
    return is_unfinished(workspace, run) and is_left_alone(workspace, run)


def interrupted_runs(workspace: Workspace) -> tuple[RunRecord, ...]:
    """Runs that ended without being stopped and can be continued, the newest first."""
    return tuple(record for record in list_runs(workspace) if is_interrupted(workspace, record))


def can_continue(workspace: Workspace, identity: str) -> bool:
    """Whether this run is not finished and has a checkpoint to continue from."""
    try:
        return is_unfinished(workspace, read_run(workspace, identity))
    except EngineError:
        return False


def run_lock(workspace: Workspace, identity: str) -> FileLock:
    """The lock that a process holds while it writes this run; freed by the system when the process dies."""
    return FileLock(run_folder(workspace, identity) / LOCK, timeout=0)


def is_locked(workspace: Workspace, identity: str) -> bool:
    """Whether some process is writing this run now."""
    if not (run_folder(workspace, identity) / LOCK).exists():
        return False
    lock = run_lock(workspace, identity)
    try:
        with lock:
            return False
    except Timeout:
        return True


def rename_run(workspace: Workspace, identity: str, name: str) -> None:
    """Gives a run another name in its record; raises `EngineError` (T20) while it is being written."""
    _change_record(workspace, identity, name=" ".join(name.split()))


def note_run(workspace: Workspace, identity: str, note: str) -> None:
    """Gives a run a note in its record; raises `EngineError` (T20) while it is being written."""
    _change_record(workspace, identity, note=note.strip()[:LONGEST_NOTE])


def pin_run(workspace: Workspace, identity: str, *, pinned: bool) -> None:
    """Keeps a run at the top of the list, or no longer; raises `EngineError` (T20) while it is being written."""
    _change_record(workspace, identity, pinned=pinned)


def _change_record(workspace: Workspace, identity: str, **changes: object) -> None:
    try:
        with run_lock(workspace, identity):
            record = read_run(workspace, identity)
            save_run(workspace, msgspec.structs.replace(record, **changes))
    except Timeout as error:
        raise EngineError(
            "T20", Sentence("workspace.t20.run_being_trained_now"), hint=Sentence("workspace.t20.rename_when_ended")
        ) from error


def checked_for_removal(workspace: Workspace, identity: str) -> Path:
    """The folder of a run that may be removed; raises `EngineError`: T20 while it is written, C9 if it is none."""
    folder = run_folder(workspace, identity)
    if Path(identity).name != identity or folder.is_symlink() or not (folder / RECORD).is_file():
        raise EngineError(
            "C9",
            Sentence("workspace.c9.not_run_workspace", identity=identity),
            hint=Sentence("workspace.c9.nothing_deleted"),
        )
    if is_locked(workspace, identity):
        raise EngineError(
            "T20",
            Sentence("workspace.t20.run_being_trained_now"),
            hint=Sentence("workspace.t20.stop_first_then_delete"),
        )
    return folder


def delete_run(workspace: Workspace, identity: str) -> None:
    """Deletes a run's folder; raises `EngineError` (T20) while it is being written."""
    remove_run_folder(checked_for_removal(workspace, identity))


def remove_run_folder(folder: Path, *, ignore_errors: bool = False) -> None:
    """Deletes the folder of a run, and the checkpoints that it has elsewhere."""
    remove_from_elsewhere(folder, STAGING)
    remove_folder(folder, ignore_errors=ignore_errors)
