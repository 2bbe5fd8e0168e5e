"""Texts, pairs and words to token ids, cut to a length without losing the special tokens at the end.

There are two ways with equal ids. `encode_texts`, `encode_pairs` and `encode_words` also give the word and the
characters of each token, for single rows that are shown and for labels that belong to words. `text_inputs` and
`pair_inputs` give ids only, which takes half the time, for the millions of rows of a data set.

Texts and words are cut here and not by the tokenizer, because the number of tokens before the cut is worth knowing.
Pairs are cut by the tokenizer, so that an exported model reads a long pair as it was trained to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from transformers import PreTrainedTokenizerBase


class Encoded(NamedTuple):
    """One encoded row: all lists have the same length; `length` counts the tokens before the cut.

    `word_ids` holds the index of the word a token belongs to and None for special tokens; `offsets` the characters
    [start, end) of the token in its text or, for words, in its word. Of pairs, `type_ids` are the tokenizer's token
    types where it has them, and `sequences` the text (0 or 1) of each token, None for special tokens.
    """

    input_ids: list[int]
    word_ids: list[int | None]
    offsets: list[tuple[int, int]]
    length: int
    type_ids: list[int] | None = None
    sequences: list[int | None] | None = None


class Inputs(NamedTuple):
    """Rows for a network: token ids, the number of tokens before the cut, and the token types where there are any."""

    input_ids: list[list[int]]
    lengths: list[int]
    type_ids: list[list[int]] | None = None


def encode_texts(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int) -> list[Encoded]:
    """Encodes whole texts and cuts them."""
    return cut_rows(tokenizer, _encode(tokenizer, list(texts), are_words=False), max_length)


def encode_pairs(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], second_texts: Sequence[str], max_length: int
) -> list[Encoded]:
    """Encodes pairs of texts; those that are too long lose the end of whichever text is longer, token by token.

    The words of the second text are numbered on from those of the first.
    """
    pairs = list(zip(texts, second_texts, strict=True))
    whole = [_pair_row(one, tokenizer) for one in _pair_encodings(tokenizer, pairs, None)]
    long = [index for index, row in enumerate(whole) if row.length > max_length]
    for index, one in zip(long, _pair_encodings(tokenizer, [pairs[index] for index in long], max_length), strict=True):
        whole[index] = _pair_row(one, tokenizer)._replace(length=whole[index].length)
    return whole


def encode_words(tokenizer: PreTrainedTokenizerBase, rows: Sequence[Sequence[str]], max_length: int) -> list[Encoded]:
    """Encodes rows that are already split into words and cuts them."""
    return cut_rows(tokenizer, encode_whole_words(tokenizer, rows), max_length)


def encode_whole_words(tokenizer: PreTrainedTokenizerBase, rows: Sequence[Sequence[str]]) -> list[Encoded]:
    """Encodes rows that are already split into words, uncut; every word has at least one token.

    A word that the tokenizer drops altogether (a lone control character) is read as its unknown token, so that the
    n-th labelled token always belongs to the n-th word.
    """
    words = [list(row) for row in rows]
    encoded = _encode(tokenizer, words, are_words=True)
    unknown = str(tokenizer.unk_token or "?")
    for index, row in enumerate(encoded):
        present = set(row.word_ids)
        missing = [number for number in range(len(words[index])) if number not in present]
        if missing:
            for number in missing:
                words[index][number] = unknown
            encoded[index] = _encode(tokenizer, [words[index]], are_words=True)[0]
    return encoded


def cut_rows(tokenizer: PreTrainedTokenizerBase, rows: Sequence[Encoded], max_length: int) -> list[Encoded]:
    """The rows without what is beyond `max_length` tokens, the special tokens at the end kept."""
    if all(row.length <= max_length for row in rows):
        return list(rows)
    trailing = trailing_special_tokens(tokenizer)
    return [_cut(row, max_length, trailing) for row in rows]


def trailing_special_tokens(tokenizer: PreTrainedTokenizerBase) -> int:
    """How many special tokens the tokenizer puts after a text."""
    encodings = tokenizer("a", add_special_tokens=True, truncation=False, padding=False).encodings or []
    mask = encodings[0].special_tokens_mask
    count = 0
    while count < len(mask) and mask[-1 - count] == 1:
        count += 1
    return count


def text_inputs(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int) -> Inputs:
    """Token ids of whole texts, cut as `encode_texts` does."""
    rows = [one.ids for one in _fast_encodings(tokenizer, texts)]
    lengths = list(map(len, rows))
    if max(lengths, default=0) > max_length:
        trailing = trailing_special_tokens(tokenizer)
        for index, length in enumerate(lengths):
            if length > max_length:
                row = rows[index]
                rows[index] = row[: max_length - trailing] + row[length - trailing :]
    return Inputs(rows, lengths)


def pair_inputs(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], second_texts: Sequence[str], max_length: int
) -> Inputs:
    """Token ids of pairs, cut as `encode_pairs` does."""
    pairs = list(zip(texts, second_texts, strict=True))
    encodings = _fast_encodings(tokenizer, pairs)
    rows = [one.ids for one in encodings]
    lengths = list(map(len, rows))
    types = [one.type_ids for one in encodings] if "token_type_ids" in tokenizer.model_input_names else None
    long = [index for index, length in enumerate(lengths) if length > max_length]
    for index, cut in zip(long, _pair_encodings(tokenizer, [pairs[index] for index in long], max_length), strict=True):
        rows[index] = cut.ids
        if types is not None:
            types[index] = cut.type_ids
    return Inputs(rows, lengths, types)


def _encode(tokenizer: PreTrainedTokenizerBase, inputs: Sequence[object], *, are_words: bool) -> list[Encoded]:
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
    return [
        Encoded(list(one.ids), list(one.word_ids), list(one.offsets), len(one.ids)) for one in batch.encodings or []
    ]


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


def _pair_encodings(
    tokenizer: PreTrainedTokenizerBase, pairs: Sequence[tuple[str, str]], max_length: int | None
) -> Sequence[Any]:
    """The tokenizer's encodings of pairs, cut by itself where a `max_length` is given."""
    if not pairs:
        return []
    cut = {} if max_length is None else {"max_length": max_length}
    batch = tokenizer(
        [first for first, _ in pairs],
        [second for _, second in pairs],
        add_special_tokens=True,
        padding=False,
        truncation=max_length is not None,
        verbose=False,
        **cut,
    )
    backend: Any = tokenizer.backend_tokenizer
    backend.no_truncation()  # else the cut stays switched on for the next text
    return batch.encodings or []


def _pair_row(one: Any, tokenizer: PreTrainedTokenizerBase) -> Encoded:
    sequences = list(one.sequence_ids)
    firsts = [word for word, sequence in zip(one.word_ids, sequences, strict=True) if sequence == 0]
    before = max((word for word in firsts if word is not None), default=-1) + 1
    words = [
        word if word is None or sequence == 0 else word + before
        for word, sequence in zip(one.word_ids, sequences, strict=True)
    ]
    types = list(one.type_ids) if "token_type_ids" in tokenizer.model_input_names else None
    return Encoded(list(one.ids), words, list(one.offsets), len(one.ids), types, sequences)


def _fast_encodings(tokenizer: PreTrainedTokenizerBase, inputs: Sequence[str] | Sequence[tuple[str, str]]) -> list[Any]:
    """Ids without words and offsets, which `encode_batch_fast` does not work out."""
    backend: Any = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    return list(backend.encode_batch_fast(list(inputs), add_special_tokens=True))
