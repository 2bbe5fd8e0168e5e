"""The program in the menu of a Linux desktop: launcher, icon, and what opens recipes, below `XDG_DATA_HOME`.

Only files of our own names are written, and only those are removed. Formats: Desktop Entry Specification 1.5, Shared
MIME-info Database 0.21, Icon Theme Specification 0.13 (freedesktop.org).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from engine.bootstrap.console import NO_WINDOW
from engine.contract.errors import EngineError
from engine.contract.sentences import Sentence
from engine.workspace.atomic_files import write_file
from engine.workspace.file_operations import remove_file

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "resources" / "desktop"
# Where each file goes below the folder for data.
PLACES: Mapping[str, str] = MappingProxyType(
    {
        "tunewright.desktop": "applications/tunewright.desktop",
        "tunewright.xml": "mime/packages/tunewright.xml",
        "tunewright.svg": "icons/hicolor/scalable/apps/tunewright.svg",
    }
)
# What makes the desktop notice at once; where one is missing, it notices at the next login.
REFRESHES = (("update-mime-database", "mime"), ("update-desktop-database", "applications"))
SECONDS = 60.0  # for one of them
QUOTED = str.maketrans({character: f"\\{character}" for character in '"`$\\'})


def install(data_home: Path | None = None) -> list[Path]:
    """Writes the three files and returns them; raises `EngineError` where that is not possible."""
    home = _home(data_home)
    written = []
    for name, place in PLACES.items():
        path = home / place
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file(path, _content(name).encode())
        except OSError as error:
            raise _refused(path, error) from error
        written.append(path)
    _refresh(home)
    return written


def remove(data_home: Path | None = None) -> list[Path]:
    """Removes what `install` writes and returns what was there; folders stay, since others have files in them."""
    home = _home(data_home)
    removed = []
    for place in PLACES.values():
        path = home / place
        try:
            remove_file(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _refused(path, error) from error
        removed.append(path)
    if removed:
        _refresh(home)
    return removed


def _home(data_home: Path | None) -> Path:
    if not sys.platform.startswith("linux"):
        raise EngineError(
            "A3", Sentence("cli.a3.desktop_entries_linux"), hint=Sentence("cli.a3.pin_the_window_instead")
        )
    if data_home is not None:
        return data_home
    named = Path(os.environ.get("XDG_DATA_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".local" / "share"  # the specification's own rule


def _content(name: str) -> str:
    if name.endswith(".svg"):
        return (ROOT / "resources" / "icons" / name).read_text(encoding="utf-8")
    text = (SOURCE / name).read_text(encoding="utf-8")
    return text.replace("Exec=tunewright-window %f\n", f"Exec={_exec(sys.executable, str(ROOT / 'main.py'))} %f\n")


def _exec(*words: str) -> str:
    """The words as the value of Exec: quoted, a percent sign doubled, and backslashes once more, as in any value."""
    line = " ".join(f'"{word.translate(QUOTED)}"' for word in words)
    return line.replace("%", "%%").replace("\\", "\\\\")


def _refresh(home: Path) -> None:
    for program, folder in REFRESHES:
        found = shutil.which(program)
        if found and (home / folder).is_dir():
            subprocess.run(
                [found, str(home / folder)], capture_output=True, timeout=SECONDS, check=False, creationflags=NO_WINDOW
            )


def _refused(path: Path, error: OSError) -> EngineError:
    return EngineError(
        "A3",
        Sentence("cli.a3.desktop_file_not_written", path=path),
        hint=Sentence("cli.a3.set_xdg_data_home"),
        details=str(error),
    )
