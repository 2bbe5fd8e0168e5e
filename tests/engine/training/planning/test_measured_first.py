"""A run that is started before its forecast has come makes it itself, so that forecast and fact are in every run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.contract.errors import EngineError, StopRequested
from engine.contract.events import Event, Noted, Progressed, StepsTrained, TrainingStarted
from engine.contract.messages import FineTune
from engine.contract.queries import Forecast, ForecastWarning
from engine.contract.states import PreparedDataset, RunForecast, TrainingRun
from engine.runtime.worker import run_job
from engine.training.loop import reports
from engine.training.planning import forecast as forecasts
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings

SETTINGS = small_settings(epochs=1)
EXPECTED = RunForecast(1.0, 2_000, 3_000, "cpu (1 thread)")


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forecasts._cached.clear()
    yield
    forecasts._cached.clear()


def trained(job: FineTune, listener: Listener, workspace: Workspace) -> TrainingRun:
    run = run_job(job, listener, workspace)
    assert isinstance(run, TrainingRun)
    return run


def test_a_few_steps_are_measured_before_a_run_that_has_no_forecast(
    reviews: PreparedDataset, workspace: Workspace
) -> None:
    listener = Listener()
    run = trained(FineTune(reviews, SETTINGS), listener, workspace)
    assert run.forecast is not None
    assert run.forecast.seconds > 0
    measuring = next(at for at, event in enumerate(listener.events) if isinstance(event, Progressed) and event.note)
    begun = next(at for at, event in enumerate(listener.events) if isinstance(event, TrainingStarted))
    assert listener.events[measuring].note == "Measuring a few steps first"  # type: ignore[union-attr]
    assert measuring < begun


def test_a_forecast_that_is_there_is_not_made_again(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecasts, "forecast", lambda *_, **__: pytest.fail("measured again"))
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)

    def stop(event: Event) -> BaseException | None:
        return StopRequested() if isinstance(event, StepsTrained) and event.step == 3 else None

    first = trained(FineTune(reviews, SETTINGS, forecast=EXPECTED), Listener(stop), workspace)
    assert first.forecast == EXPECTED
    listener = Listener()
    going_on = trained(FineTune(reviews, SETTINGS, continue_run=first.id), listener, workspace)
    assert going_on.forecast == EXPECTED
    assert listener.of(TrainingStarted)[0].first_step > 0


def test_a_stop_while_steps_are_measured_leaves_no_run(reviews: PreparedDataset, workspace: Workspace) -> None:
    def stop(event: Event) -> BaseException | None:
        return StopRequested() if isinstance(event, Progressed) and event.done else None

    with pytest.raises(StopRequested):
        run_job(FineTune(reviews, SETTINGS), Listener(stop), workspace)
    assert not list(workspace.runs.iterdir())


def test_what_cannot_be_forecast_is_trained_all_the_same(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> Forecast:
        raise EngineError("T1", "One row alone does not fit.")

    monkeypatch.setattr(forecasts, "forecast", refuse)
    assert trained(FineTune(reviews, SETTINGS), Listener(), workspace).forecast is None


def test_what_does_not_fit_is_noted_before_the_run(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Forecast(SETTINGS, EXPECTED, 1, 1, (ForecastWarning("The disk does not hold this run."),))
    monkeypatch.setattr(forecasts, "forecast", lambda *_, **__: found)
    listener = Listener()
    run = trained(FineTune(reviews, SETTINGS), listener, workspace)
    assert run.forecast == EXPECTED
    assert "The disk does not hold this run." in [event.text for event in listener.of(Noted)]
