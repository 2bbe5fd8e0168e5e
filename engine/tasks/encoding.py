"""Texts, pairs and words to token ids, cut to a length without losing the special tokens at the end.

There are two ways with equal ids. `encode_texts`, `encode_pairs` and `encode_words` also give the word and the
characters of each token, for single rows that are shown and for labels that belong to words. `text_inputs` and
`pair_inputs` give ids only, which takes a fraction of the time, for the millions of rows of a data set.

Words are those of a text: a row of words has one (contract/text_parsing.py), and its tokens are those of that text.
Texts and words are cut here and not by the tokenizer, because the number of tokens before the cut is worth knowing.
Pairs are cut by the tokenizer, so that an exported model reads a long pair as it was trained to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.tasks.known_words import fast_encodings, ids_of_texts

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class Encoded(NamedTuple):
    """One encoded row: all lists have the same length; `length` counts the tokens before the cut.

    `word_ids` holds the index of the word a token belongs to and None for special tokens; `offsets` the characters
    [start, end) of the token in its text. Of pairs, `type_ids` are the tokenizer's token
    types where it has them, and `sequences` the text (0 or 1) of each token, None for special tokens. Of words, `read`
    is whether a prediction is taken from the token.
    """

    input_ids: list[int]
    word_ids: list[int | None]
    offsets: list[tuple[int, int]]
    length: int
    type_ids: list[int] | None = None
    sequences: list[int | None] | None = None
    read: list[bool] | None = None
    untrimmed: list[tuple[int, int]] | None = (
        None  # of words: the offsets with the space before a word, where it has one
    )


class Inputs(NamedTuple):
    """Rows for a network: token ids, the number of tokens before the cut, and the token types where there are any."""

    input_ids: list[list[int]]
    lengths: list[int]
    type_ids: list[list[int]] | None = None


def encode_texts(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int) -> list[Encoded]:
    """Encodes whole texts and cuts them."""
    rows = [
        Encoded(list(one.ids), list(one.word_ids), list(one.offsets), len(one.ids))
        for one in _whole_encodings(tokenizer, texts)
    ]
    return cut_rows(tokenizer, rows, max_length)


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


def encode_words(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], places: Sequence[Sequence[tuple[int, int]]]
) -> list[Encoded]:
    """Encodes texts, uncut, with the word that each token belongs to; `places` are the words of each text in order.

    A token belongs to the first word that it shares characters with. Spaces do not count: some vocabularies hold words
    with the space before them, and their offsets include it.
    """
    rows = []
    for text, words, one in zip(texts, places, _whole_encodings(tokenizer, texts), strict=True):
        special = one.special_tokens_mask
        offsets = [trimmed(text, start, end) for start, end in one.offsets]
        belongs: list[int | None] = []
        word = 0
        for is_special, (start, end) in zip(special, offsets, strict=True):
            while word < len(words) and words[word][1] <= start:
                word += 1
            shares = word < len(words) and start < end and words[word][0] < end and not is_special
            belongs.append(word if shares else None)
        texts_of_tokens = [None if is_special else 0 for is_special in special]
        read = _read(tokenizer, text, one)
        whole = list(one.offsets)
        rows.append(Encoded(list(one.ids), belongs, offsets, len(one.ids), None, texts_of_tokens, read, whole))
    return rows


def joins_subwords(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the vocabulary marks tokens that continue a word (##), so that a pipeline can join them to words."""
    backend: Any = tokenizer.backend_tokenizer
    return bool(getattr(backend.model, "continuing_subword_prefix", None))


def cut_rows(tokenizer: PreTrainedTokenizerBase, rows: Sequence[Encoded], max_length: int) -> list[Encoded]:
    """The rows without what is beyond `max_length` tokens, the special tokens at the end kept."""
    if all(row.length <= max_length for row in rows):
        return list(rows)
    trailing = trailing_special_tokens(tokenizer)
    return [_cut(row, max_length, trailing) for row in rows]


