"""Each rule of the coach on a run made of events: when there is advice, and when there must be none."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pytest

from engine.contract.events import Advised, BaselineMeasured, Evaluated, Event, StepsTrained, TrainingStarted
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.run_changes import with_action
from engine.contract.settings import FineTuneSettings, TrainedPart
from engine.contract.states import PreparedDataset, SplitCounts
from engine.training.monitoring.coach import Coach
from tests.builders import a_dataset

TOTAL, EPOCH = 400, 100
PRESET = 1e-4  # of the model of `a_dataset`, which has 22.7 million parameters
LONGER, TRIPLE, HALVE, TO_PRESET = (
    RecoveryAction.TRAIN_LONGER,
    RecoveryAction.TRIPLE_LEARNING_RATE,
    RecoveryAction.HALVE_LEARNING_RATE,
    RecoveryAction.USE_PRESET_RATE,
)
Scores = Mapping[str, float | None]


def noise(step: int) -> float:
    return 0.08 * math.sin(step * 12.9898) * math.sin(step * 4.1)


def learning(step: int) -> float:
    return 0.15 + 0.55 * math.exp(-step / 80)


def advice(
    loss: Callable[[int], float] = learning,
    looks: Mapping[int, tuple[float, Scores]] | None = None,
    *,
    dataset: PreparedDataset | None = None,
    rate: float = PRESET,
    part: TrainedPart = "full",
    baselines: Mapping[str, float] | None = None,
    until: int = TOTAL,
    first_step: int = 0,
    metric: str = "macro_f1",
    total: int = TOTAL,
) -> list[Advised]:
    """The coach's advice on a run with this training loss and these looks: step to validation loss and scores."""
    coach = Coach(dataset or a_dataset(), FineTuneSettings(learning_rate=rate, layers_to_train=part))
    events: list[Event] = [
        BaselineMeasured(name, metric, score) for name, score in (baselines or {"majority": 0.34}).items()
    ]
    events.append(TrainingStarted("id", "/r", total, float(EPOCH), first_step, "cpu", "fp32", metric))
    best = -math.inf
    for step in range(first_step + 1, min(until, total) + 1):
        events.append(StepsTrained(step, total, step / EPOCH, loss(step) + noise(step), rate, 1.0, 900.0, step * 0.1))
        if looks and step in looks:
            validation_loss, scores = looks[step]
            score = scores.get(metric)
            events.append(Evaluated(step, step / EPOCH, validation_loss, dict(scores), metric, (score or 0.0) > best))
            best = max(best, score or 0.0)
    return [said for event in events for said in coach.on_event(event)]


def looks_at(**scores: float | None) -> dict[int, tuple[float, Scores]]:
    return dict.fromkeys((100, 200, 300), (0.5, scores))


def improving(*scores: float) -> dict[int, tuple[float, Scores]]:
    return {100 * place: (0.6 - 0.1 * place, {"macro_f1": score}) for place, score in enumerate(scores, start=1)}


def test_a_run_that_goes_well_receives_nothing() -> None:
    assert advice(looks=improving(0.7, 0.8, 0.85)) == []


# ── Loss ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rate", "part", "action"),
    [
        (1e-7, "full", TO_PRESET),
        (2e-5, "full", TRIPLE),
        (6e-5, "full", TO_PRESET),
        (PRESET, "full", HALVE),
        (1.5e-4, "full", HALVE),
        (5e-4, "full", TO_PRESET),
        (0.1, "full", TO_PRESET),
        (5e-4, "lora", TO_PRESET),
        (1e-3, "lora", HALVE),
    ],
)
def test_a_loss_that_never_falls_is_reported_once(rate: float, part: TrainedPart, action: RecoveryAction) -> None:
    (said,) = advice(lambda step: 0.693, rate=rate, part=part)
    assert "has not fallen" in said.finding
    assert said.action == action


