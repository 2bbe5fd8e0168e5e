"""Folders that are hostile or damaged: each is named for what it is, and nothing in it is executed."""

from __future__ import annotations

import base64
import importlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    PreTrainedTokenizerBase,
    TokenizersBackend,
)

from engine.contract.errors import ModelDamaged, ModelNotFound, ModelNotSupported, OutOfMemory
from engine.contract.recovery_actions import RecoveryAction
from engine.loading import weights
from engine.loading.configuration import parse_configuration
from engine.workspace.atomic_files import sha256_of
from engine.workspace.layout import Workspace
from tests.builders_models import tiny_bert_folder, tiny_tokenizer, vocabulary
from tests.engine.loading.folders import WEIGHTS, change_config, change_weights, loaded, refusal

# ── Hostile and damaged config ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "key",
    [
        {"auto_map": {"AutoModel": "canary.Canary", "AutoModelForSequenceClassification": "canary.Canary"}},
        {"_attn_implementation_internal": "someone/kernel"},
        {"attn_implementation": "someone/kernel"},
        {"experts_implementation": "someone/kernel"},
        {"trust_remote_code": True},
        {"return_dict": False},
    ],
    ids=lambda value: next(iter(value)),
)
def test_what_asks_for_code_is_left_out_for_every_room(
    folder: Path, workspace: Workspace, key: dict[str, object]
) -> None:
    canary = folder / "canary.py"
    touched = folder.parent / "touched"
    canary.write_text(f"open({str(touched)!r}, 'w')\nclass Canary: pass\n")
    change_config(folder, **key)
    model = loaded(folder, workspace)
    assert not touched.exists()
    assert Path(model.folder).is_relative_to(workspace.root)
    assert not set(key) & set(json.loads(Path(model.folder, "config.json").read_text("utf-8")))
    assert not Path(model.folder, "canary.py").exists()
    assert any("are ignored" in note for note in model.notes)
    assert model.sha256 == sha256_of(folder / WEIGHTS)
    AutoModelForSequenceClassification.from_pretrained(model.folder, num_labels=2)
    assert loaded(folder, workspace) == model  # the clean folder is found again


@pytest.mark.parametrize("named", [5, "BertForMaskedLM", {}, [], [None]], ids=repr)
def test_what_names_no_architecture_reports_nothing_of_a_head(
    folder: Path, workspace: Workspace, named: object
) -> None:
    change_config(folder, architectures=named)
    assert loaded(folder, workspace).head is None


def test_an_adapter_beside_the_weights_is_not_followed(folder: Path, workspace: Workspace) -> None:
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "someone/else"}')
    assert not Path(loaded(folder, workspace).folder, "adapter_config.json").exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"num_hidden_layers": 100_000}, "num_hidden_layers = 100000"),
        ({"hidden_size": -32}, "hidden_size = -32"),
        ({"vocab_size": 0}, "vocab_size = 0"),
        ({"num_attention_heads": 2.5}, "num_attention_heads = 2.5"),
        ({"max_position_embeddings": 10**30}, "max_position_embeddings"),
        ({"surprise": 10**30}, "surprise"),
        ({"nested": {"a": {"b": {"c": {"d": {"e": {}}}}}}}, "nested"),
        ({"classifier_dropout": 7}, "classifier_dropout = 7"),
        ({"layer_norm_eps": -1}, "layer_norm_eps = -1"),
        ({"layer_norm_eps": -1e-12}, "layer_norm_eps = -1e-12"),
        ({"layer_norm_eps": 0.0}, "layer_norm_eps = 0.0"),
        ({"initializer_range": -1.0}, "initializer_range = -1.0"),
        ({"initializer_range": 1e9}, "initializer_range = 1000000000.0"),
        ({"rope_scaling": {"rope_theta": 0.0}}, "rope_theta = 0.0"),
        ({"chunk_size_feed_forward": 7}, "chunk_size_feed_forward = 7"),
        ({"hidden_act": "canary"}, "cannot be used"),
        ({"hidden_size": 33}, "cannot be used"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_impossible_values_are_refused_with_the_keys_name(
    folder: Path, workspace: Workspace, values: dict[str, object], words: str
) -> None:
    change_config(folder, **values)
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (ModelDamaged, "M3")
    assert words in error.message


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}', bytes(5_000_000)])
def test_a_config_that_is_none_is_refused(folder: Path, workspace: Workspace, content: bytes) -> None:
    (folder / "config.json").write_bytes(content)
    assert refusal(folder, workspace).id == "M3"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model_type": "gpt2"}, "writes text"),
        ({"model_type": "t5"}, "rewrites text"),
        ({"model_type": "vit"}, "for images"),
        ({"is_decoder": True}, "is_decoder"),
        ({"quantization_config": {"bits": 4}}, "quantization_config"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
    ],
)
def test_other_kinds_of_models_are_refused_for_what_they_are(
    folder: Path, workspace: Workspace, values: dict[str, object], words: str
) -> None:
    change_config(folder, **values)
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (ModelNotSupported, "M9")
    assert words in error.message


