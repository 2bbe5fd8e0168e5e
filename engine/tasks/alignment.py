"""One encoded row beside itself uncut: each token with its word and its characters, and the tokens that are cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from engine.contract.queries import CutToken, TokenizedText
from engine.tasks.encoding import Encoded

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

MOST_CUT = 2_000  # tokens beyond the maximum length that are listed one by one
LONGEST_WORD = 200  # characters of a word or token


def aligned(
    tokenizer: PreTrainedTokenizerBase,
    kept: Encoded,
    whole: Encoded,
    *,
    text: str,
    texts: Sequence[str],
    words: Sequence[str] = (),
    tags: Sequence[str] = (),
) -> TokenizedText:
    """The tokens of a row of `texts`, one or two; `words` are given where they are not those of the tokenizer.

    `tags` are the labels of the uncut row's tokens, where they have any.
    """
    all_words = [_short(word) for word in words] or _words_of(whole, texts)
    places = _cut_places(kept, whole)
    tokens = tokenizer.convert_ids_to_tokens([whole.input_ids[place] for place, _ in places[:MOST_CUT]])
    cut = tuple(
        CutToken(
            token=str(token),
            input_id=whole.input_ids[place],
            word_id=whole.word_ids[place],
            original=_original(whole, place, texts),
            before=before,
            label=tags[place] if tags else "",
        )
        for token, (place, before) in zip(tokens, places, strict=False)
    )
    return msgspec.structs.replace(
        tokenized(tokenizer, text, kept, cut_tokens=whole.length - len(kept.input_ids)),
        words=tuple(all_words[: _words_listed(whole, places)]),
        originals=tuple(_original(kept, place, texts) for place in range(len(kept.input_ids))),
        type_ids=tuple(kept.type_ids or ()),
        cut=cut,
        unknown_id=tokenizer.unk_token_id,
        padding_id=tokenizer.pad_token_id or 0,
        padding_token=str(tokenizer.pad_token or ""),
    )


def tokenized(tokenizer: PreTrainedTokenizerBase, text: str, row: Encoded, *, cut_tokens: int) -> TokenizedText:
    """The tokens of an encoded text, all of them attended to, each with the word that it is from."""
    return TokenizedText(
        text=text,
        tokens=tuple(str(token) for token in tokenizer.convert_ids_to_tokens(row.input_ids)),
        input_ids=tuple(row.input_ids),
        attention_mask=(1,) * len(row.input_ids),
        word_ids=tuple(row.word_ids),
        cut_tokens=cut_tokens,
    )


def _cut_places(kept: Encoded, whole: Encoded) -> list[tuple[int, int]]:
    """Positions of the uncut row that were cut off, each with the kept position that it would come before."""
    if len(kept.input_ids) == len(whole.input_ids):
        return []
    found: list[tuple[int, int]] = []
    kept_by_text, whole_by_text = _by_text(kept), _by_text(whole)
    for sequence, places in whole_by_text.items():
        remaining = kept_by_text.get(sequence, [])
        lost = len(places) - len(remaining)
        ids = [kept.input_ids[place] for place in remaining]
        if lost and ids and ids != [whole.input_ids[place] for place in places[: len(ids)]]:  # the beginning was cut
            found += [(place, remaining[0]) for place in places[:lost]]
        elif lost:
            after = remaining[-1] + 1 if remaining else _leading(kept)
            found += [(place, after) for place in places[len(remaining) :]]
    return found


def _by_text(row: Encoded) -> dict[int, list[int]]:
    """Positions of the tokens of each text, without special tokens."""
    sequences = row.sequences or [None if word is None else 0 for word in row.word_ids]
    places: dict[int, list[int]] = {}
    for place, sequence in enumerate(sequences):
        if sequence is not None:
            places.setdefault(sequence, []).append(place)
    return places


def _leading(row: Encoded) -> int:
    """How many special tokens begin a row that keeps nothing else of its first text."""
    return min(1, len(row.input_ids))


def _words_of(row: Encoded, texts: Sequence[str]) -> list[str]:
    """The words of texts as they are written, by their index."""
    places: dict[int, tuple[int, int, int]] = {}
    for place, word in enumerate(row.word_ids):
        if word is not None:
            start, end = row.offsets[place]
            sequence, first, last = places.get(word, (_sequence(row, place), start, end))
            places[word] = (sequence, min(first, start), max(last, end))
    found = [""] * (max(places, default=-1) + 1)
    for word, (sequence, first, last) in places.items():
        found[word] = _short(texts[sequence][first:last])
    return found


def _original(row: Encoded, place: int, texts: Sequence[str]) -> str:
    if row.word_ids[place] is None:
        return ""
    start, end = row.offsets[place]
    return _short(texts[_sequence(row, place)][start:end])


def _sequence(row: Encoded, place: int) -> int:
    return (row.sequences[place] or 0) if row.sequences is not None else 0


def _words_listed(whole: Encoded, places: Sequence[tuple[int, int]]) -> int:
    """How many words are listed: as far as their tokens are."""
    if len(places) <= MOST_CUT:
        return max((word for word in whole.word_ids if word is not None), default=-1) + 1
    unlisted = {place for place, _ in places[MOST_CUT:]}
    listed = (word for place, word in enumerate(whole.word_ids) if word is not None and place not in unlisted)
    return max(listed, default=-1) + 1


def _short(text: str) -> str:
    text = text.strip() or text
    return text if len(text) <= LONGEST_WORD else text[:LONGEST_WORD] + "…"
