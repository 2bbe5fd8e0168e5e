"""Entities that are listed beside a text as words with their types, without places: each is looked for in the text.

[{"word": "Anna", "type": "PER"}, …]      objects, by many names
[["Anna", "PER"], …]                      pairs, in either order
{"Anna": "PER"}, {"PER": "Anna"}          an object
{"PER": ["Anna", "Tom"], "LOC": []}       words by their type
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from engine.reading.formats.marked_text import TEXT
from engine.reading.formats.marks import value_written
from engine.reading.formats.rows_as_objects import Row

_WORDS = (
    "word",
    "text",
    "mention",
    "span",
    "surface",
    "entity_text",
    "phrase",
    "term",
    "aspect",
    "value",
    "entity",
    "name",
)
_TYPES = (
    *("type", "label", "tag", "entity_type", "entityType", "category", "class", "entity_group", "ner", "ner_tag"),
    *("kind", "polarity", "sentiment", "entity", "name"),
)
_USUAL = ("entities", "ents", "ner", "named_entities", "spans", "labels", "annotations", "aspects", "output", "answer")
_FOUND = 0.8  # of the words, for a column to hold words of the text
_FEWEST = 3  # words that allow a judgement
_MOST_TYPES = 100
_LONGEST_TYPE = 60  # characters
_NEARLY_ALL = 0.95
_EMPTY: tuple[Any, ...] = (None, "", [], {})

Pairs = list[tuple[str, str]]  # words and their types


class Listed(NamedTuple):
    """The column with the words, the one with the text, and how a cell of the first becomes words with types."""

    holder: str
    text: str
    pairs_of: Callable[[Any], Pairs]


def words_beside_a_text(sample: Sequence[Row]) -> Listed | None:
    """Where these rows have their entities as words; None where no column does, or where several might."""
    names = dict.fromkeys(name for row in sample for name in row)
    cells = {name: [row.get(name) for row in sample] for name in names}
    texts = {name: one for name, one in cells.items() if any(isinstance(cell, str) and " " in cell for cell in one)}
    found = [made for name in names if (made := _listed(name, cells[name], texts)) is not None]
    usual = sorted((one for one in found if one.holder in _USUAL), key=lambda one: _USUAL.index(one.holder))
    return found[0] if len(found) == 1 else usual[0] if usual else None


def spans_of(text: str, pairs: Iterable[tuple[str, str]]) -> list[Row]:
    """A mark for each word: where it is behind the word before, else where it is; at −1 where it is nowhere."""
    made: list[Row] = []
    taken: list[tuple[int, int]] = []
    behind = 0
    for word, label in pairs:
        place = _place_of(text, word, behind, taken)
        if place is None:
            made.append({"start": -1, "end": -1, "label": label, TEXT: word})
            continue
        taken.append(place)
        behind = place[1]
        made.append({"start": place[0], "end": place[1], "label": label, TEXT: text[place[0] : place[1]]})
    return made


def _place_of(text: str, word: str, behind: int, taken: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    for pattern in _patterns(word):
        found = (match.span() for match in pattern.finditer(text))
        free = [one for one in found if not any(one[0] < end and start < one[1] for start, end in taken)]
        if free:
            return next((place for place in free if place[0] >= behind), free[0])
    return None


def _patterns(word: str) -> list[re.Pattern[str]]:
    """The word alone, as a part of another, and in other letters; with spaces of any width."""
    plain = r"\s+".join(map(re.escape, word.split()))
    alone = rf"(?<!\w){plain}(?!\w)"
    return [re.compile(alone), re.compile(plain), re.compile(alone, re.IGNORECASE)] if plain else []


# ── How a cell becomes words with types ─────────────────────────────────────────────────────────────────────────


class _Way(NamedTuple):
    """One way to read a cell; None for what it does not fit. `is_usual` where the words are called as words are."""

    pairs_of: Callable[[Any], Pairs | None]
    is_usual: bool = False


def _listed(name: str, cells: Sequence[Any], texts: Mapping[str, Sequence[Any]]) -> Listed | None:
    first = next((value for cell in cells if (value := value_written(cell)) not in _EMPTY), None)
    ways = _ways(first)
    filled = (
        {at: value for at, cell in enumerate(cells) if (value := value_written(cell)) not in _EMPTY} if ways else {}
    )
    fitting = []
    for way in ways:
        read = {at: way.pairs_of(value) for at, value in filled.items()}
        listed = [(at, word, label) for at, pairs in read.items() for word, label in pairs or ()]
        if sum(pairs is not None for pairs in read.values()) >= _NEARLY_ALL * len(read) and _are_types(listed):
            text = _text_of(listed, {one: written for one, written in texts.items() if one != name})
            fitting += [(way, text)] if text else []
    if len(fitting) > 1:  # both ends of a relation are in the text
        fitting = [one for one in fitting if one[0].is_usual]
    if len(fitting) != 1:
        return None
    way, text = fitting[0]
    return Listed(name, text, lambda cell: way.pairs_of(value_written(cell)) or [])


def _are_types(listed: Sequence[tuple[int, str, str]]) -> bool:
    types = {label for _, _, label in listed}
    few = len(listed) >= _FEWEST and len(types) <= min(_MOST_TYPES, max(2, len(listed) // 2))
    return few and all(0 < len(label.strip()) <= _LONGEST_TYPE for label in types)


def _text_of(listed: Sequence[tuple[int, str, str]], texts: Mapping[str, Sequence[Any]]) -> str:
    """The column in whose cells the words are, the longest of several; an empty string where there is none."""
    best, longest = "", 0
    for name, cells in texts.items():
        written = [cell if isinstance(cell, str) else "" for cell in cells]
        inside = sum(word.strip() in written[at] for at, word, _ in listed if word.strip())
        if inside >= _FOUND * len(listed) and sum(map(len, written)) > longest:
            best, longest = name, sum(map(len, written))
    return best


def _ways(first: Any) -> list[_Way]:
    """The ways in which a cell like this one may be read."""
    if isinstance(first, dict):
        return [_Way(_by_word), _Way(_by_type)]
    if not isinstance(first, list) or not first:
        return []
    item = first[0]
    if isinstance(item, list | tuple) and len(item) == 2:
        return [_Way(partial(_of_pairs, word=0)), _Way(partial(_of_pairs, word=1))]
    if not isinstance(item, dict):
        return []
    keys = [key for key, value in item.items() if isinstance(value, str)]
    return [
        _Way(partial(_of_objects, word=word, label=label), word in _WORDS)
        for word in keys
        if (label := _label_beside(word, keys))
    ]


def _label_beside(word: str, keys: Sequence[str]) -> str:
    others = [key for key in keys if key != word]
    return next((name for name in _TYPES if name in others), others[0] if len(others) == 1 else "")


def _of_objects(value: Any, word: str, label: str) -> Pairs | None:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        return None
    pairs = [(item.get(word), item.get(label)) for item in value]
    return [(one, other) for one, other in pairs if isinstance(one, str) and isinstance(other, str)]


def _of_pairs(value: Any, word: int) -> Pairs | None:
    if not isinstance(value, list) or not all(isinstance(item, list | tuple) and len(item) == 2 for item in value):
        return None
    if not all(isinstance(part, str) for item in value for part in item):
        return None
    return [(item[word], item[1 - word]) for item in value]


def _by_word(value: Any) -> Pairs | None:
    if not isinstance(value, dict) or not all(isinstance(label, str) for label in value.values()):
        return None
    return list(value.items())


def _by_type(value: Any) -> Pairs | None:
    if not isinstance(value, dict):
        return None
    return [(word, label) for label, words in value.items() for word in _texts_in(words)]


def _texts_in(value: Any) -> Iterator[str]:
    yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one)
