"""Many texts to token ids, and nothing else: neither words nor places are worked out, which would double the time.

The ids are those of `encoding.py`, cut in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from transformers import PreTrainedTokenizerBase

from engine.tasks.encoding import pair_encodings, trailing_special_tokens


class Inputs(NamedTuple):
    """Rows for a network: ids, the tokens before the cut, and which text of a pair each is from where that is told."""

    input_ids: list[list[int]]
    lengths: list[int]
    type_ids: list[list[int]] | None = None


def text_inputs(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], max_length: int) -> Inputs:
    """Whole texts; what lies beyond `max_length` tokens is left out, the special tokens at the end are kept."""
    rows = [one.ids for one in _encodings(tokenizer, texts)]
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
    """Pairs of texts; those that are too long are cut by the tokenizer itself."""
    pairs = list(zip(texts, second_texts, strict=True))
    encodings = _encodings(tokenizer, pairs)
    rows = [one.ids for one in encodings]
    lengths = list(map(len, rows))
    types = [one.type_ids for one in encodings] if "token_type_ids" in tokenizer.model_input_names else None
    long = [index for index, length in enumerate(lengths) if length > max_length]
    for index, cut in zip(long, pair_encodings(tokenizer, [pairs[index] for index in long], max_length), strict=True):
        rows[index] = cut.ids
        if types is not None:
            types[index] = cut.type_ids
    return Inputs(rows, lengths, types)


def _encodings(tokenizer: PreTrainedTokenizerBase, inputs: Sequence[str] | Sequence[tuple[str, str]]) -> list[Any]:
    backend: Any = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    return list(backend.encode_batch_fast(list(inputs), add_special_tokens=True))
