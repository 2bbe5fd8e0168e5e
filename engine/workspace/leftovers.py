"""What a killed process has left behind: staging files and folders, in the workspace and in exports from it."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

from engine.workspace.atomic_files import STAGING, write_file
from engine.workspace.checkpoint_locations import checkpoint_places
from engine.workspace.file_operations import remove_file, remove_folder
from engine.workspace.layout import Workspace

OUTSIDE = "staging-outside.json"


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
                remove_file(note)


@contextlib.contextmanager
def outside_noted(folder: Path, staging: Path) -> Iterator[None]:
    """Notes in a run's folder that `staging` is being filled outside the workspace, for `remove_leftovers`."""
    write_file(folder / OUTSIDE, json.dumps({"folder": str(staging)}).encode())
    try:
        yield
    finally:
        remove_file(folder / OUTSIDE, missing_ok=True)


def _remove_if_old(entry: Path) -> None:
    if entry.is_symlink() or time.time() - entry.stat().st_mtime < 3600:
        return
    if entry.is_dir():
        remove_folder(entry, ignore_errors=True)
    else:
        remove_file(entry, missing_ok=True)