@pytest.mark.parametrize(
    ("loss", "looks"),
    [
        (lambda step: 0.693 if step < 80 else 0.63, None),  # falls a little, and late
        (lambda step: 0.05 - noise(step), None),  # low from the start: learned already
        (lambda step: 0.693, improving(0.6, 0.65, 0.66)),  # flat, but the score is well above the majority's
        (lambda step: 0.693 if step < 100 else 0.2, None),  # a plateau at first
    ],
)
def test_a_loss_that_only_looks_flat_is_not_reported(
    loss: Callable[[int], float], looks: dict[int, tuple[float, Scores]] | None
) -> None:
    assert advice(loss, looks) == []


def test_nothing_is_reported_about_the_warm_up_or_about_a_run_that_goes_on() -> None:
    assert advice(lambda step: 0.693, until=80) == []
    assert advice(lambda step: 0.3, first_step=200) == []


def test_a_loss_that_shoots_up_asks_for_half_the_rate() -> None:
    (said,) = advice(lambda step: learning(step) if step < 200 else 2.0, looks=improving(0.7, 0.8, 0.6))
    assert "rises" in said.finding
    assert said.action == RecoveryAction.HALVE_LEARNING_RATE
    (said,) = advice(lambda step: 0.69 if step < 60 else 1.2)
    assert "began at 0.69" in said.finding


def test_one_bad_stretch_and_small_ups_and_downs_are_no_rise() -> None:
    assert advice(lambda step: 3.0 if step == 200 else learning(step)) == []
    assert advice(lambda step: 0.5 if step in (37, 38, 39) else 0.7 * math.exp(-step / 15), total=60) == []
    assert advice(lambda step: 0.02 + 0.7 * math.exp(-step / 30) + (0.03 if step > 300 else 0)) == []


# ── Validation rows ─────────────────────────────────────────────────────────────────────────────────────────────


OVERFITTING: dict[int, tuple[float, Scores]] = {
    50: (0.5, {"macro_f1": 0.75}),
    100: (0.45, {"macro_f1": 0.8}),
    150: (0.5, {"macro_f1": 0.79}),
    200: (0.6, {"macro_f1": 0.78}),
    250: (0.7, {"macro_f1": 0.77}),
}


def test_a_validation_loss_that_rises_twice_while_training_falls_is_overfitting() -> None:
    (said,) = advice(looks=OVERFITTING)
    assert "since step 100" in said.finding
    assert said.action == RecoveryAction.STOP_KEEP_BEST


@pytest.mark.parametrize("change", ["once", "falls again", "score rises", "training rises", "hardly"])
def test_what_is_not_overfitting(change: str) -> None:
    looks = dict(OVERFITTING)
    loss: Callable[[int], float] = learning
    match change:
        case "once":
            looks = {step: look for step, look in looks.items() if step <= 150}
        case "falls again":
            looks[200], looks[250] = (0.44, {"macro_f1": 0.8}), (0.46, {"macro_f1": 0.8})
        case "score rises":
            looks = {step: (look[0], {"macro_f1": 0.7 + step / 1000}) for step, look in looks.items()}
        case "training rises":
            loss = lambda step: learning(0) - 0.2 + step / 4000  # noqa: E731
        case "hardly":
            looks |= {150: (0.4501, looks[150][1]), 200: (0.4502, looks[200][1]), 250: (0.4503, looks[250][1])}
    assert advice(loss, looks) == []


def test_one_class_for_every_row_is_a_collapse() -> None:
    share = 102 / 200
    collapsed = looks_at(macro_f1=2 * share / (1 + share) / 2, accuracy=share, mcc=0.0)
    (said,) = advice(lambda step: 0.7 if step % 100 < 40 else 0.6, collapsed, until=250)
    assert "“positive”" in said.finding
    assert said.action == HALVE
    (said,) = advice(learning, collapsed)
    assert said.finding.endswith("yet.")
    assert said.action == LONGER  # it is learning


