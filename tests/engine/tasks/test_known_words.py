"""Ids of texts whose words are tokenized once: those that the tokenizer gives for the whole text."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from engine.tasks import known_words
from engine.tasks.known_words import ids_of_texts
from tests.builders_models import tiny_tokenizer

SIGNS = ["[UNK]", "[CLS]", "[SEP]", "[MASK]", "[PAD]"]
LETTERS = "aбé中ไ̈ि-.'’😀"
SPACES = " \t\n\r\x0b\x0c\x1c\x85\u00a0\u2003\u2028\u3000\u200b\u200d\ufeff\x00\x07\ufffd"
PARTS = st.one_of(
    st.sampled_from([*LETTERS, *SPACES, *SIGNS, "[", "SEP", "]", "é", "İ", "ß", "ΣΑΣ", "the film", "good"]),
    st.text(max_size=4),
)
TEXTS = st.lists(st.lists(PARTS, max_size=12).map("".join), max_size=6)


def word_pieces(*, lower_case: bool, strip_accents: bool | None, clean_text: bool) -> PreTrainedTokenizerBase:
    """A tokenizer of BERT's parts over single letters, with a special token that takes the spaces before it."""
    pieces = [*SIGNS, *(mark + letter for letter in [*LETTERS, "e", "s", "i", "σ"] for mark in ("", "##"))]
    made = Tokenizer(models.WordPiece({piece: number for number, piece in enumerate(pieces)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(
        clean_text=clean_text, handle_chinese_chars=True, strip_accents=strip_accents, lowercase=lower_case
    )
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    made.add_special_tokens([AddedToken(sign, lstrip=sign == "[MASK]", normalized=False) for sign in SIGNS])
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token="[UNK]")


MADE = [
    tiny_tokenizer(),
    word_pieces(lower_case=True, strip_accents=None, clean_text=True),
    word_pieces(lower_case=False, strip_accents=False, clean_text=True),
    word_pieces(lower_case=False, strip_accents=True, clean_text=False),
]


def whole(tokenizer: PreTrainedTokenizerBase, texts: list[str]) -> list[list[int]]:
    return list(tokenizer(texts)["input_ids"]) if texts else []


@given(TEXTS, st.sampled_from(MADE))
def test_ids_of_words_in_a_row_are_those_of_the_text(texts: list[str], tokenizer: PreTrainedTokenizerBase) -> None:
    assert ids_of_texts(tokenizer, texts) == whole(tokenizer, texts)
    assert known_words._known[tokenizer] is not None


def asked_for(tokenizer: PreTrainedTokenizerBase, texts: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is tokenized in several calls that each take one of these texts."""
    asked: list[str] = []
    whole_texts = known_words.fast_encodings

    def listen(tokenizer: PreTrainedTokenizerBase, inputs: list[str]) -> object:
        asked.extend(inputs)
        return whole_texts(tokenizer, inputs)

    monkeypatch.setattr(known_words, "fast_encodings", listen)
    for text in texts:
        assert ids_of_texts(tokenizer, [text]) == whole(tokenizer, [text])
    return asked


def test_texts_of_ever_new_words_are_left_to_the_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_words, "_FREE", 20)
    monkeypatch.setattr(known_words, "_COST", 1_000)
    letters = random.Random(1)
    new = [" ".join("".join(letters.choices("abcdefgh", k=3)) for _ in range(20)) for _ in range(5)]
    tokenizer = tiny_tokenizer()
    asked = asked_for(tokenizer, [*new, new[0]], monkeypatch)
    assert asked == ["a", "a", *new[1:]]  # the letter was asked for to see what the tokenizer does


def test_no_more_words_are_known_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_words, "_MOST_WORDS", 10)
    tokenizer = tiny_tokenizer()
    ids_of_texts(tokenizer, [])
    known = known_words._known[tokenizer]
    assert known is not None
    for number in range(30):
        text = f"the film {number} is good"
        assert ids_of_texts(tokenizer, [text]) == whole(tokenizer, [text])
        assert len(known._ids) <= 15
    monkeypatch.setattr(known_words, "_MOST_CHARACTERS", 10)
    ids_of_texts(tokenizer, ["much too long"])
    assert ids_of_texts(tokenizer, ["a"]) == whole(tokenizer, ["a"])
    assert list(known._ids) == ["a"]


@pytest.mark.parametrize("kind", ["an uncovered token", "a token with a space", "other words", "other letters"])
def test_other_tokenizers_read_the_whole_text(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = word_pieces(lower_case=True, strip_accents=None, clean_text=True)
    backend = tokenizer.backend_tokenizer
    if kind == "other words":  # these know which word comes first
        backend.pre_tokenizer = pre_tokenizers.Metaspace()
    elif kind == "other letters":
        backend.normalizer = normalizers.Sequence([normalizers.Replace("a a", "b"), normalizers.Lowercase()])
    elif kind == "a token with a space":
        backend.add_special_tokens([AddedToken("a a", normalized=False)])
    else:
        backend.add_tokens([AddedToken("中a", normalized=True)])  # which the normalizer writes with spaces
    texts = ["A a a", "aE\u0301 aé", "a中 a"]
    assert asked_for(tokenizer, texts, monkeypatch)[-3:] == texts
    assert known_words._known[tokenizer] is None
