"""LoRA: the encoder stays as it was, adapters learn, and what is left is a plain network."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from engine.contract.errors import InvalidSetting, StopRequested
from engine.contract.events import StepsTrained
from engine.contract.states import PreparedDataset, TrainingRun
from engine.devices import detection as devices
from engine.training.batching.rows import read_splits
from engine.training.checkpoints.saver import checkpoint_bytes
from engine.training.fine_tune import fine_tune
from engine.training.loop.assembly import assemble
from engine.training.loop.validation import validate
from engine.training.trainable.lora import (
    ADAPTER,
    adapted_layers,
    adapter_state,
    add_adapters,
    plain_state,
    whole_state,
)
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings, weights
from tests.engine.training.acceleration.test_split_network import KINDS, network_of, rows

pytestmark = pytest.mark.usefixtures("every_step_is_reported")
LORA = {"layers_to_train": "lora", "lora_rank": 4, "learning_rate": 1e-2}


def newest(run: TrainingRun) -> Path:
    return sorted((Path(run.folder) / "checkpoints").glob("step-*"))[-1]


def test_adapters_learn_and_a_plain_network_is_left(reviews: PreparedDataset, workspace: Workspace) -> None:
    listener = Listener()
    run = fine_tune(reviews, small_settings(epochs=4, **LORA), listener, workspace=workspace)
    losses = [event.loss for event in listener.of(StepsTrained)]
    assert losses[-1] < losses[0] - 0.05
    before, after = load_file(Path(reviews.model.folder) / "model.safetensors"), weights(run)
    assert after.keys() == {*(f"bert.{name}" for name in before), "classifier.weight", "classifier.bias"}
    moved = {name for name, tensor in before.items() if not torch.equal(after[f"bert.{name}"], tensor)}
    assert {name.rpartition(".")[0] for name in moved} == {
        "pooler.dense",
        *(
            f"encoder.layer.{layer}.attention.{part}"
            for layer in (0, 1)
            for part in ("self.query", "self.key", "self.value", "output.dense")
        ),
    }
    assert not any(name.endswith("bias") for name in moved if "layer" in name)


def test_the_plain_network_answers_as_it_was_scored(reviews: PreparedDataset, workspace: Workspace) -> None:
    run = fine_tune(reviews, small_settings(**LORA), Listener(), workspace=workspace)
    training = assemble(
        reviews,
        small_settings(),
        devices.choose("cpu", threads=1),
        read_splits(reviews),
        network_folder=Path(run.checkpoint),
    )
    found = validate(training, Listener())
    assert found.scores[run.metric] == pytest.approx(run.best_score)
    best = next(point for point in run.history if point.step == run.best_step)
    assert found.loss == pytest.approx(best.validation_loss, rel=1e-5)


@pytest.mark.parametrize(
    "changes",
    [{}, {"lora_dropout": 0.3, "gradient_accumulation": 2, "lora_layers": "all", "gradient_checkpointing": True}],
)
def test_a_continued_run_ends_like_an_uninterrupted_one(
    reviews: PreparedDataset, workspace: Workspace, changes: dict[str, object]
) -> None:
    settings = small_settings(**LORA, **changes)
    whole = fine_tune(reviews, settings, Listener(), workspace=workspace)
    listener = Listener(lambda event: StopRequested() if isinstance(event, StepsTrained) and event.step == 5 else None)
    stopped = fine_tune(reviews, settings, listener, workspace=workspace)
    resumed = fine_tune(reviews, settings, Listener(), continue_run=stopped.id, workspace=workspace)
    assert all(torch.equal(tensor, weights(resumed)[name]) for name, tensor in weights(whole).items())
    assert resumed.history == whole.history
    for name in ("model", "optimizer"):
        expected, found = (load_file(newest(run) / f"{name}.safetensors") for run in (whole, resumed))
        assert all(torch.equal(tensor, found[key]) for key, tensor in expected.items())


def test_only_adapters_and_head_are_in_the_optimizer(reviews: PreparedDataset) -> None:
    splits, compute = read_splits(reviews), devices.choose("cpu", threads=1)
    training = assemble(reviews, small_settings(layer_decay=0.5, **LORA), compute, splits)
    names = {id(parameter): name for name, parameter in training.network.named_parameters()}
    groups = training.optimizer.param_groups
    learning = {names[id(parameter)]: group["rate_factor"] for group in groups for parameter in group["params"]}
    assert all(ADAPTER in name or name.startswith(("classifier", "bert.pooler")) for name in learning)
    assert {factor for name, factor in learning.items() if "layer.0" in name} == {0.5}
    assert sum("lora_A" in name for name in learning) == 8


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("everywhere", [False, True])
def test_encoders_of_many_kinds_can_be_adapted_and_become_plain_again(kind: str, everywhere: bool) -> None:
    network, plain = network_of(kind), network_of(kind)
    batch = {name: tensor for name, tensor in rows().items() if name != "labels"}
    add_adapters(network, small_settings(layers_to_train="lora", lora_layers="all" if everywhere else "attention"))
    expected = plain(**batch).logits
    torch.testing.assert_close(network(**batch).logits, expected)
    for name, parameter in network.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter.data, std=0.5)
    changed = network(**batch).logits
    assert not torch.allclose(changed, expected, rtol=1e-3)
    plain.load_state_dict(plain_state(network), strict=True)
    torch.testing.assert_close(plain(**batch).logits, changed, rtol=1e-4, atol=1e-5)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    again = network_of(kind)
    add_adapters(again, small_settings(layers_to_train="lora", lora_layers="all" if everywhere else "attention"))
    again.load_state_dict(whole_state(plain_state(network), adapter_state(network)), strict=True)
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in before.items())


def test_the_size_of_a_checkpoint_counts_what_adapters_keep_apart(
    reviews: PreparedDataset, workspace: Workspace
) -> None:
    run = fine_tune(reviews, small_settings(epochs=1, **LORA), Listener(), workspace=workspace)
    training = assemble(reviews, small_settings(**LORA), devices.choose("cpu", threads=1), read_splits(reviews))
    expected = sum(checkpoint_bytes(training))
    files = [load_file(path) for path in newest(run).glob("*.safetensors")]
    written = sum(tensor.nbytes for file in files for name, tensor in file.items() if not name.startswith("random."))
    assert 0.9 * written < expected < 1.1 * written


def test_more_layers_are_adapted_on_request() -> None:
    network = network_of("bert")
    some, every = (adapted_layers(network, everywhere=everywhere) for everywhere in (False, True))
    assert set(some) < set(every)
    assert "bert.encoder.layer.0.intermediate.dense" in every
    assert not any("pooler" in name or "classifier" in name for name in every)


def test_a_network_without_linear_layers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.trainable.lora.adapted_layers", lambda *_, **__: [])
    with pytest.raises(InvalidSetting) as caught:
        add_adapters(network_of("bert"), small_settings(layers_to_train="lora"))
    assert (caught.value.id, caught.value.field) == ("T16", "layers_to_train")
