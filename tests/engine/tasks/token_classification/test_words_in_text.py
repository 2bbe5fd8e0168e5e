"""Tokens of a text, the labels they get from words, and what is decoded from them, for each kind of vocabulary."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from engine.contract.text_parsing import joined_words
from engine.loading.tokenizer import load_tokenizer
from engine.tasks.encoding import joins_subwords
from engine.tasks.losses import IGNORED
from engine.tasks.rows import Outputs
from engine.tasks.token_classification.task import TokenClassification
from engine.training.batching.rows import encoded_rows
from tests.engine.family_folders import KINDS, family_folder

NAMES = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
WORDS = ["Ben", "moved", "to", "New", "Kopenhagen", ",", "Anna", "Weber", "said", "."]
TAGS = ["B-PER", "O", "O", "B-LOC", "I-LOC", "O", "B-PER", "I-PER", "O", "O"]
TASK = TokenClassification(NAMES)


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PreTrainedTokenizerBase:
    return load_tokenizer(family_folder(tmp_path_factory.mktemp("model"), request.param))


def oracle(tokenizer: PreTrainedTokenizerBase, words: list[str], tags: list[str]) -> Outputs:
    """A network that predicts the label of every token."""
    rows = {"tokens": [words], "tags": [tags]}
    encoded = TASK.encode(tokenizer, rows, label_names=NAMES, max_length=64)
    split = Dataset.from_dict({**rows, **encoded, "row": [1]})
    read = encoded_rows(split, partial(TASK.words_of_row, label_names=NAMES))
    labels = [np.asarray(row["labels"]) for row in read.features([0])]
    logits = [np.eye(len(NAMES), dtype=np.float32)[np.where(row == IGNORED, 0, row)] for row in labels]
    return Outputs(logits, labels, [1], read.words)


def test_the_tokens_of_words_are_those_of_their_text(tokenizer: PreTrainedTokenizerBase) -> None:
    encoded = TASK.encode(tokenizer, {"tokens": [WORDS], "tags": [TAGS]}, label_names=NAMES, max_length=64)
    assert encoded["input_ids"] == [tokenizer(joined_words(WORDS))["input_ids"]]


def test_a_network_that_has_learned_every_label_finds_every_entity(tokenizer: PreTrainedTokenizerBase) -> None:
    outputs = oracle(tokenizer, WORDS, TAGS)
    scores = TASK.score(outputs, NAMES)
    assert (scores["entity_f1"], scores["word_accuracy"]) == (1.0, 1.0)
    assert TASK.predictions(outputs, NAMES)["predicted"] == [TAGS]


def test_of_words_outside_entities_the_first_token_is_learned_where_the_vocabulary_marks_the_others(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    shown = TASK.tokenized(
        tokenizer,
        {"tokens": ["see", "a@b.c", "in", "A@B.C"], "tags": ["O", "O", "O", "B-LOC"]},
        label_names=NAMES,
        max_length=64,
    )
    learned = [
        [label for owner, label in zip(shown.word_ids, shown.labels, strict=True) if owner == word and label]
        for word in range(4)
    ]
    signs = sum(owner == 1 for owner in shown.word_ids)
    assert signs > 1  # a, @, b, . and c
    assert learned[0][:1] == ["O"]
    assert learned[3][0] == "B-LOC"
    assert set(learned[3][1:]) == {"I-LOC"}
    assert len(learned[1]) == (1 if joins_subwords(tokenizer) else signs)


@pytest.fixture
def pairs_of_characters() -> PreTrainedTokenizerBase:
    """A vocabulary in which 在北 and 上海 are one token each."""
    pieces = ["[PAD]", "[UNK]", "在北", "上海", "京", "在", "人"]
    backend = Tokenizer(models.Unigram([(piece, -float(place)) for place, piece in enumerate(pieces)], unk_id=1))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]")


def test_two_words_in_one_token_are_found_together(pairs_of_characters: PreTrainedTokenizerBase) -> None:
    outputs = oracle(pairs_of_characters, ["上", "海", "人"], ["B-LOC", "I-LOC", "O"])
    assert TASK.score(outputs, NAMES)["entity_f1"] == 1.0
    assert TASK.predictions(outputs, NAMES)["predicted"] == [["B-LOC", "I-LOC", "O"]]


def test_an_entity_that_shares_a_token_with_another_word_is_missed(
    pairs_of_characters: PreTrainedTokenizerBase,
) -> None:
    outputs = oracle(pairs_of_characters, ["在", "北", "京", "人"], ["O", "B-LOC", "I-LOC", "O"])
    assert (outputs.labels[0] == IGNORED).tolist() == [True, True, False]
    scores = TASK.score(outputs, NAMES)
    assert (scores["entity_recall"], scores["word_accuracy"]) == (0.0, 0.5)


def test_the_alignment_shows_labels_and_characters_of_each_token(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(family_folder(tmp_path / "model", "modernbert"))
    shown = TASK.tokenized(tokenizer, {"tokens": WORDS, "tags": TAGS}, label_names=NAMES, max_length=64)
    assert shown.text == joined_words(WORDS)
    assert "".join(shown.originals) == "".join(WORDS)
    named = zip(shown.word_ids, shown.labels, strict=True)
    assert {word: label for word, label in named if word in (0, 3)} in (
        {0: "B-PER", 3: "B-LOC"},
        {0: "I-PER", 3: "I-LOC"},
        {0: "B-PER", 3: "I-LOC"},
        {0: "I-PER", 3: "B-LOC"},
    )
