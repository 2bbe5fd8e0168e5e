"""What was entered on the pages and is in no data set or run yet, in `entries.json` of the workspace.

The file is there while the window is open, and after it has been killed: the next start offers what it holds.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec

from engine.contract.errors import DiskFull
from engine.contract.settings import ExportSettings, FineTuneSettings, ModelSource, PrepareSettings, RowSource
from engine.workspace.atomic_files import as_json, read_regular, write_file
from engine.workspace.file_operations import remove_file

ENTRIES = "entries.json"
LARGEST = 20_000_000  # bytes; edits of rows are among the settings


class Entries(msgspec.Struct, frozen=True):
    """What each page holds, and how far the steps had come; None where a page holds nothing yet."""

    step: int = 0  # that was shown, from 0
    model: ModelSource | None = None
    is_loaded: bool = False
    data: RowSource | None = None
    prepare: PrepareSettings | None = None
    is_prepared: bool = False  # with these settings
    fine_tune: FineTuneSettings | None = None
    run: str = ""  # id of the run that was open
    export: ExportSettings | None = None


class EntriesFile:
    """The file, written where anything has changed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ENTRIES
        self._written: Entries | None = None

    def read(self) -> Entries | None:
        """What a window that did not end by itself has left; None where nothing can be restored."""
        try:
            return msgspec.json.decode(read_regular(self._path, LARGEST), type=Entries)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    def write(self, entries: Entries) -> None:
        """Keeps these entries; where nothing can be written, preferences have said so."""
        if entries != self._written:
            self._written = entries
            with contextlib.suppress(OSError, DiskFull):
                write_file(self._path, as_json(entries))

    def remove(self) -> None:
        """The window has ended by itself."""
        with contextlib.suppress(OSError):
            remove_file(self._path)
