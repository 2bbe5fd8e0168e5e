"""The coach: detects common problems while a run trains, and reports each once, with one action.

Pure rules over the events of one run, without torch, network or files. The training loss is compared in windows of at
least 20 steps, so that the noise of single batches does not matter. Advice comes only while enough of the run is left
to save.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from engine.contract.events import Advised, BaselineMeasured, Evaluated, Event, StepsTrained, TrainingStarted
from engine.contract.presets import FEWEST_UPDATES, usual_rate
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.tasks.registry import task_facts

PIECES = 40  # of a run, in each of which the loss is averaged
SHORTEST_WINDOW = 20  # steps
SHARE_AHEAD = 0.1  # of the run must be left for advice
FLAT = 0.02  # of the initial loss
RISEN = 1.3  # times the initial loss
RISING_EVALUATIONS = 2
FEW_ROWS = 50  # validation rows below which 100 % is not suspicious
PERFECT = 0.9995
ABOVE_FLOOR = 0.05  # above the score of always predicting the same: it has learned something


_Found = tuple[str, Sentence, RecoveryAction]  # topic, finding, action


@dataclass(frozen=True)
class _Evaluation:
    """One evaluation, with the mean training loss since the previous one."""

    event: Evaluated
    score: float | None
    training_loss: float | None


class Coach:
    """The rules over one run; `on_event` receives each of its events and returns the advice that follows."""

    def __init__(self, dataset: PreparedDataset, settings: FineTuneSettings) -> None:
        self._dataset = dataset
        self._settings = settings
        self._rate, self._usual = settings.learning_rate, usual_rate(dataset.model, settings)
        self._total = self._first_step = self._step = 0
        self._steps_per_epoch = 1.0
        self._sums: list[list[float]] = []  # loss times steps, steps; of each piece
        self._since_evaluation = [0.0, 0.0]
        self._evaluations: list[_Evaluation] = []
        self._baselines: dict[str, float] = {}
        self._reported: set[str] = set()

    def on_event(self, event: Event) -> tuple[Advised, ...]:
        """The advice after this event, usually none."""
        match event:
            case TrainingStarted():
                self._total, self._first_step, self._step = event.total_steps, event.first_step, event.first_step
                self._steps_per_epoch = event.steps_per_epoch
            case BaselineMeasured():
                self._baselines[event.name] = event.score
            case StepsTrained():
                return self._take_steps(event)
            case Evaluated():
                mean = self._since_evaluation[0] / self._since_evaluation[1] if self._since_evaluation[1] else None
                self._since_evaluation = [0.0, 0.0]
                self._evaluations.append(_Evaluation(event, event.scores.get(event.metric), mean))
                return self._advice(self._evaluation_rules())
            case _:
                pass
        return ()

    def _take_steps(self, event: StepsTrained) -> tuple[Advised, ...]:
        steps = event.step - self._step
        self._step = event.step
        if event.loss is None or steps <= 0:
            return ()
        for sums in (self._piece(event.step), self._since_evaluation):
            sums[0] += event.loss * steps
            sums[1] += steps
        return self._advice(self._loss_rules())

    def _piece(self, step: int) -> list[float]:
        position = (step - 1 - self._first_step) // max(1, self._total // PIECES)
        while len(self._sums) <= position:
            self._sums.append([0.0, 0.0])
        return self._sums[position]

    def _advice(self, findings: Iterator[_Found]) -> tuple[Advised, ...]:
        if self._total - self._step < SHARE_AHEAD * self._total:
            return ()
        new = []
        for topic, finding, action in findings:
            if topic not in self._reported:
                self._reported.add(topic)
                new.append(Advised(finding, action))
        return tuple(new)

    def _windows(self) -> list[float]:
        """Mean losses of windows of equal length, each one piece later than the one before; whole pieces only."""
        whole = [piece for piece in self._sums[:-1] if piece[1]]
        width = max(2, math.ceil(SHORTEST_WINDOW / max(1, self._total // PIECES)))
        return [
            sum(loss for loss, _ in whole[end - width : end]) / sum(steps for _, steps in whole[end - width : end])
            for end in range(width, len(whole) + 1)
        ]

    def _loss_rules(self) -> Iterator[_Found]:
        windows = self._windows()
        if len(windows) < 3:
            return
        initial, now, lowest = windows[0], windows[-1], min(windows)
        learned = initial - lowest
        back_up = learned > FLAT * initial and min(windows[-2:]) > lowest + 0.5 * learned and now > 1.5 * lowest
        if back_up or min(windows[-2:]) > RISEN * initial:
            yield (
                "rate",
                Sentence("training.advice.loss_back_up", lowest=lowest, now=now)
                if back_up
                else Sentence("training.advice.loss_rises", initial=initial, now=now),
                self._lower_rate(),
            )
        elif self._is_flat(windows):
            reason, action = self._flat_reason()
            yield (
                "rate",
                Sentence("training.advice.loss_flat", initial=initial, now=now, reason=reason),
                action,
            )

    def _flat_reason(self) -> tuple[Sentence, RecoveryAction]:
        """Why nothing is learned, by how far the rate is from the one that suits the model, and how long the run is."""
        if self._rate > self._usual:
            return Sentence("training.advice_why.rate_too_high"), self._lower_rate()
        if self._rate < self._usual:
            return Sentence("training.advice_why.rate_too_low"), self._raise_rate()
        if self._total < FEWEST_UPDATES:
            return Sentence("training.advice_why.few_updates", updates=self._total), RecoveryAction.TRAIN_LONGER
        return Sentence("training.advice_why.rate_too_high"), RecoveryAction.HALVE_LEARNING_RATE

    def _lower_rate(self) -> RecoveryAction:
        """Half the rate, or the preset's where even half would be above it."""
        return RecoveryAction.USE_PRESET_RATE if self._rate > 2 * self._usual else RecoveryAction.HALVE_LEARNING_RATE

    def _raise_rate(self) -> RecoveryAction:
        """Three times the rate, the preset's where that would be more or far less, or more steps at the preset's."""
        if self._rate >= self._usual:
            return RecoveryAction.TRAIN_LONGER
        is_within = self._usual / 9 < self._rate <= self._usual / 3
        return RecoveryAction.TRIPLE_LEARNING_RATE if is_within else RecoveryAction.USE_PRESET_RATE

    def _is_flat(self, windows: list[float]) -> bool:
        warm = math.ceil(self._settings.warmup_share * self._total)
        if self._first_step or self._step < warm + max(0.2 * self._total, 2 * SHORTEST_WINDOW):
            return False
        majority, scores = self._majority(), [one.score for one in self._evaluations if one.score is not None]
        if scores and max(scores) > (majority or 0.0) + ABOVE_FLOOR:
            return False  # the score shows that it learns, although the loss does not
        initial = windows[0]
        return initial > 0.1 and min(windows[-1], min(windows) / 0.97) > (1 - FLAT) * initial

    def _evaluation_rules(self) -> Iterator[_Found]:
        yield from self._overfits()
        yield from self._collapsed()
        yield from self._below_majority()
        yield from self._is_short()
        yield from self._perfect()

    def _overfits(self) -> Iterator[_Found]:
        last = self._evaluations[-RISING_EVALUATIONS - 1 :]
        losses = [one.event.loss for one in last]
        trained = [one.training_loss for one in last]
        if len(last) <= RISING_EVALUATIONS or any(value is None for value in (*losses, *trained)):
            return
        known, fitted = [x for x in losses if x is not None], [x for x in trained if x is not None]
        rises = all(later > before for before, later in pairwise(known))
        falls = all(later < before for before, later in pairwise(fitted))
        if rises and falls and known[-1] > 1.02 * known[0] and not any(one.event.is_best for one in last[1:]):
            yield (
                "overfitting",
                Sentence(
                    "training.advice.overfitting_begun_since_step_validation",
                    step=last[0].event.step,
                    known=known[0],
                    known_2=known[-1],
                ),
                RecoveryAction.STOP_KEEP_BEST,
            )

    def _collapsed(self) -> Iterator[_Found]:
        if len(self._evaluations) < 2:
            return
        predictions = [self._single_prediction(one) for one in self._evaluations[-2:]]
        if predictions[0] and predictions[0] == predictions[1]:
            self._reported.add("majority")  # the same finding
            if self._reported & {"rate"}:  # the same finding, from the loss
                return
            self._reported.add("rate")
            yield (
                "collapse",
                Sentence(
                    "training.advice.one_prediction_yet" if self._falls() else "training.advice.one_prediction",
                    prediction=predictions[0],
                ),
                self._action_of_no_success(),
            )

    def _falls(self) -> bool:
        """Whether the training loss has fallen between the last two evaluations."""
        before, now = (one.training_loss for one in self._evaluations[-2:])
        return before is not None and now is not None and now < 0.99 * before

    def _action_of_no_success(self) -> RecoveryAction:
        """What helps where the scores show nothing learned: more of what works, or another rate."""
        if self._rate > self._usual:
            return self._lower_rate()
        if self._falls() or self._rate < self._usual or self._total < FEWEST_UPDATES:
            return self._raise_rate()
        return self._lower_rate()

    def _single_prediction(self, evaluation: _Evaluation) -> Sentence:
        """The only label that is predicted, as a sentence; empty where there are several."""
        scores, counts = evaluation.event.scores, self._dataset.splits["validation"].labels
        return task_facts(self._dataset.task).constant_prediction(scores, counts)

    def _below_majority(self) -> Iterator[_Found]:
        majority, last = self._majority(), self._evaluations[-2:]
        warm = self._settings.warmup_share * self._total + self._first_step
        if majority is None or len(last) < 2 or last[0].event.step <= max(warm, 0.5 * self._steps_per_epoch):
            return
        score = last[1].score
        if score is None or any(one.score is None or one.score > majority - 0.01 for one in last):
            return
        if "rate" in self._reported:  # the same finding, from the loss
            return
        self._reported.add("rate")
        yield (
            "majority",
            Sentence(
                "training.advice.below_majority_learns" if self._falls() else "training.advice.below_majority",
                metric=last[1].event.metric,
                score=score,
                majority=majority,
            ),
            self._action_of_no_success(),
        )

    def _is_short(self) -> Iterator[_Found]:
        """Few updates in all, and a score that has hardly left that of always predicting the same."""
        last, majority = self._evaluations[-1], self._majority()
        if self._total >= FEWEST_UPDATES or self._step < 0.3 * self._total or last.score is None:
            return
        if last.score > (majority or 0.0) + ABOVE_FLOOR or self._reported & {"rate"}:
            return
        self._reported.add("rate")
        action = self._raise_rate() if self._rate <= self._usual else self._lower_rate()
        yield (
            "short",
            Sentence(
                "training.advice.few_updates",
                updates=self._total,
                metric=last.event.metric,
                score=last.score,
                fewest=FEWEST_UPDATES,
            ),
            action,
        )

    def _perfect(self) -> Iterator[_Found]:
        last, rows = self._evaluations[-1], self._dataset.splits["validation"].rows
        if last.score is None or last.score < PERFECT or rows < FEW_ROWS or last.event.epoch > 2:
            return
        words = self._baselines.get("tfidf_svm")
        why = (
            Sentence("training.advice_why.bag_words_nearly_does_too")
            if words is not None and words >= 0.98
            else Sentence("training.advice_why.check_whether_label_part_text")
        )
        yield (
            "perfect",
            Sentence("training.advice.all_predicted_correctly_which_rare", rows=rows, why=why),
            RecoveryAction.STOP_KEEP_BEST,
        )

    def _majority(self) -> float | None:
        return self._baselines.get("majority")
