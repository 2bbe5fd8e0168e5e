"""Words for masks: from a model with the head of pre-training, and none from one without."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import BertForMaskedLM

from engine.contract.settings import FolderModel
from engine.loading.load import load
from engine.loading.masked_words import MOST_GUESSES, guess
from engine.workspace.layout import Workspace
from tests.builders_models import tiny_bert_config, tiny_tokenizer


def folder_that_writes(path: Path, word: str) -> Path:
    """A model whose head writes this word whatever it reads."""
    tokenizer = tiny_tokenizer()
    torch.manual_seed(5)
    network = BertForMaskedLM(tiny_bert_config(architectures=["BertForMaskedLM"]))
    network.cls.predictions.bias.data[tokenizer.convert_tokens_to_ids(word)] = 20.0
    network.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def test_each_mask_gets_the_likeliest_words(tmp_path: Path) -> None:
    folder = folder_that_writes(tmp_path / "model", "film")
    found = guess(str(folder), "a good [MASK] and a bad [MASK]", 64)
    assert len(found.masks) == 2
    for mask in found.masks:
        assert len(mask) == MOST_GUESSES
        assert mask[0].word == "film"
        assert mask[0].probability > 0.9
        assert [one.probability for one in mask] == sorted((one.probability for one in mask), reverse=True)
    assert guess(str(folder), "no mask here", 64).masks == ()


def test_a_model_that_lacks_a_part_of_the_head_writes_nothing(tmp_path: Path) -> None:
    folder = folder_that_writes(tmp_path / "model", "film")
    weights = load_file(folder / "model.safetensors")
    kept = {name: part for name, part in weights.items() if "transform" not in name}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    assert guess(str(folder), "a good [MASK]", 64).masks == ()


def test_loading_shows_which_token_represents_a_word(tmp_path: Path, tiny_folder: Path, workspace: Workspace) -> None:
    writes = folder_that_writes(tmp_path / "model", "film")
    assert load(FolderModel(str(writes)), lambda event: None, workspace=workspace).mask_token == "[MASK]"
    assert load(FolderModel(str(tiny_folder)), lambda event: None, workspace=workspace).mask_token == ""
