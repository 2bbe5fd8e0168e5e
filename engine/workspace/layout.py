"""Where everything lies that the program writes for itself.

<workspace>/datasets/<fingerprint>/   a prepared data set, shared by many runs
<workspace>/runs/<id>/                run.json, events.jsonl, checkpoints/, evaluation/, export/
<workspace>/hub/                      the Hugging Face cache
<workspace>/logs/
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import platformdirs

from engine.contract.errors import EngineError
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence


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
                Sentence("workspace.a3.nothing_can_saved", root=self.root),
                hint=Sentence("workspace.a3.choose_another_folder_workspace"),
                actions=(RecoveryAction.CHOOSE_WORKSPACE,),
                details=str(error),
            ) from error
        return self


def default_workspace() -> Workspace:
    """The workspace in the user's data folder, by its real path.

    Python of the Microsoft Store is shown a folder that lies elsewhere, which no other program finds under that name.
    """
    return Workspace(really_at(Path(platformdirs.user_data_dir("tunewright", appauthor=False)), Path(sys.base_prefix)))


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
