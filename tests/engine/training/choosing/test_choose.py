"""The choice on real folds of a tiny network: what is compared, in what time, and what a run keeps of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from datasets import load_from_disk

from engine import stages
from engine.cli.recipe import recipe_of, with_choice, write_recipe
from engine.cli.terminal import event_sentence
from engine.contract.defaults import auto_settings, better_run
from engine.contract.errors import StopRequested
from engine.contract.events import CandidatesCompared, ComparisonProgressed, Event, Progressed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import FineTuneSettings, TimeBudget
from engine.contract.states import Choice, PreparedDataset, RunForecast
from engine.tasks.rows import Outputs
from engine.training.choosing import choose as choosing
from engine.training.choosing.choose import choose
from engine.training.cross_validation import cross_validate
from engine.training.cross_validation.fold_training import FoldRows
from engine.workspace.event_log import read_events
from engine.workspace.layout import Workspace
from engine.workspace.runs import read_run
from tests.engine.small_runs import Listener, small_settings

HOUR = 3_600.0
ENOUGH: TimeBudget = "60 minutes"  # for all folds of all candidates, where a run takes ten seconds
CONTRASTIVE, FINE_TUNING, UPPER, LINEAR = 0, 1, 2, 3  # places of the candidates; three linear models at the end
ALL = 6


def settings(**changes: object) -> FineTuneSettings:
    """The rules' way here: a contrastive start that a tiny network learns by."""
    return small_settings(
        **{"method": "contrastive", "updates": 4, "batch_size": 8, "chosen_by": "cross_validation", **changes}
    )


def forecast(seconds: float) -> RunForecast:
    return RunForecast(seconds=seconds, memory_bytes=0, disk_bytes=0, device="cpu")


@pytest.fixture(autouse=True)
def short_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few updates: what is tested is what becomes of their scores."""
    monkeypatch.setattr("engine.contract.presets.FEWEST_UPDATES", 4)
    monkeypatch.setattr("engine.contract.presets.QUICK_UPDATES", 2)


def folds_of(listener: Listener) -> list[str]:
    """Which folds were computed: the first word on each."""
    notes = [event.note for event in listener.of(Progressed) if event.note.id == "training.progress.comparing"]
    return list(dict.fromkeys(notes))


def ticking(seconds: float) -> Callable[[], float]:
    """A clock on which each look takes so long."""
    at = [0.0]

    def clock() -> float:
        at[0] += seconds
        return at[0]

    return clock


@pytest.fixture
def three_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer networks to train, where it does not matter how many there are."""
    monkeypatch.setattr(cross_validate, "FOLDS", 3)


@pytest.fixture(scope="module")
def trained_folds() -> dict[bytes, Outputs]:
    """What the networks of folds predicted, by their settings and rows."""
    return {}


@pytest.fixture
def each_fold_once(monkeypatch: pytest.MonkeyPatch, trained_folds: dict[bytes, Outputs]) -> None:
    """What was trained on the same rows before is not trained again, where the test is not about a fold itself.

    A fold is bit-equal when it is trained again, which the test of a stop checks.
    """
    train = choosing.predict_out_of_fold

    def once(
        dataset: PreparedDataset, settings: FineTuneSettings, compute: object, fold: FoldRows, *given: object
    ) -> Outputs:
        timeless = msgspec.structs.replace(settings, time_budget="none")
        key = msgspec.json.encode((dataset.fingerprint, dataset.model.folder, timeless))
        key += fold.inside.tobytes() + b"|" + fold.outside.tobytes()
        if key not in trained_folds:
            trained_folds[key] = train(dataset, settings, compute, fold, *given)  # type: ignore[arg-type]
        return trained_folds[key]

    monkeypatch.setattr(choosing, "predict_out_of_fold", once)


def test_each_candidate_is_compared_in_ten_folds() -> None:
    assert (cross_validate.FOLDS, cross_validate.REPEATS) == (5, 2)


