"""The sign between several labels in one cell: given where it is needed, changed in the field, sent to the engine."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.contract.messages import PrepareDataset
from engine.contract.queries import AskPreview, ColumnFound, Preview
from engine.contract.settings import Roles
from gui.choose_data.page import ChooseDataPage
from gui.session import Session
from tests.builders import a_dataset, a_model
from tests.gui.choose_data.test_page import a_preview, choose, jobs
from tests.gui.conftest import StandInEngine


def topics(**changes: object) -> Preview:
    """Rows with several labels in a cell, between commas and slashes."""
    found = a_preview(
        columns=(
            ColumnFound("text", "text", 40, 30.0, 40),
            ColumnFound("topics", "labels", 3, 9.0, 40, delimiter=","),
        ),
        cells=tuple((f"film {n} is fine", ("art/film, home", "home")[n % 2]) for n in range(40)),
        roles=Roles(text="text", labels="topics"),
        task="multi_label_classification",
        rows_total=40,
        label_counts={"home": 40, "art/film": 20},
    )
    return msgspec.structs.replace(found, **changes)


@pytest.fixture
def page(engine: StandInEngine, session: Session, qtbot: QtBot) -> ChooseDataPage:
    engine.answers = {AskPreview: lambda _question: topics()}
    session.go_to(a_model())
    page = ChooseDataPage(session)
    qtbot.addWidget(page)
    session.state_changed.connect(lambda: page.show_state(session.state))
    page.show()
    choose(page, qtbot)
    return page


def test_the_detected_separator_is_shown_with_a_cell_split_by_it(page: ChooseDataPage) -> None:
    sign = page.choice.preview.separator
    assert sign.isVisible()
    assert sign.field.placeholderText() == ", (detected)"
    assert sign.example.text() == "art/film, home → art/film · home"
    assert page.choice.settings().label_delimiter == ""
    assert page.choice.preview.bars.bars() == [("home", 40), ("art/film", 20)]
    assert page.choice.preview.bars_title.text() == "60 labels in 40 rows"


def test_another_separator_counts_the_labels_anew_and_is_submitted(page: ChooseDataPage, engine: StandInEngine) -> None:
    QTest.keyClicks(page.choice.preview.separator.field, "/")

    assert page.choice.preview.separator.example.text() == "art/film, home → art · film, home"
    assert page.choice.preview.bars.bars() == [("art", 20), ("film, home", 20), ("home", 20)]
    page.take_primary_action()
    assert jobs(engine)[0].settings.label_delimiter == "/"


def test_lists_and_other_tasks_need_no_sign(page: ChooseDataPage, engine: StandInEngine, qtbot: QtBot) -> None:
    QTest.keyClicks(page.choice.preview.separator.field, "/")
    page.choice.preview.choose_role("topics", "label")
    assert not page.choice.preview.separator.isVisible()
    assert page.choice.settings().label_delimiter == ""

    text, labels = topics().columns
    lists = msgspec.structs.replace(labels, is_list=True, items=60)
    engine.answers[AskPreview] = lambda _question: topics(columns=(text, lists))
    choose(page, qtbot)
    assert not page.choice.preview.separator.isVisible()
    assert page.choice.preview.separator.value() == ""


def test_an_opened_data_set_brings_its_sign_along_and_is_current(
    page: ChooseDataPage, session: Session, qtbot: QtBot
) -> None:
    settings = msgspec.structs.replace(page.choice.settings(), label_delimiter="/")
    dataset = a_dataset(task="multi_label_classification", settings=settings)
    session.go_to(dataset)
    qtbot.waitUntil(lambda: page.choice.found is not None)

    assert page.choice.preview.separator.field.text() == "/"
    assert page.primary_reason() == "The rows are prepared. Change something to prepare them again."
    assert isinstance(page._made_by, PrepareDataset)
