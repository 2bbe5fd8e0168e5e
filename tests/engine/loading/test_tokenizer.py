"""The tokenizer as every room gets it, and a sentence as the network reads it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.contract.errors import ModelDamaged, ModelNotSupported
from engine.contract.states import ModelHandle
from engine.loading import tokenizer as room
from engine.loading.load import starter_folder
from engine.loading.tokenizer import LONGEST_TEXT, load_tokenizer, pieces
from tests.builders_models import tiny_model_handle, tiny_tokenizer, vocabulary


@pytest.fixture
def folder(tmp_path: Path, tiny_folder: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


@pytest.fixture
def model(folder: Path) -> ModelHandle:
    return tiny_model_handle(folder)


def without_padding(folder: Path, vocabulary: dict[str, int]) -> None:
    """Writes a tokenizer whose files do not say which token pads."""
    tiny_tokenizer().save_pretrained(folder)
    content = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    content["model"]["vocab"] = vocabulary
    content["added_tokens"] = [token for token in content["added_tokens"] if token["content"] in vocabulary]
    (folder / "tokenizer.json").write_text(json.dumps(content))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))


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
    shown = pieces(model.folder, "The movies!", model.max_length)
    assert shown.tokens == ("[CLS]", "the", "movie", "##s", "!", "[SEP]")
    assert shown.word_ids == (None, 0, 1, 1, 2, None)
    assert shown.attention_mask == (1,) * 6
    assert [vocabulary()[token] for token in shown.tokens] == list(shown.input_ids)
    assert shown.cut_tokens == 0


def test_pieces_beyond_the_limit_are_cut_and_counted(model: ModelHandle) -> None:
    shown = pieces(model.folder, "fun " * 100, model.max_length)
    assert len(shown.tokens) == model.max_length == 64
    assert shown.tokens[-1] == "[SEP]"
    assert shown.cut_tokens == 102 - 64


@pytest.mark.parametrize("text", ["", " ", "\x00\u200b", "\ud800 fun", "🙂", "fun\n\nfun"])
def test_every_text_has_pieces(model: ModelHandle, text: str) -> None:
    shown = pieces(model.folder, text, model.max_length)
    assert len(shown.tokens) == len(shown.input_ids) == len(shown.word_ids) >= 2
    shown.text.encode("utf-8")


def test_a_text_of_any_length_is_answered(model: ModelHandle) -> None:
    shown = pieces(model.folder, "a" * (LONGEST_TEXT + 5), model.max_length)
    assert len(shown.text) == LONGEST_TEXT
