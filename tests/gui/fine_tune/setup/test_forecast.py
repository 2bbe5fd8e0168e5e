"""The forecast on the Fine-tune page: asked when the settings have come to rest, shown before and after the run."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.contract.errors import ErrorReport
from engine.contract.events import Progressed, StageStarted
from engine.contract.messages import Evaluate, FineTune
from engine.contract.queries import AskForecast, Forecast, ForecastWarning
from engine.contract.settings import EvaluateSettings, FineTuneSettings
from engine.workspace.references import reference_to_dataset
from gui.fine_tune.page import FineTunePage
from gui.session import Session
from tests.builders import a_dataset, a_forecast, a_run
from tests.gui.conftest import StandInEngine

TOO_LARGE = ForecastWarning("It may not fit.", "Use less memory", FineTuneSettings(gradient_accumulation=4))


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.fine_tune.setup.forecast.PAUSE", 0)


@pytest.fixture
def page(no_pause: None, empty_page: FineTunePage) -> FineTunePage:
    return empty_page


def asked(engine: StandInEngine) -> list[AskForecast]:
    return [job for job in engine.jobs if isinstance(job, AskForecast)]


def test_the_forecast_appears_by_itself_and_goes_with_the_run(
    page: FineTunePage, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    engine.answers[AskForecast] = lambda _question: a_forecast()
    session.go_to(a_dataset())
    line = page._setup.forecast_line
    assert "Measuring" in line.sentence()
    qtbot.waitUntil(lambda: line.sentence() == "About 2 min · 1.4 GB memory · 280 MB disk")
    assert asked(engine) == [AskForecast(reference_to_dataset(a_dataset()), page.settings())]
    page.take_primary_action()
    job = engine.jobs[engine.stage_number() - 1]
    assert isinstance(job, FineTune)
    assert job.forecast == a_forecast().expected


def test_other_settings_are_measured_anew_and_an_old_answer_is_not_shown(
    page: FineTunePage, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    session.go_to(a_dataset())
    qtbot.waitUntil(lambda: len(asked(engine)) == 1)
    page._setup.cards[0].click()
    assert len(engine.stopped_jobs) == 1  # the first question is withdrawn
    qtbot.waitUntil(lambda: len(asked(engine)) == 2)
    assert asked(engine)[1].settings.epochs == 1
    page.take_primary_action()
    assert engine.jobs[engine.stage_number() - 1].forecast is None  # type: ignore[union-attr]


def test_what_does_not_fit_is_one_click_away_from_fitting(
    page: FineTunePage, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    def answer(question: object) -> Forecast:
        assert isinstance(question, AskForecast)
        return a_forecast() if question.settings.gradient_accumulation > 1 else a_forecast(TOO_LARGE)

    engine.answers[AskForecast] = answer
    session.go_to(a_dataset())
    line = page._setup.forecast_line
    qtbot.waitUntil(lambda: line.warning() == "It may not fit.")
    assert line.offer.isVisible()
    line.offer.click()
    assert page.settings().gradient_accumulation == 4
    qtbot.waitUntil(lambda: line.warning() == "")
    assert not line.offer.isVisible()


def test_nothing_is_measured_out_of_sight_or_while_a_step_runs(
    page: FineTunePage, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    page.hide()
    session.go_to(a_dataset())
    session.run_stage(Evaluate(a_run(), EvaluateSettings()))
    page.show()
    assert page._setup.forecast_line.sentence() == "Time, memory and disk are measured once the running step has ended."
    assert not page._forecast_updater._rest.isActive()
    assert asked(engine) == []
    engine.stopped()
    qtbot.waitUntil(lambda: len(asked(engine)) == 1)


def test_a_step_that_starts_does_not_wait_for_the_forecast(
    page: FineTunePage, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    session.go_to(a_dataset())
    qtbot.waitUntil(lambda: len(asked(engine)) == 1)
    number = len(engine.jobs)
    page.take_primary_action()
    assert (number, False) in engine.stopped_jobs


def test_a_run_started_before_the_forecast_shows_what_it_waits_for_and_can_be_stopped(
    page: FineTunePage, session: Session, engine: StandInEngine
) -> None:
    session.go_to(a_dataset())
    page.take_primary_action()
    assert page._progress.phase() == "Waiting for the current task to finish…"
    engine.send_all([StageStarted("Fine-tuning"), Progressed(0, 0, "Measuring a few steps first")])
    assert page._progress.phase() == "Measuring a few steps first"
    engine.send(Progressed(2, 5, "Measuring a few steps"))
    assert (page._progress._bar.value(), page._progress._bar.maximum()) == (2, 5)
    page.stop(0)
    assert engine.stopped_stages()[-1] == (engine.stage_number(), False)
    assert page._progress.phase() == "Stopping"
    engine.stopped()
    assert page._setup.isVisible()
    assert page.primary_enabled()


def test_why_there_is_no_forecast_is_reported(
    page: FineTunePage, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    engine.answers[AskForecast] = lambda _question: ErrorReport("InvalidSetting", "T12", "No such GPU.", hint="Go.")
    session.go_to(a_dataset())
    qtbot.waitUntil(lambda: page._setup.forecast_line.warning() == "No such GPU. Go.")


def test_forecast_and_fact_are_in_the_result(page: FineTunePage, session: Session) -> None:
    expected = a_forecast().expected
    session.go_to(a_run(forecast=expected, memory_bytes=1_500_000_000, disk_bytes=290_000_000))
    assert page._watch.result._forecast.text() == (
        "Forecast: about 2 min · 1.4 GB memory · 280 MB disk. Needed: 2:12 min · 1.5 GB memory · 290 MB disk."
    )
    session.go_to(a_run(id="other"))
    assert page._watch.result._forecast.isHidden()


def test_the_same_settings_are_not_measured_twice(
    page: FineTunePage, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    engine.answers[AskForecast] = lambda _question: a_forecast()
    session.go_to(a_dataset())
    qtbot.waitUntil(lambda: "About" in page._setup.forecast_line.sentence())
    page.hide()
    page.show()
    assert "About" in page._setup.forecast_line.sentence()
    assert len(asked(engine)) == 1
