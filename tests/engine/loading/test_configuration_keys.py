"""Every key of a config.json that changes what a network answers is kept, or refused by its name."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from transformers import CONFIG_MAPPING, AutoConfig, AutoModelForSequenceClassification, AutoModelForTokenClassification
from transformers.activations import ACT2FN

from engine.contract.errors import EngineError
from engine.contract.settings import FolderModel
from engine.loading.configuration import COMMON_KEYS, ENCODERS, FURTHER_KEYS, parse_configuration
from engine.loading.load import load
from engine.workspace.layout import Workspace
from tests.builders_data import ignore
from tests.engine.families import FAMILIES
from tests.engine.family_folders import family_folder

HEADS = (AutoModelForSequenceClassification, AutoModelForTokenClassification)
IDS = torch.tensor([[5, 7, 9, 11, 13, 6], [8, 6, 12, 14, 3, 3]])
MASK = torch.tensor([[1] * 6, [1, 1, 1, 1, 0, 0]])
# Read, but never from the file: private ones, properties of the class, and those of every model of transformers.
DERIVED = {"modernbert": {"sliding_window"}, "funnel": {"num_blocks"}, "ibert": {"add_cross_attention"}}


def keys_in_the_code(family: str) -> set[str]:
    """The keys that the family's modeling file reads."""
    module = CONFIG_MAPPING[family].__module__.split(".")
    folder = Path(transformers.__file__).parent / "models" / module[-2]
    code = (folder / f"{module[-1].replace('configuration', 'modeling')}.py").read_text("utf-8")
    read = re.findall(r"config\.([a-z][a-z_0-9]*)", code)
    read += re.findall(r"getattr\((?:self\.)?config,\s*['\"]([A-Za-z_0-9]+)['\"]", code)
    return set(read)


@pytest.mark.parametrize("family", sorted(ENCODERS))
def test_no_key_that_the_network_reads_is_dropped(family: str) -> None:
    config_class = CONFIG_MAPPING[family]
    known = set(config_class().to_dict()) | set(config_class.attribute_map) | COMMON_KEYS
    assert keys_in_the_code(family) - known - FURTHER_KEYS.get(family, frozenset()) <= DERIVED.get(family, set())


def other_values(key: str, value: Any) -> list[Any]:
    """Values of the same kind, one of which may be possible."""
    if key in OTHERS:
        return OTHERS[key]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value * 2, value + 1, max(1, value // 2)]
    if isinstance(value, float):
        return [0.25]
    return ["relu"] if isinstance(value, str) and value in ACT2FN else []


OTHERS: dict[str, list[Any]] = {
    "norm_rel_ebd": ["layer_norm"],
    "position_buckets": [4],
    "conv_kernel_size": [3],
    "conv_groups": [2],
    "conv_act": ["gelu"],
    "share_att_key": [True],
    "talking_head": [True],
    "attention_head_size": [8],
    "pooler_hidden_size": [16],
    "pos_att_type": [["c2p"], ["p2c"]],
    "max_relative_positions": [8],
    "summary_type": ["first", "last"],
    "summary_activation": ["tanh", "gelu"],
    "summary_use_proj": [False],
    "classifier_pooling": ["cls", "mean"],
    "global_rope_theta": [500.0],
    "local_rope_theta": [300.0],
    "global_attn_every_n_layers": [3],
    "layer_types": [],
    "head_dim": [4],
    "embedding_size": [8],
    "cls_dropout": [0.5],
    "summary_first_dropout": [0.5],
    "summary_last_dropout": [0.5],
    "summary_proj_to_labels": [False],
}
# Together with these others have an effect: convolution in DeBERTa, and buckets of relative positions.
BESIDE = {"conv_groups": {"conv_kernel_size": 3}, "conv_act": {"conv_kernel_size": 3}}


def answers(config: Any, weights: list[dict[str, torch.Tensor]] | None = None) -> tuple[list[torch.Tensor], list[Any]]:
    """Logits of both heads, with these weights or seeded ones, and the weights."""
    found, states = [], []
    for number, head in enumerate(HEADS):
        torch.manual_seed(3)
        network = head.from_config(config).eval()
        if weights is not None:
            network.load_state_dict(weights[number])
        with torch.inference_mode():
            found.append(network(input_ids=IDS, attention_mask=MASK).logits)
        states.append(network.state_dict())
    return found, states


def read(raw: dict[str, Any]) -> tuple[Any, str]:
    """The configuration as this program reads it, or why it does not."""
    try:
        return parse_configuration(json.dumps(raw).encode()).config, ""
    except EngineError as error:
        return None, error.message


@pytest.mark.parametrize(
    "family",
    [
        pytest.param(one, marks=() if one in ("bert", "deberta-v2", "modernbert") else pytest.mark.nightly)
        for one in sorted(ENCODERS)
    ],
)
def test_each_key_alone_leads_to_the_answers_of_plain_transformers(family: str) -> None:
    usual = CONFIG_MAPPING[family]().to_dict()
    tried: set[str] = set()
    for key in sorted((keys_in_the_code(family) & set(usual)) | FURTHER_KEYS.get(family, frozenset())):
        value = FAMILIES[family].get(key, usual.get(key))
        for other in other_values(key, value):
            raw = {**FAMILIES[family], "num_labels": 3, **BESIDE.get(key, {}), key: other}
            try:
                expected, weights = answers(AutoConfig.for_model(family, **raw))
            except Exception:  # not a value that plain transformers works with
                continue
            tried.add(key)
            ours, refused = read({"model_type": family, **raw})
            if ours is None:
                assert key in refused
                continue
            found, _ = answers(ours, weights)
            for one, two in zip(found, expected, strict=True):
                assert torch.allclose(one, two, atol=1e-5), f"{key} = {other}"
            break
    assert len(tried) > 5
    assert FURTHER_KEYS.get(family, frozenset()) - tried <= {"head_dim", "partial_rotary_factor", "rope_scaling"}


def test_deberta_as_it_is_published_loads(tmp_path: Path) -> None:
    """The keys of microsoft/deberta-v3-base, of which the class has no default."""
    folder = family_folder(
        tmp_path / "deberta",
        "deberta-v2",
        share_att_key=True,
        norm_rel_ebd="layer_norm",
        position_buckets=16,
        position_biased_input=False,
        type_vocab_size=0,
        pos_att_type="p2c|c2p",
        max_relative_positions=-1,
        conv_kernel_size=3,
        conv_act="gelu",
    )
    handle = load(FolderModel(str(folder)), ignore, workspace=Workspace(tmp_path / "workspace").create())
    assert handle.model_type == "deberta-v2"
    config = json.loads((folder / "config.json").read_text("utf-8"))
    del config["share_att_key"]
    shutil.copytree(folder, tmp_path / "other")
    (tmp_path / "other" / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(EngineError) as raised:  # without it the weights are those of another network
        load(FolderModel(str(tmp_path / "other")), ignore, workspace=Workspace(tmp_path / "workspace").create())
    assert raised.value.id == "M7"
