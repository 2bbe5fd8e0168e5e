"""Which columns the tasks take, from their names and cells."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.contract.settings import Roles
from engine.preparing.column_roles import guess_roles, notes_on_columns
from engine.reading.columns import ColumnSurvey

TEXTS = [f"The lamp number {n} came late, and case {7 * n} is open" for n in range(60)]
LABELS = ["good", "bad", "fair"] * 20
CLEANED = [text.lower().replace(",", "").replace("the ", "") for text in TEXTS]
SENTENCES = (
    "The customer asks when the parcel will arrive, and wants a date",
    "The customer reports a defect of the device, shortly after it came",
    "The customer asks when the parcel will arrive, and wants nothing else",
)


def roles_of(columns: dict[str, Sequence[str]]) -> Roles:
    """The roles for the likeliest task."""
    surveys = [ColumnSurvey(name) for name in columns]
    for survey, cells in zip(surveys, columns.values(), strict=True):
        survey.add(cells)
    guesses = guess_roles(surveys)
    return guesses.by_task[guesses.task]


@pytest.mark.parametrize(
    ("first", "second"), [("sentence1", "sentence2"), ("text", "text_pair"), ("text", "text_copy"), ("v1", "v2")]
)
def test_the_same_text_again_is_no_second_text(first: str, second: str) -> None:
    roles = roles_of({first: TEXTS, second: TEXTS, "label": LABELS})
    assert (roles.text, roles.second_text, roles.label) == (first, "", "label")


def test_the_same_text_cleaned_is_no_second_text() -> None:
    for first, second in ((TEXTS, CLEANED), (CLEANED, TEXTS)):
        assert roles_of({"v1": first, "v2": second, "label": LABELS}).second_text == ""


def test_texts_of_which_some_are_alike_are_a_pair() -> None:
    other = [text if n % 2 else f"{text[::-1]} {text}" for n, text in enumerate(TEXTS)]
    other[1::4] = [f"{text}, as they say, or not"[9:] for text in other[1::4]]
    assert roles_of({"v1": TEXTS, "v2": other, "label": LABELS}).second_text == "v2"
    assert roles_of({"sentence1": TEXTS, "sentence2": other, "label": LABELS}).second_text == "sentence2"


@pytest.mark.parametrize("name", ["label", "Labels", "class", "classes", "Category", "categories"])
def test_sentences_that_come_again_in_a_column_called_label_are_labels(name: str) -> None:
    short = [text[:30] for text in TEXTS]
    roles = roles_of({"text": short, name: SENTENCES * 20})
    assert (roles.text, roles.label, roles.labels) == ("text", name, "")


def test_sentences_that_hardly_come_again_are_no_labels() -> None:
    rare = [f"{sentence} {n % 15}" for n, sentence in enumerate(SENTENCES * 20)]
    assert roles_of({"text": TEXTS, "label": rare}).label == ""


def test_many_labels_in_one_cell_are_no_sentences() -> None:
    names = [
        f"{name} {further}" for name in ("delivery", "defect") for further in ("of a small device", "after its return")
    ]
    names = [f"questions on {name}" for name in names]
    cells = [", ".join(name for place, name in enumerate(names) if (1 + n % 15) >> place & 1) for n in range(300)]
    roles = roles_of({"text": [f"{text} {n}" for n, text in enumerate(TEXTS * 5)], "labels": cells})
    assert (roles.labels, roles.label) == ("labels", "")


@pytest.mark.parametrize(
    ("name", "cells", "score", "note"),
    [
        ("v1", [f"{n * 1.5} %" for n in range(60)], "", "counts_rows"),
        ("v1", [f"{n}.0" for n in range(60)], "", "counts_rows"),
        ("v1", [str(n) for n in range(60)], "", "counts_rows"),
        ("score", [f"{n}.0" for n in range(60)], "score", ""),
        ("v1", [f"{n * n / 9:.2f}" for n in range(60)], "v1", "rising_score"),
        ("score", [f"{n * n / 9:.2f}" for n in range(60)], "score", ""),
        ("v1", [f"{n * 37 % 60 / 9:.2f}" for n in range(60)], "v1", ""),
    ],
)
def test_numbers_that_rise_with_the_rows_are_named(name: str, cells: list[str], score: str, note: str) -> None:
    surveys = [ColumnSurvey(name), ColumnSurvey("text")]
    for survey, column in zip(surveys, (cells, TEXTS), strict=True):
        survey.add(column)
    guesses = guess_roles(surveys)
    assert (guesses.by_task["regression"].score, guesses.by_task[guesses.task].label) == (score, "")
    ids = [one.id.rpartition(".")[2] for one in notes_on_columns(surveys, guesses)]
    assert ids == ([note] if note else [])


@pytest.mark.parametrize("mark", ["x", "X", "1", "✓", "yes", "ja"])
def test_columns_with_a_mark_in_some_rows_are_labels(mark: str) -> None:
    columns = {f"topic {n}": [mark if row % 4 == n else "" for row in range(60)] for n in range(3)}
    assert roles_of({"text": TEXTS, **columns}).label_columns == tuple(columns)
    one = {"topic 0": columns["topic 0"]}
    assert roles_of({"text": TEXTS, **one}).label_columns == ()


def test_marks_beside_more_columns_of_numbers_are_something_else() -> None:
    marks = {f"m{n}": ["x" if row % 4 == n else "" for row in range(60)] for n in range(2)}
    numbers = {f"n{n}": [str(int(row % 4 == n)) for row in range(60)] for n in range(3)}
    assert roles_of({"text": TEXTS, **marks, **numbers}).label_columns == tuple(numbers)