@pytest.mark.parametrize(
    "scores",
    [
        {"macro_f1": 0.5, "accuracy": 102 / 200, "mcc": 0.02},  # two answers, at chance
        {"macro_f1": 0.5, "accuracy": 0.7, "mcc": 0.0},  # not the share of a class
    ],
)
def test_a_bad_score_alone_is_no_collapse(scores: dict[str, float]) -> None:
    assert advice(looks=looks_at(**scores)) == []


def test_a_collapse_at_one_look_may_pass() -> None:
    collapsed: Scores = {"macro_f1": 0.34, "accuracy": 102 / 200, "mcc": 0.0}
    fine: Scores = {"macro_f1": 0.8, "accuracy": 0.8, "mcc": 0.6}
    assert advice(looks={100: (0.6, collapsed), 200: (0.5, fine)}) == []
    assert advice(looks={100: (0.5, fine), 200: (0.6, collapsed), 300: (0.5, fine)}) == []


@pytest.mark.parametrize(
    ("task", "metric", "collapsed", "fine"),
    [
        (
            "token_classification",
            "entity_f1",
            {"entity_f1": 0.0, "entity_precision": None},
            {"entity_f1": 0.2, "entity_precision": 0.3},
        ),
        ("multi_label_classification", "macro_f1", {"macro_f1": 0.0, "micro_f1": 0.0}, {"macro_f1": 0.1}),
        ("regression", "spearman", {"spearman": None}, {"spearman": -0.1}),
    ],
)
def test_other_tasks_collapse_in_their_own_way(task: str, metric: str, collapsed: Scores, fine: Scores) -> None:
    dataset = a_dataset(task=task)
    for rate, action in ((PRESET, LONGER), (PRESET / 5, TRIPLE), (2 * PRESET, HALVE), (9 * PRESET, TO_PRESET)):
        (said,) = advice(
            looks=looks_at(**collapsed), dataset=dataset, metric=metric, baselines={"mean": 0.0}, rate=rate
        )
        assert said.action == action
    assert advice(looks=looks_at(**fine), dataset=dataset, metric=metric, baselines={"mean": 0.0}) == []


def test_a_score_below_the_majority_twice_is_reported() -> None:
    (said,) = advice(looks=looks_at(macro_f1=0.3, accuracy=0.42, mcc=-0.1))
    assert "0.300" in said.finding
    assert "0.340" in said.finding
    assert said.action == LONGER
    (said,) = advice(
        lambda step: 0.9 if step % 100 < 40 else 0.6, looks=looks_at(macro_f1=0.3, accuracy=0.42, mcc=-0.1), until=250
    )
    assert said.action == RecoveryAction.HALVE_LEARNING_RATE


def test_a_score_below_the_majority_once_or_by_a_hair_is_not_reported() -> None:
    assert advice(looks=improving(0.3, 0.6, 0.7)) == []
    assert advice(looks=looks_at(macro_f1=0.335)) == []
    assert advice(looks=looks_at(macro_f1=0.3), baselines={"tfidf_svm": 0.7}) == []


def test_all_rows_right_at_once_is_suspicious() -> None:
    (said,) = advice(looks=looks_at(macro_f1=1.0))
    assert "All 200 validation rows" in said.finding
    assert "occur twice" in said.finding
    assert said.action == RecoveryAction.STOP_KEEP_BEST
    (said,) = advice(looks=looks_at(macro_f1=1.0), baselines={"majority": 0.3, "tfidf_svm": 0.99})
    assert "bag of words" in said.finding


def test_all_of_a_few_rows_right_or_late_is_no_surprise() -> None:
    few = a_dataset(splits={**a_dataset().splits, "validation": SplitCounts(30, {"negative": 15, "positive": 15})})
    assert advice(looks=looks_at(macro_f1=1.0), dataset=few) == []
    assert advice(looks=looks_at(macro_f1=0.99)) == []
    assert advice(looks={300: (0.1, {"macro_f1": 1.0})}) == []