# ── Damaged weights ─────────────────────────────────────────────────────────────────────────────────────────────


def test_pickles_are_never_opened(folder: Path, workspace: Workspace) -> None:
    (folder / WEIGHTS).rename(folder / "pytorch_model.bin")
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (ModelNotSupported, "M1")
    assert error.hint == "Choose one with a model.safetensors file."


def test_a_pickle_under_another_name_is_never_opened(folder: Path, workspace: Workspace) -> None:
    for start in (b"\x80\x04\x95canary.....", b"PK\x03\x04canary......"):
        (folder / WEIGHTS).write_bytes(start * 50)
        assert refusal(folder, workspace).id == "M1"


@pytest.mark.parametrize("share", [0, 0.00005, 0.001, 0.02, 0.2, 0.5, 0.9, 0.99999])
def test_a_cut_weight_file_is_reported_to_be_incomplete(folder: Path, workspace: Workspace, share: float) -> None:
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[: int(len(content) * share)])
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (ModelDamaged, "M5")
    assert "incomplete" in error.message or "empty" in error.message
    assert RecoveryAction.DOWNLOAD_AGAIN in error.actions


def test_an_incomplete_file_is_reported_with_its_numbers(folder: Path, workspace: Workspace) -> None:
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[:60_000])
    assert refusal(folder, workspace).message == (
        f"The model file is incomplete: 60 kB of {round(len(content) / 1000)} kB."
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 438\n", "Git LFS pointer"),
        (b"\n<!DOCTYPE html><html>sign in</html>" + bytes(100), "web page"),
        (b"\xff" * 5_000, "first bytes"),
        ((20).to_bytes(8, "little") + b"x" * 500, "table of contents"),
        ((2).to_bytes(8, "little") + b"[]" + bytes(50), "table of contents"),
    ],
    ids=["pointer", "page", "noise", "header", "list"],
)
def test_other_content_is_named_for_what_it_is(folder: Path, workspace: Workspace, content: bytes, words: str) -> None:
    (folder / WEIGHTS).write_bytes(content)
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (ModelDamaged, "M5")
    assert words in error.message


def test_overlapping_tensors_are_refused(folder: Path, workspace: Workspace) -> None:
    content = (folder / WEIGHTS).read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    names = [name for name in header if name != "__metadata__"]
    header[names[1]]["data_offsets"] = header[names[0]]["data_offsets"]
    text = json.dumps(header).encode()
    (folder / WEIGHTS).write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])
    assert refusal(folder, workspace).id == "M5"


def test_numbers_that_are_not_finite_are_counted_in_parts(folder: Path, workspace: Workspace) -> None:
    tensors = load_file(folder / WEIGHTS)
    names = [name for name in tensors if name.endswith("query.weight")] + ["embeddings.LayerNorm.bias"]
    for value, name in zip((float("nan"), float("inf"), float("-inf")), names, strict=True):
        tensors[name].view(-1)[3] = value
    change_weights(folder, {name: tensors[name] for name in names})
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (ModelDamaged, "M6")
    assert error.message == f"This model's numbers are damaged (3 of {len(tensors)} parts)."


def test_weights_that_are_all_zero_are_damaged_but_roberta_types_are_not(folder: Path, workspace: Workspace) -> None:
    tensors = load_file(folder / WEIGHTS)
    types = "embeddings.token_type_embeddings.weight"
    change_weights(folder, {types: torch.zeros_like(tensors[types])})
    loaded(folder, workspace)
    words = "embeddings.word_embeddings.weight"
    change_weights(folder, {words: torch.zeros_like(tensors[words])})
    assert refusal(folder, workspace).id == "M6"


