"""Curves over a number: points where they belong, names that distinguish them, values to copy."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gui.components.saving import as_csv, copy_values, save_csv
from gui.evaluate.xy_plot import DASHES, XYCurve, XYPlot, curve_pen


def plot_of(qtbot: QtBot, *curves: XYCurve) -> XYPlot:
    plot = XYPlot("Curves", "Recall", "Precision")
    qtbot.addWidget(plot)
    plot.resize(500, 320)
    plot.show_curves(curves, names=("Recall", "Precision"), spots=[(0.5, 0.5)])
    plot.show()
    return plot


def test_points_are_drawn_at_their_numbers(qtbot: QtBot) -> None:
    plot = plot_of(qtbot, XYCurve("scored", (0.0, 1.0), (0.0, 1.0)))
    low, high = plot.place_of(0.0, 0.0), plot.place_of(1.0, 1.0)
    assert low.x() < high.x()
    assert low.y() > high.y()
    middle = plot.place_of(0.5, 0.5)
    assert abs(middle.x() - (low.x() + high.x()) / 2) < 1e-9
    image = plot.grab().toImage()
    ratio = plot.devicePixelRatio()
    assert image.pixelColor((middle * ratio).toPoint()) != image.pixelColor((plot.place_of(0.8, 0.2) * ratio).toPoint())


def test_six_curves_differ_by_more_than_colour() -> None:
    assert len({tuple(curve_pen(number).dashPattern()) for number in range(6)}) == len(set(DASHES)) == 6


def test_values_are_copied_and_saved_without_formulas(qtbot: QtBot, tmp_path: Path) -> None:
    plot = plot_of(qtbot, XYCurve("=HYPERLINK(1)", (0.25,), (0.5,)))
    lines = plot.values()
    assert lines == [("curve", "Recall", "Precision"), ("=HYPERLINK(1)", 0.25, 0.5)]
    save_csv(tmp_path / "curves.csv", lines)
    assert (tmp_path / "curves.csv").read_bytes() == as_csv(lines)
    assert as_csv(lines).decode("utf-8-sig") == "curve,Recall,Precision\n'=HYPERLINK(1),0.25,0.5\n"
    copy_values(lines)
    assert QGuiApplication.clipboard().text().splitlines()[1] == "'=HYPERLINK(1)\t0.25\t0.5"
    assert {action.text() for action in plot.actions()} >= {
        "Copy picture",
        "Save picture as PNG…",
        "Save picture as SVG…",
        "Copy values",
        "Save values as CSV…",
    }
