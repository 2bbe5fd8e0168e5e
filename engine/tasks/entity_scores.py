"""Scores of whole entities: right is an entity whose first word, last word and type are all right.

The counts equal seqeval's in strict mode with the scheme IOB2 (a test compares them); they are counted here once per
row so that the table per type, the bootstrap and the most wrong rows come from the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.states import ClassScores
from engine.tag_schemes import strict_spans
from engine.tasks.text_scores import counted_scores


class EntityCounts(NamedTuple):
    """Per row and type (rows, types) int64: entities found, answered, true; per row (rows,): right words, words.

    Where each word has a tag of its own, its type is the tag and each word is counted as one entity.
    """

    found: np.ndarray
    answered: np.ndarray
    true: np.ndarray
    right_words: np.ndarray
    words: np.ndarray
    one_per_word: bool = False


def count_entities(
    truth: Sequence[Sequence[str]],
    predicted: Sequence[Sequence[str]],
    types: Sequence[str],
    *,
    one_per_word: bool = False,
) -> EntityCounts:
    """Counts the entities of rows given as IOB2 tags, one tag per word."""
    positions = {kind: index for index, kind in enumerate(types)}
    found, answered, true = (np.zeros((len(truth), len(types)), dtype=np.int64) for _ in range(3))
    right_words = np.zeros(len(truth), dtype=np.int64)
    words = np.zeros(len(truth), dtype=np.int64)
    for row, (true_tags, answered_tags) in enumerate(zip(truth, predicted, strict=True)):
        true_spans, answered_spans = set(strict_spans(true_tags)), set(strict_spans(answered_tags))
        for spans, counts in ((true_spans & answered_spans, found), (answered_spans, answered), (true_spans, true)):
            for span in spans:
                counts[row, positions[span.type]] += 1
        right_words[row] = sum(a == b for a, b in zip(true_tags, answered_tags, strict=True))
        words[row] = len(true_tags)
    return EntityCounts(found, answered, true, right_words, words, one_per_word)


def tag_scores(
    found: np.ndarray, answered: np.ndarray, true: np.ndarray, *, right_words: int, words: int
) -> dict[str, float | None]:
    """The share of words with the right tag, and the mean F1 of the tags that occur, from counts per tag (tags,)."""
    both = (answered + true).astype(np.float64)
    occurs = both > 0
    return {
        "word_accuracy": right_words / words if words else None,
        "macro_f1": float((2 * found[occurs] / both[occurs]).mean()) if occurs.any() else None,
    }


def entity_scores(
    found: np.ndarray, answered: np.ndarray, true: np.ndarray, *, right_words: int, words: int
) -> dict[str, float | None]:
    """Scores over all types together from counts per type (types,), and the share of words with the right tag.

    Where rows hold entities but none was answered, precision and F1 are 0, as seqeval counts; where there is
    neither a true nor an answered entity they are None.
    """
    hits, claims, facts = int(found.sum()), int(answered.sum()), int(true.sum())
    nothing = claims + facts == 0
    return {
        "entity_f1": None if nothing else 2 * hits / (claims + facts),
        "entity_precision": None if nothing else (hits / claims if claims else 0.0),
        "entity_recall": None if nothing else (hits / facts if facts else 0.0),
        "word_accuracy": right_words / words if words else None,
    }


def scores_of(counts: EntityCounts) -> dict[str, float | None]:
    """Scores of all counted rows."""
    scores = tag_scores if counts.one_per_word else entity_scores
    return scores(
        counts.found.sum(axis=0),
        counts.answered.sum(axis=0),
        counts.true.sum(axis=0),
        right_words=int(counts.right_words.sum()),
        words=int(counts.words.sum()),
    )


def scores_per_type(counts: EntityCounts, types: Sequence[str]) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each entity type."""
    found, answered, true = counts.found.sum(axis=0), counts.answered.sum(axis=0), counts.true.sum(axis=0)
    return tuple(
        counted_scores(kind, int(found[index]), int(answered[index]), int(true[index]))
        for index, kind in enumerate(types)
    )
