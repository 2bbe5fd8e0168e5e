"""Which learning rate suits the starter's size: scores of three seeds on real rows."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from tests.gpu.material import Checks, prepared, silent
from tests.gpu.quality import SEEDS, sets

CHOICES: tuple[dict[str, Any], ...] = (
    {"learning_rate": 5e-5},
    {"learning_rate": 1e-4},
    {"learning_rate": 2e-4},
    {"learning_rate": 1e-4, "head_rate_factor": 10.0},
)
NAMES = ("trec", "mrpc", "wnut17")


def choices(checks: Checks, starter: Path, data: Path, folder: Path) -> None:
    """Best score on the validation rows in five epochs of batches of 16, as the preset Balanced trains few rows."""
    from engine import stages
    from engine.settings import FileRows, FineTuneSettings
    from engine.storage import Workspace

    for name in NAMES:
        rows = sets()[name]
        print(f"\n{name}: {rows.metric} of the validation rows")
        workspace = Workspace(folder / f"defaults-{name}").create()
        files = [str(data / name / f"{split}.{rows.suffix}") for split in ("train", "validation", "test")]
        dataset = prepared(starter, FileRows(*files), workspace, **rows.settings)
        for choice in CHOICES:
            scores = []
            for seed in SEEDS:
                settings = FineTuneSettings(epochs=5, batch_size=16, seed=seed, **choice)
                run = stages.fine_tune(dataset, settings, silent, workspace=workspace)
                scores.append(round(100 * (run.best_score or 0.0), 1))
            checks.note(f"{name}, {choice}", [*scores, round(statistics.mean(scores), 1)])
