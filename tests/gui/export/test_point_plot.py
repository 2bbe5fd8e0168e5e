"""Models as points: where they are drawn, which one is meant by a click, what a reader without eyes is given."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from gui.export.point_plot import Point, PointPlot

POINTS = (Point("6 layers", 20.0, 0.90, 90e6, 0), Point("3 layers", 10.0, 0.88, 60e6, 1))


@pytest.fixture
def plot(qtbot: QtBot) -> PointPlot:
    plot = PointPlot("Models", "ms", "")
    qtbot.addWidget(plot)
    plot.resize(500, 260)
    plot.show_points(POINTS, y_name="macro F1")
    plot.show()
    return plot


def test_faster_is_left_better_is_above_larger_is_larger(plot: PointPlot) -> None:
    all_layers, three = map(plot.place_of, POINTS)
    assert three.x() < all_layers.x()
    assert three.y() > all_layers.y()
    assert plot._radius(POINTS[1]) < plot._radius(POINTS[0])
    half = (three.x() - plot._area().left()) / (all_layers.x() - plot._area().left())
    assert half == pytest.approx(0.5)  # half of the time is half as far from the axis


def test_a_click_chooses_the_point_that_is_meant(plot: PointPlot, qtbot: QtBot) -> None:
    with qtbot.waitSignal(plot.chosen) as chosen:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.place_of(POINTS[1]).toPoint())
    assert chosen.args == [1]
    with qtbot.assertNotEmitted(plot.chosen, wait=0):
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))


def test_what_is_drawn_is_described_and_saved(plot: PointPlot) -> None:
    assert "3 layers: ms 10.0, macro F1 0.880" in plot.accessibleDescription()
    assert plot.values() == [("", "ms", "macro F1"), ("6 layers", 20.0, 0.90), ("3 layers", 10.0, 0.88)]


def test_equal_scores_are_drawn_at_one_height(plot: PointPlot) -> None:
    plot.show_points([point._replace(y=0.5) for point in POINTS], y_name="macro F1")
    heights = {plot.place_of(point).y() for point in plot.points()}
    assert len(heights) == 1
    plot.mark(0)
    assert not plot.grab().isNull()
