"""The lengths of the prepared rows and the labels of each split, as the page shows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.contract.length_table import LENGTHS_FILE, LengthCounts, LengthTable, encode_lengths
from engine.contract.states import PreparedDataset, SplitCounts
from gui.choose_data.summary.label_table import LabelTable
from gui.choose_data.summary.length_chart import LengthChart
from gui.choose_data.summary.length_histogram import binned
from gui.design import theme
from tests.builders import a_dataset

SHORT, LONG = LengthCounts((10, 40), (60, 20)), LengthCounts((40, 120), (15, 5))
TABLE = LengthTable(
    everything=LengthCounts((10, 40, 120), (60, 35, 5)),
    training=LengthCounts((10, 40, 120), (50, 30, 4)),
    labels={"short": SHORT, "long": LONG},
    answers=LengthCounts((12, 110), (7, 3)),
)


@pytest.fixture
def dataset(tmp_path: Path) -> PreparedDataset:
    (tmp_path / LENGTHS_FILE).write_bytes(encode_lengths(TABLE))
    return a_dataset(folder=str(tmp_path), max_length=64, longest_tokens=120)


@pytest.fixture
def chart(dataset: PreparedDataset, qtbot: QtBot) -> LengthChart:
    chart = LengthChart()
    qtbot.addWidget(chart)
    chart.resize(600, 400)
    chart.show_dataset(dataset)
    chart.show()
    return chart


def test_the_maximum_in_use_is_drawn_and_what_it_cuts_is_reported(chart: LengthChart) -> None:
    assert chart.maximum.value() == 64
    said = chart.sentences.text()
    assert said.startswith("5 rows are cut (5.0 %), 280 tokens (")
    assert "3 of 10 entities end beyond the cut." in said
    assert not chart.again.isEnabled()


def test_another_maximum_offers_to_prepare_again_and_shows_the_time(chart: LengthChart, qtbot: QtBot) -> None:
    chart.maximum.setValue(24)
    assert "40 rows are cut (40.0 %)" in chart.sentences.text()
    assert "less time than with the present maximum of 64" in chart.sentences.text()
    assert chart.again.text() == "Prepare again with 24 tokens"
    with qtbot.waitSignal(chart.maximum_requested) as wanted:
        chart.again.click()
    assert wanted.args == [24]
    chart.maximum.setValue(120)
    assert "No row is cut." in chart.sentences.text()
    assert "more time" in chart.sentences.text()
    chart.allow("Another step runs.")
    assert not chart.again.isEnabled()


def test_the_line_is_dragged_with_the_mouse_and_moved_by_keyboard(chart: LengthChart) -> None:
    histogram = chart.histogram
    middle = histogram.height() // 2
    QTest.mousePress(histogram, Qt.MouseButton.LeftButton, pos=QPoint(round(histogram.place_of(64)), middle))
    QTest.mouseMove(histogram, QPoint(round(histogram.place_of(32)), middle))
    QTest.mouseRelease(histogram, Qt.MouseButton.LeftButton, pos=QPoint(round(histogram.place_of(32)), middle))
    assert abs(chart.maximum.value() - 32) <= 1
    before = chart.maximum.value()
    QTest.keyClick(chart.maximum, Qt.Key.Key_Up)
    assert chart.maximum.value() == before + 8
    QTest.mouseClick(histogram, Qt.MouseButton.LeftButton, pos=QPoint(0, middle))
    assert chart.maximum.value() == 8


def test_labels_are_on_each_other_and_one_can_be_looked_at(chart: LengthChart) -> None:
    assert set(chart.histogram.bins()) == {"short", "long"}
    assert sum(sum(rows) for rows in chart.histogram.bins().values()) == 100
    chart.label_choice.setCurrentIndex(2)
    chart.label_choice.activated.emit(2)
    assert {name: sum(rows) for name, rows in chart.histogram.bins().items()} == {"long": 20}


def test_bins_hold_every_row_the_last_one_all_that_is_longer() -> None:
    assert binned(LengthCounts((1, 8, 9, 500), (1, 2, 3, 4)), 8, 3) == [3, 3, 4]


def test_a_data_set_without_lengths_reports_it(chart: LengthChart, tmp_path: Path) -> None:
    chart.show_dataset(a_dataset(folder=str(tmp_path / "none")))
    assert not chart.has_lengths


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_chart_and_table_are_painted_in_both_themes(chart: LengthChart, choice: str) -> None:
    theme.appearance().choose(choice)  # type: ignore[arg-type]
    try:
        assert not chart.grab().isNull()
    finally:
        theme.appearance().choose("light")


def test_many_labels_are_sorted_and_searched(qtbot: QtBot) -> None:
    labels = {f"intent {number}": number + 1 for number in range(151)}
    splits = {"train": SplitCounts(11_476, labels), "validation": SplitCounts(1, {"intent 7": 1})}
    table = LabelTable()
    qtbot.addWidget(table)
    table.resize(700, 500)
    table.show_dataset(a_dataset(label_names=tuple(labels), splits=splits))
    table.show()
    assert len(table.shown_labels()) == 151
    table.table.sort_by(2, Qt.SortOrder.DescendingOrder)
    assert table.shown_labels()[0] == "intent 150"
    table.search.setText("INTENT 15")
    assert table.shown_labels() == ["intent 150", "intent 15"]
    assert table.note.text().startswith("2 of 151 labels.")
    assert not table.grab().isNull()