def test_compressed_numbers_are_refused(folder: Path, workspace: Workspace) -> None:
    name = "encoder.layer.0.attention.self.query.weight"
    change_weights(folder, {name: load_file(folder / WEIGHTS)[name].to(torch.int8)})
    assert "(I8)" in refusal(folder, workspace).message


def test_missing_parts_are_counted_and_never_drawn_at_random(folder: Path, workspace: Workspace) -> None:
    names = [name for name in load_file(folder / WEIGHTS) if ".layer.1." in name]
    change_weights(folder, dict.fromkeys(names))
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (ModelDamaged, "M7")
    assert error.message.startswith(f"{len(names)} of 39 parts")


def test_config_and_weights_of_different_models_are_refused(folder: Path, workspace: Workspace) -> None:
    change_config(folder, intermediate_size=128)
    assert refusal(folder, workspace).id == "M7"


def test_a_config_far_larger_than_the_weights_is_refused_before_memory_is_taken(
    folder: Path, workspace: Workspace
) -> None:
    change_config(folder, hidden_size=8_192, num_hidden_layers=100, intermediate_size=32_768)
    error = refusal(folder, workspace)
    assert (error.id, "numbers" in error.message) == ("M7", True)


def test_too_little_memory_is_reported_with_numbers(
    folder: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Memory:
        available = 40_000

    monkeypatch.setattr(weights.psutil, "virtual_memory", Memory)
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (OutOfMemory, "M16")
    assert "40 kB are free" in error.message


def test_a_missing_shard_and_a_hostile_index_are_refused(tmp_path: Path, folder: Path, workspace: Workspace) -> None:
    AutoModel.from_pretrained(str(folder)).save_pretrained(tmp_path / "sharded", max_shard_size="60KB")
    sharded = tmp_path / "sharded"
    tiny_tokenizer().save_pretrained(sharded)
    index = sharded / "model.safetensors.index.json"
    content = json.loads(index.read_text("utf-8"))
    shard = sharded / "model-00001-of-00002.safetensors"
    hidden = shard.rename(sharded / "elsewhere")
    assert "model-00001-of-00002.safetensors" in refusal(sharded, workspace).message
    hidden.rename(shard)
    for name in ("../outside.safetensors", "/etc/passwd", "C:\\x.safetensors", "sub/model-00001-of-00002.safetensors"):
        index.write_text(json.dumps({**content, "weight_map": dict.fromkeys(content["weight_map"], name)}))
        error = refusal(sharded, workspace)
        assert (error.id, "does not list" in error.message) == ("M7", True)


# ── Folders and tokenizers ──────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_without_a_model_shows_what_is_missing(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("hello")
    for place, words in (("empty", "config.json is missing"), ("nowhere", "no folder"), ("file.txt", "is a file")):
        error = refusal(tmp_path / place, workspace)
        assert isinstance(error, ModelNotFound)
        assert words in error.message


@pytest.mark.skipif(os.name == "nt", reason="pipes and loops of links are made as on POSIX")
@pytest.mark.parametrize("name", ["config.json", WEIGHTS, "tokenizer.json"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "loop"])
def test_what_is_no_file_is_named_and_never_waited_for(
    folder: Path, workspace: Workspace, name: str, kind: str
) -> None:
    path = folder / name
    path.unlink()
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to(path)
    error = refusal(folder, workspace)
    assert (error.id, name in error.message) == ("M14", True)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"{}", b'{"version": "1.0", "model": {"type": "Canary"}}', b"\x00" * 1000, b"null"]
)
def test_a_tokenizer_that_cannot_be_loaded_is_refused(folder: Path, workspace: Workspace, content: bytes) -> None:
    (folder / "tokenizer.json").write_bytes(content)
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (ModelDamaged, "M4")


@pytest.mark.parametrize(
    "table",
    [b"", b"\xff\xff\xff\x7f" + bytes(16), b"\x08\0\0\0" + b"\xff" * 28, b"\x10\0\0\0" + bytes(range(200, 236))],
    ids=["empty", "too long", "cut", "no table"],
)
def test_a_precompiled_normalizer_that_is_no_table_is_refused(folder: Path, workspace: Workspace, table: bytes) -> None:
    """`tokenizers` panics at most of them, which is no `Exception` in Python."""
    path = folder / "tokenizer.json"
    values = json.loads(path.read_text("utf-8"))
    values["normalizer"] = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(table).decode()}
    path.write_text(json.dumps(values), "utf-8")
    settings = folder / "tokenizer_config.json"
    plain = {**json.loads(settings.read_text("utf-8")), "tokenizer_class": "PreTrainedTokenizerFast"}
    settings.write_text(json.dumps(plain), "utf-8")  # BERT's own class makes the normalizer anew
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (ModelDamaged, "M4")


