"""The charts: what they show, hover, levels, zoom."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from engine.contract.events import BaselineMeasured, Evaluated, StepsTrained, TrainingStarted
from gui.chart_preferences import LOSS, SCORE
from gui.charts.crosshair import readable
from gui.charts.line_plot import CurvePlot
from gui.design import theme
from gui.fine_tune.monitor.chart_specs import TRAINING
from gui.fine_tune.monitor.live_charts import LiveCharts
from gui.fine_tune.monitor.training_curves import TrainingCurves


def a_plot(qtbot: QtBot) -> CurvePlot:
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)
    plot.resize(600, 300)
    plot.add_line("training", 0)
    plot.add_line("validation", 1, "points")
    plot.set_range(0.0, 100)
    plot.show()
    plot.redraw()
    return plot


def test_the_values_under_the_pointer_are_named(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    plot.set_line("training", np.array([10.0, 20.0]), np.array([0.75, 0.5]))
    plot.set_line("validation", np.array([20.0]), np.array([0.6]))
    plot.show_values_at(18.0)
    assert plot._crosshair.values.text() == "step 18\ntraining  0.500\nvalidation  0.600"
    assert plot._crosshair.values.isVisible()
    plot.show_values_at(None)
    assert not plot._crosshair.values.isVisible()


def test_the_title_is_there_and_only_cut_where_the_chart_is_narrower(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    title = plot._title
    needed = title.fontMetrics().horizontalAdvance("Loss")
    qtbot.waitUntil(lambda: title.width() >= needed)
    plot._title.setText("A title that is much too long for a chart of this width")
    plot.resize(160, 300)
    qtbot.waitUntil(lambda: 0 < title.width() <= 160)


def test_a_gap_has_no_value(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    plot.set_line("training", np.array([10.0]), np.array([np.nan]))
    plot.show_values_at(10.0)
    assert not plot._crosshair.values.isVisible()


def test_an_empty_chart_shows_why_until_the_first_point(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    plot.set_empty_sentence("The curve begins with the first step.")
    assert plot._empty.isVisible()
    plot.set_line("training", np.array([1.0]), np.array([0.7]))
    assert not plot._empty.isVisible()


def test_a_chart_without_anything_has_no_axes(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    plot.set_empty_sentence("The curve begins with the first step.")
    axis = plot._area.getAxis("left")
    assert axis.opacity() == 0
    plot.set_reference_line("majority class", 0.5, 3)
    assert axis.opacity() == 1
    plot.clear_reference_lines()
    assert axis.opacity() == 0
    plot.set_line("training", np.array([1.0]), np.array([0.7]))
    assert axis.opacity() == 1


def test_the_axis_shows_the_whole_run_until_the_user_zooms_and_again_after_a_double_click(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    assert plot._box.viewRange()[0][1] > 99
    plot._box.setXRange(10, 20, padding=0)
    plot._user_zoomed()
    plot.set_range(0.0, 200)
    assert plot._box.viewRange()[0] == [10, 20]
    plot.reset_zoom()
    plot.redraw()
    assert plot._box.viewRange()[0][1] > 199


def test_the_legend_shows_the_last_value_in_readable_digits(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    plot.set_line("training", np.array([1.0, 2.0]), np.array([0.7, 0.41234]))
    assert plot._lines["training"].legend.value() == "0.412"
    assert plot._lines["training"].legend.isVisible()
    assert not plot._lines["validation"].legend.isVisible()
    assert [readable(value) for value in (0.83, 0.0042, 0.00002, 1234567.0, 0.0, 1234.5)] == [
        "0.830",
        "0.0042",
        "2.0e-05",
        "1.2e+06",
        "0.0000",
        "1,234",
    ]


def test_points_can_be_copied_as_a_table(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    plot.set_line("training", np.array([1.0, 2.0]), np.array([0.5, np.nan]))
    assert plot.values_as_text() == "curve\tstep\tvalue\ntraining\t1\t0.5\n"


def test_a_curve_named_like_a_formula_is_copied_as_text(qtbot: QtBot) -> None:
    plot = a_plot(qtbot)
    plot.add_line("=1+1", 2)
    plot.set_line("=1+1", np.array([1.0]), np.array([-0.5]))
    assert plot.values_as_text() == "curve\tstep\tvalue\n'=1+1\t1\t-0.5\n"


def test_two_charts_zoom_together(qtbot: QtBot) -> None:
    one, other = a_plot(qtbot), a_plot(qtbot)
    other.link_to(one)
    one._box.setXRange(30, 40, padding=0)
    low, high = other._box.viewRange()[0]
    assert (round(low), round(high)) == (30, 40)


def test_the_run_is_drawn_with_its_baselines_and_follows_the_theme(qtbot: QtBot) -> None:
    curves = TrainingCurves()
    for event in (
        TrainingStarted("r", "/r", 100, 50.0, 0, "cpu", "fp32", "macro_f1"),
        BaselineMeasured("majority", "macro_f1", 0.33),
        StepsTrained(1, 100, 0.02, 0.7, 1e-5, 1.0, 100.0, 0.1),
        StepsTrained(2, 100, 0.04, 0.6, 2e-5, 1.0, 100.0, 0.2),
        Evaluated(2, 0.04, 0.65, {"macro_f1": 0.5}, "macro_f1", True),
    ):
        curves.on_event(event)
    charts = LiveCharts(curves)
    qtbot.addWidget(charts)
    charts.resize(700, 500)
    charts.show()
    loss, score = charts.plot(LOSS), charts.plot(SCORE)
    assert list(loss._lines[TRAINING].x) == [1, 2]
    assert list(score._lines["macro F1"].y) == [0.5]
    assert score._reference_lines.texts() == ["majority class 0.330"]
    item = loss._lines[TRAINING]._item
    light = item.opts["pen"].color()
    theme.appearance().choose("dark")
    try:
        assert item.opts["pen"].color() != light
    finally:
        theme.appearance().choose("light")


def test_new_points_are_drawn_at_most_ten_times_a_second_and_only_while_seen(qtbot: QtBot) -> None:
    curves = TrainingCurves()
    charts = LiveCharts(curves)
    qtbot.addWidget(charts)
    curves.on_event(StepsTrained(1, 100, 0.02, 0.7, 1e-5, 1.0, 100.0, 0.1))
    charts.refresh()
    assert not charts._redraw.isActive()
    charts.show()
    assert len(charts.plot(LOSS)._lines[TRAINING].x) == 1
    drawn = []
    charts._redraw.timeout.connect(lambda: drawn.append(len(curves.training_loss)))
    for step in range(2, 500):
        curves.on_event(StepsTrained(step, 1000, 0.02, 0.7, 1e-5, 1.0, 100.0, 0.1))
        charts.refresh()
    qtbot.waitUntil(lambda: bool(drawn), timeout=5_000)
    assert drawn == [499]


def test_of_a_million_points_no_more_are_drawn_than_two_in_each_column_of_pixels(qtbot: QtBot) -> None:
    plot = CurvePlot("Loss")
    qtbot.addWidget(plot)
    plot.resize(420, 300)
    plot.show()
    plot.add_line("training", 0)
    x = np.arange(1_000_000, dtype=np.float64)
    plot.set_line("training", x, np.sin(x / 999), before_smoothing=np.cos(x))
    plot.set_range(0.0, 1e6)
    plot.redraw()
    line = plot._lines["training"]
    drawn = sum(len(item.xData) for item in (line._behind, line._item))
    assert 400 < drawn <= 2 * 2 * plot._box.width()  # the curve, and its values before smoothing behind it
