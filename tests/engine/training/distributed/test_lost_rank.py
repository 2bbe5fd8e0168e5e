"""A rank that is lost at any point of a run ends it with T3: nothing is left, and its checkpoint goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lost_rank import POINTS, lose, recipe_of
from tests.paths import ROOT

WITHIN = 15.0  # seconds
RECIPE = {
    "epochs": 4,
    "gpus": 2,
    "device": "cpu",
    "precision": "fp32",
    "threads": 1,
    "checkpoint_interval": 1,
    "batch_size": 8,
    "learning_rate": 1e-3,
    "layers_to_train": "head_only",
}


@pytest.mark.nightly
@pytest.mark.parametrize("point", POINTS)
def test_a_lost_rank_ends_the_run_and_leaves_nothing_but_its_checkpoint(point: str, tmp_path: Path) -> None:
    recipe = recipe_of('type = "starter"', tmp_path / "recipe.toml", rows=80, **RECIPE)
    workspace = tmp_path / "workspace"
    lost = lose(point, ["run", str(recipe)], workspace)
    assert lost.complaints(within=WITHIN) == [], lost.output
    if point not in ("checkpoint", "stopped"):
        return
    assert lost.checkpoints
    command = [sys.executable, "-m", "engine", "continue", lost.run, "--workspace", str(workspace)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
