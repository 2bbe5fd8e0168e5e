"""Texts and words to token ids, cut to a length without losing the special tokens at the end.

The cut is made here and not by the tokenizer, because the number of tokens before the cut is worth knowing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from transformers import PreTrainedTokenizerBase


class Encoded(NamedTuple):
    """One encoded row: all lists have the same length; `length` counts the tokens before the cut.

    `word_ids` holds the index of the word a piece belongs to and None for special tokens; `offsets` the characters
    [start, end) of the piece in its text or, for words, in its word.
    """

    input_ids: list[int]
    word_ids: list[int | None]
    offsets: list[tuple[int, int]]
    length: int


def encode_texts(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int) -> list[Encoded]:
    """Encodes whole texts."""
    return _encode(tokenizer, list(texts), max_length, are_words=False)


def encode_words(tokenizer: PreTrainedTokenizerBase, rows: Sequence[Sequence[str]], max_length: int) -> list[Encoded]:
    """Encodes rows that are already split into words; before the cut, every word has at least one piece.

    A word that the tokenizer drops altogether (a lone control character) is read as its unknown token, so that the
    n-th labelled piece always belongs to the n-th word.
    """
    words = [list(row) for row in rows]
    encoded = _encode(tokenizer, words, None, are_words=True)
    unknown = str(tokenizer.unk_token or "?")
    for index, row in enumerate(encoded):
        seen = set(row.word_ids)
        missing = [number for number in range(len(words[index])) if number not in seen]
        if missing:
            for number in missing:
                words[index][number] = unknown
            encoded[index] = _encode(tokenizer, [words[index]], None, are_words=True)[0]
    trailing = _trailing_special_tokens(tokenizer)
    return [_cut(row, max_length, trailing) for row in encoded]


def _encode(
    tokenizer: PreTrainedTokenizerBase, inputs: Sequence[object], max_length: int | None, *, are_words: bool
) -> list[Encoded]:
    if not inputs:
        return []
    batch = tokenizer(
        inputs,
        is_split_into_words=are_words,
        add_special_tokens=True,
        padding=False,
        truncation=False,
        return_attention_mask=False,
        return_token_type_ids=False,
        verbose=False,
    )
    rows = [
        Encoded(list(one.ids), list(one.word_ids), list(one.offsets), len(one.ids)) for one in batch.encodings or []
    ]
    if max_length is None:
        return rows
    trailing = _trailing_special_tokens(tokenizer)
    return [_cut(row, max_length, trailing) for row in rows]


def _trailing_special_tokens(tokenizer: PreTrainedTokenizerBase) -> int:
    """How many special tokens the tokenizer puts after a text."""
    encodings = tokenizer("a", add_special_tokens=True, truncation=False, padding=False).encodings or []
    mask = encodings[0].special_tokens_mask
    count = 0
    while count < len(mask) and mask[-1 - count] == 1:
        count += 1
    return count


def _cut(row: Encoded, max_length: int, trailing: int) -> Encoded:
    if row.length <= max_length:
        return row
    head, tail = max_length - trailing, row.length - trailing
    return Encoded(
        row.input_ids[:head] + row.input_ids[tail:],
        row.word_ids[:head] + row.word_ids[tail:],
        row.offsets[:head] + row.offsets[tail:],
        row.length,
    )
