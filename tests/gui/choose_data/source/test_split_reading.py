"""How a test file is read: shown where it is not as the training file is, chosen for it alone, prepared with, kept."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.contract.messages import PrepareDataset
from engine.contract.queries import AskPreview, ColumnFound, EncodingChoice, Preview
from engine.contract.sentences import Sentence
from engine.contract.settings import FileRows, PrepareSettings, ReadingOptions, Roles
from gui.choose_data.page import ChooseDataPage
from gui.choose_data.source.split_columns import SplitColumns
from gui.session import Session
from tests.builders import a_dataset, a_model
from tests.gui.choose_data.test_page import FOUND, a_preview
from tests.gui.conftest import StandInEngine

SOURCE = FileRows("/data/reviews.csv", test_path="/data/test.csv")
OTHERWISE = ReadingOptions("csv", "utf-8", ";", "quoted", "yes")
OFFERED = (EncodingChoice("koi8-r", ("Этот фильм",)), EncodingChoice("cp1251", ("щРНР ТХКЭЛ",)))


def page_with(
    engine: StandInEngine,
    session: Session,
    qtbot: QtBot,
    reading: ReadingOptions,
    encodings: tuple[EncodingChoice, ...] = (),
    notes: tuple[Sentence, ...] = (),
) -> ChooseDataPage:
    def answer(question: object) -> Preview:
        assert isinstance(question, AskPreview)
        if question.file != "test":
            return a_preview()
        asked = () if question.own.encoding else encodings
        return a_preview(name="test.csv", reading=reading, encodings=asked, notes=notes, label_counts={})

    engine.answers = {AskPreview: answer}
    session.go_to(a_model())
    page = ChooseDataPage(session)
    qtbot.addWidget(page)
    page.show()
    return page


def test_a_file_that_is_read_like_the_training_file_shows_nothing_until_it_is_asked_for(
    engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    page = page_with(engine, session, qtbot, FOUND)
    page.take_source(SOURCE)
    qtbot.waitUntil(page.primary_enabled)
    assert not page.choice.split_reading.isVisible()
    button = page.choice.source_line.files["test"].reading_button
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert page.choice.split_reading.files["test"].reading_line.combo("delimiter").isVisible()
    assert not page.choice.split_reading.files["validation"].isVisible()


def test_a_file_that_is_written_in_another_way_shows_it_and_a_choice_counts_for_it_alone(
    engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    page = page_with(engine, session, qtbot, OTHERWISE)
    page.take_source(SOURCE)
    qtbot.waitUntil(page.primary_enabled)
    line = page.choice.split_reading.files["test"].reading_line
    assert line.combo("delimiter").isVisible()
    assert line.combo("delimiter").itemText(0) == "Semicolon"
    assert page.choice.settings().test_reading == ReadingOptions()

    line.choose("delimiter", "|")
    assert engine.jobs[-1] == AskPreview(SOURCE, limit=5, file="test", own=ReadingOptions(delimiter="|"))
    assert page.choice.reading == ReadingOptions()
    qtbot.waitUntil(page.primary_enabled)
    page.take_primary_action()
    job = engine.jobs[-1]
    assert isinstance(job, PrepareDataset)
    assert job.settings.test_reading == ReadingOptions(delimiter="|")
    assert job.settings.validation_reading == ReadingOptions()


def test_a_doubtful_encoding_of_the_test_file_is_asked_about_and_remembered(
    engine: StandInEngine, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    for name in ("train.csv", "test.csv"):
        (tmp_path / name).write_text("review,stars\nfine,5\n", "utf-8")
    source = FileRows(str(tmp_path / "train.csv"), test_path=str(tmp_path / "test.csv"))
    page = page_with(engine, session, qtbot, FOUND, OFFERED)
    page.take_source(source)
    question = page.choice.split_reading.files["test"].encodings
    qtbot.waitUntil(question.isVisible)
    assert page.primary_reason() == "Choose the encoding of test.csv: it could not be detected."
    question.buttons["koi8-r"].click()
    qtbot.waitUntil(page.primary_enabled)
    assert page.choice.settings().test_reading == ReadingOptions(encoding="koi8-r")

    page.take_source(FileRows("/data/others.csv"))
    assert page.choice.settings().test_reading == ReadingOptions()
    page.take_source(source)
    qtbot.waitUntil(page.primary_enabled)
    assert page.choice.settings().test_reading == ReadingOptions(encoding="koi8-r")
    assert not question.isVisible()


def test_a_prepared_data_set_whose_test_file_is_read_in_its_own_way_is_up_to_date(
    engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    page = page_with(engine, session, qtbot, OTHERWISE)
    settings = PrepareSettings(
        roles=Roles(text="review", label="stars"), reading=FOUND, test_reading=OTHERWISE, task="text_classification"
    )
    dataset = msgspec.structs.replace(a_dataset(), source=SOURCE, settings=settings, task="text_classification")
    page.show_state(dataset)
    qtbot.waitUntil(page.choice.split_reading.isVisible)
    assert page.choice.settings().test_reading == OTHERWISE
    assert page.primary_reason() == "The rows are prepared. Change something to prepare them again."


def test_columns_of_a_file_without_a_header_are_taken_by_their_places(qtbot: QtBot) -> None:
    columns = SplitColumns()
    qtbot.addWidget(columns)
    found = (ColumnFound("column 1", "label", 3, 9.0), ColumnFound("column 2", "text", 3, 9.0))
    file = a_preview(name="test.csv", columns=found, cells=(), label_counts={})
    columns.show_file("test", file, ("stars", "review"), Roles(text="review", label="stars"), "text_classification")
    assert columns.roles("test") == Roles(text="column 2", label="column 1")
    columns.show_file("test", file, ("review", "stars"), Roles(text="review", label="stars"), "text_classification")
    assert columns.roles("test") == Roles(text="column 1", label="column 2")  # the place, whatever they seem to hold


def test_rows_of_a_test_file_that_cannot_be_used_are_shown_before_anything_is_prepared(
    engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    reason = Sentence("reading.excluded.columns", columns=9, width=7)
    note = Sentence("preparing.data_note.rows_unusable", rows=284, number=12, reason=reason)
    page = page_with(engine, session, qtbot, FOUND, notes=(note,))
    page.take_source(SOURCE)
    qtbot.waitUntil(page.primary_enabled)
    shown = page.choice.split_reading.files["test"].unusable
    assert shown.isVisible()
    assert shown.text() == note
    assert not page.choice.split_reading.files["validation"].isVisible()


@pytest.mark.parametrize("answer", ["label", "tone"])
def test_nothing_is_prepared_until_the_question_about_the_label_column_is_answered(
    engine: StandInEngine, session: Session, qtbot: QtBot, answer: str
) -> None:
    asked = Sentence("preparing.question.label_column", columns=["tone", "label"], label="label")
    page = page_with(engine, session, qtbot, FOUND)
    engine.answers = {AskPreview: lambda _question: a_preview(notes=(asked, Sentence.literal("A note.")))}
    page.take_source(FileRows("/data/reviews.csv"))
    preview = page.choice.preview
    qtbot.waitUntil(preview.question.isVisible)
    assert preview.question.sentence.text() == asked
    assert preview.notes.text() == "• A note."
    assert page.primary_reason() == "Choose the column that holds the labels: more than one may."
    assert not preview.problem.isVisible()
    preview.question.buttons[answer].click()
    assert not preview.question.isVisible()
    assert preview.roles().label == answer
    assert page.primary_enabled()


def test_a_role_chosen_in_the_header_answers_the_question_too(
    engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    asked = Sentence("preparing.question.label_column", columns=["tone", "label"], label="label")
    page = page_with(engine, session, qtbot, FOUND)
    engine.answers = {AskPreview: lambda _question: a_preview(notes=(asked,))}
    page.take_source(FileRows("/data/reviews.csv"))
    preview = page.choice.preview
    qtbot.waitUntil(preview.question.isVisible)
    preview.choose_role("tone", "label")
    assert not preview.question.isVisible()
    assert page.primary_enabled()
