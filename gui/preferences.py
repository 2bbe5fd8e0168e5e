"""What the window keeps from one start to the next, in `settings.json` of the workspace.

A damaged file is set aside, never deleted, and the defaults are taken; where nothing can be written the window works
on and shows that once.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any, Literal

import msgspec
from PySide6.QtCore import QObject, Signal

from engine.contract.errors import DiskFull, EngineError, ErrorReport
from engine.contract.network import NetworkSettings
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.workspace.atomic_files import write_record
from engine.workspace.file_operations import rename
from gui.chart_preferences import ChartChoices

SCHEMA = 1
MOST_ENCODINGS = 200  # files, the latest
MOST_RECENT = 8  # files and models each


class ChosenEncoding(msgspec.Struct, frozen=True):
    """The text encoding that the user chose for a file of this size and last change."""

    path: str
    size: int  # bytes
    changed: int  # nanoseconds since the epoch
    encoding: str


class RecentFile(msgspec.Struct, frozen=True):
    """A file or folder with rows that was read, and the separate files that belong to it."""

    path: str
    validation_path: str = ""
    test_path: str = ""


class RecentModel(msgspec.Struct, frozen=True):
    """A model that was loaded: a name on the Hub or a folder, the other is empty."""

    hub_id: str = ""
    folder: str = ""


class Preferences(msgspec.Struct, frozen=True):
    """The choices that belong to the window, not to a run."""

    schema: int = SCHEMA
    theme: Literal["system", "light", "dark"] = "system"
    side_panel_open: bool = True
    side_panel_tab: Literal["why", "code"] = "why"
    side_panel_width: int = 0  # pixels; 0: as the theme has it
    offline: bool = False
    last_folder: str = ""
    geometry: tuple[int, int, int, int] | None = None  # x, y, width, height
    maximized: bool = False
    charts: ChartChoices = ChartChoices()
    encodings: tuple[ChosenEncoding, ...] = ()  # the latest last
    hub_folder: str = ""  # for files of the Hub; empty: in the workspace
    mirror: str = ""  # address that is asked instead of the Hub's
    proxy: str = ""
    token_in_keyring: bool = False  # the access token itself is nowhere on the disk
    reduce_motion: bool = False
    language: str = ""  # code of a language of engine/contract/languages.py; empty: that of the system
    tour_seen: bool = False  # the hints of the first start
    recent_files: tuple[RecentFile, ...] = ()  # the latest first
    recent_models: tuple[RecentModel, ...] = ()


class PreferenceStore(QObject):
    """The preferences and their file."""

    changed = Signal()
    trouble = Signal(object)  # ErrorReport: shown once

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.set_aside: Path | None = None  # where the damaged file went
        self._troubled = False
        self.now = self._read()

    def change(self, **values: Any) -> None:
        """Takes these values and writes the file if anything is different."""
        wanted = msgspec.structs.replace(self.now, **values)
        if wanted == self.now:
            return
        self.now = wanted
        self.changed.emit()
        try:
            write_record(self.path, wanted)
        except (OSError, DiskFull) as error:
            if not self._troubled:
                self._troubled = True
                self.trouble.emit(unwritable(self.path.parent, error))

    def network(self) -> NetworkSettings:
        """How the Hub is reached."""
        now = self.now
        return NetworkSettings(now.hub_folder, now.mirror, now.proxy, now.offline)

    def remember_file(self, file: RecentFile) -> None:
        """Puts a file on top of the recent ones."""
        others = [one for one in self.now.recent_files if one.path != file.path]
        self.change(recent_files=(file, *others)[:MOST_RECENT])

    def remember_model(self, model: RecentModel) -> None:
        """Puts a model on top of the recent ones."""
        others = [one for one in self.now.recent_models if one != model]
        self.change(recent_models=(model, *others)[:MOST_RECENT])

    def forget_recent(self, entry: RecentFile | RecentModel) -> None:
        """Removes a file or model from the recent ones."""
        self.change(
            recent_files=tuple(one for one in self.now.recent_files if one != entry),
            recent_models=tuple(one for one in self.now.recent_models if one != entry),
        )

    def encoding_for(self, path: str) -> str:
        """The encoding that was chosen for this file; empty where none was, or where the file has changed since."""
        identity = _identity(path)
        return next((one.encoding for one in self.now.encodings if identity == (one.path, one.size, one.changed)), "")

    def remember_encoding(self, path: str, encoding: str) -> None:
        """Keeps the encoding that was chosen for a file; an empty one drops it."""
        identity = _identity(path)
        if identity is not None:
            others = [one for one in self.now.encodings if one.path != identity[0]]
            chosen = [ChosenEncoding(*identity, encoding)] if encoding else []
            self.change(encodings=(*others, *chosen)[-MOST_ENCODINGS:])

    def _read(self) -> Preferences:
        try:
            content = self.path.read_bytes()
        except OSError:
            return Preferences()
        try:
            found = msgspec.json.decode(content, type=Preferences)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._without_damaged()
        return found if found.schema == SCHEMA else self._without_damaged()

    def _without_damaged(self) -> Preferences:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        aside = self.path.with_name(f"settings.bad-{stamp}.json")
        number = 1
        while aside.exists():
            number += 1
            aside = self.path.with_name(f"settings.bad-{stamp}-{number}.json")
        with contextlib.suppress(OSError):
            rename(self.path, aside)
            self.set_aside = aside
        return Preferences()


def unwritable(folder: Path, error: Exception) -> ErrorReport:
    """The text of the banner where nothing can be saved."""
    return EngineError(
        "A3",
        Sentence("gui.a3.settings_cannot_saved", folder=folder),
        hint=Sentence("gui.a3.everything_else_works_choose_another"),
        actions=(RecoveryAction.CHOOSE_WORKSPACE,),
        details=str(error),
    ).report()


def _identity(path: str) -> tuple[str, int, int] | None:
    """The file's place, its size in bytes, and the nanosecond of its last change; None where it is not there."""
    try:
        place = Path(path).expanduser().absolute()
        status = place.stat()
    except (OSError, ValueError, RuntimeError):
        return None
    return str(place), status.st_size, status.st_mtime_ns
