"""Ids of many texts, worked out the short way: the same as with words and places."""

from __future__ import annotations

import pytest
from transformers import PreTrainedTokenizerBase

from engine.loading.tokenizer import load_tokenizer
from engine.tasks.encoding import Inputs, encode_pairs, encode_texts, pair_inputs, text_inputs
from tests.engine.trained_run import a_model_folder

TEXTS = [
    "the film is good",
    "",
    "Anna [SEP] likes tea [MASK]",
    "not very warm " * 30,
    "żółw 電影 \u200b !",
    "moving " * 9,
    "a",
]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> PreTrainedTokenizerBase:
    """With a cut and padding baked into its file, as the starter model has them, and with types for pairs."""
    made = load_tokenizer(a_model_folder(tmp_path_factory.mktemp("models") / "tiny-bert"))
    made.model_input_names = ["input_ids", "token_type_ids", "attention_mask"]
    return made


@pytest.mark.parametrize("max_length", [8, 9, 64])
def test_texts_have_the_same_ids_and_lengths(tokenizer: PreTrainedTokenizerBase, max_length: int) -> None:
    rows = encode_texts(tokenizer, TEXTS, max_length)
    made = text_inputs(tokenizer, TEXTS, max_length)
    assert made == Inputs([row.input_ids for row in rows], [row.length for row in rows])
    assert max(made.lengths) == 92
    assert text_inputs(tokenizer, [], max_length) == Inputs([], [])


@pytest.mark.parametrize("max_length", [8, 9, 64])
def test_pairs_have_the_same_ids_types_and_lengths(tokenizer: PreTrainedTokenizerBase, max_length: int) -> None:
    others = TEXTS[::-1]
    rows = encode_pairs(tokenizer, TEXTS, others, max_length)
    made = pair_inputs(tokenizer, TEXTS, others, max_length)
    assert made.input_ids == [row.input_ids for row in rows]
    assert made.lengths == [row.length for row in rows]
    assert made.type_ids == [row.type_ids for row in rows]
    assert text_inputs(tokenizer, TEXTS, 64).lengths[0] == 6  # the cut of pairs does not stay switched on
