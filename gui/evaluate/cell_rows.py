"""Which of the wrong rows are counted in a cell of the confusion matrix."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from engine.contract.sentences import Sentence
from engine.contract.states import WrongRow


def no_entity() -> str:
    """What words outside of any entity are called in the matrix."""
    return Sentence("gui.evaluate.no_entity")


class _Entity(NamedTuple):
    kind: str
    words: str


def is_in_cell(row: WrongRow, truth: str, predicted: str, *, entities: bool) -> bool:
    """Whether a row is counted in this cell: it has these two labels, or a word with this true and this predicted type.

    `truth` and `predicted` are labels or entity types; `no_entity()` means words outside of any entity.
    """
    if not entities:
        return row.truth == truth and row.predicted == predicted
    true, answered = _entities(row.truth), _entities(row.predicted)
    wanted = _words(true, truth) if truth != no_entity() else None
    given = _words(answered, predicted) if predicted != no_entity() else None
    if wanted is not None and given is not None:
        return bool(wanted & given)
    if wanted is not None:
        return bool(wanted - _words(answered))
    return given is not None and bool(given - _words(true))


def _entities(text: str) -> list[_Entity]:
    """The entities in "PERSON: Ada Lovelace; PLACE: London", as the engine writes them."""
    found = []
    for part in text.split("; "):
        kind, separator, words = part.partition(": ")
        if separator:
            found.append(_Entity(kind, words))
    return found


def _words(entities: list[_Entity], kind: str | None = None) -> Counter[str]:
    return Counter(
        word for entity in entities if kind is None or entity.kind == kind for word in entity.words.split(" ")
    )
