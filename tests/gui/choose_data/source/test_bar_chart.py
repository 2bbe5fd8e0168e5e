"""The bar chart of label counts."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from gui.choose_data.source.bar_chart import BAR_ROW, BarChart
from gui.design.theme import theme


@pytest.fixture
def chart(qtbot: QtBot) -> BarChart:
    chart = BarChart(most_rows=4)
    qtbot.addWidget(chart)
    chart.resize(400, chart.sizeHint().height())
    chart.show()
    return chart


def bar_length(chart: BarChart, position: int) -> int:
    """Pixels of the bar's colour in the middle of the bar at this position."""
    chart.resize(400, chart.sizeHint().height())
    picture = chart.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    wanted = QColor(theme().series[0]).rgb()
    line = int((position * BAR_ROW + 2 + BAR_ROW // 2) * ratio)
    return sum(picture.pixelColor(x, line).rgb() == wanted for x in range(picture.width()))


def test_the_largest_label_comes_first_and_equal_ones_by_name(chart: BarChart) -> None:
    chart.set_counts({"b": 2, "c": 7, "a": 2})

    assert chart.bars() == [("c", 7), ("a", 2), ("b", 2)]


def test_bars_are_as_long_as_their_numbers_say(chart: BarChart) -> None:
    chart.set_counts({"half": 500, "whole": 1_000})

    whole, half = bar_length(chart, 0), bar_length(chart, 1)

    assert whole > 150
    assert half == pytest.approx(whole / 2, abs=3)


def test_a_label_with_one_row_among_a_million_is_still_seen(chart: BarChart) -> None:
    chart.set_counts({"many": 1_000_000, "one": 1, "none": 0})

    assert bar_length(chart, 1) >= 1
    assert bar_length(chart, 2) == 0


def test_many_labels_scroll_and_the_last_one_can_be_reached_by_keyboard(chart: BarChart) -> None:
    chart.set_counts({f"label {number}": number + 1 for number in range(1_000)})
    chart.resize(400, chart.sizeHint().height())
    bar = chart.verticalScrollBar()

    assert chart.sizeHint().height() < 5 * BAR_ROW
    chart.setFocus()
    for _ in range(400):
        QTest.keyClick(chart, Qt.Key.Key_PageDown)

    assert bar.value() == bar.maximum() > 990 * BAR_ROW


def test_the_tooltip_of_a_hostile_label_shows_it_as_written(chart: BarChart, qapp: QApplication) -> None:
    chart.set_counts({"<img src=x>": 3})
    place = QPoint(50, 10)

    qapp.sendEvent(chart.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, chart.viewport().mapToGlobal(place)))

    assert "&lt;img src=x&gt;" in QToolTip.text()
    assert "<img" not in QToolTip.text()
    QToolTip.hideText()
    for window in qapp.topLevelWidgets():
        if window.inherits("QTipLabel"):
            window.hide()


def test_copying_takes_all_labels_and_numbers(chart: BarChart) -> None:
    chart.set_counts({"spam": 747, "ham": 4_827})
    chart.setFocus()

    QTest.keyClick(chart, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "ham\t4827\nspam\t747"


def test_a_label_like_a_formula_is_copied_as_text(chart: BarChart) -> None:
    chart.set_counts({"=1+1": 7, "-5": 9})
    assert chart.as_text() == "-5\t9\n'=1+1\t7"


def test_a_screen_reader_receives_labels_and_numbers(chart: BarChart) -> None:
    chart.set_counts({"spam": 1, "ham": 4_827}, unit="rows")

    assert chart.accessibleDescription() == "ham 4,827 rows, spam 1 row"


def test_an_empty_chart_shows_what_will_appear(qtbot: QtBot) -> None:
    chart = BarChart(empty_text="Choose a label column.")
    qtbot.addWidget(chart)

    assert chart.accessibleDescription() == "Choose a label column."
    assert not chart.viewport().grab().isNull()
