"""Class weights, label smoothing, rates by layer and gradient checkpointing in whole runs."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from transformers import AlbertConfig, AlbertModel
from transformers.models.bert.modeling_bert import BertLayer

from engine.contract.errors import InvalidSetting, StopRequested
from engine.contract.events import StepsTrained
from engine.contract.states import PreparedDataset
from engine.devices import detection as devices
from engine.training.batching.rows import read_splits
from engine.training.fine_tune import fine_tune
from engine.training.loop.assembly import assemble
from engine.training.trainable.layers import encoder_layers, rate_factors
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings, weights

pytestmark = pytest.mark.usefixtures("every_step_is_reported")
ALL = {
    "class_weights": "balanced",
    "label_smoothing": 0.1,
    "layer_decay": 0.7,
    "head_rate_factor": 3.0,
    "gradient_checkpointing": True,
}


def losses(dataset: PreparedDataset, workspace: Workspace, **changes: object) -> list[float]:
    listener = Listener()
    fine_tune(dataset, small_settings(epochs=1, **changes), listener, workspace=workspace)
    return [event.loss for event in listener.of(StepsTrained)]


def test_accumulation_changes_no_loss_whatever_is_chosen(
    without_dropout: PreparedDataset, workspace: Workspace
) -> None:
    whole = losses(without_dropout, workspace, **ALL)
    parts = losses(without_dropout, workspace, gradient_accumulation=4, **ALL)
    assert parts == pytest.approx(whole, rel=1e-5)
    assert whole != pytest.approx(losses(without_dropout, workspace), rel=1e-3)


def test_gradient_checkpointing_changes_no_bit(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = fine_tune(reviews, small_settings(epochs=1), Listener(), workspace=workspace)
    passes = 0
    forward = BertLayer.forward

    def counted(layer: BertLayer, *given: object, **named: object) -> object:
        nonlocal passes
        passes += torch.is_grad_enabled()
        return forward(layer, *given, **named)

    monkeypatch.setattr(BertLayer, "forward", counted)
    saving = fine_tune(reviews, small_settings(epochs=1, gradient_checkpointing=True), Listener(), workspace=workspace)
    assert all(torch.equal(tensor, weights(saving)[name]) for name, tensor in weights(plain).items())
    assert passes == 2 * 2 * plain.steps  # two layers, there and back


def test_an_interrupted_run_with_every_choice_ends_like_an_uninterrupted_one(
    entities: PreparedDataset, workspace: Workspace
) -> None:
    settings = small_settings(**ALL)
    whole = fine_tune(entities, settings, Listener(), workspace=workspace)
    listener = Listener(lambda event: StopRequested() if isinstance(event, StepsTrained) and event.step == 5 else None)
    stopped = fine_tune(entities, settings, listener, workspace=workspace)
    resumed = fine_tune(entities, settings, Listener(), continue_run=stopped.id, workspace=workspace)
    assert all(torch.equal(tensor, weights(resumed)[name]) for name, tensor in weights(whole).items())


def test_the_validation_loss_is_the_plain_one(without_dropout: PreparedDataset, workspace: Workspace) -> None:
    settings = small_settings(epochs=1, learning_rate=1e-12)
    plain = fine_tune(without_dropout, settings, Listener(), workspace=workspace)
    chosen = msgspec.structs.replace(settings, label_smoothing=0.3)
    smoothed = fine_tune(without_dropout, chosen, Listener(), workspace=workspace)
    assert smoothed.history[0].validation_loss == plain.history[0].validation_loss
    assert smoothed.history[0].training_loss != plain.history[0].training_loss


def test_layers_learn_the_slower_the_lower_they_are(reviews: PreparedDataset) -> None:
    settings = small_settings(layer_decay=0.5, head_rate_factor=8.0)
    training = assemble(reviews, settings, devices.choose("cpu", threads=1), read_splits(reviews))
    found = {}
    for group in training.optimizer.param_groups:
        for parameter in group["params"]:
            found[id(parameter)] = group["rate_factor"]
    factors = {name: found[id(parameter)] for name, parameter in training.network.named_parameters()}
    assert factors["bert.embeddings.word_embeddings.weight"] == 0.25
    assert factors["bert.encoder.layer.0.attention.self.query.weight"] == 0.5
    assert factors["bert.encoder.layer.1.output.LayerNorm.bias"] == 1.0
    assert factors["bert.pooler.dense.weight"] == 1.0
    assert factors["classifier.weight"] == 8.0


@pytest.mark.parametrize("choice", [{"layer_decay": 0.9}, {"gradient_checkpointing": True}])
def test_layers_that_cannot_be_distinguished_are_named(
    choice: dict[str, object], reviews: PreparedDataset, tmp_path: Path
) -> None:
    config = AlbertConfig(
        vocab_size=40,
        embedding_size=8,
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=32,
    )
    AlbertModel(config).save_pretrained(tmp_path / "albert")
    dataset = msgspec.structs.replace(
        reviews, model=msgspec.structs.replace(reviews.model, folder=str(tmp_path / "albert"))
    )
    splits, compute = read_splits(dataset), devices.choose("cpu", threads=1)
    with pytest.raises(InvalidSetting) as caught:
        assemble(dataset, small_settings(**choice), compute, splits)
    assert (caught.value.id, caught.value.field) == ("T16", *choice)
    network = assemble(dataset, small_settings(), compute, splits).network
    assert encoder_layers(network) is None
    factors = rate_factors(network, layer_decay=1.0, head_factor=2.0)
    assert {factor for name, factor in factors.items() if name.startswith("classifier")} == {2.0}
