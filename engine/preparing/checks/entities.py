"""Entities that did not come from the file as they were marked, where they are so many that the reading is in doubt."""

from __future__ import annotations

from collections.abc import Iterator

from engine.contract.sentences import Sentence
from engine.preparing.checks.context import CheckContext, Found

_MANY = 0.1  # of the entities
_MOST = 0.5
_LONGEST_NAME = 60  # characters
_FEWEST = 10  # entities that allow a judgement


def marks_inside_words(seen: CheckContext) -> Iterator[Found]:
    """Marks most of which begin within a word: where offsets are counted otherwise, or belong to another text."""
    book = seen.collected.conversions
    entities = book.report().entities
    if entities >= _FEWEST and book.begin_inside > _MOST * entities:
        yield Found(
            "marks_inside_words",
            "problem",
            Sentence("preparing.finding.marks_inside_words", marks=book.begin_inside, entities=entities),
            book.begin_inside,
        )


def words_not_found(seen: CheckContext) -> Iterator[Found]:
    """Entities that a file lists as words, which its texts do not hold."""
    book = seen.collected.conversions
    if book.not_found:
        names = [name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…" for name in book.names_not_found]
        yield Found(
            "words_not_found",
            "caution",
            Sentence("preparing.finding.words_not_found", words=book.not_found, examples=names),
            book.not_found,
            numbers=tuple(book.rows_not_found),
        )


def changed_entities(seen: CheckContext) -> Iterator[Found]:
    """Many entities that were changed or lost on the way to tags."""
    report = seen.collected.conversions.report()
    if report.entities < _FEWEST or report.changed <= _MANY * report.entities:
        return
    yield Found(
        "changed_entities",
        "problem" if report.changed > _MOST * report.entities else "caution",
        Sentence(
            "preparing.finding.changed_entities", changed=report.changed, entities=report.entities, rows=report.rows
        ),
        report.rows,
        numbers=tuple(dict.fromkeys(example.row for example in report.examples)),
    )
