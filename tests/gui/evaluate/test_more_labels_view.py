"""The text of the forecast of more labels, and where its curve is drawn."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.diagnoses import AskLearningCurve, CurvePoint, LearningCurve
from engine.contract.sentences import Sentence
from engine.workspace.references import reference_to_run
from gui.evaluate.more_labels_view import LearningCurveChart, MoreLabelsView, result_text
from gui.session import Session
from tests.builders import an_evaluation
from tests.gui.conftest import StandInEngine

POINTS = tuple(CurvePoint(rows, (score,)) for rows, score in ((100, 0.60), (250, 0.68), (500, 0.74), (1_000, 0.78)))
RISING = LearningCurve("macro_f1", POINTS, 200, rows_ahead=2_000, score_ahead=0.81, interval=(0.79, 0.83))


@pytest.mark.parametrize(
    ("interval", "ahead", "begins"),
    [
        ((0.79, 0.83), 0.81, "More labels would probably help: +3.0 points."),
        ((0.775, 0.785), 0.781, "More labels would hardly help"),
        ((0.74, 0.84), 0.79, "These rows do not show whether more labels"),
    ],
)
def test_the_verdict_follows_from_the_interval(interval: tuple[float, float], ahead: float, begins: str) -> None:
    curve = LearningCurve("macro_f1", POINTS, 200, rows_ahead=2_000, score_ahead=ahead, interval=interval)
    assert result_text(curve).startswith(begins)


def test_the_curve_is_asked_for_and_drawn(session: Session, engine: StandInEngine, qtbot: QtBot) -> None:
    engine.answers[AskLearningCurve] = lambda _: RISING
    view = MoreLabelsView(session)
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    report = an_evaluation()
    view.show_report(report, reference_to_run(report.run))
    assert not view.chart.isVisible()
    view.query.start_button.click()
    qtbot.waitUntil(view.chart.isVisible)
    first, last = view.chart.place_of(100, 0.60), view.chart.place_of(2_000, 0.81)
    assert first.x() < last.x()
    assert first.y() > last.y()  # a better score is higher
    # Rows are on a logarithmic axis: each doubling takes the same room.
    steps = [view.chart.place_of(2 * rows, 0.7).x() - view.chart.place_of(rows, 0.7).x() for rows in (250, 1_000)]
    assert steps[0] == pytest.approx(steps[1])
    assert "2,000 it would reach about 0.810 (0.790 to 0.830 in 80 % of cases)" in view.result.text()
    assert not view.grab().isNull()


def test_a_refusal_has_no_chart(session: Session, engine: StandInEngine, qtbot: QtBot) -> None:
    refused = Sentence("diagnosing.refused.learning_curve", rows=40, held_out=9)
    engine.answers[AskLearningCurve] = lambda _: LearningCurve("macro_f1", (), 9, refused=refused)
    view = MoreLabelsView(session)
    qtbot.addWidget(view)
    view.show()
    report = an_evaluation()
    view.show_report(report, reference_to_run(report.run))
    view.query.start_button.click()
    qtbot.waitUntil(view.result.isVisible)
    assert view.result.text().startswith("40 training rows")
    assert not view.chart.isVisible()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.22, 0.77, [0.2, 0.4, 0.6, 0.8]),
        (0.70, 0.76, [0.7, 0.72, 0.74, 0.76]),
        (3.0, 47.0, [0, 10, 20, 30, 40, 50]),
    ],
)
def test_the_scores_of_the_axis_are_round(low: float, high: float, expected: list[float], qtbot: QtBot) -> None:
    chart = LearningCurveChart()
    qtbot.addWidget(chart)
    points = (CurvePoint(100, (low,)), CurvePoint(200, (high,)))
    chart.show_curve(LearningCurve("macro_f1", points, 50, rows_ahead=400, score_ahead=high, interval=(low, high)))
    ticks = chart.ticks()
    assert ticks == pytest.approx([one for one in expected if ticks[0] <= one <= ticks[-1]])
    assert len(ticks) >= 3
