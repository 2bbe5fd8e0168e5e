"""What a killed process has left behind: staging files and folders, in the workspace and in exports from it.

Each has a lock beside it (atomic_files.py), which the system has freed with the process: what nobody holds is removed,
what another window or command is filling stays. 0.1.0 made no locks, so what has none stays for an hour.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from engine.workspace.atomic_files import STAGING, STAGING_LOCK, read_regular, write_file
from engine.workspace.checkpoint_locations import checkpoint_places
from engine.workspace.file_operations import remove_file, remove_folder
from engine.workspace.layout import Workspace

OUTSIDE = "staging-outside.json"
WITHOUT_LOCK_SECONDS = 3600.0
_LARGEST_NOTE = 100_000  # bytes; it holds one path


def remove_leftovers(workspace: Workspace) -> None:
    """Removes what no process is filling any more in this workspace, and in exports from it; never follows a link."""
    for parent in (workspace.root, workspace.root / "changes", workspace.datasets, workspace.runs):
        _remove_in(parent)
    for dataset in _folders(workspace.datasets):
        _remove_in(dataset)
        _remove_in(dataset / "frozen")
    for model in _folders(workspace.root / "models"):
        _remove_in(model)
    for run in _folders(workspace.runs):
        remove_leftovers_of_run(run)


def remove_leftovers_of_run(run: Path) -> None:
    """The same for the folder of one run, and for an export from it that lies elsewhere."""
    _remove_in(run)
    _remove_in(run / "states")
    for place in checkpoint_places(run):
        _remove_in(place)
    note = run / OUTSIDE
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        entry = Path(json.loads(read_regular(note, _LARGEST_NOTE))["folder"])
        was_there = entry.exists() or entry.with_name(entry.name + STAGING_LOCK).exists()
        if entry.is_absolute() and entry.name.startswith(STAGING):
            _remove_unless_held(entry)
        if not entry.exists() and (was_there or _is_old(note)):  # else a process may be about to begin
            remove_file(note)


@contextlib.contextmanager
def outside_noted(folder: Path, staging: Path) -> Iterator[None]:
    """Notes in a run's folder that `staging` is filled outside the workspace, for `remove_leftovers`.

    It is noted before anything of it is there: a process that is killed between both leaves no more than the note.
    """
    write_file(folder / OUTSIDE, json.dumps({"folder": str(staging)}).encode())
    try:
        yield
    finally:
        remove_file(folder / OUTSIDE, missing_ok=True)


def _folders(parent: Path) -> list[Path]:
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return []


def _remove_in(parent: Path) -> None:
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        found = [Path(entry.path) for entry in entries if entry.name.startswith(STAGING)]
        for path in found:
            with contextlib.suppress(OSError):  # somebody else removes it, or it cannot be removed
                _remove_unless_held(path)


def _remove_unless_held(path: Path) -> None:
    if path.is_symlink():
        return
    if path.name.endswith(STAGING_LOCK):
        # A process makes its lock, then what it holds: one without the other may be a moment old.
        if not path.with_name(path.name.removesuffix(STAGING_LOCK)).exists() and _is_old(path):
            remove_file(path, missing_ok=True)
        return
    lock = path.with_name(path.name + STAGING_LOCK)
    if not lock.exists():
        if path.exists() and _is_old(path):
            _remove(path)
        return
    try:
        with FileLock(lock, timeout=0):
            _remove(path)
    except Timeout:
        return
    remove_file(lock, missing_ok=True)


def _remove(path: Path) -> None:
    if path.is_dir():
        remove_folder(path, ignore_errors=True)
    else:
        remove_file(path, missing_ok=True)


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime >= WITHOUT_LOCK_SECONDS
