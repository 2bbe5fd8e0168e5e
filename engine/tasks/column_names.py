"""What columns are usually called; guesses compare with it, and without a known name go by what a column holds."""

from __future__ import annotations

from collections.abc import Sequence

from engine.reading.columns import ColumnSurvey


def rank(name: str, known: Sequence[str]) -> int:
    """The place of the name among the known ones; a name that holds one of them comes after all that are equal."""
    plain = name.casefold().strip().replace(" ", "_").replace("-", "_")
    if plain in known:
        return known.index(plain)
    parts = set(plain.split("_"))
    return len(known) - 1 if parts & set(known[:6]) else len(known)


def is_known(name: str, known: Sequence[str]) -> bool:
    """Whether the name is one of the known ones, or holds one of the first of them."""
    return rank(name, known) < len(known)


def name_of(survey: ColumnSurvey | None) -> str:
    """The column's name; an empty string for none."""
    return survey.name if survey else ""
