"""Where the words of a text lie: the one way in which texts are taken apart into words to be tagged.

The pattern is `WORDS` of engine/contract/text_parsing.py, which the script of a run holds as well. It needs the package
regex, which has grapheme clusters and scripts; `re` does not.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from typing import Any

from engine.contract.text_parsing import CLUSTER, GAP, WORDS


def places_of_words(text: str, borders: Iterable[int] = ()) -> list[tuple[int, int]]:
    """Start and end of each word in characters, in order and without overlap; no word reaches across a border."""
    pattern = _compiled(WORDS)
    cuts = [0, *sorted({border for border in borders if 0 < border < len(text)}), len(text)]
    places: list[tuple[int, int]] = []
    for start, end in itertools.pairwise(cuts):
        places += [match.span() for match in pattern.finditer(text, start, end)]
    return places


def whole_clusters(text: str, start: int, end: int) -> tuple[int, int]:
    """The characters [start, end) without spaces and invisible ones at the edges, widened to whole clusters.

    A cluster is what is seen as one character: a letter with its marks, an emoji of several parts (UAX #29). Both are
    `start` where there is nothing to be seen.
    """
    gap = _compiled(GAP)
    while start < end and gap.fullmatch(text, start, start + 1):
        start += 1
    while start < end and gap.fullmatch(text, end - 1, end):
        end -= 1
    if start == end or text.isascii():
        return start, end
    # A cluster begins behind the last space or sign of ASCII at the latest.
    before, after = start, end
    while before and not text[before - 1].isascii():
        before -= 1
    while after < len(text) and not text[after].isascii():
        after += 1
    clusters = [match.span() for match in _compiled(CLUSTER).finditer(text, max(0, before - 1), after)]
    return max(first for first, _ in clusters if first <= start), min(last for _, last in clusters if last >= end)


def is_inside_word(text: str, border: int) -> bool:
    """Whether letters or digits of one word are on both sides of a border, in a script with spaces between words."""
    if not 0 < border < len(text) or not (text[border - 1].isalnum() and text[border].isalnum()):
        return False
    match = _compiled(WORDS).match(text, border - 1)
    return match is not None and bool(match.end() > border)


@functools.cache
def _compiled(pattern: str) -> Any:
    import regex  # comes with transformers; not needed to open a window

    return regex.compile(pattern)
