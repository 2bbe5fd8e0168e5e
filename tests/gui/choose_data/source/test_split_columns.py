"""The columns of a test file with other names: guessed, chosen, prepared with, kept."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.contract.messages import PrepareDataset
from engine.contract.queries import AskPreview, ColumnFound, Preview
from engine.contract.row_edits import RowChange
from engine.contract.settings import FileRows, PrepareSettings, Roles
from gui.choose_data.page import ChooseDataPage
from gui.choose_data.source.split_columns import SplitColumns
from gui.session import Session
from tests.builders import a_dataset, a_model
from tests.gui.choose_data.test_page import a_preview
from tests.gui.conftest import StandInEngine

SOURCE = FileRows("/data/reviews.csv", test_path="/data/test.csv")
TRAINING = Roles(text="review", label="stars")


def other(*columns: tuple[str, str]) -> Preview:
    found = tuple(ColumnFound(name, kind, 3, 9.0) for name, kind in columns)
    return a_preview(name="test.csv", columns=found, cells=(), label_counts={})


def page_with(engine: StandInEngine, session: Session, qtbot: QtBot, file: Preview) -> ChooseDataPage:
    def answer(question: object) -> Preview:
        assert isinstance(question, AskPreview)
        return file if question.file == "test" else a_preview()

    engine.answers = {AskPreview: answer}
    session.go_to(a_model())
    page = ChooseDataPage(session)
    qtbot.addWidget(page)
    page.show()
    return page


def test_other_names_are_guessed_and_go_to_preparing(engine: StandInEngine, session: Session, qtbot: QtBot) -> None:
    page = page_with(engine, session, qtbot, other(("no", "id"), ("Review:", "text"), ("grade", "label")))
    page.take_source(SOURCE)
    assert not page.primary_enabled()
    qtbot.waitUntil(page.primary_enabled)
    choices = page.choice.split_columns.files["test"].choices
    assert {part: choice.currentData() for part, choice in choices.items()} == {"text": "Review:", "label": "grade"}
    assert all(choice.isVisible() for choice in choices.values())

    page.take_primary_action()
    job = engine.jobs[-1]
    assert isinstance(job, PrepareDataset)
    assert job.settings.test_roles == Roles(text="Review:", label="grade")
    assert job.settings.validation_roles == Roles()


def test_a_file_with_the_same_names_asks_nothing(engine: StandInEngine, session: Session, qtbot: QtBot) -> None:
    page = page_with(engine, session, qtbot, a_preview(name="test.csv"))
    page.take_source(SOURCE)
    qtbot.waitUntil(page.primary_enabled)
    assert not page.choice.split_columns.isVisible()
    assert page.choice.settings().test_roles == Roles()


def test_what_cannot_be_guessed_is_chosen_with_the_keyboard(
    engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    page = page_with(engine, session, qtbot, other(("no", "id"), ("body", "text"), ("x", "number")))
    page.take_source(SOURCE)
    qtbot.waitUntil(page.choice.split_columns.isVisible)
    assert page.primary_reason() == "Choose the column of test.csv that holds the label."
    choice = page.choice.split_columns.files["test"].choices["label"]
    QTest.keyClicks(choice, "x")
    assert page.primary_reason() == ""
    assert page.choice.settings().test_roles == Roles(text="body", label="x")
    page.choice.split_columns.files["test"].choices["text"].setFocus()
    QTest.keyClicks(page.choice.split_columns.files["test"].choices["text"], "x")
    assert page.primary_reason() == "The column “x” of test.csv is chosen twice."


def test_the_columns_of_an_opened_data_set_are_kept_and_those_of_other_rows_go(
    engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    page = page_with(engine, session, qtbot, other(("no", "id"), ("body", "text"), ("grade", "label"), ("b", "label")))
    settings = PrepareSettings(roles=TRAINING, test_roles=Roles(text="body", label="b"))
    page.show_state(msgspec.structs.replace(a_dataset(), source=SOURCE, settings=settings))
    assert page.choice.settings().test_roles == settings.test_roles
    qtbot.waitUntil(lambda: bool(page.choice.split_columns.files["test"].choices))
    assert page.choice.settings().test_roles == settings.test_roles

    page.take_source(FileRows("/data/others.csv"))
    qtbot.waitUntil(page.primary_enabled)
    assert page.choice.settings().test_roles == Roles()
    assert not page.choice.split_columns.isVisible()


def test_hand_edits_of_an_opened_data_set_do_not_go_to_another_file(
    engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    page = page_with(engine, session, qtbot, a_preview())
    changes = (RowChange(2, "0" * 16, leave_out=True),)
    settings = PrepareSettings(roles=TRAINING, changes=changes)
    page.show_state(msgspec.structs.replace(a_dataset(), source=FileRows("/data/reviews.csv"), settings=settings))
    assert page.choice.settings().changes == changes
    page.take_source(FileRows("/data/others.csv"))
    assert page.choice.settings().changes == ()
    qtbot.waitUntil(page.primary_enabled)
    page.take_primary_action()
    job = engine.jobs[-1]
    assert isinstance(job, PrepareDataset)
    assert job.settings.changes == ()


@pytest.mark.parametrize("kept", [Roles(), Roles(label="grade")])
def test_another_role_in_training_asks_for_its_column(qtbot: QtBot, kept: Roles) -> None:
    columns = SplitColumns()
    qtbot.addWidget(columns)
    columns.keep("test", kept)
    file = other(("review", "text"), ("tone", "label"), ("grade", "label"))
    columns.show_file("test", file, (), Roles(text="review", label="tone"), "text_classification")
    assert bool(columns.files["test"].choices) == bool(kept.label)
    columns.show_roles(TRAINING, "text_classification")
    assert columns.files["test"].choices["text"].currentData() == "review"
    assert columns.roles("test").label == (kept.label or "tone")


def test_a_test_file_need_not_have_groups(qtbot: QtBot) -> None:
    split_columns = SplitColumns()
    qtbot.addWidget(split_columns)
    roles = Roles(text="review", label="stars", group="author")
    same = other(("review", "text"), ("stars", "label"))
    split_columns.show_file("test", same, ("review", "stars", "author"), roles, "text_classification")
    assert not split_columns.files["test"].choices
    renamed = other(("Text", "text"), ("Grade", "label"))
    split_columns.show_file("test", renamed, ("review", "stars", "author"), roles, "text_classification")
    assert set(split_columns.files["test"].choices) == {"text", "label", "group"}
    assert split_columns.files["test"].complaint() == ""
    assert split_columns.files["test"].roles() == Roles(text="Text", label="Grade")
