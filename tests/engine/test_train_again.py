"""From an evaluated run to its child on edited rows, through the jobs of the worker."""

from __future__ import annotations

from pathlib import Path

import datasets
import msgspec

from engine.contract.messages import Evaluate, FineTune
from engine.contract.row_edits import RowChange, input_hash
from engine.contract.settings import EvaluateSettings
from engine.contract.states import EvaluationReport, TrainingRun
from engine.runtime.worker import run_job
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, prepared_tiny_dataset
from tests.engine.small_runs import small_settings


def test_no_test_row_enters_training_and_the_child_is_beside_its_parent(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path)
    workspace = Workspace(tmp_path / "workspace").create()
    parent = run_job(FineTune(dataset, small_settings(epochs=1)), ignore, workspace)
    assert isinstance(parent, TrainingRun)
    run_job(Evaluate(parent, EvaluateSettings(device="cpu")), ignore, workspace)

    before = datasets.load_from_disk(dataset.folder)
    test, train = before["test"][0], before["train"][0]
    other = "negative" if test["label"] == "positive" else "positive"
    changes = (
        RowChange(test["row"], input_hash(test), old=(test["label"],), new=(other,)),
        RowChange(train["row"], input_hash(train), leave_out=True, old=(train["label"],), new=(train["label"],)),
    )
    edited = msgspec.structs.replace(dataset.settings, changes=changes, kept_splits=dataset.fingerprint)
    settings = small_settings(epochs=1, parent=parent.id)
    child = run_job(FineTune(dataset, settings, prepare=edited), ignore, workspace)
    assert isinstance(child, TrainingRun)
    after = datasets.load_from_disk(child.dataset.folder)
    assert not set(before["test"]["row"][:]) & set(after["train"]["row"][:])
    assert after["test"]["row"][:] == before["test"]["row"][:]
    assert set(before["train"]["row"][:]) - set(after["train"]["row"][:]) == {train["row"]}

    report = run_job(Evaluate(child, EvaluateSettings(device="cpu")), ignore, workspace)
    assert isinstance(report, EvaluationReport)
    assert any("its parent" in note and "1 of them with an edited label" in note for note in report.notes)
