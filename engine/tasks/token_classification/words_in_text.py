"""Words in their text: which tokens represent them, the label of each token, and entities decoded from tokens.

The tokens of a row are those of its text, so that a model is trained on what it will be given. Entities are decoded
as the `token-classification` pipeline of transformers does: from the first token of each word where the vocabulary
marks the others (aggregation_strategy="first"), from every token where it does not ("simple"). So a trained network
finds the same entities here and through a plain pipeline.

What a pipeline reads of a word in an entity has a label, the tokens behind its first one that of the continuation (I-).
Of a word outside, only the first token has one where the vocabulary marks the others: with labels at all tokens, the
signs and pieces of addresses and names outweigh entities (wnut17, MiniLM, three seeds: entity F1 of a plain pipeline
36.7 with all tokens, 37.6 with all that are read, 41.6 like this; `tests/benchmarks/versions.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.contract.queries import EntityFound
from engine.contract.tag_schemes import OUTSIDE, are_one_per_word, as_learned, strict_spans, type_of
from engine.contract.text_parsing import joined_words, places_in
from engine.tasks.encoding import Encoded, encode_words, trimmed
from engine.tasks.losses import IGNORED

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

NO_TOKEN = -1
CUT_INSIDE = -2  # of a word in which the maximum length cuts its entity off


class PlacedRow(NamedTuple):
    """A row of words in its text, encoded without a cut; `places` are the characters [start, end) of each word."""

    text: str
    places: list[tuple[int, int]]
    encoded: Encoded


class MarkedTokens(NamedTuple):
    """What the tags of a row make of its tokens, uncut.

    `labels` (tokens,) are ids, −100 where the loss ignores the token; `words` (words,) positions of the tokens whose
    predictions are those of the words, −1 for entities that no tokens represent alone; `needed` how many tokens each
    entity needs.
    """

    labels: list[int]
    words: list[int]
    needed: list[int]


def placed_rows(
    tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], rows: Sequence[Sequence[str]]
) -> list[PlacedRow]:
    """The rows of words in their texts; a text that does not hold the words is made of them."""
    placed = []
    for text, words in zip(texts, rows, strict=True):
        places = places_in(text, words)
        if places is None:
            text = joined_words(words)
            places = places_in(text, words) or []
        placed.append((text, places))
    encoded = encode_words(tokenizer, [text for text, _ in placed], [places for _, places in placed])
    return [PlacedRow(*one, whole) for one, whole in zip(placed, encoded, strict=True)]


def marked_tokens(row: PlacedRow, tags: Sequence[str], ids: Mapping[str, int], *, joins: bool = False) -> MarkedTokens:
    """Labels of tokens and tokens of words; `tags` as the label names have them, of which `ids` are the positions.

    `joins` means that the vocabulary marks the tokens that continue a word, so that a pipeline joins them to words.
    An entity whose characters share a token with a word outside of it cannot be found: the tokens of its words have no
    label, and its words no tokens.
    """
    covering = _tokens_of_words(row)
    owners = row.encoded.word_ids
    labels = [IGNORED] * len(owners)
    words = _word_tokens(row, covering)
    one_per_word = are_one_per_word(ids)
    before: int | None = None
    for position, (word, read) in enumerate(zip(owners, row.encoded.read or (), strict=True)):
        if word is not None:
            tag = tags[word]
            if word != before:
                labels[position] = ids[tag]
            elif one_per_word or not joins or (read and tag != OUTSIDE):
                labels[position] = ids[_continued(tag)]
            before = word
    if one_per_word:
        return MarkedTokens(labels, words, [tokens[-1] + 1 if tokens else 1 for tokens in covering])
    needed = []
    inside = [-1] * len(owners)  # the entity that each token is in
    spans = strict_spans(tags)
    for number, span in enumerate(spans):
        start, end = row.places[span.start][0], row.places[span.end - 1][1]
        tokens = sorted({token for word in range(span.start, span.end) for token in covering[word]})
        needed.append(tokens[-1] + 1 if tokens else 1)
        alone = tokens and row.encoded.offsets[tokens[0]][0] >= start and row.encoded.offsets[tokens[-1]][1] <= end
        for word in range(span.start, span.end) if not alone else ():
            words[word] = NO_TOKEN
        for token in tokens:
            if not alone:
                labels[token] = IGNORED
        for token in range(tokens[0] + 1, tokens[-1]) if alone else ():
            inside[token] = number
    for position, (word, read) in enumerate(zip(owners, row.encoded.read or (), strict=True)):
        if word is None and read:  # a space or a sign between words, or a special token of the text itself
            number = inside[position]
            labels[position] = ids[OUTSIDE if number < 0 else f"I-{spans[number].type}"]
    return MarkedTokens(labels, words, needed)


def found_entities(encoded: Encoded, likely: np.ndarray, names: Sequence[str]) -> list[EntityFound]:
    """The entities that the pipeline finds, in order; `likely` (tokens, labels) are probabilities.

    Those of an entity are means over the tokens that it is read from. Spans are without spaces around them.
    """
    read = positions_read(encoded)
    tags = [names[index] for index in likely[list(read)].argmax(axis=-1).tolist()]
    certainty = likely[list(read)].max(axis=-1)
    ends = [*read[1:], len(encoded.offsets)]  # each prediction holds up to the next
    found = []
    for span in strict_spans(as_learned(tags, names)):
        tokens = [place for place in range(read[span.start], ends[span.end - 1]) if _is_of_the_text(encoded, place)]
        shown = [(start, end) for start, end in (encoded.offsets[token] for token in tokens) if start < end]
        if shown:
            probability = float(certainty[span.start : span.end].mean())
            found.append(EntityFound(shown[0][0], shown[-1][1], span.type, probability))
    return found


def positions_read(encoded: Encoded) -> list[int]:
    """The tokens whose predictions are taken."""
    return [position for position, is_read in enumerate(encoded.read or ()) if is_read]


def found_words(row: PlacedRow, likely: np.ndarray, names: Sequence[str]) -> list[EntityFound]:
    """Each word with the tag of its own, from its first token; words without a token are excluded."""
    found = []
    for word, token in enumerate(_word_tokens(row, _tokens_of_words(row))):
        if NO_TOKEN < token < len(likely):
            best = int(likely[token].argmax())
            found.append(EntityFound(*row.places[word], type_of(names[best]), float(likely[token, best])))
    return found


def entities_of(answer: Sequence[Mapping[str, Any]], text: str) -> list[EntityFound]:
    """What a `token-classification` pipeline answers, without spaces at the edges; what is nothing but space is not."""
    found = []
    for one in answer:
        start, end = trimmed(text, int(one["start"]), int(one["end"]))
        if start < end:
            found.append(EntityFound(start, end, str(one.get("entity_group", one.get("entity"))), float(one["score"])))
    return found


def without_overlaps(found: Sequence[EntityFound], text: str) -> list[EntityFound]:
    """Of entities that share characters, as windows find them, the longest, then the surest; as the pipeline has it.

    Spaces before them count for their length, and are taken off at the end.
    """
    kept: list[EntityFound] = []
    for one in sorted(found, key=lambda entity: entity.start):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif (one.end - one.start, one.probability) > (kept[-1].end - kept[-1].start, kept[-1].probability):
            kept[-1] = one
    spans = [(one, trimmed(text, one.start, one.end)) for one in kept]
    return [EntityFound(*span, one.label, one.probability) for one, span in spans if span[0] < span[1]]


def token_of_word(word: EntityFound, tokens: Sequence[EntityFound]) -> EntityFound:
    """The tag that tokens give a word, by its first own token, else one that it shares, or the one before it."""
    shared = [token for token in tokens if token.start < word.end and word.start < token.end]
    before = [token for token in tokens if token.end <= word.start]
    own = [token for token in shared if token.start >= word.start]
    chosen = (own or shared or before[-1:] or [word])[0]
    return EntityFound(word.start, word.end, chosen.label, chosen.probability)


def _tokens_of_words(row: PlacedRow) -> list[list[int]]:
    """The tokens that share characters with each word."""
    covering: list[list[int]] = [[] for _ in row.places]
    first = 0
    for position, (owner, (start, end)) in enumerate(zip(row.encoded.word_ids, row.encoded.offsets, strict=True)):
        if owner is None:
            continue
        first = owner
        while first < len(row.places) and row.places[first][0] < end:
            if row.places[first][1] > start:
                covering[first].append(position)
            first += 1
    return covering


def _word_tokens(row: PlacedRow, covering: Sequence[Sequence[int]]) -> list[int]:
    """The token whose prediction is each word's: its first own one, else one that it shares, or the one before it."""
    owners = row.encoded.word_ids
    tokens: list[int] = []
    for word, shared in enumerate(covering):
        own = next((token for token in shared if owners[token] == word), None)
        if own is None:
            own = shared[0] if shared else tokens[-1] if tokens else NO_TOKEN
        tokens.append(own)
    return tokens


def _is_of_the_text(encoded: Encoded, position: int) -> bool:
    """Whether this is no special token."""
    return encoded.word_ids[position] is not None or bool(encoded.read and encoded.read[position])


def _continued(tag: str) -> str:
    return "I-" + tag[2:] if tag.startswith("B-") else tag
