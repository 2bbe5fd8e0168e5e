"""Encoders of many architectures are split above their frozen layers, with the same output as the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AlbertConfig,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    PreTrainedModel,
)

from engine.contract.settings import FineTuneSettings
from engine.tasks.network import logits_of
from engine.training.acceleration.split_network import SplitNetwork, lower_hidden_states, split_network
from engine.training.batching.rows import with_features
from engine.training.trainable.freezing import freeze
from tests.engine.families import FAMILIES, network_of

KINDS = sorted(set(FAMILIES) - {"albert", "ibert", "longformer", "mobilebert", "squeezebert"})  # those are not split
FIRST_ONLY = set(KINDS) - {"eurobert", "modernbert"}  # those pool by mean


def rows() -> dict[str, torch.Tensor]:
    torch.manual_seed(6)
    mask = (torch.arange(9)[None, :] < torch.tensor([9, 4, 7, 2])[:, None]).long()
    return {"input_ids": torch.randint(3, 40, (4, 9)) * mask, "attention_mask": mask, "labels": torch.zeros(4)}


def split_of(network: PreTrainedModel, frozen: int) -> SplitNetwork:
    found = split_network(network, frozen, rows())
    assert found is not None
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frozen", [0, 2, 3])
def test_the_upper_network_computes_what_the_whole_network_computes(kind: str, frozen: int) -> None:
    network = network_of(kind)
    found = split_of(network, frozen)
    batch = {name: tensor[:2] for name, tensor in rows().items()}
    with torch.inference_mode():
        states = lower_hidden_states(network, frozen, batch)
        if found.first_only:
            states = states[:, :1]
        torch.testing.assert_close(
            logits_of(found.upper_network, with_features(batch, states)), logits_of(network, batch)
        )
    assert found.first_only is (frozen == 3 and kind in FIRST_ONLY)
    assert found.hidden == 16


def test_the_upper_network_is_trained_with_the_whole() -> None:
    network = network_of("bert")
    found = split_of(network, 2)
    whole = dict(network.named_parameters())
    for name, parameter in found.upper_network.named_parameters():
        assert parameter is whole[name]
    assert not any("layer.1." in name or "embeddings" in name for name, _ in found.upper_network.named_parameters())


def test_tags_need_all_positions() -> None:
    found = split_of(network_of("roberta", AutoModelForTokenClassification), 3)
    assert not found.first_only


def test_a_network_that_is_not_built_of_layers_is_not_cut() -> None:
    torch.manual_seed(5)
    config = AlbertConfig(**{**FAMILIES["albert"], "num_labels": 3})  # type: ignore[arg-type]
    network: PreTrainedModel = AutoModelForSequenceClassification.from_config(config)
    assert split_network(network.eval(), 2, rows()) is None
    assert freeze(network, FineTuneSettings(layers_to_train="head_only")) is None


def test_a_network_that_says_something_else_when_cut_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of("bert")
    forward = type(network.bert.encoder).forward

    def with_memory_of_the_embeddings(encoder: Any, states: torch.Tensor, *given: Any, **named: Any) -> Any:
        answer = forward(encoder, states, *given, **named)
        answer["last_hidden_state"] = answer["last_hidden_state"] + states
        return answer

    monkeypatch.setattr(type(network.bert.encoder), "forward", with_memory_of_the_embeddings)
    assert split_network(network, 2, rows()) is None


def test_nothing_above_the_frozen_layers_is_computed_for_their_states() -> None:
    network = network_of("bert")
    met: list[str] = []
    for name, module in network.named_modules():
        module.register_forward_hook(lambda *_, name=name: met.append(name))
    lower_hidden_states(network, 2, rows())
    assert "bert.encoder.layer.1" in met or "bert.encoder.layer.0" in met
    assert not any(name.startswith(("bert.encoder.layer.2", "classifier", "bert.pooler")) for name in met)


def test_what_learns_is_what_was_asked_for(tmp_path: Path) -> None:
    network = network_of("bert")
    assert freeze(network, FineTuneSettings(layers_to_train="last_layers", last_layers=1)) == 2
    learning = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    assert {name.split(".")[3] for name in learning if ".layer." in name} == {"2"}
    assert {"classifier.weight", "bert.pooler.dense.weight"} <= learning
    assert not any("embeddings" in name for name in learning)
    assert freeze(network_of("bert"), FineTuneSettings(layers_to_train="last_layers", last_layers=9)) == 0
    assert freeze(network_of("bert"), FineTuneSettings()) is None
