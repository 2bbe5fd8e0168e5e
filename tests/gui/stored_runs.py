"""Runs on disk as tests of windows need them, without weights."""

from __future__ import annotations

import msgspec

from engine.contract.settings import FineTuneSettings
from engine.workspace.runs import RunRecord, RunStatus, create_run, run_folder, save_run
from gui.session import Session
from tests.builders import a_dataset


def run_with_checkpoint(session: Session, status: RunStatus = "training", step: int = 120) -> RunRecord:
    """A run that ended at a checkpoint of this step, of 300."""
    record = create_run(session.workspace, a_dataset(), FineTuneSettings(run_name="Mine", epochs=2))
    record = msgspec.structs.replace(record, status=status, step=step, total_steps=300)
    save_run(session.workspace, record)
    (run_folder(session.workspace, record.id) / "checkpoints" / f"step-{step:06}").mkdir(parents=True)
    return record
