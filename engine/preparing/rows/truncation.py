"""How much of a row is tokenized: of what continues far beyond the maximum length, only the beginning.

A tokenizer takes time for every character, also for those whose tokens are cut off afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from engine.contract.text_parsing import FULL_TEXT, full_text, places_in

CHARACTERS_PER_TOKEN = 20  # what lies beyond this many per token of the limit is cut before tokenizing


class Truncated(NamedTuple):
    """The same columns with shortened values; `unread` characters of each row that has lost some."""

    rows: dict[str, list[Any]]
    unread: dict[int, int]


def truncated(rows: Mapping[str, Sequence[Any]], max_length: int) -> Truncated:
    """Canonical columns, each text cut to `max_length` × 20 characters.

    Words are cut likewise, together with their tags and their text, behind the last word that fits.
    """
    longest = max_length * CHARACTERS_PER_TOKEN
    kept = {name: list(values) for name, values in rows.items()}
    unread: dict[int, int] = {}
    for index, words in enumerate(kept.get("tokens", ())):
        text = full_text({name: values[index] for name, values in rows.items()})
        if len(text) > longest:
            first, end = _first_words(text, words, longest)
            kept["tokens"][index] = first
            kept["tags"][index] = kept["tags"][index][: len(first)]
            if FULL_TEXT in kept:
                kept[FULL_TEXT][index] = text[:end]
            unread[index] = len(text) - end
    for values in kept.values():
        for index, value in enumerate(values):
            if isinstance(value, str) and len(value) > longest:
                values[index] = value[:longest]
                unread[index] = unread.get(index, 0) + len(value) - longest
    return Truncated(kept, unread)


def _first_words(text: str, words: Sequence[str], longest: int) -> tuple[list[str], int]:
    """As many words as fit, and where the last of them ends in the text; at least the beginning of one."""
    places = places_in(text, words) or []
    fitting = sum(end <= longest for _, end in places)
    if fitting:
        return list(words[:fitting]), places[fitting - 1][1]
    start = places[0][0] if places else 0
    return [words[0][: max(1, longest - start)]], max(start + 1, longest)
