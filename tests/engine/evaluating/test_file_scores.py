"""Scores of a file of rows as they are predicted."""

from __future__ import annotations

import pytest

from engine.contract.events import Event
from engine.contract.queries import LabelProbability, Prediction
from engine.evaluating.file_scores import LONGEST_TEXT, FileScores, ScoredFile
from engine.tasks.registry import task_named

NAMES = ("no", "yes")


def quietly(_event: Event) -> None:
    """Shows nothing."""


def found(texts: list[str], groups: list[str] | None = None) -> FileScores:
    """Rows with these texts; every fourth is answered wrongly."""
    column = "author" if groups else ""
    scored = ScoredFile(task_named("text_classification", NAMES), NAMES, labels=True, other=False, group=column)
    for number, text in enumerate(texts):
        label = NAMES[number % 2]
        answer = NAMES[1 - number % 2] if number % 4 == 0 else label
        scored.take(
            number, Prediction(text, labels=(LabelProbability(answer, 0.9),)), label, None, groups and groups[number]
        )
    return scored.found(quietly)


def test_rows_with_the_same_text_count_as_one() -> None:
    alone, together = found([f"text {row}" for row in range(40)]), found([f"text {row % 4}" for row in range(40)])
    assert alone.scores == together.scores
    widths = [each.intervals["accuracy"][1] - each.intervals["accuracy"][0] for each in (alone, together)]
    assert widths[1] > 1.5 * widths[0]


def test_long_texts_that_begin_alike_are_different_rows() -> None:
    start = "x" * LONGEST_TEXT
    long = found([f"{start}{row}" for row in range(40)])
    assert long.intervals["accuracy"] == pytest.approx(
        found([f"text {row}" for row in range(40)]).intervals["accuracy"]
    )


def test_near_duplicates_of_a_file_count_as_one_wherever_they_are() -> None:
    texts = [
        f"a long text with the number {row % 4} of many other words that are all the same{'!' * row}"
        for row in range(40)
    ]
    apart = [f"{row} {row + 1} {row + 2} {row + 3}" for row in range(0, 400, 10)]
    near, alone = found(texts), found(apart)
    assert str(near.note).startswith("The 40 rows hold 40 different texts, some of them near-duplicates.")
    assert not alone.note
    widths = [each.intervals["accuracy"][1] - each.intervals["accuracy"][0] for each in (alone, near)]
    assert widths[1] > 1.5 * widths[0]


def test_rows_beyond_those_that_are_compared_are_alone_but_for_equal_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.evaluating.file_scores.MOST_COMPARED", 1)
    texts = ["one text of many words", "one text of many words!", "one text of many words", "another", "another"]
    note = str(found(texts).note)
    assert "hold 3 different texts. Rows with the same text count as one" in note


def test_rows_of_one_group_of_a_file_count_as_one() -> None:
    texts = [f"{row} {row + 1} {row + 2}" for row in range(0, 800, 10)]
    groups = [f"author {row // 4}" if row >= 8 else "" for row in range(80)]
    by_author = found(texts, groups)
    assert "are of 26 groups by “author”" in str(by_author.note)  # of 8 rows without an author each is its own
