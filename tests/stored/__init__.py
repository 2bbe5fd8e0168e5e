"""What an earlier version of the program wrote, as it lies on a user's disk (see README.md)."""

from __future__ import annotations

import zipfile
from pathlib import Path

HERE = Path(__file__).parent
MADE_IN = "/tmp/tunewright-0.1.0"  # where everything in the archive was when it was written


def unpacked(folder: Path) -> Path:
    """Unpacks what 0.1.0 wrote into this folder and returns it: data/, model/, recipes/ and workspace/ lie in it."""
    with zipfile.ZipFile(HERE / "workspace_0_1_0.zip") as archive:
        archive.extractall(folder)
    return folder
