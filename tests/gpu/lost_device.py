"""A GPU that is lost while a run is trained, for real: an index out of range inside a kernel (device-side assert)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.gpu.material import SEED, Checks, prepared, rows_of_words, silent
from tests.paths import ROOT

TRAINED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import torch
from engine import stages
from engine.contract.errors import EngineError
from engine.contract.events import CheckpointSaved, StepsTrained
from engine.training.checkpoints.saver import CheckpointSaver
from tests.gpu.lost_device import SETTINGS, dataset_in
saved = []
def listen(event):
    if isinstance(event, CheckpointSaved):
        saved.append(event.step)
    if saved and isinstance(event, StepsTrained):
        torch.zeros(2, device="cuda")[torch.tensor([7], device="cuda")]  # asserts on the device, and each call fails
CheckpointSaver.is_due = lambda self: True
dataset, workspace = dataset_in(Path(sys.argv[2]), Path(sys.argv[3]))
try:
    stages.fine_tune(dataset, SETTINGS, listen, workspace=workspace)
    print("no error")
except EngineError as error:
    print(error.id, *(action.value for action in error.actions))
"""


def dataset_in(starter: Path, folder: Path) -> tuple[Any, Any]:
    """800 short rows in a workspace; the second time they are found again."""
    from engine.contract.settings import FileRows
    from engine.workspace.layout import Workspace

    workspace = Workspace(folder / "lost-device").create()
    rows = folder / "lost-device.jsonl"
    if not rows.exists():
        rows_of_words(starter, rows, rows=800)
    return prepared(starter, FileRows(str(rows)), workspace), workspace


def _settings() -> Any:
    from engine.contract.settings import FineTuneSettings

    return FineTuneSettings(epochs=3, batch_size=16, seed=SEED)


SETTINGS = _settings()


def a_device_side_assert(checks: Checks, starter: Path, folder: Path) -> None:
    """The run ends with T11 and what to do, and another process continues it from its checkpoint."""
    from engine import stages
    from engine.workspace.runs import interrupted_runs

    print("\na device-side assert")
    dataset, workspace = dataset_in(starter, folder)
    child = [sys.executable, "-c", TRAINED, str(ROOT), str(starter), str(folder)]
    done = subprocess.run(child, capture_output=True, text=True, timeout=300)
    said = (done.stdout.split("\n")[-2:-1] or [""])[0]
    checks.note("the run ended with", said or done.stderr[-400:])
    checks.expect(said.startswith("T11") and "continue_run" in said, "it reports that the GPU is lost")
    records = interrupted_runs(workspace)
    checks.expect(len(records) == 1, "the run is offered for continuing")
    run = stages.fine_tune(dataset, records[0].settings, silent, continue_run=records[0].id, workspace=workspace)
    checks.expect(run.steps == run.steps_planned, "another process continues it to its end")
