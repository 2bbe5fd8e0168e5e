"""A page that is scrolled goes on when a list or chart comes under the pointer; afterwards that takes the wheel."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.charts.plot_area import plot_area
from gui.choose_data.source.bar_chart import BarChart
from gui.components import page_scroll
from gui.components.data_table import DataTable
from gui.components.page_scroll import REST, PageScroll
from gui.evaluate.confusion_matrix import ConfusionMatrix

Made = tuple[QWidget, Callable[[], object]]


def a_table() -> Made:
    table = DataTable()
    table.cells.set_cells(["text"], [[f"row {number}"] for number in range(100)])
    return table, table.verticalScrollBar().value


def some_bars() -> Made:
    bars = BarChart()
    bars.set_counts({f"label {number}": number for number in range(100)})
    return bars, bars.verticalScrollBar().value


def a_matrix() -> Made:
    matrix = ConfusionMatrix()
    labels = [f"label {number}" for number in range(100)]
    matrix.show_counts(labels, [[1] * 100 for _ in labels])
    return matrix, matrix.verticalScrollBar().value


def a_plot() -> Made:
    plot = plot_area("Loss", "step")
    return plot, lambda: [list(axis) for axis in plot.getPlotItem().viewRange()]


@pytest.mark.parametrize("make", [a_table, some_bars, a_matrix, a_plot])
def test_a_list_takes_the_wheel_only_where_no_page_is_being_scrolled(
    make: Callable[[], Made], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(page_scroll, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(PageScroll, "turned_at", float("-inf"))
    widget, position = make()
    widget.setFixedHeight(150)
    page = PageScroll()
    page.setWidgetResizable(True)
    inside = QWidget()
    above, below = QWidget(), QWidget()
    above.setFixedHeight(120)
    below.setFixedHeight(2_000)
    column = QVBoxLayout(inside)
    for part in (above, widget, below):
        column.addWidget(part)
    page.setWidget(inside)
    qtbot.addWidget(page)
    page.resize(400, 400)
    page.show()
    qtbot.waitExposed(page)
    at = position()

    def turn(over: QWidget) -> int:
        QTest.wheelEvent(page.windowHandle(), QPointF(over.mapTo(page, QPoint(200, 100))), QPoint(0, -120))
        return page.verticalScrollBar().value()

    first = turn(above)
    assert first > 0
    now += REST / 2
    second = turn(widget)
    assert (second > first, position()) == (True, at)
    now += REST / 2  # since the page was moved last
    third = turn(widget)
    assert (third > second, position()) == (True, at)
    now += 2 * REST
    assert turn(widget) == third
    assert position() != at
