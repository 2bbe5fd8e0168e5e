"""The copy that computes: with the weights' own number format it changes nothing, and it follows every change."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.contract.events import Emit
from engine.contract.states import PreparedDataset, TrainingRun
from engine.devices import detection as devices
from engine.tasks.network import logits_of
from engine.training import fine_tune as room
from engine.training.batching.rows import read_splits
from engine.training.fine_tune import fine_tune
from engine.training.loop.assembly import assemble
from engine.training.step.bf16_copy import Bf16Copy
from engine.training.step.training import Training
from engine.training.step.update import EagerStep
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings


def trained(dataset: PreparedDataset, workspace: Workspace, emit: Emit, **changes: object) -> dict[str, torch.Tensor]:
    run: TrainingRun = fine_tune(dataset, small_settings(**changes), emit, workspace=workspace)
    return load_file(Path(run.checkpoint) / "model.safetensors")


def with_copy(training: Training, number_format: torch.dtype) -> Training:
    return dataclasses.replace(training, bf16_copy=Bf16Copy(training.network, number_format))


@pytest.mark.parametrize("checkpointing", [False, True])
def test_a_copy_in_float32_trains_bit_equal_to_the_weights_themselves(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, checkpointing: bool
) -> None:
    plain = trained(reviews, workspace, Listener(), gradient_checkpointing=checkpointing)
    monkeypatch.setattr(room, "assemble", lambda *args, **named: with_copy(assemble(*args, **named), torch.float32))
    copied = trained(reviews, workspace, Listener(), gradient_checkpointing=checkpointing)
    assert all(torch.equal(plain[name], copied[name]) for name in plain)


def one_step(reviews: PreparedDataset) -> tuple[Training, Training]:
    compute = devices.choose("cpu", threads=1)
    training = assemble(reviews, small_settings(), compute, read_splits(reviews))
    shorter = with_copy(training, torch.bfloat16)
    step = EagerStep(shorter, torch.zeros((), dtype=torch.bool))
    step(shorter.plan.epoch(0)[0], 1e-2)
    return training, shorter


def test_the_copy_has_the_weights_after_each_update_and_no_gradient_is_left(reviews: PreparedDataset) -> None:
    _, training = one_step(reviews)
    assert training.bf16_copy is not None
    pairs = list(zip(training.network.parameters(), training.bf16_copy.network.parameters(), strict=True))
    assert all(weight.dtype == torch.float32 and copied.dtype == torch.bfloat16 for weight, copied in pairs)
    assert all(torch.equal(weight.bfloat16(), copied) for weight, copied in pairs)
    assert all(weight.grad is None and copied.grad is None for weight, copied in pairs)


def test_weights_learn_what_bfloat16_alone_would_round_away(reviews: PreparedDataset) -> None:
    training, shorter = one_step(reviews)
    before = {name: tensor.clone() for name, tensor in training.network.named_parameters()}
    EagerStep(shorter, torch.zeros((), dtype=torch.bool))(shorter.plan.epoch(0)[1], 1e-7)
    moved = [not torch.equal(before[name], tensor) for name, tensor in training.network.named_parameters()]
    rounded = [
        torch.equal(before[name].bfloat16(), tensor.bfloat16()) for name, tensor in training.network.named_parameters()
    ]
    assert sum(moved) > len(moved) * 0.8
    assert any(rounded)


def test_a_copy_of_layers_that_are_computed_twice_computes_with_its_own_weights(reviews: PreparedDataset) -> None:
    settings = small_settings(gradient_checkpointing=True)
    training = assemble(reviews, settings, devices.choose("cpu", threads=1), read_splits(reviews))
    bf16_copy = Bf16Copy(training.network, torch.float32)
    with torch.no_grad():
        for parameter in training.network.parameters():
            parameter.zero_()
    bf16_copy.network.train()
    batch = training.train_batches.of(np.arange(4))
    logits_of(bf16_copy.network, batch).sum().backward()
    assert all(parameter.grad is None for parameter in training.network.parameters())
    gradient = bf16_copy.network.get_parameter("bert.encoder.layer.0.output.dense.weight").grad
    assert gradient is not None
    assert bool(gradient.any())


def gradients(training: Training, parts: list[np.ndarray]) -> dict[str, torch.Tensor]:
    """The gradients of one update from these parts, as the optimizer receives them; no weight changes."""
    found: dict[str, torch.Tensor] = {}

    def keep(optimizer: torch.optim.Optimizer, *_: object) -> None:
        for name, parameter in training.network.named_parameters():
            if parameter.grad is not None:
                found[name] = parameter.grad.clone()

    handle = training.optimizer.register_step_pre_hook(keep)
    batches = [training.train_batches.of(part) for part in parts]
    step = EagerStep(training, torch.zeros((), dtype=torch.bool))
    step.of_parts(batches, float(sum(map(len, parts))), 0.0)
    handle.remove()
    return found


def test_gradients_of_many_parts_are_summed_in_float32(reviews: PreparedDataset) -> None:
    compute = devices.choose("cpu", threads=1)
    training = assemble(reviews, small_settings(), compute, read_splits(reviews))
    training.network.eval()  # without dropout
    copied = with_copy(training, torch.bfloat16)
    rows = 64
    parts = [np.array([row]) for row in range(rows)]
    together = gradients(copied, parts)
    alone = [gradients(copied, [part]) for part in parts]
    for name, found in together.items():
        expected = torch.stack([one[name].double() for one in alone]).sum(0) / rows  # alone, a row has no divisor
        torch.testing.assert_close(found.double(), expected, rtol=0, atol=2e-3 * float(expected.abs().max()), msg=name)
