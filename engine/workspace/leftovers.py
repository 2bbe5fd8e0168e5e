"""What a killed process has left behind: staging files and folders, in the workspace and in exports from it."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from engine.workspace.atomic_files import STAGING, write_file
from engine.workspace.checkpoint_locations import checkpoint_places
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
