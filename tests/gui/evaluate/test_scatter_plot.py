"""The scatter of predicted against true scores: equal axes, the nearest row, a description for screen readers."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from gui.evaluate.scatter_plot import ScatterPlot


def test_right_predictions_lie_on_the_diagonal(qtbot: QtBot) -> None:
    plot = ScatterPlot()
    qtbot.addWidget(plot)
    plot.resize(400, 340)
    plot.show_points([(0.0, 0.5), (5.0, 5.0), (float("nan"), 1.0)])
    assert plot.points() == ((0.0, 0.5), (5.0, 5.0))
    low, high = plot.place_of(0.0, 0.0), plot.place_of(5.0, 5.0)
    assert high.x() - low.x() == pytest.approx(low.y() - high.y())
    assert plot.nearest(plot.place_of(0.0, 0.5) + QPointF(3, 0)) == (0.0, 0.5)
    assert plot.nearest(QPointF(0, 0)) is None
    assert plot.accessibleDescription() == "2 rows, values from 0 to 5"
    for points in ([], [(1.0, 1.0)]):
        plot.show_points(points)
        plot.grab()
