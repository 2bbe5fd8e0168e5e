"""How much of a row is tokenized: of what goes on far beyond the maximum length, only the beginning.

A tokenizer takes time for every character, also for those whose tokens are cut off afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

CHARACTERS_PER_TOKEN = 20  # what lies beyond this many per token of the limit is cut before tokenizing


class Truncated(NamedTuple):
    """The same columns with shortened values; `unread` characters of each row that has lost some."""

    rows: dict[str, list[Any]]
    unread: dict[int, int]


def truncated(rows: Mapping[str, Sequence[Any]], max_length: int) -> Truncated:
    """Canonical columns, each text cut to `max_length` × 20 characters; words likewise, together with their tags."""
    longest = max_length * CHARACTERS_PER_TOKEN
    kept = {name: list(values) for name, values in rows.items()}
    unread: dict[int, int] = {}
    for values in kept.values():
        for index, value in enumerate(values):
            if isinstance(value, str) and len(value) > longest:
                values[index] = value[:longest]
                unread[index] = unread.get(index, 0) + len(value) - longest
    for index, words in enumerate(kept.get("tokens", ())):
        characters = _characters_of(words)
        if characters > longest:
            first = _first_words(words, longest)
            kept["tokens"][index] = first
            kept["tags"][index] = kept["tags"][index][: len(first)]
            unread[index] = characters - _characters_of(first)
    return Truncated(kept, unread)


def _characters_of(words: Sequence[str]) -> int:
    """As many as the words have with spaces between them."""
    return sum(map(len, words)) + max(0, len(words) - 1)


def _first_words(words: Sequence[str], longest: int) -> list[str]:
    """As many as fit; at least the beginning of one."""
    room = longest
    for number, word in enumerate(words):
        room -= len(word)
        if room < 0:
            return list(words[:number]) or [words[0][:longest]]
        room -= 1
    return list(words)
