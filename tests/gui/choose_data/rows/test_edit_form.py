"""Changes to rows on the page: kept in the workspace, part of the next preparing, there again after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.cli.recipe import Recipe, parse_recipe, write_recipe
from engine.contract.messages import PrepareDataset
from engine.contract.queries import AskPreview, AskRow, ColumnFound, Preview
from engine.contract.row_edits import LEFT_OUT, change_name
from engine.contract.settings import ExampleRows, FileRows, ReadingOptions, Roles
from engine.contract.states import PreparedDataset
from engine.preparing.prepare import prepare
from engine.workspace.row_edit_file import read_changes
from gui.choose_data.page import ChooseDataPage
from gui.choose_data.rows.rows_table import ANSWER, CHANGE, ROW
from gui.session import Session
from tests.builders_data import ignore, prepared_tiny_dataset, review_rows
from tests.engine.every_task import prepared_as_guessed
from tests.gui.choose_data.rows.test_all_rows import opened, order_by, select, shown
from tests.gui.conftest import StandInEngine, show_page


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    return prepared_tiny_dataset(tmp_path_factory.mktemp("reviews"))


def a_preview(question: object) -> Preview:
    """The first rows of the reviews."""
    return Preview(
        name="reviews.csv",
        reading=ReadingOptions("csv", "utf-8", ",", "quoted", "yes"),
        columns=(ColumnFound("text", "text", 96, 30.0), ColumnFound("label", "label", 2, 8.0)),
        cells=tuple(review_rows()[:5]),
        rows_total=96,
        roles=Roles(text="text", label="label"),
        task="text_classification",
        size_bytes=4_000,
    )


def page_with(dataset: PreparedDataset, session: Session, engine: StandInEngine, qtbot: QtBot) -> ChooseDataPage:
    engine.answers = {AskPreview: a_preview, AskRow: lambda _question: None}
    session.go_to(dataset)
    page = show_page(ChooseDataPage(session), qtbot, width=760, height=900)
    page.show_state(session.state)
    qtbot.waitUntil(lambda: page.choice.found is not None)
    page.tabs.go_to("rows")
    qtbot.waitUntil(lambda: page.summary.rows.amount.text() == f"{dataset.rows_used} rows")
    return page


def test_an_edit_is_kept_survives_a_restart_and_is_prepared(
    reviews: PreparedDataset, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    assert isinstance(reviews.source, FileRows)
    before = Path(reviews.source.path).read_bytes()
    page = page_with(reviews, session, engine, qtbot)
    card = page.summary.rows
    order_by(qtbot, card, "row", "1")
    select(card, 2)
    card.edit_form.bar.label.setEditText("negative")
    card.edit_form.bar.relabel.click()
    select(card, 7)
    card.edit_form.bar.exclude.click()
    assert card.edit_form.list.status.text() == "2 edits not applied yet. Prepare again to apply them."
    stored = read_changes(session.workspace, reviews.source)
    assert stored is not None
    assert [change_name(change) for change in stored] == ["Row 4: positive → negative", "Row 9: excluded"]
    card.close_rows()
    page.close()

    again = page_with(reviews, session, engine, qtbot)  # a new window on the same workspace
    card = again.summary.rows
    assert again.choice.changes == stored
    order_by(qtbot, card, "change", "8")
    assert [shown(card, CHANGE, line) for line in (0, 1)] == ["excluded", "was positive"]
    card.edit_form.list.again.click()
    job = next(job for job in reversed(engine.jobs) if isinstance(job, PrepareDataset))
    assert job.settings.changes == stored
    assert parse_recipe(write_recipe(Recipe(data=job.rows, prepare=job.settings))).prepare == job.settings
    dataset = prepare(reviews.model, job.rows, job.settings, ignore, workspace=session.workspace)
    assert [(one.reason, one.rows) for one in dataset.excluded] == [(LEFT_OUT, (9,))]
    engine.succeed(dataset)
    qtbot.waitUntil(lambda: card.amount.text() == "95 rows")
    assert card.edit_form.list.status.text() == "2 edits applied. Your file is not changed."
    assert Path(reviews.source.path).read_bytes() == before

    card.edit_form.list.show_list.click()
    card.edit_form.list.list.item(1).setSelected(True)
    card.edit_form.list.revert.click()
    assert [change_name(change) for change in again.choice.changes] == ["Row 4: positive → negative"]
    card.edit_form.step_back()
    assert again.choice.changes == stored
    card.close_rows()


def test_other_rows_have_other_changes(
    reviews: PreparedDataset, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    page = page_with(reviews, session, engine, qtbot)
    card = page.summary.rows
    select(card, 0)
    card.table.setFocus()
    QTest.keyClick(card.table, Qt.Key.Key_Delete)
    assert len(page.choice.changes) == 1
    page.take_source(ExampleRows("support_tickets"))
    qtbot.waitUntil(lambda: page.choice.found is not None)
    assert page.choice.changes == ()
    assert isinstance(reviews.source, FileRows)
    page.take_source(reviews.source)
    assert len(page.choice.changes) == 1
    card.close_rows()


def test_a_score_is_put_right_as_a_number(tmp_path: Path, qtbot: QtBot) -> None:
    card = opened(qtbot, prepared_as_guessed("pair_score", tmp_path))
    assert not card.filters.label_choice.isVisible()
    order_by(qtbot, card, "answer", "2")
    select(card, 0)
    bar = card.edit_form.bar
    assert bar.rescore.isVisible()
    assert not bar.relabel.isVisible()
    bar.score.setText("12x")
    assert not bar.rescore.isEnabled()
    bar.score.setText("99.5")
    bar.rescore.click()
    assert (shown(card, ANSWER), shown(card, CHANGE)) == ("99.5", "was 10.00")
    order_by(qtbot, card, "answer", "2", descending=True)
    card.table.rows.setData(card.table.rows.index(0, ANSWER), "nothing")
    assert shown(card, ANSWER) == "99.5"
    card.close_rows()


def test_labels_are_added_and_removed_one_by_one(tmp_path: Path, qtbot: QtBot) -> None:
    card = opened(qtbot, prepared_as_guessed("labels_list", tmp_path))
    order_by(qtbot, card, "row", "1")
    select(card, 0)
    assert shown(card, ANSWER) == "praise | film"
    bar = card.edit_form.bar
    bar.label.setEditText("people")
    bar.add.click()
    assert shown(card, ANSWER) == "praise | film | people"
    bar.label.setEditText("film")
    bar.remove.click()
    assert (shown(card, ANSWER), shown(card, CHANGE)) == ("praise | people", "was praise | film")
    card.table.rows.setData(card.table.rows.index(0, ANSWER), "people|sound")
    assert card.edit_form.question_text.text() == "“sound” is a new label in this data set. 1 row would get it."
    card.edit_form.accept.click()
    assert shown(card, ANSWER) == "people | sound"
    assert shown(card, ROW) == "1"
    card.close_rows()
