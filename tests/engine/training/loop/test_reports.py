"""Reports that wait for the next step, as on a GPU: the same numbers, and nothing is lost at a stop."""

from __future__ import annotations

import msgspec
import pytest

from engine.contract.errors import NumbersDiverged, StopRequested
from engine.contract.events import Event, StepsTrained
from engine.contract.states import HistoryPoint, PreparedDataset
from engine.training.fine_tune import fine_tune
from engine.training.loop import reports
from engine.workspace.layout import Workspace
from engine.workspace.runs import list_runs
from tests.engine.small_runs import Listener, small_settings


@pytest.fixture(autouse=True)
def every_step_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)


def trained(
    dataset: PreparedDataset, workspace: Workspace, listener: Listener, continue_run: str = ""
) -> tuple[HistoryPoint, ...]:
    return fine_tune(dataset, small_settings(), listener, workspace=workspace, continue_run=continue_run).history


def told(listener: Listener) -> list[StepsTrained]:
    return [msgspec.structs.replace(event, seconds=0.0, tokens_per_second=0.0) for event in listener.of(StepsTrained)]


def test_waiting_reports_hold_what_immediate_ones_do(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, later = Listener(), Listener()
    history = trained(reviews, workspace, at_once)
    monkeypatch.setattr(reports, "_defers", lambda device: True)
    assert trained(reviews, workspace, later) == history
    assert told(later) == told(at_once)
    assert [event.step for event in told(later)] == list(range(1, 19))


def test_a_run_that_stops_while_a_report_waits_goes_on_to_the_same_end(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(reviews, workspace, Listener())
    monkeypatch.setattr(reports, "_defers", lambda device: True)

    def stop(event: Event) -> BaseException | None:
        return StopRequested(leaving=True) if isinstance(event, StepsTrained) and event.step == 4 else None

    with pytest.raises(StopRequested):
        trained(reviews, workspace, Listener(stop))
    record = next(record for record in list_runs(workspace) if record.run is None)
    assert record.step == 5  # the step that was queued already
    assert trained(reviews, workspace, Listener(), continue_run=record.id) == whole


def test_numbers_that_diverge_name_the_step_also_where_the_report_waits(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "_defers", lambda device: True)
    settings = small_settings(learning_rate=1e30, warmup_share=0.0, max_gradient_norm=1e30)
    with pytest.raises(NumbersDiverged, match=r"before step [23]\b"):
        fine_tune(reviews, settings, Listener(), workspace=workspace)