def test_near_the_end_nothing_is_reported_any_more() -> None:
    late = {340: (0.4, {"macro_f1": 0.8}), 370: (0.5, {"macro_f1": 0.7}), 400: (0.6, {"macro_f1": 0.7})}
    assert advice(looks=late) == []


def test_a_finding_is_reported_once_with_an_action_that_is_known() -> None:
    said = advice(lambda step: learning(step) if step < 150 else 3.0, looks=OVERFITTING | looks_at(macro_f1=0.1))
    assert len({one.finding for one in said}) == len(said)
    assert {one.action for one in said} <= {
        RecoveryAction.STOP_KEEP_BEST,
        HALVE,
        TRIPLE,
        TO_PRESET,
        LONGER,
    }


# ── Length ──────────────────────────────────────────────────────────────────────────────────────────────────────


SHORT: dict[int, tuple[float, Scores]] = {6: (0.9, {"macro_f1": 0.0}), 12: (0.8, {"macro_f1": 0.0})}


@pytest.mark.parametrize(
    ("rate", "action"), [(PRESET, LONGER), (PRESET / 5, TRIPLE), (PRESET / 100, TO_PRESET), (20 * PRESET, TO_PRESET)]
)
def test_a_short_run_that_has_learned_nothing_needs_more_updates(rate: float, action: RecoveryAction) -> None:
    (said,) = advice(lambda step: 2.0 - step / 50, SHORT, total=18, rate=rate, baselines={"majority": 0.0})
    assert said.finding.startswith("18 updates of the weights are few")
    assert said.action == action


def test_a_short_run_that_learns_and_a_long_one_get_no_advice_on_their_length() -> None:
    learned: dict[int, tuple[float, Scores]] = {6: (0.5, {"macro_f1": 0.5}), 12: (0.4, {"macro_f1": 0.6})}
    assert advice(lambda step: 2.0 - step / 50, learned, total=18) == []
    late: dict[int, tuple[float, Scores]] = {100: (0.9, {"macro_f1": 0.0}), 200: (0.8, {"macro_f1": 0.4})}
    assert advice(learning, late, baselines={"majority": 0.0}) == []


def test_at_the_first_evaluation_of_many_nothing_is_reported_of_the_length() -> None:
    early: dict[int, tuple[float, Scores]] = {10: (0.9, {"macro_f1": 0.0}), 50: (0.5, {"macro_f1": 0.6})}
    assert advice(learning, early, total=100, baselines={"majority": 0.0}) == []


LOSSES: dict[str, Callable[[int], float]] = {
    "flat": lambda step: 0.693,
    "rises": lambda step: learning(step) if step < 200 else 2.0,
    "falls": learning,
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("score", [0.0, 0.3, 0.8])
@pytest.mark.parametrize("total", [18, 120, TOTAL])
@pytest.mark.parametrize("factor", [1e-4, 0.01, 0.15, 0.5, 1.0, 1.7, 3.0, 50.0, 1000.0])
def test_no_advice_proposes_a_rate_above_the_presets(loss: str, score: float, total: int, factor: float) -> None:
    settings = FineTuneSettings(learning_rate=min(0.1, PRESET * factor))
    looks = {step: (0.5, {"macro_f1": score}) for step in range(6, total, max(6, total // 6))}
    for said in advice(LOSSES[loss], looks, total=total, rate=settings.learning_rate):
        proposed = with_action(settings, said.action, a_dataset()).learning_rate
        assert proposed <= PRESET or said.action == RecoveryAction.STOP_KEEP_BEST or proposed == settings.learning_rate
        if factor < 1 and loss != "rises":
            assert proposed >= settings.learning_rate
        if said.action == LONGER:
            assert factor == 1
            assert with_action(settings, LONGER, a_dataset()).updates >= 200
