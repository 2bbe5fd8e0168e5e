"""The page Choose data, on the stand-in engine."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from engine.contract.errors import EngineError, ErrorReport
from engine.contract.events import Progressed, StageStarted
from engine.contract.former_names import decode
from engine.contract.messages import PrepareDataset
from engine.contract.queries import (
    AskPreview,
    AskRow,
    AskRowCounts,
    ColumnFound,
    EncodingChoice,
    FileRowCount,
    Preview,
    RowCounts,
    TokenizedText,
)
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, FileRows, PrepareSettings, ReadingOptions, Roles
from engine.contract.states import ExcludedRows, PreparedDataset, SplitCounts
from engine.reading.formats.encodings import ENCODINGS, ESCAPED
from engine.workspace.atomic_files import as_json
from engine.workspace.references import reference_to_dataset
from gui.choose_data.data_tabs import TABS
from gui.choose_data.page import ChooseDataPage
from gui.choose_data.source.drop_zone import rows_from, split_of
from gui.choose_data.source.reading_line import choices
from gui.session import Session
from tests.builders import a_dataset, a_model
from tests.gui.conftest import StandInEngine, show_page

FOUND = ReadingOptions("csv", "utf-8", ",", "quoted", "yes")


def a_preview(**changes: object) -> Preview:
    values: dict[str, object] = {
        "name": "reviews.csv",
        "reading": FOUND,
        "columns": (
            ColumnFound("id", "id", 3, 1.0),
            ColumnFound("review", "text", 3, 40.0),
            ColumnFound("stars", "label", 2, 3.0),
            ColumnFound("tone", "label", 2, 3.0),
        ),
        "cells": (("1", "a fine film", "5", "warm"), ("2", "dull", "1", "cold"), ("3", "fine again", "5", "cold")),
        "rows_total": 8_530,
        "roles": Roles(text="review", label="stars"),
        "task": "text_classification",
        "size_bytes": 120_000,
        "label_counts": {"5": 2, "1": 1},
    }
    return Preview(**{**values, **changes})  # type: ignore[arg-type]


def a_row(question: object) -> TokenizedText:
    assert isinstance(question, AskRow)
    return TokenizedText(
        text="a fine film",
        tokens=("[CLS]", "a", "fine", "film", "[SEP]"),
        input_ids=(101, 1037, 2986, 2143, 102),
        attention_mask=(1, 1, 1, 1, 1),
        word_ids=(None, 0, 1, 2, None),
        label="positive",
        row=question.index + 10,
    )


@pytest.fixture
def page(engine: StandInEngine, session: Session, qtbot: QtBot) -> ChooseDataPage:
    engine.answers = {AskPreview: lambda _question: a_preview(), AskRow: a_row}
    session.go_to(a_model())
    return show_page(ChooseDataPage(session), qtbot, width=720, height=900)


def choose(page: ChooseDataPage, qtbot: QtBot, source: FileRows | ExampleRows | None = None) -> None:
    """Takes a file and waits for its first rows."""
    page.take_source(source or FileRows("/data/reviews.csv"))
    qtbot.waitUntil(lambda: page.choice.preview.table.cells.rowCount() > 0)


def prepare(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot, **changes: object) -> PreparedDataset:
    page.take_primary_action()
    dataset = a_dataset(**changes)
    engine.succeed(dataset)
    qtbot.waitUntil(lambda: page.summary.inspector.facts.text() != "")
    return dataset


def jobs(engine: StandInEngine) -> list[PrepareDataset]:
    return [job for job in engine.jobs if isinstance(job, PrepareDataset)]


# ── Choosing ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_empty_page_invites_and_cannot_prepare(page: ChooseDataPage) -> None:
    assert page.picker.isVisible()
    assert not page.choice.isVisible()
    assert not page.primary_enabled()
    assert page.primary_reason() == "Choose a file or an example first."


def test_an_example_is_one_click_away(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    card = page.picker.cards["support_tickets"]

    QTest.keyClick(card, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page.primary_enabled())

    assert AskPreview(ExampleRows("support_tickets")) in engine.jobs
    assert not page.choice.preview.reading_line.isVisible()
    assert page.choice.preview.header.chip_text(1) == "Text"


def test_a_chosen_file_shows_its_rows_roles_labels_and_size(page: ChooseDataPage, qtbot: QtBot) -> None:
    choose(page, qtbot)

    assert page.choice.source_line.name.text() == "reviews.csv"
    assert page.choice.source_line.facts.text() == "8,530 rows · 120 kB · 4 columns"
    assert page.choice.preview.header.chip_text(1) == "Text · guess"
    assert page.choice.preview.header.chip_text(0) == "Ignore"
    assert page.choice.preview.bars.bars() == [("5", 2), ("1", 1)]
    assert page.primary_enabled()


def test_labels_of_the_rows_before_are_not_shown_while_others_are_read(page: ChooseDataPage, qtbot: QtBot) -> None:
    choose(page, qtbot)
    preview = page.choice.preview
    page.take_source(FileRows("/data/others.csv"))
    assert (preview.body.isVisible(), preview.bars.isVisible(), preview.bars_title.isVisible()) == (True, False, False)
    qtbot.waitUntil(preview.bars.isVisible)
    assert preview.bars_title.isVisible()


def test_the_reason_quotes_the_first_row_that_has_a_text(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    cells = (("1", " ", "", "warm"), ("2", "dull", "", "cold"))
    engine.answers[AskPreview] = lambda _question: a_preview(cells=cells)
    choose(page, qtbot)
    assert "The first row with a text reads: “dull”. Preparing" in page.why()


def test_the_next_dialog_begins_where_the_last_file_was(page: ChooseDataPage, tmp_path: Path, qtbot: QtBot) -> None:
    page.choose_file()
    (dialog,) = page.findChildren(QFileDialog)
    dialog.filesSelected.emit([str(tmp_path / "rows.csv")])
    dialog.close()
    qtbot.waitUntil(lambda: not page.findChildren(QFileDialog))
    page.take_source(ExampleRows("support_tickets"))
    page.choose_folder()
    (dialog,) = page.findChildren(QFileDialog)
    assert dialog.directory().absolutePath() == tmp_path.as_posix()
    dialog.close()


def test_prepare_submits_the_rows_roles_and_settings(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    choose(page, qtbot)
    page.choice.preview.choose_role("tone", "label")
    page.choice.form.set_value(msgspec.structs.replace(page.choice.form.value(), row_limit=500, seed=7))

    page.take_primary_action()

    expected = PrepareSettings(roles=Roles(text="review", label="tone"), row_limit=500, seed=7)
    assert jobs(engine) == [PrepareDataset(a_model(), FileRows("/data/reviews.csv"), expected)]


def test_a_role_changed_by_keyboard_counts_the_labels_of_that_column(page: ChooseDataPage, qtbot: QtBot) -> None:
    choose(page, qtbot)
    header = page.choice.preview.header

    QTest.keyClick(header, Qt.Key.Key_End)
    QTest.keyClick(header, Qt.Key.Key_L)

    assert page.choice.preview.roles() == Roles(text="review", label="tone")
    assert header.chip_text(3) == "Label"
    assert header.chip_text(2) == "Ignore"
    assert page.choice.preview.bars.bars() == [("cold", 2), ("warm", 1)]


def test_without_a_label_the_page_shows_what_is_missing(page: ChooseDataPage, qtbot: QtBot) -> None:
    choose(page, qtbot)

    page.choice.preview.choose_role("stars", "")

    assert not page.primary_enabled()
    assert "the label" in page.primary_reason()
    assert page.choice.preview.problem.isVisible()


def test_the_task_follows_from_the_roles_and_the_roles_from_the_task(page: ChooseDataPage, qtbot: QtBot) -> None:
    choose(page, qtbot)

    page.choice.preview.choose_role("review", "tokens")
    assert page.choice.preview.task_buttons["token_classification"].isChecked()
    page.choice.preview.task_buttons["text_classification"].click()

    assert page.choice.preview.task() == "text_classification"
    assert page.choice.preview.roles() == Roles(text="review", label="stars")
    assert page.choice.preview.header.chip_text(1) == "Text · guess"


def test_another_delimiter_asks_again_and_is_submitted(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    combo = page.choice.preview.reading_line.combo("delimiter")

    combo.setCurrentIndex(combo.findData(";"))
    combo.activated.emit(combo.currentIndex())
    assert not page.primary_enabled()
    qtbot.waitUntil(page.primary_enabled)
    page.take_primary_action()

    assert AskPreview(FileRows("/data/reviews.csv"), ReadingOptions(delimiter=";")) in engine.jobs
    assert jobs(engine)[0].settings.reading == ReadingOptions(delimiter=";")


def test_roles_that_the_user_chose_survive_another_reading(page: ChooseDataPage, qtbot: QtBot) -> None:
    choose(page, qtbot)
    page.choice.preview.choose_role("tone", "label")

    page.choice.preview.reading_changed.emit()
    qtbot.waitUntil(page.primary_enabled)

    assert page.choice.preview.roles() == Roles(text="review", label="tone")


def test_a_file_that_cannot_be_read_goes_to_the_banner_and_the_way_out_leads_to_a_file(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = ErrorReport(
        "DatasetUnreadable", "D11", "photo.csv is a picture.", actions=(RecoveryAction.CHOOSE_OTHER_FILE,)
    )
    engine.answers[AskPreview] = lambda _question: report

    with qtbot.waitSignal(page.error_found) as found:
        page.take_source(FileRows("/data/photo.csv"))

    assert found.args == [report]
    assert page.primary_reason() == "The rows cannot be read."
    assert page.choice.preview.reading_line.isVisible()
    assert not page.choice.preview.table.isVisible()
    asked: list[bool] = []
    monkeypatch.setattr(page, "choose_file", lambda: asked.append(True))
    page.solve(RecoveryAction.CHOOSE_OTHER_FILE, report)
    assert asked == [True]


def test_only_the_last_of_two_quick_choices_is_shown(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    engine.answers[AskPreview] = lambda question: a_preview(name=question.rows.path)

    page.take_source(FileRows("/data/first.csv"))
    page.take_source(FileRows("/data/second.csv"))
    qtbot.waitUntil(page.primary_enabled)

    assert page.choice.source_line.name.text() == "/data/second.csv"
    assert engine.stopped_jobs == [(1, False)]


# ── Dropping ────────────────────────────────────────────────────────────────────────────────────────────────────


def drop(page: ChooseDataPage, *urls: QUrl) -> None:
    mime = QMimeData()
    mime.setUrls(list(urls))
    where, copy, button = QPointF(20, 20), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(page, QDragEnterEvent(where.toPoint(), copy, mime, button, keys))
    QApplication.sendEvent(page, QDropEvent(where, copy, mime, button, keys))


def test_three_files_dropped_together_find_their_places(page: ChooseDataPage, engine: StandInEngine) -> None:
    drop(page, *(QUrl.fromLocalFile(f"/data/{name}.tsv") for name in ("sms_test", "valid-1", "train")))

    assert engine.jobs[-1] == AskPreview(FileRows("/data/train.tsv", "/data/valid-1.tsv", "/data/sms_test.tsv"))


def test_a_dropped_folder_is_its_files(page: ChooseDataPage, engine: StandInEngine, tmp_path: Path) -> None:
    for name in ("train.conll", "dev.conll", "test.conll", "README.txt", ".hidden.csv"):
        (tmp_path / name).write_text("x\n")

    drop(page, QUrl.fromLocalFile(str(tmp_path)))

    train, dev, test = (str(tmp_path / f"{name}.conll") for name in ("train", "dev", "test"))
    assert engine.jobs[-1] == AskPreview(FileRows(train, dev, test))


def test_files_whose_names_show_no_split_are_refused(page: ChooseDataPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.error_found) as found:
        drop(page, QUrl.fromLocalFile("/data/one.csv"), QUrl.fromLocalFile("/data/two.csv"))

    assert found.args is not None
    assert found.args[0].id == "D11"
    assert page.picker.isVisible()


def test_a_web_address_is_refused(page: ChooseDataPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.error_found) as found:
        drop(page, QUrl("https://example.org/train.csv"))

    assert found.args is not None
    assert "not a file of this computer" in found.args[0].message


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.csv", "train"),
        ("my_training_rows.tsv", "train"),
        ("wnut17train.conll", "train"),
        ("validation.jsonl", "validation"),
        ("eng.dev.conll", "validation"),
        ("val.csv", "validation"),
        ("emerging.test.annotated", "test"),
        ("latest.csv", None),
        ("device_reviews.csv", None),
        ("reviews.csv", None),
    ],
)
def test_names_show_the_split(name: str, split: str | None) -> None:
    assert split_of(f"/some/train/folder/{name}") == split


def test_one_file_is_training_rows_whatever_its_name() -> None:
    assert rows_from(["/data/test.csv"]) == FileRows("/data/test.csv")


def test_an_empty_folder_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=tmp_path.name):
        rows_from([str(tmp_path)])


# ── Separate files ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_separate_test_file_replaces_the_test_share(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot, FileRows("/data/train.csv", test_path="/data/test.csv"))
    page.tabs.go_to("settings")

    assert not page.choice.form.field("test_share").isVisible()
    assert page.choice.form.field("validation_share").isVisible()
    assert page.choice.source_line.files["test"].label.text() == "Test: test.csv"

    page.choice.source_line.files["test"].remove_button.click()
    qtbot.waitUntil(page.primary_enabled)
    assert engine.jobs[-2] == AskPreview(FileRows("/data/train.csv"))
    assert page.choice.form.field("test_share").isVisible()


def test_one_click_trains_on_all_rows_and_one_holds_out_test_rows_again(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    source = FileRows("/data/reviews.csv")
    few = {"train": SplitCounts(80, {}), "validation": SplitCounts(10, {}), "test": SplitCounts(10, {})}
    prepare(page, engine, qtbot, source=source, splits=few)
    assert "A score on 10 test rows is uncertain" in page.summary.held_out.text()
    page.summary.held_out_button.click()
    settings = jobs(engine)[-1].settings
    assert settings.test_share == 0
    none = {"train": SplitCounts(100, {}), "validation": SplitCounts(0, {}), "test": SplitCounts(0, {})}
    engine.succeed(a_dataset(source=source, settings=settings, splits=none, fingerprint="all"))
    qtbot.waitUntil(lambda: "All rows are trained on" in page.summary.held_out.text())
    page.summary.held_out_button.click()
    assert jobs(engine)[-1].settings.test_share == 0.1


# ── Rows that can be used ───────────────────────────────────────────────────────────────────────────────────────


def counts_of(question: AskRowCounts) -> RowCounts:
    reason = Sentence("tasks.excluded.no_label")
    lost = 3 if question.settings.roles.label == "tone" else 0
    entries = (ExcludedRows(reason, lost, (4, 7, 9)),) if lost else ()
    return RowCounts((FileRowCount("train", "reviews.csv", 12, 12 - lost),), entries)


def test_rows_that_cannot_be_used_show_before_prepare_and_follow_the_roles(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    engine.answers[AskRowCounts] = counts_of
    choose(page, qtbot)
    view = page.choice.row_counts
    qtbot.waitUntil(lambda: view.files.text() == "reviews.csv: 12 rows, all of which can be used.")
    assert view.reasons.lines() == []
    page.choice.preview.choose_role("tone", "label")
    qtbot.waitUntil(lambda: view.files.text() == "reviews.csv: 9 of 12 rows can be used.")
    assert view.reasons.lines() == [("Has no label: 3 rows", "Rows 4, 7, 9")]
    asked = [job for job in engine.jobs if isinstance(job, AskRowCounts)]
    page.choice.form.set_value(msgspec.structs.replace(page.choice.form.value(), seed=7, test_share=0.2))
    assert [job for job in engine.jobs if isinstance(job, AskRowCounts)] == asked


def test_prepare_does_not_wait_for_the_rows_to_be_counted(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    number = next(n for n, job in enumerate(engine.jobs, start=1) if isinstance(job, AskRowCounts))
    assert page.choice.row_counts.files.text() == "Counting the rows that can be used…"
    prepare(page, engine, qtbot)
    assert (number, False) in engine.stopped_jobs
    assert not page.choice.row_counts.isVisible()


# ── Preparing ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_while_rows_are_prepared_progress_is_shown_and_entries_rest(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    page.take_primary_action()

    engine.send_all([StageStarted("Preparing data"), Progressed(3_000, 8_530, "Reading rows", "rows")])

    assert page.progress.isVisible()
    assert page.progress.phase() == "Reading rows"
    assert "3,000 of 8,530 rows" in page.progress.amount()
    assert not page.choice.isEnabled()
    assert page.stop_texts() == ("Cancel",)
    page.stop(0)
    assert engine.stopped_jobs[-1] == (engine.stage_number(), False)
    engine.stopped()
    assert page.choice.isEnabled()
    assert page.primary_enabled()


def test_the_result_accounts_for_every_row(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    choose(page, qtbot)
    reasons = (
        ExcludedRows(Sentence.literal("is empty"), 3, (4, 9, 11)),
        ExcludedRows(Sentence("tasks.excluded.no_label"), 1_009, tuple(range(1, 1_001))),
    )

    with qtbot.waitSignal(page.done):
        prepare(page, engine, qtbot, rows_in=3_012, excluded=reasons)

    assert page.summary.balance.text() == "3,012 rows in = 2,000 used + 1,012 excluded"
    lines = page.summary.excluded.lines()
    assert [line[0] for line in lines] == ["Has no label: 1,009 rows", "Is empty: 3 rows"]
    assert lines[0][1].endswith("1,000 and 9 more")
    assert lines[1][1] == "Rows 4, 9, 11"
    button = page.summary.excluded.buttons()[1]
    assert not page.summary.excluded.findChildren(QLabel)[1].isVisible()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert page.summary.excluded.findChildren(QLabel)[1].isVisible()
    assert page.chosen() == "Movie reviews, short, 2,000 rows"


def test_the_result_shows_splits_labels_and_lengths(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    choose(page, qtbot)
    prepare(page, engine, qtbot)

    cells = page.summary.splits_table.cells
    assert [cells.text(0, column) for column in range(5)] == ["Training", "1,600", "80 %", "810", "790"]
    labels = page.summary.labels.table.cells
    assert [labels.text(0, column) for column in (0, 2, 3, 4, 5)] == ["negative", "810", "98", "2", "910"]
    facts = dict(page.summary.facts.facts())
    assert facts["Maximum length"] == "64 tokens"
    assert facts["Rows cut"] == "4 (0.2 %)"


def test_of_tags_the_splits_count_the_entities(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    choose(page, qtbot)
    splits = {"train": SplitCounts(80, {"PERSON": 30, "PLACE": 9}), "test": SplitCounts(20, {"PLACE": 2})}

    prepare(page, engine, qtbot, task="token_classification", label_names=("O", "B-PERSON", "I-PERSON"), splits=splits)

    cells = page.summary.splits_table.cells
    assert [cells.column_name(column) for column in range(cells.columnCount())][3:] == ["PERSON", "PLACE"]
    assert [cells.text(1, column) for column in (3, 4)] == ["0", "2"]
    labels = page.summary.labels
    assert labels.shown_labels() == ["PERSON", "PLACE"]
    assert labels.table.cells.column_name(0) == "Type"


def test_the_row_inspector_asks_for_the_row_that_is_chosen(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    dataset = prepare(page, engine, qtbot)
    inspector = page.summary.inspector
    assert inspector.facts.text() == "Row 10 of the file · label positive · 5 tokens"

    inspector.next_button.click()
    assert engine.jobs[-1] == AskRow(reference_to_dataset(dataset), "train", 1)
    inspector.split_choice.setCurrentIndex(2)
    inspector.split_choice.activated.emit(2)
    assert engine.jobs[-1] == AskRow(reference_to_dataset(dataset), "test", 0)
    inspector.number.setValue(150)
    assert engine.jobs[-1] == AskRow(reference_to_dataset(dataset), "test", 149)
    qtbot.waitUntil(lambda: inspector.facts.text().startswith("Row 159 "))


def test_a_row_is_found_by_its_number_in_the_file(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    choose(page, qtbot)
    dataset = prepare(page, engine, qtbot)
    inspector = page.summary.inspector

    inspector.split_choice.setCurrentIndex(inspector.split_choice.findText("File"))
    inspector.split_choice.activated.emit(inspector.split_choice.currentIndex())
    inspector.number.setValue(2_012)
    assert engine.jobs[-1] == AskRow(reference_to_dataset(dataset), "", 0, 2_012)
    inspector.previous_button.click()
    assert engine.jobs[-1] == AskRow(reference_to_dataset(dataset), "", 0, 2_011)


def test_with_files_for_each_split_a_number_is_one_of_a_file(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    dataset = prepare(page, engine, qtbot, source=FileRows("/data/train.csv", test_path="/data/test.csv"))
    choice = page.summary.inspector.split_choice

    captions = [choice.itemText(place) for place in range(choice.count())]
    assert captions == ["Training", "Validation", "Test", "Training file", "Test file"]
    page.summary.inspector._go_to("file:test", 1)
    page.summary.inspector.number.setValue(9)
    assert engine.jobs[-1] == AskRow(reference_to_dataset(dataset), "", 0, 9, "test")


def test_enter_in_the_preview_shows_that_row_of_the_file_and_the_controls_follow(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    engine.answers[AskPreview] = lambda _question: a_preview(numbers=(1, 3, 4))
    engine.answers[AskRow] = lambda question: msgspec.structs.replace(a_row(question), split="test", index=41, row=3)
    choose(page, qtbot)
    table = page.choice.preview.table
    assert not page.choice.preview.hint.isVisible()
    QTest.keyClick(table, Qt.Key.Key_Return)
    dataset = prepare(page, engine, qtbot)
    assert page.choice.preview.hint.isVisible()

    table.setCurrentIndex(table.cells.index(1, 0))
    QTest.keyClick(table, Qt.Key.Key_Return)

    assert engine.jobs[-1] == AskRow(reference_to_dataset(dataset), "", 0, 3, "train")
    inspector = page.summary.inspector
    qtbot.waitUntil(lambda: inspector.split_choice.currentText() == "Test")
    assert inspector.number.value() == 42
    assert inspector.facts.text().startswith("Row 3 of the file · test · ")
    assert page.focusWidget() is inspector.panel.view


def test_a_row_that_is_not_used_reports_it_and_the_next_one_can_be_asked_for(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    prepare(page, engine, qtbot)
    sentence = "Row 3 of the file is not used: it is empty."
    engine.answers[AskRow] = lambda _question: ErrorReport("DatasetInvalid", "D20", sentence)
    inspector = page.summary.inspector

    page.show_row(3)

    qtbot.waitUntil(lambda: inspector.facts.text() == sentence)
    assert not inspector.panel.isVisible()
    engine.answers[AskRow] = a_row
    inspector.next_button.click()
    qtbot.waitUntil(inspector.panel.isVisible)


def test_why_speaks_with_the_users_own_row(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    choose(page, qtbot)
    assert "“a fine film”" in page.why()
    assert "30,522" in page.why()

    prepare(page, engine, qtbot)

    assert "101, 1037, 2986, 2143, 102" in page.why()
    assert "“positive” becomes the number 1" in page.why()


def test_the_code_grows_by_the_data(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    before = page.code()
    choose(page, qtbot)
    prepare(page, engine, qtbot)

    assert "from_pretrained" in before
    assert len(page.code()) > len(before)


def test_after_preparing_only_a_change_opens_prepare_again(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    prepare(page, engine, qtbot)

    assert page.primary_text() == "Prepare again"
    assert not page.primary_enabled()
    page.choice.preview.choose_role("tone", "label")
    assert page.primary_enabled()
    assert page.stale.isVisible()
    page.choice.preview.choose_role("stars", "label")
    assert not page.stale.isVisible()


def test_other_rows_get_the_page_and_the_old_ones_stay_prepared(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    prepare(page, engine, qtbot)

    choose(page, qtbot, ExampleRows("entities"))
    assert not page.summary.isVisible()
    assert page.stale.text().startswith("Movie reviews, short stays prepared")
    assert page.is_outdated()
    assert page.next_reason().startswith("These rows are not prepared yet; training would use Movie reviews, short.")
    assert page.sentence() == "Check the roles of the columns, then prepare."
    choose(page, qtbot)

    assert page.summary.isVisible()
    assert not page.stale.isVisible()


def test_another_model_closes_the_result_and_keeps_the_entries(
    page: ChooseDataPage, engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    page.choice.preview.choose_role("tone", "label")
    prepare(page, engine, qtbot)

    session.go_to(a_model(name="bert-base-uncased", sha256="other"))

    assert not page.summary.isVisible()
    assert page.primary_text() == "Prepare again"
    assert page.primary_enabled()
    page.take_primary_action()
    assert jobs(engine)[-1].model.name == "bert-base-uncased"
    assert jobs(engine)[-1].settings.roles == Roles(text="review", label="tone")


def test_a_stage_that_fails_leaves_the_result_and_shows_why(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    prepare(page, engine, qtbot)
    page.choice.preview.choose_role("tone", "label")
    page.take_primary_action()
    report = ErrorReport("DatasetInvalid", "D17", "All rows have the label “warm”.")

    with qtbot.waitSignal(page.error_found) as found:
        engine.fail(report)

    assert found.args == [report]
    assert page.summary.isVisible()
    assert page.stale.isVisible()
    assert page.primary_enabled()


def test_a_refused_setting_is_reported_beside_its_field(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    page.take_primary_action()

    engine.fail(ErrorReport("InvalidSetting", "T16", "Maximum length is 4; it goes from 8.", field="max_length"))

    assert page.choice.form.errors() == {"max_length": "Maximum length is 4; it goes from 8."}
    assert page.primary_reason() == "Maximum length is 4; it goes from 8."


def test_a_run_that_was_opened_brings_its_entries_along(
    page: ChooseDataPage, engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    settings = PrepareSettings(roles=Roles(text="review", label="tone"), reading=FOUND, max_length=64, seed=9)

    session.go_to(a_dataset(source=FileRows("/data/reviews.csv"), settings=settings))
    qtbot.waitUntil(lambda: page.choice.preview.table.cells.rowCount() > 0)

    assert page.summary.isVisible()
    assert page.choice.form.value().seed == 9
    assert page.choice.preview.roles() == Roles(text="review", label="tone")
    assert not page.stale.isVisible()
    assert not page.primary_enabled()


def test_a_file_that_has_gone_does_not_trouble_an_opened_run(
    page: ChooseDataPage, engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    engine.answers[AskPreview] = lambda _question: ErrorReport("DatasetUnreadable", "D20", "reviews.csv is gone.")
    errors: list[object] = []
    page.error_found.connect(errors.append)

    session.go_to(a_dataset(source=FileRows("/data/reviews.csv")))
    qtbot.waitUntil(lambda: "prepared rows are safe" in page.choice.source_line.facts.text())

    assert errors == []
    assert page.summary.isVisible()


def test_another_file_after_an_opened_run_is_not_kept_quiet(
    page: ChooseDataPage, engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    session.go_to(a_dataset(source=FileRows("/data/reviews.csv")))
    engine.answers[AskPreview] = lambda _question: ErrorReport("DatasetUnreadable", "D10", "other.csv is empty.")

    with qtbot.waitSignal(page.error_found) as found:
        page.take_source(FileRows("/data/other.csv"))

    assert found.args is not None
    assert found.args[0].id == "D10"


def test_going_on_to_training_keeps_the_page_as_it_is(
    page: ChooseDataPage, engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    choose(page, qtbot)
    dataset = prepare(page, engine, qtbot)
    asked = len(engine.jobs)

    session.go_to(decode(as_json(dataset), PreparedDataset))

    assert len(engine.jobs) == asked
    assert page.summary.isVisible()


def test_the_choice_can_be_left_and_kept(page: ChooseDataPage, qtbot: QtBot) -> None:
    choose(page, qtbot)

    page.tabs.change_button.click()
    assert page.picker.isVisible()
    assert page.picker.keep_button.text() == "Keep reviews.csv"
    page.picker.keep_button.click()

    assert not page.picker.isVisible()
    assert page.primary_enabled()


def test_no_label_on_the_page_reads_foreign_text_as_markup(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    evil = "<a href='http://example.org'>&click</a>"
    engine.answers[AskPreview] = lambda _question: a_preview(name=evil, notes=(evil,), label_counts={evil: 3})
    engine.answers[AskRow] = lambda question: msgspec.structs.replace(a_row(question), label=evil)
    choose(page, qtbot, FileRows(f"/data/{evil}", test_path=f"/data/{evil}"))
    prepare(
        page,
        engine,
        qtbot,
        name=evil,
        label_names=(evil, "b"),
        excluded=(ExcludedRows(Sentence.literal(evil), 1, (1,)),),
        notes=(Sentence.literal(evil),),
    )

    labels = [label for label in page.findChildren(QLabel) if "<a href" in label.text()]

    assert len(labels) >= 4
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels)
    assert all("<a href" not in label.toolTip() for label in page.findChildren(QLabel))
    assert page.summary.excluded.buttons()[0].text().count("&&") == 1


def test_every_control_has_a_name(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    choose(page, qtbot)
    prepare(page, engine, qtbot)

    kinds = ("QAbstractButton", "QComboBox", "QAbstractSpinBox", "QAbstractItemView", "BarChart")
    controls = set()
    for tab in TABS:
        page.tabs.go_to(tab)
        controls |= {
            control
            for control in page.findChildren(QWidget)
            if any(control.inherits(kind) for kind in kinds)
            and control.isVisibleTo(page)
            and control.focusPolicy() & Qt.FocusPolicy.TabFocus
        }
    assert len(controls) > 20
    assert [control for control in controls if not control.accessibleName() and not control.property("text")] == []


def test_an_encoding_that_only_a_person_can_judge_is_asked_for_before_preparing(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    offered = (EncodingChoice("koi8-r", ("Этот фильм",)), EncodingChoice("cp1251", ("щРНР ТХКЭЛ",)))

    def answer(question: AskPreview) -> Preview:
        return a_preview(encodings=() if question.reading.encoding else offered)

    engine.answers[AskPreview] = answer
    page.take_source(FileRows("/data/reviews.csv"))
    encodings = page.choice.preview.encodings
    qtbot.waitUntil(encodings.isVisible)
    assert page.primary_reason().startswith("Choose the encoding")
    assert encodings.buttons["koi8-r"].text() == "Cyrillic (KOI8-R)"

    encodings.buttons["koi8-r"].setFocus()
    qtbot.keyClick(encodings.buttons["koi8-r"], Qt.Key.Key_Space)
    qtbot.waitUntil(page.primary_enabled)
    assert not encodings.isVisible()
    assert page.choice.preview.reading_line.combo("encoding").hasFocus()
    assert page.choice.reading == ReadingOptions(encoding="koi8-r")


def test_a_chosen_encoding_is_remembered_for_the_file_until_it_changes(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    path, other = tmp_path / "reviews.csv", tmp_path / "others.csv"
    for one in (path, other):
        one.write_bytes(b"review,stars\nfine,5\n")
    engine.answers[AskPreview] = lambda _query: a_preview()
    page.take_source(FileRows(str(path)))
    qtbot.waitUntil(page.primary_enabled)
    page.choice.preview.reading_line.choose("encoding", "koi8-r")

    page.take_source(FileRows(str(other)))
    assert page.choice.reading == ReadingOptions()
    page.take_source(FileRows(str(path)))
    assert page.choice.reading == ReadingOptions(encoding="koi8-r")
    qtbot.waitUntil(page.primary_enabled)
    assert page.choice.preview.reading_line.combo("encoding").currentData() == "koi8-r"

    path.write_bytes(b"review,stars\nfine,5\ndull,1\n")
    page.take_source(FileRows(str(path)))
    assert page.choice.reading == ReadingOptions()


def test_an_encoding_that_is_detected_again_is_no_longer_remembered(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(b"review,stars\nfine,5\n")
    engine.answers[AskPreview] = lambda _query: a_preview()
    page.take_source(FileRows(str(path)))
    qtbot.waitUntil(page.primary_enabled)
    for encoding in ("koi8-r", ""):
        page.choice.preview.reading_line.choose("encoding", encoding)
        qtbot.waitUntil(page.primary_enabled)
    page.take_source(FileRows(str(path)))
    assert page.choice.reading == ReadingOptions()
    assert page.session.preferences.now.encodings == ()


def test_every_encoding_that_may_be_offered_has_a_name() -> None:
    assert {*ENCODINGS, *ESCAPED} <= set(choices()["encoding"])


def test_sheets_of_a_workbook_can_be_chosen(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    found = ReadingOptions(format="workbook", part="May", header="yes")
    engine.answers[AskPreview] = lambda _question: a_preview(reading=found, parts=("May", "June"))
    page.take_source(FileRows("/data/reviews.xlsx"))
    qtbot.waitUntil(page.primary_enabled)
    line = page.choice.preview.reading_line
    combo = line.combo("part")
    assert combo.isVisible()
    assert combo.currentText() == "May"
    assert not line.combo("encoding").isVisible()
    combo.setCurrentIndex(combo.findData("June"))
    combo.activated.emit(combo.currentIndex())
    qtbot.waitUntil(page.primary_enabled)
    assert page.choice.reading == ReadingOptions(part="June")


def test_a_folder_of_texts_by_class_is_taken_as_a_whole(tmp_path: Path) -> None:
    for label in ("good", "bad"):
        (tmp_path / "texts" / label).mkdir(parents=True)
        (tmp_path / "texts" / label / "1.txt").write_text(label)
    assert rows_from([str(tmp_path / "texts")]) == FileRows(str(tmp_path / "texts"))


def test_unreadable_rows_are_excluded_only_when_the_user_decides_so(
    page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    ragged = ExcludedRows(Sentence("reading.excluded.columns", columns=3, width=2), 12, tuple(range(17, 29)))
    garbled = ExcludedRows(Sentence("reading.excluded.unreadable"), 1, (731,))

    def answer(question: AskPreview) -> Preview:
        return a_preview(excluded=(ragged,) if question.reading.undecodable else (ragged, garbled))

    engine.answers[AskPreview] = answer
    page.take_source(FileRows("/data/reviews.csv"))
    unusable = page.choice.preview.unreadable
    qtbot.waitUntil(unusable.isVisible)
    assert page.primary_reason().startswith("Decide about the rows")
    assert unusable.exclude_button.text() == "Exclude 13 rows"

    unusable.replace_button.click()
    qtbot.waitUntil(lambda: unusable.exclude_button.text() == "Exclude 12 rows")
    assert not unusable.replace_button.isVisible()
    assert not page.primary_enabled()
    unusable.exclude_button.click()
    assert page.primary_enabled()
    assert not unusable.isVisible()
    assert page.choice.settings().reading == ReadingOptions(undecodable="replace")
