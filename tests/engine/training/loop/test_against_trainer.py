"""The same batches in the same order give the same losses as `transformers.Trainer`, to 1e-5 relative.

Dropout is on: both sides reseed torch before each forward pass in training, since Trainer's data loader draws from
the same generator between the passes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from datasets import Dataset, load_from_disk
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel, Trainer, TrainerCallback, TrainingArguments
from transformers.utils import logging as transformers_logging

from engine.contract.events import StepsTrained
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.devices import detection as devices
from engine.tasks.registry import task_named
from engine.training.fine_tune import fine_tune
from engine.training.loop import assembly, reports
from engine.training.step.optimizer import decay_groups
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings


class Losses(TrainerCallback):
    """What Trainer logs at every step."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.norms: list[float] = []
        self.rates: list[float] = []

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
        if logs and "loss" in logs:
            self.losses.append(logs["loss"])
            self.norms.append(logs["grad_norm"])
            self.rates.append(logs["learning_rate"])


def reseed_before_each_pass(network: PreTrainedModel) -> PreTrainedModel:
    passes = 0

    def reseed(module: torch.nn.Module, *_: object) -> None:
        nonlocal passes
        if module.training:
            torch.manual_seed(passes)
            passes += 1

    network.register_forward_pre_hook(reseed)
    return network


def ours(
    dataset: PreparedDataset, settings: FineTuneSettings, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> list[StepsTrained]:
    task = type(task_named(dataset.task))
    build = task.build_network
    with monkeypatch.context() as patched:
        patched.setattr(task, "build_network", lambda *given: reseed_before_each_pass(build(*given)))
        patched.setattr(reports, "REPORT_INTERVAL", 0.0)
        listener = Listener()
        fine_tune(dataset, settings, listener, workspace=workspace)
    return listener.of(StepsTrained)


def mean_over_the_batch(outputs: Any, labels: torch.Tensor, num_items_in_batch: torch.Tensor | int) -> torch.Tensor:
    logits = outputs["logits"]
    return cross_entropy(logits.flatten(0, -2), labels.flatten(), reduction="sum") / num_items_in_batch


def trainers(dataset: PreparedDataset, settings: FineTuneSettings, folder: Path) -> Losses:
    """Trainer over the rows in the order of our batches: one long epoch that takes them as they come."""
    compute = devices.choose("cpu", threads=1)
    splits = load_from_disk(dataset.folder)
    torch.manual_seed(settings.seed)
    training = assembly.assemble(dataset, settings, compute, splits)
    epochs = range(int(settings.epochs))
    order = np.concatenate([np.concatenate(training.plan.epoch(epoch)) for epoch in epochs])
    rows = Dataset.from_list([splits["train"][int(index)] for index in order]).select_columns(["input_ids", "labels"])
    losses = Losses()
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=1,
        per_device_train_batch_size=settings.batch_size // settings.gradient_accumulation,
        gradient_accumulation_steps=settings.gradient_accumulation,
        learning_rate=settings.learning_rate,
        warmup_steps=settings.warmup_share,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_gradient_norm,
        train_sampling_strategy="sequential",
        logging_steps=1,
        logging_first_step=True,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
    )
    trainer = Trainer(
        model=reseed_before_each_pass(training.network),
        args=arguments,
        train_dataset=rows,
        data_collator=lambda features: training.task.collate(features, padding_id=0),
        callbacks=[losses],
        # BERT's heads in transformers 5.23 ignore the number of labels that Trainer hands them, so with accumulation
        # alone it trains on the sum of the parts' means. The documented hook gives it the normalisation it intends.
        compute_loss_func=mean_over_the_batch if settings.gradient_accumulation > 1 else None,
    )
    decayed, _ = decay_groups(training.network)
    assert sorted(trainer.get_decay_parameter_names(training.network)) == sorted(decayed)
    trainer.train()
    return losses


@pytest.mark.parametrize("kind", ["reviews", "entities"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"gradient_accumulation": 4},
        {"max_gradient_norm": 0.05, "weight_decay": 0.3, "warmup_share": 0.4},
        {"length_buckets": False, "learning_rate": 2e-2},
    ],
)
def test_losses_equal_trainers(
    kind: str,
    changes: dict[str, object],
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dataset: PreparedDataset = request.getfixturevalue(kind)
    settings = small_settings(epochs=2, evaluation_interval=0, **changes)
    before = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    expected = trainers(dataset, settings, tmp_path / "trainer")
    transformers_logging.set_verbosity(before)
    found = ours(dataset, settings, workspace, monkeypatch)
    assert len(found) == len(expected.losses) >= 12
    np.testing.assert_allclose([step.loss for step in found], expected.losses, rtol=1e-5)
    np.testing.assert_allclose([step.gradient_norm for step in found], expected.norms, rtol=1e-4)
    np.testing.assert_allclose([step.learning_rate for step in found], expected.rates, rtol=1e-6)
