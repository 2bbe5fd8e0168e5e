"""The tabs of Choose data: what opens when, what stays where it was, and the way to other rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.contract.sentences import Sentence
from engine.contract.settings import FileRows
from engine.contract.states import ExcludedRows, PreparedDataset
from engine.workspace.layout import Workspace
from gui.choose_data.data_tabs import TABS, DataTabs, prepare_first
from gui.choose_data.page import ChooseDataPage
from gui.choose_data.rows.rows_table import PAIR_ROW
from gui.load_model.page import LoadModelPage
from gui.session import Session
from gui.shell.window import Window
from tests.builders_data import prepared_tiny_dataset
from tests.gui.engine_here import EngineHere


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    return prepared_tiny_dataset(tmp_path_factory.mktemp("rows"))


@pytest.fixture
def window(dataset: PreparedDataset, tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    engine = EngineHere(Workspace(tmp_path / "workspace").create())
    session = Session(Workspace(tmp_path / "workspace"), engine)  # type: ignore[arg-type]
    window = Window(session, (LoadModelPage, ChooseDataPage))
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    session.go_to(dataset.model)
    window.go_to(1)
    window.resize(900, 600)
    window.show()
    yield window
    session.deleteLater()
    engine.deleteLater()


def page_of(window: Window) -> ChooseDataPage:
    page = window.page(1)
    assert isinstance(page, ChooseDataPage)
    return page


def prepared(window: Window, dataset: PreparedDataset, qtbot: QtBot) -> ChooseDataPage:
    page = page_of(window)
    page.take_source(dataset.source)
    qtbot.waitUntil(page.primary_enabled)
    page.take_primary_action()
    qtbot.waitUntil(lambda: page.summary.inspector.facts.text() != "")
    return page


def open_tabs(page: ChooseDataPage) -> list[str]:
    return [tab for place, tab in enumerate(TABS) if page.tabs.bar.isTabEnabled(place)]


def test_before_rows_are_prepared_only_the_first_rows_and_the_settings_are_open(
    window: Window, dataset: PreparedDataset, qtbot: QtBot
) -> None:
    page = page_of(window)
    assert not page.tabs.isVisible()
    page.take_source(dataset.source)
    qtbot.waitUntil(page.primary_enabled)
    assert open_tabs(page) == ["overview", "settings"]
    assert page.tabs.bar.tabToolTip(TABS.index("rows")) == prepare_first()
    assert page.choice.isVisible()
    assert not page.choice.form.isVisible()
    page.take_primary_action()
    qtbot.waitUntil(lambda: page.summary.isVisible())
    assert open_tabs(page) == list(TABS)


def test_each_tab_shows_its_part_by_keyboard(window: Window, dataset: PreparedDataset, qtbot: QtBot) -> None:
    page = prepared(window, dataset, qtbot)
    parts = (page.summary, page.summary.rows, page.summary.labels, page.summary.lengths, page.choice.form)
    page.tabs.bar.setFocus()
    for place in range(len(TABS)):
        assert [part.isVisible() for part in parts] == [number == place for number in range(len(TABS))]
        QTest.keyClick(page.tabs.bar, Qt.Key.Key_Right)


def test_the_rows_are_listed_when_their_tab_is_opened_and_the_first_is_the_one_below_the_header(
    window: Window, dataset: PreparedDataset, qtbot: QtBot
) -> None:
    page = prepared(window, dataset, qtbot)
    assert page.summary.inspector.facts.text().startswith("Row 2 of the file")
    page.tabs.go_to("rows")
    qtbot.waitUntil(lambda: page.summary.rows.amount.text() == f"{dataset.rows_used} rows")
    assert page.summary.rows.table.rows.text(0, 0) == "2"


def test_where_row_1_is_excluded_the_first_row_of_the_split_is_shown(
    window: Window, dataset: PreparedDataset, qtbot: QtBot
) -> None:
    page = prepared(window, dataset, qtbot)
    requested: list[object] = []
    page.summary.inspector.row_requested.connect(requested.append)
    excluded = (ExcludedRows(Sentence("tasks.excluded.no_text"), 1, (1,)),)
    page.summary.inspector.show_dataset(msgspec.structs.replace(dataset, excluded=excluded))
    assert [(place.split, place.index, place.number) for place in requested] == [("train", 0, 0)]  # type: ignore[attr-defined]


def test_a_double_click_leads_to_the_row_and_the_way_back_to_the_same_place(
    window: Window, dataset: PreparedDataset, qtbot: QtBot
) -> None:
    page = prepared(window, dataset, qtbot)
    area = page._scroll_area()
    assert area is not None
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 200)
    bar.setValue(200)
    table = page.choice.preview.table
    table.opened.emit(table.cells.index(4, 0))
    assert page.tabs.current() == "rows"
    qtbot.waitUntil(lambda: "Row 6 of the file" in page.summary.inspector.facts.text())
    qtbot.waitUntil(lambda: 0 <= page.summary.row_card.mapTo(area, page.summary.row_card.rect().topLeft()).y() < 300)
    page.tabs.go_to("overview")
    qtbot.waitUntil(lambda: bar.value() == 200)


def test_other_rows_are_chosen_from_every_tab(window: Window, dataset: PreparedDataset, qtbot: QtBot) -> None:
    page = prepared(window, dataset, qtbot)
    page.tabs.go_to("lengths")
    qtbot.mouseClick(page.tabs.change_button, Qt.MouseButton.LeftButton)
    assert page.picker.isVisible()
    assert not page.tabs.isVisible()
    page.picker.keep_button.click()
    assert page.tabs.current() == "lengths"
    assert page.summary.lengths.isVisible()


def test_another_maximum_is_prepared_without_leaving_its_tab(
    window: Window, dataset: PreparedDataset, qtbot: QtBot
) -> None:
    page = prepared(window, dataset, qtbot)
    page.tabs.go_to("lengths")
    page.summary.lengths.maximum.setValue(8)
    page.summary.lengths.again.click()
    qtbot.waitUntil(lambda: page.chosen() != "" and not page.session.busy)
    assert page.tabs.current() == "lengths"
    assert page.summary.lengths.isVisible()


def test_columns_in_use_come_first_and_others_are_narrow(window: Window, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "wide.csv"
    names = [f"answer to a long question {number}" for number in range(38)]
    lines = [",".join([*names, "text", "label"])]
    lines += [
        ",".join([*(f"value {place}" for _ in names), f"good row {place}, of it".replace(",", ""), "ab"[place % 2]])
        for place in range(30)
    ]
    path.write_text("\n".join(lines))
    page = page_of(window)
    page.take_source(FileRows(str(path)))
    qtbot.waitUntil(lambda: page.choice.found is not None)
    preview = page.choice.preview
    preview.choose_role("text", "text")
    preview.choose_role("label", "label")
    page.take_source(FileRows(str(path)))
    qtbot.waitUntil(lambda: page.choice.found is not None)
    header = preview.header
    used = [place for place in range(header.count()) if header.chip_text(place) != "Ignore"]
    assert sorted(header.visualIndex(place) for place in used) == list(range(len(used)))
    assert all(header.sectionSize(place) <= 96 for place in range(header.count()) if place not in used)
    header.setFocus()
    QTest.keyClick(header, Qt.Key.Key_Home)
    assert header.current_column() in used


def test_the_two_texts_of_a_pair_are_listed_one_under_the_other(
    window: Window, dataset: PreparedDataset, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "pairs.csv"
    lines = [f"good row {place},bad film {place},{'ab'[place % 2]}" for place in range(40)]
    path.write_text("first,second,label\n" + "\n".join(lines))
    page = page_of(window)
    page.take_source(FileRows(str(path)))
    qtbot.waitUntil(lambda: page.choice.found is not None)
    for column, role in (("first", "text"), ("second", "second_text"), ("label", "label")):
        page.choice.preview.choose_role(column, role)  # type: ignore[arg-type]
    qtbot.waitUntil(page.primary_enabled)
    page.take_primary_action()
    qtbot.waitUntil(lambda: page.summary.inspector.facts.text() != "")
    page.tabs.go_to("rows")
    table = page.summary.rows.table
    qtbot.waitUntil(lambda: table.rows.rowCount() > 0)
    assert table.rows.data(table.rows.index(0, 2)) == "good row 0\nbad film 0"
    assert table.rowHeight(0) == PAIR_ROW


def test_the_button_for_other_data_is_at_the_right_and_below_the_tabs_in_a_narrow_window(qtbot: QtBot) -> None:
    tabs = DataTabs({tab: QWidget() for tab in TABS})
    qtbot.addWidget(tabs)
    tabs.show()
    for width, is_below in ((900, False), (tabs.bar.sizeHint().width() + 20, True)):
        tabs.resize(width, 300)
        qtbot.waitUntil(lambda width=width: tabs.change_button.geometry().right() == width - 1, timeout=2_000)
        assert (tabs.change_button.y() > tabs.bar.y() + tabs.bar.height() / 2) is is_below
