"""The example rows that come with the program, as a page lists them. Standard library and msgspec only."""

from __future__ import annotations

import msgspec

from engine.contract.sentences import Sentence, named
from engine.contract.settings import ExampleRows, PrepareSettings, ReadingOptions, Roles, TaskName


class Example(msgspec.Struct, frozen=True):
    """A data set to start with: what it is called, what it is about, and the settings it is prepared with."""

    name: str
    title_en: str
    sentence_en: str
    rows: int
    task: TaskName
    source: ExampleRows
    settings: PrepareSettings
    label_words: dict[str, str] = {}  # what is in the file's label column, and the word it is read as

    @property
    def title(self) -> Sentence:
        """What it is called."""
        return named(f"contract.example.{self.name}.title", self.title_en)

    @property
    def sentence(self) -> Sentence:
        """What it is about."""
        return named(f"contract.example.{self.name}.sentence", self.sentence_en)


_CSV = ReadingOptions(format="csv", encoding="utf-8", delimiter=",", quoting="quoted", header="yes")
_CONLL = ReadingOptions(format="conll", encoding="utf-8", delimiter="\t", quoting="plain", header="no")
_REVIEWS = PrepareSettings(roles=Roles(text="text", label="label"), reading=_CSV)

_SENTIMENT = {"0": "negative", "1": "positive"}

_EXAMPLES = (
    Example(
        name="short_reviews",
        title_en="Movie reviews, short",
        sentence_en="One sentence from a review: is it positive or negative?",
        rows=8_530,
        task="text_classification",
        source=ExampleRows("short_reviews"),
        settings=_REVIEWS,
        label_words=_SENTIMENT,
    ),
    Example(
        name="long_reviews",
        title_en="Movie reviews, long",
        sentence_en="Whole reviews of several paragraphs: positive or negative? Takes much longer than the short ones.",
        rows=25_000,
        task="text_classification",
        source=ExampleRows("long_reviews"),
        settings=_REVIEWS,
        label_words=_SENTIMENT,
    ),
    Example(
        name="support_tickets",
        title_en="Support tickets",
        sentence_en="Messages to a support desk: what does the customer want? Eight answers.",
        rows=567,
        task="text_classification",
        source=ExampleRows("support_tickets"),
        settings=PrepareSettings(roles=Roles(text="text", label="intent"), reading=_CSV),
    ),
    Example(
        name="entities",
        title_en="Names in sentences",
        sentence_en="Which words name a person, a place, an organisation or a product?",
        rows=373,
        task="token_classification",
        source=ExampleRows("entities"),
        settings=PrepareSettings(
            task="token_classification", roles=Roles(tokens="tokens", tags="tags"), reading=_CONLL
        ),
    ),
)


def examples() -> tuple[Example, ...]:
    """All examples, the best one to begin with first."""
    return _EXAMPLES


def example_named(name: str) -> Example | None:
    """The example of this name, or None."""
    return next((example for example in _EXAMPLES if example.name == name), None)