def test_with_time_enough_every_candidate_is_compared_in_whole_folds(
    reviews: PreparedDataset, three_folds: None, each_fold_once: None
) -> None:
    listener = Listener()
    taken, choice = choose(reviews, settings(time_budget=ENOUGH), listener, forecast=forecast(10.0))
    assert len(choice.candidates) == ALL
    assert [one.name for one in choice.candidates if one.score is None or one.interval is None] == []
    assert (choice.folds, choice.repeats, choice.rows) == (3, 2, 72)
    assert len(folds_of(listener)) == ALL * 3 * 2
    assert taken.chosen_by == "settings"
    best = max(one.score or 0.0 for one in choice.candidates)
    low, high = choice.candidates[choice.taken].interval or (0, 0)
    assert low <= (choice.candidates[choice.taken].score or 0) <= high
    assert choice.score is not None
    assert choice.interval is not None
    assert choice.score <= best + 0.02
    assert choice.reason.id.startswith("training.choice.")


def test_what_does_not_fit_into_the_time_is_not_compared_with_the_reason_and_the_rules_decide(
    reviews: PreparedDataset,
) -> None:
    taken, choice = choose(reviews, settings(), Listener(), forecast=forecast(HOUR), clock=ticking(40.0))
    rule = choice.candidates[CONTRASTIVE]
    assert choice.taken == CONTRASTIVE
    assert rule.score is None
    assert rule.not_compared.id == "training.choice.no_time"
    assert choice.reason.id == "training.choice.by_rule"
    assert (choice.score, choice.interval) == (None, None)
    assert taken == settings(chosen_by="settings")
    assert choice.candidates[LINEAR].score is not None
    assert choice.candidates[UPPER].not_compared.id == "training.choice.could_not_be_taken"


