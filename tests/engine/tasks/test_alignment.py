"""A row beside itself uncut: words, tokens, what they represent, and what the maximum length takes away."""

from __future__ import annotations

import string
from pathlib import Path

import datasets
import pytest
from transformers import PreTrainedTokenizerFast

from engine.contract.queries import TokenizedText
from engine.tasks.text_classification.task import TextClassification
from engine.tasks.token_classification.task import TokenClassification

WORDS = ("play", "##ing", "john", "smith", "lives", "in", "paris", "good", "film")
LABELS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *string.punctuation]
    backend = Tokenizer(models.WordPiece({word: place for place, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def of_text(tokenizer: PreTrainedTokenizerFast, max_length: int = 64, **row: object) -> TokenizedText:
    values = {"label": "b", **row}
    return TextClassification().tokenized(tokenizer, values, label_names=("a", "b"), max_length=max_length)


def of_words(tokenizer: PreTrainedTokenizerFast, words: str, tags: str, max_length: int = 64) -> TokenizedText:
    row = {"tokens": words.split(), "tags": tags.split()}
    return TokenClassification().tokenized(tokenizer, row, label_names=LABELS, max_length=max_length)


def test_every_piece_knows_its_word_and_the_characters_it_represents(tokenizer: PreTrainedTokenizerFast) -> None:
    pieces = of_text(tokenizer, text="Playing  GOOD")
    assert pieces.tokens == ("[CLS]", "play", "##ing", "good", "[SEP]")
    assert pieces.word_ids == (None, 0, 0, 1, None)
    assert pieces.words == ("Playing", "GOOD")
    assert pieces.originals == ("", "Play", "ing", "GOOD", "")
    assert pieces.label_numbers == (1,)
    assert pieces.padding_token == "[PAD]"
    assert not pieces.cut


def test_an_unknown_word_keeps_its_own_characters(tokenizer: PreTrainedTokenizerFast) -> None:
    pieces = of_text(tokenizer, text="good 🦊 שלום")
    unknown = [place for place, number in enumerate(pieces.input_ids) if number == pieces.unknown_id]
    assert [pieces.originals[place] for place in unknown] == ["🦊", "שלום"]


def test_pieces_in_bytes_represent_characters() -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
    backend.train_from_iterator(["good film 🦊"] * 9, trainer)
    backend.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0))
    pieces = of_text(PreTrainedTokenizerFast(tokenizer_object=backend, pad_token="</s>"), text="good film 🦊")
    assert pieces.tokens[1] == "Ġgood"
    assert pieces.originals[1] == "good"
    assert pieces.words == ("good", "film", "🦊")
    assert set(pieces.originals[3:-1]) == {"🦊"}
    assert pieces.unknown_id is None


def test_what_is_cut_is_reported_with_its_words(tokenizer: PreTrainedTokenizerFast) -> None:
    pieces = of_text(tokenizer, text="good film playing in paris", max_length=5)
    assert pieces.tokens == ("[CLS]", "good", "film", "play", "[SEP]")
    assert [(piece.token, piece.word_id, piece.before) for piece in pieces.cut] == [
        ("##ing", 2, 4),
        ("in", 3, 4),
        ("paris", 4, 4),
    ]
    assert pieces.cut_tokens == 3
    assert pieces.words[4] == "paris"


def test_of_a_pair_both_ends_are_reported_and_the_texts_are_distinguished(tokenizer: PreTrainedTokenizerFast) -> None:
    pieces = of_text(tokenizer, text="good film in paris", second_text="john smith lives in", max_length=7)
    assert pieces.tokens == ("[CLS]", "good", "film", "[SEP]", "john", "smith", "[SEP]")
    assert pieces.type_ids == (0, 0, 0, 0, 1, 1, 1)
    assert pieces.words == ("good", "film", "in", "paris", "john", "smith", "lives", "in")
    assert [(piece.token, piece.word_id, piece.before) for piece in pieces.cut] == [
        ("in", 2, 3),
        ("paris", 3, 3),
        ("lives", 6, 6),
        ("in", 7, 6),
    ]


def test_labels_are_at_the_tokens_that_are_read_beside_their_numbers(tokenizer: PreTrainedTokenizerFast) -> None:
    pieces = of_words(tokenizer, "Playing in Paris", "B-PER O B-LOC")
    assert pieces.labels == ("", "B-PER", "", "O", "B-LOC", "")  # Play ##ing in Paris
    assert pieces.label_ids == (-100, 3, -100, 0, 1, -100)


def test_entities_that_the_maximum_length_takes_are_counted_and_named(tokenizer: PreTrainedTokenizerFast) -> None:
    words, tags = "Paris good John Smith in Paris", "B-LOC O B-PER I-PER O B-LOC"
    pieces = of_words(tokenizer, words, tags, max_length=5)
    assert pieces.tokens == ("[CLS]", "paris", "good", "john", "[SEP]")
    assert pieces.lost_entities == ("PER: John Smith", "LOC: Paris")
    assert pieces.lost_entities_count == 2
    assert [piece.label for piece in pieces.cut] == ["I-PER", "O", "B-LOC"]
    assert of_words(tokenizer, words, tags).lost_entities == ()


def test_a_word_that_the_tokenizer_drops_is_shown_without_a_token(tokenizer: PreTrainedTokenizerFast) -> None:
    pieces = of_words(tokenizer, "good \x07 film", "O O O")
    assert pieces.tokens == ("[CLS]", "good", "film", "[SEP]")
    assert pieces.word_ids == (None, 0, 2, None)
    assert pieces.words == ("good", "\x07", "film")


def test_of_a_very_long_row_the_first_lost_pieces_are_reported(tokenizer: PreTrainedTokenizerFast) -> None:
    pieces = of_words(tokenizer, "good " * 5_000, "O " * 5_000, max_length=8)
    assert pieces.cut_tokens == 4_994
    assert len(pieces.cut) == 2_000
    assert len(pieces.words) == 2_006


def test_shown_ids_are_those_that_were_stored(tmp_path: Path) -> None:
    from engine.contract.settings import PrepareSettings
    from engine.preparing.row_inspection import show_row
    from tests.builders_data import prepared_tiny_dataset

    for task in ("text_classification", "token_classification"):
        dataset = prepared_tiny_dataset(tmp_path / task, task, settings=PrepareSettings(task=task, max_length=8))
        stored = datasets.Dataset.load_from_disk(f"{dataset.folder}/train")
        for index in range(5):
            assert show_row(dataset, "train", index).input_ids == tuple(stored[index]["input_ids"])
