"""Where each parameter of each supported family is, and a head that is drawn anew."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import Module
from transformers import AutoModelForMaskedLM, AutoModelForTokenClassification, PreTrainedModel

from engine.contract.settings import FineTuneSettings
from engine.loading.configuration import ENCODERS
from engine.tasks.registry import task_named
from engine.training.trainable.freezing import freeze
from engine.training.trainable.layers import (
    draw_head,
    encoder_layers,
    height,
    is_above_encoder,
    is_final_norm,
    is_new_head,
    rate_factors,
)
from tests.engine.families import FAMILIES, network_of


def modules_as_computed(network: PreTrainedModel) -> list[str]:
    """The modules with parameters of their own, in the order in which a forward pass computes them."""
    computed: list[str] = []

    def append(name: str, module: Module) -> None:
        module.register_forward_hook(lambda *_: computed.append(name))

    for name, module in network.named_modules():
        if list(module.parameters(recurse=False)):
            append(name, module)
    network(input_ids=torch.randint(3, 40, (2, 7)), attention_mask=torch.ones(2, 7, dtype=torch.long))
    return computed


def test_every_supported_family_has_a_small_network() -> None:
    assert set(FAMILIES) == ENCODERS


@pytest.mark.parametrize("auto_class", [None, AutoModelForTokenClassification])
@pytest.mark.parametrize("family", sorted(ENCODERS))
def test_what_is_computed_after_the_last_layer_is_as_high_as_it(family: str, auto_class: type | None) -> None:
    network = network_of(family) if auto_class is None else network_of(family, auto_class)
    layers = encoder_layers(network)
    if layers is None:
        assert family == "albert"
        return
    computed = modules_as_computed(network)
    inside = [place for place, name in enumerate(computed) if name.startswith(f"{layers.prefix}.")]
    parameters = [name for name, _ in network.named_parameters()]
    after = {f"{name}." for name in computed[inside[-1] + 1 :]}
    before = {f"{name}." for name in computed[: inside[0]]}
    for name in parameters:
        if any(name.startswith(module) for module in after):
            assert height(layers, network, name) == len(layers.modules), name
            assert is_above_encoder(network, name) or is_final_norm(network, name), name
        if any(name.startswith(module) for module in before):
            assert height(layers, network, name) == 0, name
            assert not is_above_encoder(network, name), name
    factors = rate_factors(network, layer_decay=0.1, head_factor=5.0)
    assert {factors[name] for name in parameters if is_new_head(network, name)} == {5.0}
    top = {name for name in parameters if any(name.startswith(module) for module in after)}
    assert {factors[name] for name in top if not is_new_head(network, name)} <= {1.0}


@pytest.mark.parametrize(
    ("family", "norm"),
    [
        ("megatron-bert", "bert.encoder.ln.weight"),
        ("modernbert", "model.final_norm.weight"),
        ("roberta-prelayernorm", "roberta_prelayernorm.LayerNorm.weight"),
        ("xlm-roberta-xl", "roberta.encoder.LayerNorm.weight"),
    ],
)
def test_the_final_norm_is_trained_with_the_last_layers_and_not_with_the_head_alone(family: str, norm: str) -> None:
    network = network_of(family)
    freeze(network, FineTuneSettings(layers_to_train="last_layers", last_layers=1))
    assert network.get_parameter(norm).requires_grad
    freeze(network, FineTuneSettings(layers_to_train="head_only"))
    assert not network.get_parameter(norm).requires_grad


def test_the_pretrained_head_of_modernbert_is_not_new() -> None:
    network = network_of("modernbert")
    assert not is_new_head(network, "head.dense.weight")
    assert is_above_encoder(network, "head.dense.weight")
    assert is_new_head(network, "classifier.weight")


@pytest.mark.parametrize("family", sorted(ENCODERS))
@pytest.mark.parametrize("labels", [2, 3])
def test_a_head_is_drawn_from_the_seed_whatever_the_folder_holds(family: str, labels: int, tmp_path: Path) -> None:
    trained = network_of(family)
    with torch.no_grad():
        for name, parameter in trained.named_parameters():
            if is_new_head(trained, name):
                parameter.fill_(7.0)
    trained.save_pretrained(tmp_path / "with a head")
    trained.base_model.save_pretrained(tmp_path / "without")
    heads = []
    for folder in ("with a head", "without"):
        network = task_named("text_classification").build_network(tmp_path / folder, ("no", "yes", "maybe")[:labels])
        torch.manual_seed(1)
        draw_head(network)
        heads.append({name: tensor for name, tensor in network.state_dict().items() if is_new_head(network, name)})
    assert heads[0].keys() == heads[1].keys()
    for name, tensor in heads[0].items():
        assert torch.equal(tensor, heads[1][name]), name
        assert not (tensor == 7.0).any(), name


def test_the_pretrained_head_of_modernbert_stays(tmp_path: Path) -> None:
    pretrained = network_of("modernbert", AutoModelForMaskedLM)
    pretrained.save_pretrained(tmp_path)
    network = task_named("text_classification").build_network(tmp_path, ("no", "yes"))
    draw_head(network)
    assert torch.equal(network.get_parameter("head.dense.weight"), pretrained.get_parameter("head.dense.weight"))