def test_a_schedule_that_is_too_long_for_the_budget_is_shortened_and_taken(
    reviews: PreparedDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 40 updates that take 400 s, the two thirds of five minutes hold 20."""
    monkeypatch.setattr("engine.contract.time_budget.FEWEST_UPDATES", 10)
    listener = Listener()
    taken, choice = choose(
        reviews, settings(updates=40, time_budget="5 minutes"), listener, forecast=forecast(400.0), clock=ticking(90.0)
    )
    assert (choice.taken, taken.method, taken.updates) == (CONTRASTIVE, "contrastive", 20)
    assert choice.candidates[CONTRASTIVE].seconds == pytest.approx(200.0)
    monkeypatch.setattr("engine.contract.time_budget.FEWEST_UPDATES", 21)  # 20 would be no training
    taken, choice = choose(
        reviews, settings(updates=40, time_budget="5 minutes"), listener, forecast=forecast(400.0), clock=ticking(90.0)
    )
    assert choice.candidates[CONTRASTIVE].not_compared.id == "training.choice.too_long"


def test_the_candidates_are_reported_one_after_the_other_while_they_are_compared(
    reviews: PreparedDataset, three_folds: None, each_fold_once: None
) -> None:
    listener = Listener()
    _, choice = choose(reviews, settings(time_budget=ENOUGH), listener, forecast=forecast(10.0))
    reported = [event.choice for event in listener.of(ComparisonProgressed)]
    assert {one.taken for one in reported} == {-1}
    scored = [sum(candidate.score is not None for candidate in one.candidates) for one in reported]
    assert scored[0] == 0
    assert scored == sorted(scored)
    assert set(scored) == set(range(ALL + 1))  # row by row
    states = {candidate.not_compared.id for one in reported for candidate in one.candidates if candidate.not_compared}
    assert states == {"training.choice.waiting", "training.choice.running"}
    assert [one.score for one in reported[-1].candidates] == [one.score for one in choice.candidates]


@pytest.mark.parametrize(("budget", "allowed"), [("none", 5.0), ("5 minutes", 100.0), ("20 minutes", 400.0)])
def test_choosing_costs_at_most_a_third_of_choosing_and_training(
    reviews: PreparedDataset, monkeypatch: pytest.MonkeyPatch, each_fold_once: None, budget: TimeBudget, allowed: float
) -> None:
    """Each fold of a candidate that is trained takes as long as was expected: 10 s by the rules."""
    at = [0.0]
    trained = choosing._Comparison._trained

    def slow(self: choosing._Comparison, way: object, *given: object) -> np.ndarray:
        at[0] += self._seconds[self._ways.index(way)]  # type: ignore[arg-type]
        return trained(self, way, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(choosing._Comparison, "_trained", slow)
    monkeypatch.setattr(choosing._Comparison, "_timed", lambda self, place: 3.0)
    monkeypatch.setattr(choosing._Comparison, "_scaled", lambda self, place: 15.0)
    _, choice = choose(reviews, settings(time_budget=budget), Listener(), forecast=forecast(10.0), clock=lambda: at[0])
    assert at[0] <= allowed
    assert choice.seconds == at[0]
    compared = [one.score is not None for one in choice.candidates]
    expected = {"none": (0, 0, 0), "5 minutes": (1, 0, 1), "20 minutes": (1, 1, 1)}[budget]
    assert compared == [*map(bool, expected), True, True, True]
    assert choice.repeats == 2


@pytest.mark.parametrize(("budget", "is_compared"), [("20 minutes", False), ("60 minutes", True)])
def test_a_time_budget_makes_room_for_what_the_rules_take(
    reviews: PreparedDataset,
    monkeypatch: pytest.MonkeyPatch,
    each_fold_once: None,
    budget: TimeBudget,
    is_compared: bool,
) -> None:
    """A run of two minutes, of which five folds take ten: a third of an hour holds them, a third of 20 minutes not."""
    monkeypatch.setattr(choosing._Comparison, "_scaled", lambda self, place: HOUR)
    _, choice = choose(reviews, settings(time_budget=budget), Listener(), forecast=forecast(120.0), clock=ticking(0.01))
    assert (choice.candidates[CONTRASTIVE].score is not None) is is_compared
    expected = "training.choice.too_long" if is_compared else "training.choice.could_not_be_taken"
    assert choice.candidates[FINE_TUNING].not_compared.id == expected
    assert (choice.reason.id != "training.choice.by_rule") is is_compared


def test_what_takes_longer_than_the_budget_is_not_trained(reviews: PreparedDataset, each_fold_once: None) -> None:
    taken, choice = choose(
        reviews, settings(time_budget="5 minutes"), Listener(), forecast=forecast(HOUR), clock=ticking(0.001)
    )
    assert choice.candidates[CONTRASTIVE].not_compared.id == "training.choice.too_long"
    assert choice.taken not in (CONTRASTIVE, FINE_TUNING)
    assert taken.method in ("contrastive", "linear")
    assert taken.layers_to_train != "full"


def test_a_stop_is_taken_within_a_fold_and_the_next_start_goes_on_with_what_was_computed(
    reviews: PreparedDataset, monkeypatch: pytest.MonkeyPatch, three_folds: None
) -> None:
    monkeypatch.setattr(choosing, "REPEATS", 1)
    own = settings(time_budget=ENOUGH)
    whole = choose(reviews, own, Listener(), forecast=forecast(10.0))
    for kept in Path(reviews.folder).glob("out_of_fold/*/*"):
        kept.unlink()

    def in_a_fold(event: Event) -> BaseException | None:
        reached = isinstance(event, Progressed) and event.note.id == "training.progress.comparing"
        return StopRequested() if reached and event.done == 3 and "fold 3 of" in event.note else None

    stopped = Listener(in_a_fold)
    with pytest.raises(StopRequested):
        choose(reviews, own, stopped, forecast=forecast(10.0))
    computed = folds_of(stopped)[:-1]
    assert len(computed) > 9  # the linear models, and two folds of the upper half
    again = Listener()
    continued = choose(reviews, own, again, forecast=forecast(10.0))
    assert not set(computed) & set(folds_of(again))
    assert continued[0] == whole[0]
    assert [one.score for one in continued[1].candidates] == [one.score for one in whole[1].candidates]
    assert continued[1].score == whole[1].score


def test_a_candidate_that_is_better_is_what_the_run_trains_and_keeps_on_record(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other candidates answer at random: the middle linear model has to be taken."""
    middle = ALL - 2
    generator = np.random.default_rng(5)

    def planted(self: choosing._Comparison, way: object, kept: object, repeat: int, fold: int, predict: object) -> None:
        own = self._folds[repeat] == fold
        if way is self._ways[middle]:
            kept.take(repeat, fold, np.eye(2, dtype=np.float32)[self._labels[own]])  # type: ignore[attr-defined]
        else:
            kept.take(repeat, fold, generator.normal(size=(own.sum(), 2)).astype(np.float32))  # type: ignore[attr-defined]

    monkeypatch.setattr(choosing._Comparison, "_compute_fold", planted)
    listener = Listener()
    run = stages.fine_tune(
        reviews, settings(time_budget=ENOUGH), listener, forecast=forecast(10.0), workspace=workspace
    )
    assert (run.settings.method, run.settings.inverse_penalty) == ("linear", 0.01)
    assert run.settings.chosen_by == "settings"
    assert run.forecast is None  # it was made for the other way
    assert run.choice is not None
    assert (run.choice.taken, run.choice.reason.id) == (middle, "training.choice.best")
    assert run.choice.score == pytest.approx(1.0)
    (compared,) = listener.of(CandidatesCompared)
    assert compared.choice == run.choice
    record = read_run(workspace, run.id)
    assert record.choice == run.choice
    assert record.run == run
    assert [event for event in read_events(Path(run.folder)) if isinstance(event, CandidatesCompared)] == [compared]
    assert "Linear model, C 0.01" in event_sentence(compared)
    assert "taken" in event_sentence(compared)
    recipe = write_recipe(recipe_of(run), title=with_choice("A run", run))
    assert "# Linear model, C 0.01 · 1.0" in recipe
    assert 'chosen_by = "settings"' in recipe
    assert better_run(run, {}) is not RecoveryAction.TRAIN_WITH_AUTO  # that is what it was

    repeated = Listener()
    again = stages.fine_tune(reviews, run.settings, repeated, workspace=workspace)
    assert repeated.of(CandidatesCompared) == []
    assert again.choice is None
    assert again.best_score == run.best_score


def test_auto_compares_below_1500_rows_of_one_label_each(reviews: PreparedDataset) -> None:
    def auto(rows: int, refused: dict[str, str]) -> FineTuneSettings:
        counts = {**reviews.splits, "train": msgspec.structs.replace(reviews.splits["train"], rows=rows)}
        return auto_settings(msgspec.structs.replace(reviews, splits=counts), refused)  # type: ignore[arg-type]

    assert auto(1_499, {}).chosen_by == "cross_validation"
    assert auto(1_500, {}).chosen_by == "settings"
    assert auto(100, {"method": "refused"}).chosen_by == "settings"


def test_rows_with_the_same_text_are_in_one_fold(reviews: PreparedDataset, tmp_path: Path) -> None:
    splits = load_from_disk(reviews.folder)
    splits["train"] = splits["train"].map(lambda row: {"text": f"text  {row['row'] // 3}" + " " * (row["row"] % 2)})
    splits.save_to_disk(str(tmp_path / "copies"))
    copies = msgspec.structs.replace(reviews, folder=str(tmp_path / "copies"), fingerprint="copies")
    compute = choosing.devices.choose("cpu", precision="fp32", threads=1)
    comparison = choosing._Comparison(copies, settings(), compute, Listener(), ticking(0.0), forecast(1.0))
    text_of = np.arange(1, 73) // 3
    for folds in comparison._folds:
        assert len(np.unique(folds)) == 5
        assert all(len(np.unique(folds[text_of == one])) == 1 for one in np.unique(text_of))


def test_a_choice_is_read_back_as_it_was_written(reviews: PreparedDataset) -> None:
    _, choice = choose(reviews, settings(), Listener(), forecast=forecast(HOUR), clock=ticking(40.0))
    from engine.contract.sentences import decode_hook, encode_hook

    written = msgspec.json.encode(choice, enc_hook=encode_hook)
    assert msgspec.json.decode(written, type=Choice, dec_hook=decode_hook) == choice
