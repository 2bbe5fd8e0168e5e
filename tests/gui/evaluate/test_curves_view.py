"""Curves of an evaluation: figures that follow the slider, and what a click asks the engine to do."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from sklearn import metrics

from engine.calibration.stored_logits import SCORED, VALIDATION, read_logits
from engine.calibration.temperature import class_probabilities
from engine.contract.calibration import UnsureRule
from engine.contract.messages import Evaluate
from engine.contract.settings import EvaluateSettings
from engine.contract.states import EvaluationReport
from engine.evaluating.chosen_answers import chosen_calibration
from engine.tasks.registry import task_named
from gui.evaluate.curves_view import CurvesView
from gui.evaluate.evaluated_curves import ALL, EvaluatedCurves
from gui.evaluate.page import EvaluatePage
from gui.session import Session
from tests.gui.conftest import StandInEngine
from tests.gui.evaluate.made_up_logits import report_with_logits


def probabilities(report: EvaluationReport, name: str = SCORED) -> tuple[np.ndarray, np.ndarray]:
    stored = read_logits(Path(report.folder) / name)
    assert stored is not None
    return class_probabilities(stored.logits, report.run.temperature), stored.truth


def opened(qtbot: QtBot, report: EvaluationReport) -> CurvesView:
    view = CurvesView()
    qtbot.addWidget(view)
    view.resize(760, 600)
    view.show()
    view.show_report(report)
    qtbot.waitUntil(lambda: is_drawn(view))
    return view


def is_drawn(view: CurvesView) -> bool:
    return view._curves is not None and view._drawing is None and view._task is None


def choose(qtbot: QtBot, view: CurvesView, kind: str) -> None:
    view.kind.setCurrentIndex(view.kind.findData(kind))
    view.kind.activated.emit(view.kind.currentIndex())
    qtbot.waitUntil(lambda: is_drawn(view))


def test_the_curves_are_those_of_the_stored_probabilities(tmp_path: Path) -> None:
    report = report_with_logits(tmp_path, classes=3)
    curves = EvaluatedCurves(report)
    likely, truth = probabilities(report)
    (scored, validation) = curves.roc("class 1")
    area = metrics.roc_auc_score(truth == 1, likely[:, 1])
    assert scored.name == f"scored, area {area:.3f}"
    assert validation.name.startswith("validation")
    every = metrics.average_precision_score(np.eye(3)[truth].reshape(-1), likely.reshape(-1))
    assert curves.precision_recall(ALL)[0].name == f"scored, area {every:.3f}"


def test_the_figures_follow_the_slider_on_both_splits(tmp_path: Path, qtbot: QtBot) -> None:
    report = report_with_logits(tmp_path)
    view = opened(qtbot, report)
    assert view.label.currentData() == "positive"
    view.false_negative_cost.setText("10")
    view.threshold.setValue(250)
    texts = view.figures.text().splitlines()
    for text, name, split in zip(texts, ("Validation", "Scored"), (VALIDATION, SCORED), strict=True):
        likely, truth = probabilities(report, split)
        predicted = likely[:, 1] >= 0.25
        missed = int(((truth == 1) & ~predicted).sum())
        alarms = int(((truth == 0) & predicted).sum())
        assert text.startswith(f"{name} rows: precision {metrics.precision_score(truth, predicted):.3f}")
        assert f"cost {alarms + 10 * missed:,.4g}" in text


def test_the_cheapest_threshold_is_that_of_the_validation_rows(tmp_path: Path, qtbot: QtBot) -> None:
    report = report_with_logits(tmp_path)
    view = opened(qtbot, report)
    view.false_negative_cost.setText("9")
    view.cheapest_button.click()
    likely, truth = probabilities(report, VALIDATION)

    def cost(threshold: float) -> int:
        predicted = likely[:, 1] >= threshold
        return int(((truth == 0) & predicted).sum() + 9 * ((truth == 1) & ~predicted).sum())

    assert cost(view.chosen_threshold()) <= min(map(cost, np.linspace(0, 1, 101))) + 1


def test_a_threshold_is_chosen_for_the_label_in_view(tmp_path: Path, qtbot: QtBot) -> None:
    view = opened(qtbot, report_with_logits(tmp_path))
    view.threshold.setValue(320)
    with qtbot.waitSignal(view.chosen) as chosen:
        view.use_threshold_button.click()
    assert chosen.args == [EvaluateSettings(threshold_label="positive", threshold=0.32)]
    assert not view.remove_threshold_button.isEnabled()


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_the_rule_in_view_is_the_one_that_the_engine_makes(tmp_path: Path, qtbot: QtBot, temperature: float) -> None:
    report = report_with_logits(tmp_path, classes=3, temperature=temperature)
    view = opened(qtbot, report)
    choose(qtbot, view, "coverage")
    view.rule.setCurrentIndex(view.rule.findData("conformal"))
    view.rule.activated.emit(view.rule.currentIndex())
    qtbot.waitUntil(lambda: view._rule is not None and view._task is None)
    assert view.use_rule_button.isEnabled()
    validation = read_logits(Path(report.folder) / VALIDATION)
    settings = EvaluateSettings(unsure="conformal", coverage=0.9)
    made, _ = chosen_calibration(report.run, settings, task_named("text_classification"), validation)
    assert view._rule == made.unsure
    assert "Scored rows: " in view.figures.text()
    with qtbot.waitSignal(view.chosen) as chosen:
        view.use_rule_button.click()
    assert chosen.args == [settings]


def test_a_promise_beyond_the_rows_is_not_offered(tmp_path: Path, qtbot: QtBot) -> None:
    view = opened(qtbot, report_with_logits(tmp_path, validation=40))
    choose(qtbot, view, "coverage")
    view.rule.setCurrentIndex(view.rule.findData("conformal"))
    view.rule.activated.emit(view.rule.currentIndex())
    view.level.setValue(990)
    qtbot.waitUntil(lambda: view.figures.text() == "Sets with a coverage of 99.0 % take 99 validation rows or more.")
    assert not view.use_rule_button.isEnabled()


@pytest.mark.parametrize(("level", "is_cautious"), [(0, False), (1000, True)])
def test_a_rule_that_answers_little_reports_it(tmp_path: Path, qtbot: QtBot, level: int, is_cautious: bool) -> None:
    view = opened(qtbot, report_with_logits(tmp_path))
    choose(qtbot, view, "coverage")
    view.rule.setCurrentIndex(view.rule.findData("confidence"))
    view.rule.activated.emit(view.rule.currentIndex())
    view.level.setValue(level)
    wanted = f"{'0.0' if is_cautious else '100.0'} % answered"
    qtbot.waitUntil(lambda: wanted in view.figures.text() and view._task is None)
    assert ("“don't know” for 100 % of the rows" in view.figures.text()) == is_cautious


def test_a_rule_of_the_run_can_be_taken_back(tmp_path: Path, qtbot: QtBot) -> None:
    report = report_with_logits(tmp_path)
    run = msgspec.structs.replace(report.run, unsure=UnsureRule("confidence", least_confidence=0.7))
    view = opened(qtbot, msgspec.structs.replace(report, run=run))
    choose(qtbot, view, "coverage")
    qtbot.waitUntil(lambda: "answered" in view.figures.text())
    assert not view.use_rule_button.isEnabled()
    view.rule.setCurrentIndex(view.rule.findData("none"))
    view.rule.activated.emit(view.rule.currentIndex())
    with qtbot.waitSignal(view.chosen) as chosen:
        view.use_rule_button.click()
    assert chosen.args == [EvaluateSettings(unsure="none")]


def test_a_report_without_logits_shows_what_to_do(tmp_path: Path, qtbot: QtBot) -> None:
    report = report_with_logits(tmp_path)
    (Path(report.folder) / SCORED).unlink()
    view = CurvesView()
    qtbot.addWidget(view)
    view.show_report(report)
    qtbot.waitUntil(
        lambda: view.note.text() == "The curves need the logits of these rows. Evaluate again to have them."
    )
    assert not view.fit_button.isEnabled()


def test_several_labels_have_thresholds_and_no_rule(tmp_path: Path, qtbot: QtBot) -> None:
    view = opened(qtbot, report_with_logits(tmp_path, classes=3, several=True))
    view.label.setCurrentIndex(view.label.findData("class 2"))
    view.label.activated.emit(view.label.currentIndex())
    assert not view._threshold_row.isHidden()
    choose(qtbot, view, "coverage")
    assert view._rule_row.isHidden()


def test_a_choice_on_the_page_evaluates_the_run_again(
    tmp_path: Path, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    report = report_with_logits(tmp_path)
    page = EvaluatePage(session)
    qtbot.addWidget(page)
    session.state_changed.connect(lambda: page.show_state(session.state))
    session.go_to(report)
    page.resize(760, 1400)
    page.show()
    qtbot.waitUntil(lambda: page.curves._curves is not None)
    choose(qtbot, page.curves, "reliability")
    page.curves.fit_button.click()
    job = engine.jobs[-1]
    assert isinstance(job, Evaluate)
    assert job.settings.temperature == "fit"
    assert job.settings.split == report.settings.split
    assert not page.curves.fit_button.isEnabled()
