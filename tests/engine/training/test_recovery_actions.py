"""A diverged run continues from its last good checkpoint, changed as the user chose, and its record names that."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
import torch

from engine.contract.errors import NumbersDiverged
from engine.contract.events import Noted, StepsTrained, TrainingStarted
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.run_changes import change_sentence, with_action
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.tasks.text_classification.task import TextClassification
from engine.training.fine_tune import fine_tune
from engine.training.loop import reports
from engine.workspace.layout import Workspace
from engine.workspace.runs import interrupted_runs, read_run
from tests.engine.small_runs import Listener, small_settings


def diverge(reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> NumbersDiverged:
    """A run of three epochs whose 12th loss is not a number; step 9 is saved."""
    loss, calls = TextClassification.loss, []

    def poisoned(task: TextClassification, logits: torch.Tensor, *rest: Any) -> torch.Tensor:
        calls.append(1)
        return loss(task, logits, *rest) * (math.nan if len(calls) == 14 else 1.0)  # two of them look at the rows

    with monkeypatch.context() as patched:
        patched.setattr(TextClassification, "loss", poisoned)
        with pytest.raises(NumbersDiverged) as caught:
            fine_tune(reviews, small_settings(epochs=3), Listener(), workspace=workspace)
    return caught.value


def test_half_the_rate_from_the_last_checkpoint_on(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = diverge(reviews, workspace, monkeypatch)
    (record,) = interrupted_runs(workspace)
    assert error.actions == (RecoveryAction.LOWER_LEARNING_RATE,)  # it computes in fp32 already
    listener = Listener()
    run = fine_tune(
        reviews, record.settings, listener, continue_run=record.id, action=error.actions[0], workspace=workspace
    )
    assert run.id == record.id
    assert run.steps == run.steps_planned == 27
    assert listener.of(TrainingStarted)[0].first_step == 9
    assert max(event.learning_rate for event in listener.of(StepsTrained)) <= 2.5e-3
    sentence = "From step 9 on: learning rate 0.0025 instead of 0.005"
    assert listener.of(Noted)[0].text == f"{sentence}."
    assert sentence in run.notes
    assert run.settings.learning_rate == 2.5e-3
    saved = read_run(workspace, record.id)
    assert saved.changes == (sentence,)
    assert saved.settings.learning_rate == 2.5e-3


def test_the_change_outlives_the_next_interruption(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverge(reviews, workspace, monkeypatch)
    (record,) = interrupted_runs(workspace)
    crash = Listener(at=lambda event: RuntimeError("crash") if isinstance(event, StepsTrained) else None)
    with pytest.raises(Exception, match="went wrong"):
        fine_tune(
            reviews,
            record.settings,
            crash,
            continue_run=record.id,
            action=RecoveryAction.LOWER_LEARNING_RATE,
            workspace=workspace,
        )
    listener = Listener()
    run = fine_tune(reviews, record.settings, listener, continue_run=record.id, workspace=workspace)
    assert run.settings.learning_rate == 2.5e-3
    assert len(run.notes) == 1
    assert listener.of(Noted) == []


def test_a_run_that_is_continued_without_a_remedy_keeps_its_settings(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverge(reviews, workspace, monkeypatch)
    (record,) = interrupted_runs(workspace)
    run = fine_tune(reviews, small_settings(), Listener(), continue_run=record.id, workspace=workspace)
    assert run.settings == record.settings
    assert run.notes == ()


def test_fp32_is_offered_where_the_run_computes_in_less(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)
    monkeypatch.setattr(TextClassification, "loss", lambda _, logits, *rest: logits.sum() * torch.nan)
    with pytest.raises(NumbersDiverged) as caught:
        fine_tune(reviews, small_settings(precision="bf16"), Listener(), workspace=workspace)
    assert caught.value.actions == (RecoveryAction.LOWER_LEARNING_RATE, RecoveryAction.USE_FP32)
    assert "fp32" in caught.value.hint


def test_each_remedy_changes_what_its_caption_says() -> None:
    plain = FineTuneSettings(learning_rate=3e-5, precision="bf16", gradient_accumulation=2)
    changed = {
        RecoveryAction.LOWER_LEARNING_RATE: {"learning_rate": 1.5e-5},
        RecoveryAction.HALVE_LEARNING_RATE: {"learning_rate": 1.5e-5},
        RecoveryAction.TRIPLE_LEARNING_RATE: {"learning_rate": 9e-5},
        RecoveryAction.USE_FP32: {"precision": "fp32"},
        RecoveryAction.USE_LESS_MEMORY: {"gradient_accumulation": 4},
        RecoveryAction.STOP_KEEP_BEST: {},
    }
    for rule, fields in changed.items():
        assert with_action(plain, rule) == msgspec.structs.replace(plain, **fields)
    assert with_action(FineTuneSettings(learning_rate=0.09), RecoveryAction.TRIPLE_LEARNING_RATE).learning_rate == 0.1
    assert change_sentence(plain, with_action(plain, RecoveryAction.USE_FP32), 1200) == (
        "From step 1,200 on: precision fp32 instead of bf16"
    )
