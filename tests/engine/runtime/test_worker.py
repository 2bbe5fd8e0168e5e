"""What the worker process settles for its libraries before they are loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import stages
from engine.contract.messages import FineTune
from engine.contract.settings import FineTuneSettings, PrepareSettings
from engine.contract.states import PreparedDataset, SplitCounts, TrainingRun
from engine.runtime.worker import run_job
from engine.workspace.layout import Workspace
from tests.builders import a_dataset, a_run

SAYS = """
import sys
import engine.runtime.worker
before = "torch" in sys.modules
engine.runtime.worker.calm_libraries()
import torch, os
print(before, os.environ["OMP_WAIT_POLICY"])
"""


@pytest.mark.parametrize(("chosen", "expected"), [("", "passive"), ("active", "active")])
def test_waiting_threads_sleep_unless_the_user_has_said_otherwise(chosen: str, expected: str) -> None:
    surroundings = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    if chosen:
        surroundings["OMP_WAIT_POLICY"] = chosen
    done = subprocess.run([sys.executable, "-c", SAYS], env=surroundings, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", expected]


def test_a_run_on_edited_rows_is_trained_on_what_is_prepared_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = a_dataset(fingerprint="edited", splits={"train": SplitCounts(3, {})})
    asked: list[object] = []

    def prepared(*arguments: object, **_options: object) -> PreparedDataset:
        asked.append(arguments[2])
        return edited

    monkeypatch.setattr(stages, "prepare_dataset", prepared)
    monkeypatch.setattr(stages, "measured_before", lambda *_arguments, **_options: None)
    monkeypatch.setattr(stages, "fine_tune", lambda dataset, *_arguments, **_options: a_run(dataset=dataset))
    settings = PrepareSettings(kept_splits="0" * 32)
    job = FineTune(a_dataset(), FineTuneSettings(parent="before"), prepare=settings)
    run = run_job(job, lambda _event: None, Workspace(tmp_path))
    assert isinstance(run, TrainingRun)
    assert run.dataset == edited
    assert asked == [settings]
