"""Where everything lies that the program writes for itself.

<workspace>/datasets/<fingerprint>/   a prepared data set, shared by many runs
<workspace>/runs/<id>/                run.json, events.jsonl, checkpoints/, evaluation/, export/
<workspace>/hub/                      the Hugging Face cache
<workspace>/logs/
"""

from __future__ import annotations

from pathlib import Path

import platformdirs

from engine.contract.errors import EngineError
from engine.contract.recovery_actions import RecoveryAction


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
                f"Nothing can be saved in {self.root}.",
                hint="Choose another folder with --workspace.",
                actions=(RecoveryAction.CHOOSE_WORKSPACE,),
                details=str(error),
            ) from error
        return self


def default_workspace() -> Workspace:
    """The workspace in the user's data folder."""
    return Workspace(Path(platformdirs.user_data_dir("tunewright", appauthor=False)))
