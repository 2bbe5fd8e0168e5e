"""Marked stretches of characters become words with IOB2 tags; what cannot be kept as it was marked is told.

A mark that ends inside a word is widened to the whole word. Where two marks claim the same word, the longer one stays
(of equally long ones the first); the other is left out, as is one that covers no word.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from engine.reading.chunks import Conversion
from engine.word_places import places_of_words

WIDENED = "widened to whole words"
OVERLAPS = "overlaps a longer entity"
NO_WORD = "covers no word"
NO_LABEL = "has no label"
_OUTSIDE = "O"


class Mark(NamedTuple):
    """Characters [start, end) of a text and what they are called; a negative start: they could not be understood."""

    start: int
    end: int
    label: str


class Tagged(NamedTuple):
    """A text as words with one tag each, and the marks that did not stay as they were."""

    words: list[str]
    tags: list[str]
    conversions: tuple[Conversion, ...]


def words_and_tags(text: str, marks: Sequence[Mark]) -> Tagged:
    """The words of the text with the tags that the marks stand for; the same mark twice counts once."""
    places = places_of_words(text)
    starts, ends = [start for start, _ in places], [end for _, end in places]
    tags = [_OUTSIDE] * len(places)
    conversions = []
    for mark in sorted(dict.fromkeys(marks), key=lambda mark: (mark.start - mark.end, mark.start)):
        if not mark.label:
            conversions.append(Conversion(_told(text, mark), "", NO_LABEL))
            continue
        first, after = bisect_right(ends, mark.start), bisect_left(starts, mark.end)
        if not (0 <= mark.start < mark.end <= len(text)) or first >= after:
            conversions.append(Conversion(_told(text, mark), "", NO_WORD))
            continue
        if any(tag != _OUTSIDE for tag in tags[first:after]):
            conversions.append(Conversion(_told(text, mark), "", OVERLAPS))
            continue
        tags[first:after] = ["B-" + mark.label, *["I-" + mark.label] * (after - first - 1)]
        whole = mark._replace(start=starts[first], end=ends[after - 1])
        if text[mark.start : mark.end].strip() != text[whole.start : whole.end]:
            conversions.append(Conversion(_told(text, mark), _told(text, whole), WIDENED))
    return Tagged([text[start:end] for start, end in places], tags, tuple(conversions))


def _told(text: str, mark: Mark) -> str:
    covered = text[mark.start : mark.end] if 0 <= mark.start < mark.end else ""
    return f"{mark.label or 'no label'}: {covered if covered.strip() else 'nothing'}"
