"""Where everything lies that the program writes for itself.

<workspace>/datasets/<fingerprint>/   a prepared data set, shared by many runs
<workspace>/runs/<id>/                run.json, events.jsonl, checkpoints/, evaluation/, export/
<workspace>/hub/                      the Hugging Face cache, unless the user has chosen another folder for it
<workspace>/logs/
"""

from __future__ import annotations

import errno
import os
import re
import sys
from pathlib import Path

import msgspec
import platformdirs

from engine.contract.errors import EngineError
from engine.contract.network import HUB_FOLDER
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence

ROOM_BELOW = 400  # bytes of the longest path in a workspace: the Hub's cache names repository and commit


class Workspace:
    """The folder that holds everything the program writes for itself; `hub` may be another one."""

    def __init__(self, root: Path, *, hub: Path | None = None) -> None:
        self.root = root
        self.datasets = root / "datasets"
        self.runs = root / "runs"
        self.hub = hub or root / "hub"
        self.logs = root / "logs"

    def create(self) -> Workspace:
        """Makes the folders; raises `EngineError` (A3) where that is not possible."""
        try:
            _check_length(self.root)
            for folder in (self.datasets, self.runs, self.hub, self.logs):
                if folder.is_relative_to(self.root):  # another disk may be missing, and few jobs need it
                    folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(
                "A3",
                Sentence("workspace.a3.nothing_can_saved", root=self.root),
                hint=Sentence("workspace.a3.choose_another_folder_workspace"),
                actions=(RecoveryAction.CHOOSE_WORKSPACE,),
                details=str(error),
            ) from error
        return self


def _check_length(root: Path) -> None:
    """Raises the system's error for too long a name before hours of work meet it in the middle."""
    if sys.platform == "win32":  # where a set-up looks at the length
        return
    path = Path.cwd() / root
    if len(os.fsencode(path)) + ROOM_BELOW > os.pathconf("/", "PC_PATH_MAX"):
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(path))


def workspace_at(root: Path) -> Workspace:
    """The workspace in this folder, with files of the Hub where the environment has them."""
    hub = os.environ.get(HUB_FOLDER)
    return Workspace(root, hub=Path(hub) if hub else None)


SETTINGS = "settings.json"  # in the workspace: the preferences of the window
CHOICE = "workspace.json"  # in the program's own folder, where the user has chosen another one for the workspace


class WorkspaceChoice(msgspec.Struct, frozen=True):
    """Which folder is the workspace; empty: the program's own."""

    folder: str = ""


def default_workspace() -> Workspace:
    """The folder that the user has chosen, where it is there now; else the program's own."""
    home = own_folder()
    chosen = chosen_folder(home)
    return workspace_at(chosen if chosen is not None and chosen.is_dir() else home)


def own_folder() -> Path:
    """The program's folder among the user's data, by its real path.

    Python of the Microsoft Store is shown a folder that lies elsewhere, which no other program finds under that name.
    """
    return really_at(Path(platformdirs.user_data_dir("tunewright", appauthor=False)), Path(sys.base_prefix))


def chosen_folder(home: Path) -> Path | None:
    """The folder that was chosen instead of `home`; a damaged file is as none, since the choice is made in a moment."""
    try:
        choice = msgspec.json.decode((home / CHOICE).read_bytes(), type=WorkspaceChoice)
    except (OSError, ValueError):
        return None
    return Path(choice.folder) if choice.folder else None


def really_at(folder: Path, prefix: Path) -> Path:
    """Where Windows puts what a program of its Store writes into AppData; other folders stay what they are.

    `prefix` is that of Python; the Store has …/WindowsApps/PythonSoftwareFoundation.Python.3.13_3.13.1_x64__qbz, where
    name and publisher make the name of the package's own folder.
    """
    package = re.search(r"WindowsApps[\\/](PythonSoftwareFoundation\.[^_\\/]+)_[^\\/]*__([^_\\/]+)", str(prefix))
    kinds = ("Local", "Roaming")
    found = next((kind for kind in kinds if "AppData" in folder.parts and kind in folder.parts), None)
    if package is None or found is None:
        return folder
    place = folder.parts.index(found)
    data = Path(*folder.parts[:place], "Local", "Packages", f"{package[1]}_{package[2]}", "LocalCache")
    return data.joinpath(*folder.parts[place:])
