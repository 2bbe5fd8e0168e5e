"""The bin of one window: deleted runs lie there until it is emptied or the window has gone.

A run is moved as a whole by one rename, and back by another. Each window has a bin of its own and holds its lock while
it lives, so that a second window that starts empties only what dead ones have left. Links are never followed.
"""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from filelock import FileLock, Timeout

from engine.contract.errors import EngineError
from engine.contract.sentences import Sentence
from engine.workspace.file_operations import remove_folder, rename
from engine.workspace.layout import Workspace
from engine.workspace.run_index import list_rows
from engine.workspace.runs import checked_for_removal, remove_run_folder

_LOCK = ".lock"


class RunBin:
    """Takes runs in and gives them back; nothing is on disk before the first one."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._bins = workspace.root / "bin"
        self._folder: Path | None = None
        self._lock: FileLock | None = None
        self._one_at_a_time = threading.Lock()

    def take(self, identity: str) -> None:
        """Moves a run here; raises `EngineError` (T20) where it is being written or another run came from it."""
        folder = checked_for_removal(self._workspace, identity)
        for other in list_rows(self._workspace).rows:
            if other.id != identity and Path(other.summary.model_folder).is_relative_to(folder):
                raise EngineError(
                    "T20",
                    Sentence("workspace.t20.trained_run", other=other.name),
                    hint=Sentence("workspace.t20.delete_first_then", other=other.name),
                )
        with self._one_at_a_time:
            rename(folder, self._own() / identity)

    def give_back(self, identity: str) -> None:
        """Moves a run back to where it was; raises `EngineError` (C9) where it is no longer here."""
        target = self._workspace.runs / identity
        if self._folder is None or not (self._folder / identity).is_dir() or target.exists():
            raise EngineError(
                "C9", Sentence("workspace.c9.run_no_longer_bin"), hint=Sentence("workspace.c9.nothing_changed")
            )
        rename(self._folder / identity, target)

    def empty(self) -> None:
        """Deletes for good what was taken."""
        if self._folder is not None:
            for entry in self._folder.iterdir():
                if entry.name != _LOCK:
                    remove_run_folder(entry)

    def empty_left_ones(self) -> None:
        """Deletes the bins of windows that have gone."""
        for entry in self._bins.glob("*"):
            if entry == self._folder or entry.is_symlink() or not entry.is_dir():
                continue
            try:
                with FileLock(entry / _LOCK, timeout=0):
                    pass
            except Timeout:
                continue
            for run in entry.iterdir():
                if run.is_dir() and not run.is_symlink():
                    remove_run_folder(run, ignore_errors=True)
            remove_folder(entry, ignore_errors=True)

    def _own(self) -> Path:
        if self._folder is None:
            self._bins.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(dir=self._bins))
            self._lock = FileLock(folder / _LOCK, timeout=0, thread_local=False)  # freed with the process
            self._lock.acquire()
            self._folder = folder
        return self._folder
