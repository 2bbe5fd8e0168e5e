"""Columns that cannot play their part are told before anything is prepared."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.questions import AskPreview, ColumnFound, Preview
from engine.settings import Roles, TaskName
from gui.pages.choose_data import ChooseDataPage
from gui.session import Session
from gui.widgets.column_doubts import doubt
from tests.builders import a_model
from tests.gui.conftest import StandInEngine
from tests.gui.test_choose_data import a_preview, choose


def rows(texts: list[str], labels: list[str], **changes: object) -> Preview:
    """A preview of two columns."""
    columns = (
        ColumnFound("text", "text", len(set(texts)), 20.0, len(texts)),
        ColumnFound("label", "label", len(set(labels)), 3.0, len(labels)),
    )
    return a_preview(columns=columns, cells=tuple(zip(texts, labels, strict=True)), rows_total=len(texts), **changes)


SENTENCES = [f"film number {number} is fine" for number in range(40)]
LABELS = ["a", "b"] * 20


@pytest.mark.parametrize(
    ("texts", "labels", "task", "expected"),
    [
        (SENTENCES, [f"l {number}" for number in range(40)], "text_classification", "40 different labels in 40 rows"),
        (SENTENCES, ["a"] * 40, "text_classification", "All 40 rows have the same label in “label”"),
        ([f"A-{number}" for number in range(40)], LABELS, "text_classification", "“text” holds numbers or identifiers"),
        ([f"2024-01-{number:02}" for number in range(40)], LABELS, "text_classification", "such as “2024-01-00”"),
        (SENTENCES, LABELS, "regression", "“label” holds “a”, which is no number"),
        (SENTENCES, LABELS, "text_classification", ""),
        (SENTENCES, [f"{number / 7:.2f}" for number in range(40)], "regression", ""),
        (SENTENCES, [f"{number},5" for number in range(40)], "regression", ""),
        (["Anna", "John", "Mary", "Otto"] * 10, LABELS, "text_classification", ""),
        (["\U0001f600", "\U0001f622"] * 20, LABELS, "text_classification", ""),
        ([f"unit {number} failed" for number in range(40)], LABELS, "text_classification", ""),
        ([f"写真{number}" for number in range(40)], LABELS, "text_classification", "such as “写真0”"),
        (["今日はいい天気", "昨日は雨"] * 20, LABELS, "text_classification", ""),
        (["1", "0"] * 20, LABELS, "text_classification", ""),
    ],
)
def test_only_columns_that_cannot_play_their_part_are_doubted(
    texts: list[str], labels: list[str], task: TaskName, expected: str
) -> None:
    roles = Roles(text="text", score="label") if task == "regression" else Roles(text="text", label="label")
    sentence = doubt(rows(texts, labels), roles, task)
    assert expected in sentence
    assert bool(sentence) == bool(expected)


def test_a_doubted_column_blocks_prepare_and_the_reason_stands_below_the_roles(
    engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    found = rows(SENTENCES, LABELS, roles=Roles(text="label", label="text"))
    engine.answers = {AskPreview: lambda _question: found}
    session.go_to(a_model())
    page = ChooseDataPage(session)
    qtbot.addWidget(page)
    page.show()

    choose(page, qtbot)

    reason = "40 different labels in 40 rows: is “text” the right column?"
    assert page.primary_reason() == reason
    assert page.choice.preview.trouble.isVisible()
    assert page.choice.preview.trouble.text() == reason
    page.choice.preview.choose_role("text", "text")
    page.choice.preview.choose_role("label", "label")
    assert page.primary_enabled()
