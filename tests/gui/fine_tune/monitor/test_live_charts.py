"""The charts of a run with their controls: what is seen, what is remembered, what is saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QCheckBox, QComboBox, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from engine.contract.events import BaselineMeasured, DeviceSampled, Evaluated, Event, StepsTrained, TrainingStarted
from engine.contract.settings import FineTuneSettings
from engine.workspace.event_log import RunLog
from engine.workspace.layout import Workspace
from engine.workspace.runs import create_run, run_folder, save_run
from gui.chart_preferences import CLASS_F1, LOAD, LOSS, MEMORY, NORM, RATE, SCORE, SPEED, ChartChoices
from gui.fine_tune.monitor.chart_controls import CLIPPED, LOGARITHMIC
from gui.fine_tune.monitor.chart_specs import TRAINING, why_empty
from gui.fine_tune.monitor.live_charts import SMALLEST, LiveCharts
from gui.fine_tune.monitor.training_curves import TrainingCurves
from gui.preferences import PreferenceStore
from tests.builders import a_dataset

CLASSES = {f"class {number}": number / 10 for number in range(8)}
Made = Callable[..., LiveCharts]


def some_events(run: str = "20261123-120000", *, loss: float = 0.7) -> list[Event]:
    return [
        BaselineMeasured("majority", "macro_f1", 0.33),
        TrainingStarted(run, "/r", 100, 50.0, 0, "cpu", "fp32", "macro_f1"),
        *(StepsTrained(step, 100, step / 50, loss, 1e-5 * step, 1.5, 100.0, 0.1) for step in range(1, 41)),
        DeviceSampled(1_500_000_000, 8_000_000_000, 0.5),
        Evaluated(40, 0.8, 0.65, {"macro_f1": 0.5}, "macro_f1", True, CLASSES),
    ]


@pytest.fixture
def made(qtbot: QtBot) -> Made:
    def make(*shown: str, with_events: bool = True, **options: object) -> LiveCharts:
        curves = TrainingCurves()
        for event in some_events() if with_events else []:
            curves.on_event(event)
        charts = LiveCharts(curves, **options)  # type: ignore[arg-type]
        qtbot.addWidget(charts)
        charts.resize(700, 500)
        charts.show()
        if shown:
            charts.controls.charts.set_chosen(shown)
            charts.controls.charts.changed.emit()
        return charts

    return make


def test_every_chart_shows_its_curve(made: Made) -> None:
    charts = made(LOSS, SCORE, CLASS_F1, RATE, NORM, SPEED, MEMORY, LOAD)
    last = {
        kind: [float(y[-1]) for _, _, y in charts.plot(kind).curves()] for kind in (RATE, NORM, SPEED, MEMORY, LOAD)
    }
    assert last == {RATE: [4e-4], NORM: [1.5], SPEED: [100.0], MEMORY: [1.5], LOAD: [50.0]}
    assert all(charts.plot(kind).isVisible() for kind in (LOSS, SCORE, CLASS_F1, RATE, NORM, SPEED, MEMORY, LOAD))


def test_of_many_classes_the_weakest_are_shown_until_others_are_chosen(made: Made) -> None:
    charts = made(LOSS, CLASS_F1)
    assert [name for name, _, _ in charts.plot(CLASS_F1).curves()] == [f"class {number}" for number in range(6)]
    assert charts.controls.classes.isVisible()
    charts.controls.classes.set_chosen(["class 7"])
    charts._draw()
    assert [name for name, _, _ in charts.plot(CLASS_F1).curves()] == ["class 7"]


def tick(charts: LiveCharts, *keys: str) -> None:
    """As the user does in the list that Axis opens."""
    entries = charts.controls.axis.list
    for row in range(entries.count()):
        if entries.item(row).data(Qt.ItemDataRole.UserRole) in keys:
            entries.item(row).setCheckState(Qt.CheckState.Checked)


def test_the_best_score_is_ringed_and_named_beside_the_last(made: Made) -> None:
    charts = made()
    charts._curves.on_event(Evaluated(60, 1.2, 0.5, {"macro_f1": 0.9}, "macro_f1", True))
    charts._curves.on_event(Evaluated(80, 1.6, 0.6, {"macro_f1": 0.7}, "macro_f1", False))
    charts._draw()
    plot = charts.plot(SCORE)
    plot.redraw()
    line = plot._lines["macro F1"]
    assert [list(values) for values in line._ring.getData()] == [[60], [0.9]]
    assert line.legend.value() == "0.700 (best 0.900)"
    plot.show_values_at(80)
    assert line.legend.value() == "0.700"


def test_what_is_chosen_is_remembered(made: Made, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    charts = made(LOSS, NORM, preferences=PreferenceStore(path))
    charts.controls.smoothing.setValue(90)
    tick(charts, LOGARITHMIC, CLIPPED)
    charts.controls.window_choice.setCurrentIndex(1)
    assert PreferenceStore(path).now.charts == ChartChoices((LOSS, NORM), 90, True, True, 50)
    again = made(preferences=PreferenceStore(path))
    assert again.controls.value() == charts.controls.value()
    assert again.plot(NORM).isVisible()


def test_the_last_chart_cannot_be_taken_away(made: Made) -> None:
    charts = made()
    charts.controls.charts.set_chosen([])
    charts.controls.charts.changed.emit()
    assert charts.controls.value().shown == (LOSS,)


def test_smoothing_draws_the_raw_values_behind_and_none_draws_them_alone(made: Made) -> None:
    charts = made()
    line = charts.plot(LOSS)._lines[TRAINING]
    assert line._raw is not None
    charts.controls.smoothing.setValue(0)
    assert line._raw is None


def test_the_window_follows_the_last_steps_in_all_charts(made: Made) -> None:
    charts = made(LOSS, RATE)
    charts._curves.on_event(StepsTrained(80, 100, 1.6, 0.1, 1e-5, 1.0, 100.0, 0.1))
    charts.controls.window_choice.setCurrentIndex(charts.controls.window_choice.findData(50))
    for kind in (LOSS, RATE):
        charts.plot(kind).redraw()
        low, high = charts.plot(kind)._box.viewRange()[0]
        assert (round(low), round(high)) == (29, 81)


def test_a_logarithmic_axis_leaves_zero_out_and_the_score_alone(made: Made) -> None:
    charts = made()
    charts._curves.on_event(StepsTrained(41, 100, 0.82, 0.0, 1e-5, 1.0, 100.0, 0.1))
    charts.controls.smoothing.setValue(0)
    tick(charts, LOGARITHMIC)
    plot = charts.plot(LOSS)
    plot.redraw()
    heights = plot._lines[TRAINING]._item.yData
    assert np.isnan(heights[-1])
    assert heights[0] == pytest.approx(np.log10(0.7))
    assert not charts.plot(SCORE)._logarithmic


def test_zoom_goes_through_all_charts_and_one_button_ends_it(made: Made, qtbot: QtBot) -> None:
    charts = made(LOSS, SCORE, RATE)
    assert not charts.controls.whole_run.isVisible()
    plot = charts.plot(SCORE)
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    ranges = [charts.plot(kind)._box.viewRange()[0] for kind in (LOSS, SCORE, RATE)]
    assert ranges[0] == pytest.approx(ranges[1])
    assert ranges[0] == pytest.approx(ranges[2])
    assert ranges[0][1] - ranges[0][0] < 60
    assert charts.controls.whole_run.isVisible()
    charts.controls.whole_run.click()
    for kind in (LOSS, SCORE, RATE):
        charts.plot(kind).redraw()
        assert charts.plot(kind)._box.viewRange()[0][1] > 99
    assert not charts.controls.whole_run.isVisible()


def test_the_pointer_shows_the_same_step_in_all_charts_and_legends(made: Made) -> None:
    charts = made(LOSS, RATE)
    charts.plot(LOSS).redraw()
    place = charts.plot(LOSS)._box.mapViewToScene(QPointF(10.0, 0.68))
    charts.plot(LOSS)._move_pointer(place)
    assert "step 10" in charts.plot(RATE)._crosshair.values.text()
    assert charts.plot(RATE)._crosshair.cursor.value() == pytest.approx(10.0)
    assert charts.plot(RATE)._lines["learning_rate"].legend.value() == "1.0e-04"
    assert charts.plot(LOSS)._crosshair.height.isVisible()
    charts._show_values(None)
    assert charts.plot(RATE)._lines["learning_rate"].legend.value() == "4.0e-04"


def test_arrow_keys_read_the_values(made: Made, qtbot: QtBot) -> None:
    charts = made()
    plot = charts.plot(LOSS)
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot._crosshair.at is not None
    first = plot._crosshair.at
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot._crosshair.at > first
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot._crosshair.at is None


def test_values_are_saved_as_csv_and_json_lines(made: Made, qtbot: QtBot, tmp_path: Path) -> None:
    charts = made(LOSS, MEMORY)
    for kind in ("csv", "jsonl"):
        charts.save_to(tmp_path / f"curves.{kind}", kind)
        qtbot.waitUntil(lambda kind=kind: charts.controls.save_note.text() == f"Saved curves.{kind}")  # type: ignore[misc]
    lines = (tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "chart,curve,step,value"
    assert lines[1] == "Loss,training,1,0.7"
    assert lines[-1] == "Memory in use (GB),GB,40,1.5"
    first = json.loads((tmp_path / "curves.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first == {"chart": "Loss", "curve": "training", "step": 1, "value": 0.7}


def test_pictures_are_saved_as_png_and_as_svg_with_lines(made: Made, tmp_path: Path) -> None:
    charts = made(LOSS, SCORE)
    charts.save_to(tmp_path / "a.png", "png")
    charts.save_to(tmp_path / "a.svg", "svg")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    drawn = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "<polyline" in drawn or "<path" in drawn
    assert "training" in drawn
    assert QSvgRenderer(str(tmp_path / "a.svg")).isValid()


def test_a_file_that_cannot_be_written_is_reported(made: Made, tmp_path: Path) -> None:
    charts = made()
    charts.save_to(tmp_path, "png")
    assert "could not be written" in charts.controls.save_note.text()


def test_an_empty_chart_shows_what_will_appear(made: Made) -> None:
    charts = made(LOSS, SCORE, with_events=False)
    assert charts.plot(LOSS)._empty.text() == "The curve begins with the first step."
    assert charts.plot(LOSS)._empty.isVisible()
    curves = TrainingCurves()
    curves.on_event(TrainingStarted("r", "/r", 100, 50.0, 0, "cpu", "fp32", "macro_f1"))
    assert "at step 50 at the latest" in why_empty(SCORE, curves)
    curves.evaluation_interval = 20
    assert "at step 50 at the latest" in why_empty(SCORE, curves)
    curves.evaluation_interval = 90  # steps: every second epoch
    assert "at step 100 at the latest" in why_empty(SCORE, curves)
    curves.evaluation_interval = 1_000
    assert "at step 100 at the latest" in why_empty(SCORE, curves)
    curves.on_event(DeviceSampled(1, 2, None))
    assert "does not report" in why_empty(LOAD, curves)
    curves.on_event(Evaluated(40, 0.8, 0.65, {}, "spearman", True))
    assert "no classes" in why_empty(CLASS_F1, curves)


def test_other_runs_on_the_same_rows_are_faintly_behind(made: Made, qtbot: QtBot, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace").create()
    kept = [stored(workspace, name, loss) for name, loss in (("one", 0.1), ("two", 0.2), ("three", 0.3), ("four", 0.4))]
    stored(workspace, "other rows", 0.9, fingerprint="other")
    charts = made(workspace=workspace)
    assert charts._others is not None
    with qtbot.waitSignal(charts._others.offer_changed):
        charts.show_runs_on(a_dataset().fingerprint)
    others = charts._others
    qtbot.waitUntil(lambda: len(others.offered) == 4)
    charts._draw()
    assert {name for name, _, _ in charts.plot(LOSS).curves()} == {TRAINING, "validation"}  # none is chosen
    charts.controls.runs.set_chosen([one for one, _ in others.offered[:3]])
    charts.controls.runs.changed.emit()
    qtbot.waitUntil(lambda: len(others.shown) == 3)
    charts._draw()
    names = [name for name, _, _ in charts.plot(LOSS).curves()]
    assert set(names) - {TRAINING, "validation"} == {name for _, name in others.offered[:3]}
    qtbot.waitUntil(lambda: run_looks(charts) == (3, 3))  # drawn a moment later
    charts.controls.runs.set_chosen([kept[0]])
    charts.controls.runs.changed.emit()
    qtbot.waitUntil(lambda: [run.name for run in others.shown] == ["one"])
    charts._draw()
    found = {name: y for name, _, y in charts.plot(LOSS).curves()}
    assert found["one"][0] == pytest.approx(0.1)
    assert "two" not in found


def run_looks(charts: LiveCharts) -> tuple[int, int]:
    """How many colours and how many dashes the other runs are drawn with."""
    pens = [line._item.opts["pen"] for key, line in charts.plot(LOSS)._lines.items() if key.startswith("run:")]
    return len({pen.color().name() for pen in pens}), len({tuple(pen.dashPattern()) for pen in pens})


def stored(workspace: Workspace, name: str, loss: float, **changes: str) -> str:
    record = create_run(workspace, a_dataset(**changes), FineTuneSettings(run_name=name))
    save_run(workspace, msgspec.structs.replace(record, status="finished", step=40))
    log = RunLog(run_folder(workspace, record.id))
    for event in some_events(record.id, loss=loss):
        log.append(event)
    log.close()
    return record.id


def test_a_simple_method_keeps_its_colour_whatever_is_measured_beside_it(made: Made) -> None:
    charts = made(SCORE, with_events=False)
    levels = charts.plot(SCORE)._reference_lines._lines
    seen = []
    for name in ("majority", "tfidf_svm", "frozen_encoder"):
        charts._curves.on_event(BaselineMeasured(name, "macro_f1", 0.4))
        charts._draw()
        seen.append({key: level.color for key, level in levels.items()})
    assert len(seen[-1]) == len(set(seen[-1].values())) == 3
    assert all(seen[-1][key] == color for before in seen for key, color in before.items())


def test_a_baseline_that_learned_from_some_rows_reports_it_in_the_legend(made: Made) -> None:
    charts = made(SCORE, with_events=False)
    charts._curves.on_event(BaselineMeasured("tfidf_svm", "macro_f1", 0.4))
    charts._curves.on_event(BaselineMeasured("frozen_encoder", "macro_f1", 0.5, 1_480))
    for event in some_events("20261123-120000", loss=0.5):
        charts._curves.on_event(event)
    charts._draw()
    names = set(charts.plot(SCORE).reference_names())
    assert {"TF-IDF + linear SVM", "frozen encoder + linear model, from 1,480 rows"} <= names


def test_once_a_run_has_ended_all_charts_are_in_sight_without_scrolling_inside(made: Made) -> None:
    charts = made(LOSS, SCORE, RATE)
    charts.resize(700, 260)
    assert charts._scroll.minimumHeight() == SMALLEST
    charts.show_whole(True)
    assert charts._scroll.minimumHeight() >= 2 * charts.plot(LOSS).minimumHeight()
    charts.show_whole(False)
    assert charts._scroll.minimumHeight() == SMALLEST


def test_every_control_is_reached_by_keyboard_and_explained(made: Made) -> None:
    charts = made(LOSS, CLASS_F1)
    controls = [
        control
        for kind in (QPushButton, QSlider, QCheckBox, QComboBox)
        for control in charts.controls.findChildren(kind)
    ]
    assert len(controls) >= 8
    for control in controls:
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert control.toolTip()


def test_a_list_of_choices_opens_is_filtered_and_ticked_with_the_keyboard(made: Made, qtbot: QtBot) -> None:
    charts = made()
    button = charts.controls.classes
    button.offer([(f"{number}", f"class {number}") for number in range(20)])
    button.open()
    assert button._filter.isVisible()
    qtbot.keyClicks(button._filter, "class 13")
    visible = [row for row in range(20) if not button.list.item(row).isHidden()]
    assert visible == [13]
    button.list.setCurrentRow(13)
    with qtbot.waitSignal(button.changed):
        qtbot.keyClick(button.list, Qt.Key.Key_Space)
    assert button.chosen() == ("13",)
    button._popup.close()


def test_the_charts_fit_into_a_narrow_window(made: Made) -> None:
    charts = made(LOSS, SCORE, CLASS_F1, NORM)
    charts.resize(640, 380)
    assert charts.minimumSizeHint().width() <= 640
    assert charts.minimumSizeHint().height() <= 380
    assert charts.controls.geometry().right() <= 640


def test_the_values_of_a_very_long_run_are_saved_from_its_log_without_thinning(
    made: Made, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.charts.curve_data.MOST_POINTS", 512)
    monkeypatch.setattr("gui.charts.curve_data._RECENT", 256)
    workspace = Workspace(tmp_path / "workspace").create()
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    log = RunLog(run_folder(workspace, record.id))
    charts = made(LOSS, with_events=False, workspace=workspace)
    begun = TrainingStarted(record.id, "/r", 1_000, 50.0, 0, "cpu", "fp32", "macro_f1")
    for event in [begun, *(StepsTrained(step, 1_000, 1.0, step / 7, 1e-5, 1.5, 9.0, 0.1) for step in range(1, 1_001))]:
        log.append(event)
        charts._curves.on_event(event)
    log.close()
    assert len(charts._curves.training_loss) < 1_000
    charts._draw()
    charts.save_to(tmp_path / "curves.csv", "csv")
    qtbot.waitUntil(lambda: charts.controls.save_note.text() == "Saved curves.csv")
    lines = (tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[2] for line in lines[1:]] == [str(step) for step in range(1, 1_001)]
