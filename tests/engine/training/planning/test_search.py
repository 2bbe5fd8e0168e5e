"""The search: trials are ordinary runs, the best one comes back, and it can be stopped at any moment."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import pytest

from engine import stages
from engine.contract.errors import NumbersDiverged, StopRequested
from engine.contract.events import Advised, Evaluated, Event, StepsTrained, TrialEnded, TrialStarted
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import FineTuneSettings, SearchSettings
from engine.contract.states import HistoryPoint, PreparedDataset, TrainingRun
from engine.training.planning import search as searching
from engine.training.planning.search import batch_sizes, own_values, ranges
from engine.workspace.layout import Workspace
from engine.workspace.runs import create_run, list_runs, read_run, save_run
from tests.builders import a_dataset, a_run
from tests.engine.small_runs import Listener, small_settings

Score = Callable[[FineTuneSettings, int], float | None]


def pretend(monkeypatch: pytest.MonkeyPatch, score: Score) -> list[FineTuneSettings]:
    """Puts a training in place that only reports the score of each epoch; returns what it was asked for."""
    asked: list[FineTuneSettings] = []

    def fine_tune(
        dataset: PreparedDataset, settings: FineTuneSettings, emit: Callable[[Event], None], *, workspace: Workspace
    ) -> TrainingRun:
        from engine.contract.events import TrainingStarted

        asked.append(settings)
        record = create_run(workspace, dataset, settings)
        emit(TrainingStarted(record.id, "/r", 100, 10.0, 0, "cpu", "fp32", "macro_f1"))
        emit(Advised("A finding.", RecoveryAction.STOP_KEEP_BEST))
        history: list[HistoryPoint] = []
        try:
            for epoch in range(1, math.ceil(settings.epochs) + 1):
                found = score(settings, epoch)
                history.append(HistoryPoint(epoch, epoch, 0.5, 0.5, {"macro_f1": found}))
                emit(Evaluated(10 * epoch, float(epoch), 0.5, {"macro_f1": found}, "macro_f1", True))
        except StopRequested as stop:
            if stop.discard or not history:
                raise
        known = [found for point in history if (found := point.scores["macro_f1"]) is not None]
        best = max(known, default=None)
        run = a_run(
            dataset=dataset,
            id=record.id,
            settings=settings,
            history=tuple(history),
            best_score=best,
        )
        save_run(workspace, msgspec.structs.replace(record, run=run, status="finished"))
        return run

    monkeypatch.setattr(searching, "fine_tune", fine_tune)
    return asked


def hill(settings: FineTuneSettings, epoch: int) -> float:
    """Best near 1e-4, a little better with each epoch."""
    return 0.9 - 0.2 * abs(math.log10(settings.learning_rate) + 4) - 0.05 / epoch


def searched(workspace: Workspace, emit: Callable[[Event], None], *, trials: int = 8, **changes: object) -> TrainingRun:
    settings = msgspec.structs.replace(FineTuneSettings(), **changes)
    return searching.search(a_dataset(), settings, SearchSettings(trials=trials), emit, workspace=workspace)


def test_the_best_of_all_trials_comes_back_and_each_is_a_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = pretend(monkeypatch, hill)
    listener = Listener()
    best = searched(workspace, listener, learning_rate=3e-5)
    assert asked[0] == FineTuneSettings(learning_rate=3e-5, run_name=asked[0].run_name)
    assert asked[0].run_name.startswith("search 1 of 8 · ")
    records = list_runs(workspace)
    assert len(asked) == len(records) == len(listener.of(TrialStarted)) == 8
    ended = listener.of(TrialEnded)
    scores = [trial.score for trial in ended]
    assert best.best_score == max(scores)
    assert {trial.run_id for trial in ended} == {record.id for record in records}
    assert [trial.is_best for trial in ended] == [score > max([0.0, *scores[:n]]) for n, score in enumerate(scores)]
    assert "best of 8 trials" in best.notes[-1]
    assert read_run(workspace, best.id).run == best
    assert len({settings.learning_rate for settings in asked}) > 4
    assert all(3e-5 / 4.1 <= settings.learning_rate <= 1.21e-4 for settings in asked)
    assert {settings.epochs for settings in asked} <= {2.0, 3.0, 4.0}
    assert listener.of(Advised) == []


def test_equal_seeds_search_alike(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pretend(monkeypatch, hill)
    for seed in (1, 1, 2):
        searched(workspace, Listener(), seed=seed)
    shapes = [(settings.learning_rate, settings.epochs) for settings in asked]
    assert shapes[:8] == shapes[8:16] != shapes[16:]


def test_a_trial_that_lags_behind_ends_early(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def score(settings: FineTuneSettings, epoch: int) -> float:
        calls.append(settings.run_name)
        return 0.8 if len(set(calls)) <= 3 else 0.1

    pretend(monkeypatch, score)
    listener = Listener()
    best = searched(workspace, listener, trials=5, epochs=4)
    outcomes = [trial.outcome for trial in listener.of(TrialEnded)]
    assert outcomes == ["finished"] * 3 + ["ended early"] * 2
    assert sum("4 of 5" in name for name in calls) == 1
    assert best.best_score == 0.8


def test_a_trial_that_diverges_is_passed_over(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def score(settings: FineTuneSettings, epoch: int) -> float:
        if "2 of 3" not in settings.run_name:
            raise NumbersDiverged("T5", "Diverged.")
        return 0.7

    pretend(monkeypatch, score)
    listener = Listener()
    assert searched(workspace, listener, trials=3).best_score == 0.7
    assert [trial.outcome for trial in listener.of(TrialEnded)] == ["failed", "finished", "failed"]
    assert {record.status for record in list_runs(workspace)} == {"stopped", "finished"}

    def never(settings: FineTuneSettings, epoch: int) -> float:
        raise NumbersDiverged("T5", "Diverged.")

    pretend(monkeypatch, never)
    with pytest.raises(NumbersDiverged):
        searched(workspace, Listener(), trials=2)


def stop_in_trial(number: int, *, discard: bool = False, leaving: bool = False) -> Listener:
    seen: list[Event] = []

    def at(event: Event) -> BaseException | None:
        seen.extend([event] if isinstance(event, TrialStarted) else [])
        here = len(seen) == number and isinstance(event, Evaluated)
        return StopRequested(discard, leaving=leaving) if here else None

    return Listener(at=at)


def test_stop_keeps_the_best_so_far(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pretend(monkeypatch, hill)
    listener = stop_in_trial(3)
    best = searched(workspace, listener, learning_rate=1e-4)
    assert len(asked) == 3
    assert best.settings == asked[0]  # the hill's top
    assert [trial.outcome for trial in listener.of(TrialEnded)] == ["finished", "finished", "stopped"]
    assert "best of 3 trials" in best.notes[-1]


def test_stop_in_the_first_trial_keeps_that(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pretend(monkeypatch, hill)
    assert searched(workspace, stop_in_trial(1)).settings == asked[0]


def test_stop_and_discard_deletes_the_trials(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, hill)
    own = create_run(workspace, a_dataset(), FineTuneSettings())
    with pytest.raises(StopRequested):
        searched(workspace, stop_in_trial(3, discard=True))
    assert [record.id for record in list_runs(workspace)] == [own.id]


def test_a_window_that_closes_leaves_every_trial(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, hill)
    with pytest.raises(StopRequested) as stop:
        searched(workspace, stop_in_trial(3, leaving=True))
    assert stop.value.leaving
    assert len(list_runs(workspace)) == 3


def test_the_ranges_lie_around_the_users_own_settings() -> None:
    plain, wide = SearchSettings(), SearchSettings(batch_sizes=True)
    assert ranges(FineTuneSettings(learning_rate=0.08, epochs=1), plain) == ((0.02, 0.1), (1.0, 2.0))
    assert ranges(FineTuneSettings(epochs=0.5), plain)[1] == (0.25, 0.75)
    assert ranges(FineTuneSettings(epochs=10), plain)[1] == (5.0, 15.0)
    assert batch_sizes(FineTuneSettings(batch_size=1)) == [1, 2]
    assert batch_sizes(FineTuneSettings(batch_size=4096)) == [2048, 4096]
    assert own_values(FineTuneSettings(epochs=2.5, batch_size=8), wide) == {
        "learning_rate": 5e-5,
        "epochs": 2,
        "batch_size": 8,
    }


def test_batch_sizes_and_parts_of_an_epoch_are_searched_too(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = pretend(monkeypatch, lambda settings, epoch: 0.5)
    settings = FineTuneSettings(epochs=0.5, batch_size=8)
    wide = SearchSettings(trials=12, batch_sizes=True)
    searching.search(a_dataset(), settings, wide, Listener(), workspace=workspace)
    assert {one.batch_size for one in asked} == {4, 8, 16}
    assert all(0.25 <= one.epochs <= 0.75 for one in asked)


def test_a_real_search_trains_real_runs(reviews: PreparedDataset, workspace: Workspace) -> None:
    listener = Listener()
    settings = small_settings(epochs=1, run_name="mine")
    best = stages.search(reviews, settings, SearchSettings(trials=2), listener, workspace=workspace)
    records = list_runs(workspace)
    assert {record.name for record in records} == {"search 1 of 2 · mine", "search 2 of 2 · mine"}
    assert best.best_score == max(record.run.best_score for record in records if record.run is not None)
    assert listener.of(StepsTrained)
