"""The coach: looks over a run's shoulder and says what it sees, each finding once, with one thing to do.

Pure rules over the events of one run; knows no torch, no network and no files. The training loss is compared in
windows of at least 20 steps, so that the noise of single batches says nothing. Advice comes only while a good part of
the run is still ahead: afterwards there is nothing left to save.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from engine.contract.events import Advised, BaselineMeasured, Evaluated, Event, StepsTrained, TrainingStarted
from engine.contract.formatting import count, score_name, score_text
from engine.contract.presets import rate_of_part
from engine.contract.recovery_actions import HALF_RATE, STOP, THREEFOLD_RATE
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.tasks.registry import task_facts

PIECES = 40  # the loss is gathered in so many pieces of a run
SHORTEST_WINDOW = 20  # steps
SHARE_AHEAD = 0.1  # of the run that is still to come where advice makes sense
FLAT = 0.02  # of the loss at the beginning
RISEN = 1.3  # times the loss at the beginning
RISING_LOOKS = 2
FEW_ROWS = 50  # validation rows below which 100 % is no surprise
PERFECT = 0.9995
LOW_RATE = 1e-4  # above it a flat loss is more often due to a rate that is too high


@dataclass(frozen=True)
class _Look:
    """One look at the validation rows, with the mean training loss since the one before."""

    event: Evaluated
    score: float | None
    training_loss: float | None


class Coach:
    """Hears every event of one run; `hear` returns the advice that follows from it."""

    def __init__(self, dataset: PreparedDataset, settings: FineTuneSettings) -> None:
        self._dataset = dataset
        self._settings = settings
        self._total = self._first_step = self._step = 0
        self._steps_per_epoch = 1.0
        self._sums: list[list[float]] = []  # loss times steps, steps; of each piece
        self._since_look = [0.0, 0.0]
        self._looks: list[_Look] = []
        self._baselines: dict[str, float] = {}
        self._said: set[str] = set()

    def hear(self, event: Event) -> tuple[Advised, ...]:
        """Takes in an event; returns what is to be said after it, most often nothing."""
        match event:
            case TrainingStarted():
                self._total, self._first_step, self._step = event.total_steps, event.first_step, event.first_step
                self._steps_per_epoch = event.steps_per_epoch
            case BaselineMeasured():
                self._baselines[event.name] = event.score
            case StepsTrained():
                return self._take_steps(event)
            case Evaluated():
                mean = self._since_look[0] / self._since_look[1] if self._since_look[1] else None
                self._since_look = [0.0, 0.0]
                self._looks.append(_Look(event, event.scores.get(event.metric), mean))
                return self._advice(self._look_rules())
            case _:
                pass
        return ()

    def _take_steps(self, event: StepsTrained) -> tuple[Advised, ...]:
        steps = event.step - self._step
        self._step = event.step
        if event.loss is None or steps <= 0:
            return ()
        for sums in (self._piece(event.step), self._since_look):
            sums[0] += event.loss * steps
            sums[1] += steps
        return self._advice(self._loss_rules())

    def _piece(self, step: int) -> list[float]:
        position = (step - 1 - self._first_step) // max(1, self._total // PIECES)
        while len(self._sums) <= position:
            self._sums.append([0.0, 0.0])
        return self._sums[position]

    def _advice(self, findings: Iterator[tuple[str, str, str]]) -> tuple[Advised, ...]:
        if self._total - self._step < SHARE_AHEAD * self._total:
            return ()
        new = []
        for topic, finding, action in findings:
            if topic not in self._said:
                self._said.add(topic)
                new.append(Advised(finding, action))
        return tuple(new)

    # ── Rules on the training loss ──────────────────────────────────────────────────────────────────────────────

    def _windows(self) -> list[float]:
        """Mean losses of windows of equal length, each one piece later than the one before; whole pieces only."""
        whole = [piece for piece in self._sums[:-1] if piece[1]]
        width = max(2, math.ceil(SHORTEST_WINDOW / max(1, self._total // PIECES)))
        return [
            sum(loss for loss, _ in whole[end - width : end]) / sum(steps for _, steps in whole[end - width : end])
            for end in range(width, len(whole) + 1)
        ]

    def _loss_rules(self) -> Iterator[tuple[str, str, str]]:
        windows = self._windows()
        if len(windows) < 3:
            return
        begun, now, lowest = windows[0], windows[-1], min(windows)
        learned = begun - lowest
        back_up = learned > FLAT * begun and min(windows[-2:]) > lowest + 0.5 * learned and now > 1.5 * lowest
        if back_up or min(windows[-2:]) > RISEN * begun:
            seen = f"was {lowest:.3g} and is {now:.3g} now" if back_up else f"began at {begun:.3g} and is {now:.3g} now"
            yield "rate", f"The training loss rises: it {seen}. The learning rate is too high.", HALF_RATE
        elif self._is_flat(windows):
            too_high = self._settings.learning_rate > rate_of_part(LOW_RATE, self._settings.trained_part)
            direction = "too high" if too_high else "too low"
            yield (
                "rate",
                f"The training loss has not fallen since the warm-up: {begun:.3g} at first, {now:.3g} now. "
                f"The learning rate is {direction}, or the texts say nothing about the labels.",
                HALF_RATE if too_high else THREEFOLD_RATE,
            )

    def _is_flat(self, windows: list[float]) -> bool:
        warm = math.ceil(self._settings.warmup_share * self._total)
        if self._first_step or self._step < warm + max(0.2 * self._total, 2 * SHORTEST_WINDOW):
            return False
        majority, scores = self._majority(), [look.score for look in self._looks if look.score is not None]
        if scores and max(scores) > (majority or 0.0) + 0.05:
            return False  # it learns something, however little the loss tells
        begun = windows[0]
        return begun > 0.1 and min(windows[-1], min(windows) / 0.97) > (1 - FLAT) * begun

    # ── Rules on the validation rows ────────────────────────────────────────────────────────────────────────────

    def _look_rules(self) -> Iterator[tuple[str, str, str]]:
        yield from self._overfits()
        yield from self._collapsed()
        yield from self._below_majority()
        yield from self._perfect()

    def _overfits(self) -> Iterator[tuple[str, str, str]]:
        last = self._looks[-RISING_LOOKS - 1 :]
        losses = [look.event.loss for look in last]
        trained = [look.training_loss for look in last]
        if len(last) <= RISING_LOOKS or any(value is None for value in (*losses, *trained)):
            return
        known, fitted = [x for x in losses if x is not None], [x for x in trained if x is not None]
        rises = all(later > before for before, later in pairwise(known))
        falls = all(later < before for before, later in pairwise(fitted))
        if rises and falls and known[-1] > 1.02 * known[0] and not any(look.event.is_best for look in last[1:]):
            yield (
                "overfitting",
                f"Overfitting has begun: since step {last[0].event.step:,} the validation loss rises "
                f"({known[0]:.3g} → {known[-1]:.3g}) while the training loss falls.",
                STOP,
            )

    def _collapsed(self) -> Iterator[tuple[str, str, str]]:
        if len(self._looks) < 2:
            return
        answers = [self._single_answer(look) for look in self._looks[-2:]]
        if answers[0] and answers[0] == answers[1]:
            self._said.add("majority")  # the same thing in other words
            yield (
                "collapse",
                f"{answers[0]} for two looks in a row: the network does not tell the texts apart.",
                HALF_RATE,
            )

    def _single_answer(self, look: _Look) -> str:
        """What the network says to every validation row, as a sentence; empty where it says more than one thing."""
        scores, counts = look.event.scores, self._dataset.splits["validation"].labels
        return task_facts(self._dataset.task).single_answer(scores, counts)

    def _below_majority(self) -> Iterator[tuple[str, str, str]]:
        majority, last = self._majority(), self._looks[-2:]
        warm = self._settings.warmup_share * self._total + self._first_step
        if majority is None or len(last) < 2 or last[0].event.step <= max(warm, 0.5 * self._steps_per_epoch):
            return
        score = last[1].score
        if score is None or any(look.score is None or look.score > majority - 0.01 for look in last):
            return
        first, now = last[0].training_loss, last[1].training_loss
        if "rate" in self._said:  # the same thing, seen in the loss
            return
        self._said.add("rate")
        falls = first is not None and now is not None and now < 0.99 * first
        yield (
            "majority",
            f"The {score_name(last[1].event.metric)} on the validation rows, {score_text(score)}, is below that of "
            f"always the same answer, {score_text(majority)}. "
            + ("It learns, but too slowly." if falls else "Nothing of use is learned."),
            THREEFOLD_RATE if falls else HALF_RATE,
        )

    def _perfect(self) -> Iterator[tuple[str, str, str]]:
        look, rows = self._looks[-1], self._dataset.splits["validation"].rows
        if look.score is None or look.score < PERFECT or rows < FEW_ROWS or look.event.epoch > 2:
            return
        words = self._baselines.get("tfidf_logistic_regression")
        why = (
            "Even counting words nearly does: one word may give the label away."
            if words is not None and words >= 0.98
            else "Look whether the label stands in the text, or whether rows occur twice."
        )
        yield "perfect", f"All {count(rows, 'validation row')} are answered rightly, which is rare. {why}", STOP

    def _majority(self) -> float | None:
        return self._baselines.get("majority")