def test_a_tokenizer_with_code_of_its_own_is_read_without_it(folder: Path, workspace: Workspace) -> None:
    touched = folder.parent / "touched"
    (folder / "canary.py").write_text(f"open({str(touched)!r}, 'w')\nclass Canary: pass\n")
    path = folder / "tokenizer_config.json"
    values = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**values, "auto_map": {"AutoTokenizer": ["canary.Canary", "canary.Canary"]}}))
    loaded(folder, workspace)
    assert not touched.exists()


def test_a_folder_without_a_tokenizer_is_refused(folder: Path, workspace: Workspace) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()
    assert refusal(folder, workspace).id == "M4"


def test_a_tokenizer_with_more_pieces_than_the_network_has_room_for_is_refused(
    tmp_path: Path, workspace: Workspace
) -> None:
    folder = tiny_bert_folder(tmp_path / "small", vocab_size=100)
    error = refusal(folder, workspace)
    assert (error.id, error.message) == (
        "M7",
        f"The tokenizer has {len(vocabulary())} tokens, and the model has embeddings for 100.",
    )


def test_a_model_that_reads_no_more_than_its_special_tokens_is_refused(folder: Path, workspace: Workspace) -> None:
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "model_max_length": 2}), "utf-8")
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (ModelDamaged, "M7")
    assert " 2 " in error.message


@pytest.mark.parametrize(
    ("model_type", "reason"),
    [
        ("xlnet", "reads a text from its last token"),
        ("fnet", "has no attention mask"),
        ("funnel", "joins neighbouring tokens"),
        ("xlm", "does not give the characters"),
        ("roc_bert", "shape and the sound"),
        ("xmod", "language of each text"),
        ("layoutlm", "pages or images"),
        ("esm", "proteins"),
        ("yoso", "built when it is loaded"),
        ("gpt2", "writes text"),
    ],
)
def test_an_encoder_of_another_kind_is_called_one_and_shows_what_it_needs(model_type: str, reason: str) -> None:
    with pytest.raises(ModelNotSupported) as raised:
        parse_configuration(json.dumps({"model_type": model_type}).encode())
    assert reason in raised.value.message
    assert ("writes" in raised.value.message) == (model_type == "gpt2")


@pytest.mark.parametrize(
    ("model_type", "config"),
    [
        (
            "canine",
            {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
            | {"max_position_embeddings": 64, "num_hash_buckets": 32},
        ),
        ("funnel", {"vocab_size": 40, "block_sizes": [1, 1], "d_model": 16, "n_head": 2, "d_head": 8, "d_inner": 32}),
    ],
)
def test_padding_changes_what_an_encoder_that_joins_tokens_predicts_for_words(
    model_type: str, config: dict[str, object]
) -> None:
    torch.manual_seed(1)
    special = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    network: Any = AutoModelForTokenClassification.from_config(AutoConfig.for_model(model_type, **special, **config))
    network.train(False)
    ids = torch.arange(3, 14)[None]
    padded = torch.nn.functional.pad(ids, (0, 9))
    with torch.no_grad():
        alone = network(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        beside = network(input_ids=padded, attention_mask=(padded > 0).long()).logits[:, : ids.shape[1]]
    assert float((alone - beside).abs().max()) > 0.1 * float(alone.abs().max())


@pytest.mark.parametrize("model_type", ["xlm", "flaubert"])
def test_an_encoder_without_offsets_has_no_tokenizer_that_gives_them(model_type: str) -> None:
    module = importlib.import_module(f"transformers.models.{model_type}.tokenization_{model_type}")
    (tokenizer,) = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, PreTrainedTokenizerBase)
        and value.__module__ == module.__name__
    ]
    assert not issubclass(tokenizer, TokenizersBackend)


def test_a_nystromformer_whose_lengths_are_bound_names_the_keys() -> None:
    content = json.dumps({"model_type": "nystromformer", "num_landmarks": 32}).encode()
    with pytest.raises(ModelNotSupported, match="num_landmarks differs from segment_means_seq_len"):
        parse_configuration(content)
    parse_configuration(json.dumps({"model_type": "nystromformer"}).encode())