OVERLAP = 32  # tokens that neighbouring windows share, so that an entity at an edge is whole in one of them


def overlap_of(max_length: int) -> int:
    """The tokens that windows of this length share: a quarter of few."""
    return min(OVERLAP, max_length // 4)


def windows_of(tokenizer: PreTrainedTokenizerBase, row: Encoded, max_length: int) -> list[Encoded]:
    """A row of one text in windows of at most `max_length` tokens, as a tokenizer makes them of what overflows.

    Each has the special tokens around it, and offsets with the spaces before words. A word whose beginning is in the
    window before begins anew.
    """
    trailing, sequences = trailing_special_tokens(tokenizer), row.sequences or []
    first = next((place for place, text in enumerate(sequences) if text is not None), 0)
    last = len(row.input_ids) - trailing
    room = max_length - first - trailing
    windows, start = [], first
    while True:
        end = min(start + room, last)
        parts = [*range(first), *range(start, end), *range(last, len(row.input_ids))]
        read = [bool(row.read and row.read[place]) or place == start for place in parts]
        windows.append(
            Encoded(
                [row.input_ids[place] for place in parts],
                [row.word_ids[place] for place in parts],
                [(row.untrimmed or row.offsets)[place] for place in parts],
                len(parts),
                None,
                [sequences[place] for place in parts],
                read,
            )
        )
        if end == last:
            return windows
        start += max(1, room - overlap_of(max_length))


def cut_list(values: list[int], length: int, trailing: int) -> list[int]:
    """One value per token of an uncut row, cut to the `length` of the cut one."""
    if length >= len(values):
        return values
    return values[: length - trailing] + values[len(values) - trailing :]


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
    rows = ids_of_texts(tokenizer, texts)
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
    encodings = fast_encodings(tokenizer, pairs)
    rows = [one.ids for one in encodings]
    lengths = list(map(len, rows))
    types = [one.type_ids for one in encodings] if "token_type_ids" in tokenizer.model_input_names else None
    long = [index for index, length in enumerate(lengths) if length > max_length]
    for index, cut in zip(long, _pair_encodings(tokenizer, [pairs[index] for index in long], max_length), strict=True):
        rows[index] = cut.ids
        if types is not None:
            types[index] = cut.type_ids
    return Inputs(rows, lengths, types)


def _whole_encodings(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> Sequence[Any]:
    if not texts:
        return []
    batch = tokenizer(
        list(texts),
        add_special_tokens=True,
        padding=False,
        truncation=False,
        return_attention_mask=False,
        return_token_type_ids=False,
        verbose=False,
    )
    return batch.encodings or []


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The characters of a token without the spaces around them."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _read(tokenizer: PreTrainedTokenizerBase, text: str, one: Any) -> list[bool]:
    """Whether the `token-classification` pipeline of transformers takes the prediction at each token of an encoding.

    It leaves out special tokens and, where it can, those that continue a word: in `gather_pre_entities` a token
    continues one whose name is longer than its characters (##ing).
    """
    joins, unknown = joins_subwords(tokenizer), tokenizer.unk_token_id
    read: list[bool] = []
    is_first = True
    for token, number, (start, end), special in zip(
        one.tokens, one.ids, one.offsets, one.special_tokens_mask, strict=True
    ):
        continues = joins and not is_first and number != unknown and len(token) != len(text[start:end])
        read.append(not special and not continues)
        is_first = is_first and bool(special)
    return read


def _cut(row: Encoded, max_length: int, trailing: int) -> Encoded:
    if row.length <= max_length:
        return row
    head, tail = max_length - trailing, row.length - trailing
    return Encoded(
        row.input_ids[:head] + row.input_ids[tail:],
        row.word_ids[:head] + row.word_ids[tail:],
        row.offsets[:head] + row.offsets[tail:],
        row.length,
        sequences=None if row.sequences is None else row.sequences[:head] + row.sequences[tail:],
        read=None if row.read is None else row.read[:head] + row.read[tail:],
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
