"""The tokenizer as every room gets it, and a sentence as the network reads it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import torch
from transformers import (
    AutoModelForSequenceClassification,
    BertConfig,
    DistilBertConfig,
    PretrainedConfig,
    PreTrainedTokenizerBase,
    RobertaConfig,
    pipeline,
)

from engine.contract.errors import ModelDamaged, ModelNotSupported
from engine.contract.states import ModelHandle
from engine.loading import tokenizer as room
from engine.loading.load import starter_folder
from engine.loading.tokenizer import LONGEST_TEXT, load_tokenizer, lowers_case, tokenized_sentence
from engine.tasks.network import logits_of
from engine.tasks.texts import encoded_inputs
from tests.builders_models import tiny_model_handle, tiny_tokenizer, vocabulary

SIZES = {
    "vocab_size": 300,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}


@pytest.fixture
def folder(tmp_path: Path, tiny_folder: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


@pytest.fixture
def model(folder: Path) -> ModelHandle:
    return tiny_model_handle(folder)


def without_padding(folder: Path, vocabulary: dict[str, int]) -> None:
    """Writes a tokenizer whose files do not name the token that pads."""
    tiny_tokenizer().save_pretrained(folder)
    content = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    content["model"]["vocab"] = vocabulary
    content["added_tokens"] = [token for token in content["added_tokens"] if token["content"] in vocabulary]
    (folder / "tokenizer.json").write_text(json.dumps(content))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))


@pytest.mark.parametrize(
    ("config", "has_types"),
    [
        (RobertaConfig(**SIZES, type_vocab_size=1), False),
        (RobertaConfig(**SIZES, type_vocab_size=2), True),
        (DistilBertConfig(vocab_size=300, dim=16, n_layers=1, n_heads=2, hidden_dim=32), False),
        (BertConfig(**SIZES), True),
    ],
    ids=lambda value: value if isinstance(value, bool) else value.model_type,  # type: ignore[attr-defined]
)
def test_a_pair_has_token_types_where_the_network_has_them_whatever_the_tokenizer_is(
    tmp_path: Path, config: PretrainedConfig, has_types: bool
) -> None:
    folder, exported = tmp_path / "model", tmp_path / "exported"
    tiny_tokenizer().save_pretrained(folder)
    network = AutoModelForSequenceClassification.from_config(config).eval()
    network.save_pretrained(folder)
    tokenizer = load_tokenizer(folder)
    columns = encoded_inputs(tokenizer, {"text": ["a good film"], "second_text": ["the plot is fun"]}, 32)
    assert ("token_type_ids" in columns) is has_types
    batch = {name: torch.tensor(columns[name]) for name in ("input_ids", "token_type_ids") if name in columns}
    assert (columns["input_ids"][0].count(tokenizer.sep_token_id)) == 2
    ours = logits_of(network, batch)
    network.save_pretrained(exported)
    tokenizer.save_pretrained(exported)
    answered = pipeline("text-classification", model=str(exported), tokenizer=str(exported))
    given = answered({"text": "a good film", "text_pair": "the plot is fun"}, top_k=None, function_to_apply="none")
    theirs = {one["label"]: one["score"] for one in given}
    assert [theirs["LABEL_0"], theirs["LABEL_1"]] == pytest.approx(ours[0].tolist(), abs=1e-5)


@pytest.mark.real_data
def test_the_cut_to_128_that_the_starters_tokenizer_has_baked_in_is_off() -> None:
    tokenizer = load_tokenizer(starter_folder())
    assert len(tokenizer("word " * 300)["input_ids"]) == 302
    assert len(tokenizer("word")["input_ids"]) == 3


def test_a_cut_and_a_padding_that_are_baked_in_are_off(folder: Path) -> None:
    content = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    content["truncation"] = {"max_length": 4, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}
    content["padding"] = {
        "strategy": {"Fixed": 8},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 0,
        "pad_type_id": 0,
        "pad_token": "[PAD]",
    }
    (folder / "tokenizer.json").write_text(json.dumps(content))
    backend = load_tokenizer(folder).backend_tokenizer
    assert len(backend.encode("the plot is fun and the actor is great").ids) == 11
    assert len(backend.encode("fun").ids) == 3


def test_a_vocabulary_file_alone_is_enough(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(vocabulary()))
    tokens = load_tokenizer(folder).tokenize("The Movies")
    assert tokens == ["the", "movie", "##s"]


def test_a_padding_token_that_the_files_forget_is_found_in_the_vocabulary(folder: Path) -> None:
    without_padding(folder, vocabulary())
    assert load_tokenizer(folder).pad_token == "[PAD]"


def test_a_tokenizer_that_cannot_pad_is_refused(folder: Path) -> None:
    words = {("[FILL]" if token == "[PAD]" else token): number for token, number in vocabulary().items()}
    without_padding(folder, words)
    with pytest.raises(ModelNotSupported) as caught:
        load_tokenizer(folder)
    assert caught.value.id == "M9"


def test_a_tokenizer_file_of_absurd_size_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "LARGEST_TOKENIZER", 1_000)
    with pytest.raises(ModelDamaged) as caught:
        load_tokenizer(folder)
    assert (caught.value.id, caught.value.details) == ("M4", "tokenizer.json is too large")


def test_a_sentence_is_shown_as_pieces_with_their_words(model: ModelHandle) -> None:
    shown = tokenized_sentence(model.folder, "The movies!", model.max_length)
    assert shown.tokens == ("[CLS]", "the", "movie", "##s", "!", "[SEP]")
    assert shown.word_ids == (None, 0, 1, 1, 2, None)
    assert shown.attention_mask == (1,) * 6
    assert [vocabulary()[token] for token in shown.tokens] == list(shown.input_ids)
    assert shown.cut_tokens == 0


def test_pieces_beyond_the_limit_are_cut_and_counted(model: ModelHandle) -> None:
    shown = tokenized_sentence(model.folder, "fun " * 100, model.max_length)
    assert len(shown.tokens) == model.max_length == 64
    assert shown.tokens[-1] == "[SEP]"
    assert shown.cut_tokens == 102 - 64


@pytest.mark.parametrize("text", ["", " ", "\x00\u200b", "\ud800 fun", "🙂", "fun\n\nfun"])
def test_every_text_has_pieces(model: ModelHandle, text: str) -> None:
    shown = tokenized_sentence(model.folder, text, model.max_length)
    assert len(shown.tokens) == len(shown.input_ids) == len(shown.word_ids) >= 2
    shown.text.encode("utf-8")


def test_a_text_of_any_length_is_answered(model: ModelHandle) -> None:
    shown = tokenized_sentence(model.folder, "a" * (LONGEST_TEXT + 5), model.max_length)
    assert len(shown.text) == LONGEST_TEXT


@pytest.mark.parametrize("file", ["sentencepiece.bpe.model", "spm.model"])
def test_a_vocabulary_for_sentencepiece_alone_names_the_file_and_what_is_missing(
    folder: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("tokenizer.json", "vocab.txt"):
        (folder / name).unlink(missing_ok=True)
    (folder / file).write_bytes(b"a vocabulary")
    monkeypatch.setattr(room, "CONVERTERS", {"sentencepiece": "no_such_package.module"})
    with pytest.raises(ModelNotSupported) as raised:
        load_tokenizer(folder)
    assert raised.value.id == "M9"
    assert f"no tokenizer.json; its vocabulary is in {file} alone" in raised.value.message
    assert raised.value.hint.endswith("pip install sentencepiece")
    assert "ownload" not in raised.value.hint


def test_a_tokenizer_that_normalizes_nothing_keeps_capitals() -> None:
    tokenizer = tiny_tokenizer()
    assert lowers_case(tokenizer) is True
    without = SimpleNamespace(backend_tokenizer=SimpleNamespace(normalizer=None))
    assert lowers_case(cast(PreTrainedTokenizerBase, without)) is False
