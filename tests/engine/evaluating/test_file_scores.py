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


def found(texts: list[str]) -> FileScores:
    """Rows with these texts; every fourth is answered wrongly."""
    scored = ScoredFile(task_named("text_classification", NAMES), NAMES, labels=True, other=False)
    for number, text in enumerate(texts):
        label = NAMES[number % 2]
        answer = NAMES[1 - number % 2] if number % 4 == 0 else label
        scored.take(number, Prediction(text, labels=(LabelProbability(answer, 0.9),)), label, None)
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
