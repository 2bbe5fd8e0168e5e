"""What a training run has reached, as a card: score, steps, time, forecast beside fact, and what can be done next."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from engine.contract.defaults import better_run
from engine.contract.formatting import device_text, duration, needs, number
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.score_sentences import selection_sentence, training_verdict
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.states import TrainingRun
from engine.tasks.registry import task_facts
from gui.components.action_captions import caption_of
from gui.components.card import Card
from gui.components.fact_grid import FactGrid
from gui.components.layouts import STRETCH, horizontal
from gui.components.plain_label import PlainLabel
from gui.design.theme import SPACE


class TrainingResult(Card):
    """What a run has reached, beside what was forecast.

    `go_on` trains a run that was stopped further, `again` leads back to the settings, `action_taken` starts a better
    run where this one is no better than a baseline.
    """

    action_taken = Signal(object)  # RecoveryAction

    def __init__(self) -> None:
        super().__init__()
        self._sentence = PlainLabel(role="group", wrap=True)
        self._facts = FactGrid(column_width=110, most_columns=6)
        self._forecast = PlainLabel(role="secondary", wrap=True)
        self.again = QPushButton(Sentence("gui.fine_tune.change_settings"))
        self.again.setToolTip(Sentence("gui.fine_tune.goes_back_settings_new_start"))
        self.continue_button = QPushButton(Sentence("gui.fine_tune.continue"))
        self.continue_button.setToolTip(Sentence("gui.fine_tune.continues_run_last_checkpoint_up"))
        self.is_doubtful = False  # the run that is shown is no better than a baseline, or could not be scored
        self._action: RecoveryAction = RecoveryAction.NONE
        self.improve = QPushButton()
        self.improve.setToolTip(Sentence("gui.fine_tune.starts_new_run_keeps_one"))
        self.improve.clicked.connect(lambda: self.action_taken.emit(self._action))
        self.verdict = PlainLabel(role="caution", wrap=True)
        row = horizontal(None, self.improve, self.continue_button, self.again, STRETCH, gap=SPACE)
        for part in (self._sentence, self.verdict, self._facts, self._forecast):
            self.column.addWidget(part)
        self.column.addLayout(row)

    def show_run(self, run: TrainingRun, baselines: Mapping[str, float], *, can_continue: bool) -> None:
        """Shows this run beside the baselines (key to validation score) that were measured at its start.

        A run that was stopped can be continued, one that ended by itself cannot.
        """
        facts = task_facts(run.dataset.task)
        found = training_verdict(run, baselines, lambda key: facts.baseline_title(key, run.dataset.label_names))
        self.verdict.setText(found.sentence)
        self.verdict.setVisible(bool(found.sentence))
        self.is_doubtful = bool(found.sentence)
        self._action = better_run(run, facts.refused_settings) if found.sentence else RecoveryAction.NONE
        self.improve.setText(caption_of(self._action))
        self.improve.setVisible(self._action is not RecoveryAction.NONE)
        self._sentence.setText(_result_sentence(run, by_hand=can_continue))
        self.continue_button.setVisible(can_continue)
        self._facts.show_facts(
            [
                (
                    Sentence("gui.fine_tune.steps"),
                    Sentence("gui.fine_tune.steps_of", steps=run.steps, planned=run.steps_planned),
                ),
                *(
                    ((Sentence("gui.fine_tune.best_step"), number(run.best_step)),)
                    if run.best_score is not None
                    else ()
                ),
                (Sentence("gui.fine_tune.time"), duration(run.seconds)),
                (Sentence("gui.fine_tune.device"), device_text(run.device)),
                (Sentence("gui.fine_tune.precision"), run.precision),
            ]
        )
        compared = forecast_and_fact(run)
        self._forecast.setText(compared)
        self._forecast.setVisible(bool(compared))


def forecast_and_fact(run: TrainingRun) -> str:
    """What was expected and what came of it, or an empty string where nothing was expected."""
    if run.forecast is None:
        return ""
    expected = run.forecast
    forecast = needs(expected.seconds, expected.memory_bytes, expected.disk_bytes, forecast=True)
    needed = needs(run.seconds, run.memory_bytes, run.disk_bytes)
    if run.steps < run.steps_planned:
        return Sentence("gui.fine_tune.forecast_all_steps", forecast=forecast, needed=needed)
    return Sentence("gui.fine_tune.forecast_and_needed", forecast=forecast, needed=needed)


def _result_sentence(run: TrainingRun, *, by_hand: bool) -> str:
    ended: Sentence = NOTHING
    if run.stopped_early:
        ended = Sentence("gui.fine_tune.stopped_early") if by_hand else Sentence("gui.fine_tune.ended_early")
    return " ".join(filter(None, (ended, *_reached(run))))


def _reached(run: TrainingRun) -> tuple[Sentence, ...]:
    """The score and where it was reached, or why there is none."""
    if run.best_score is None:
        if run.dataset.splits["validation"].rows:
            return (Sentence("gui.fine_tune.trained_not_scored", steps=run.steps),)
        return (
            Sentence("gui.fine_tune.trained_steps", steps=run.steps),
            Sentence("gui.fine_tune.no_rows_held_out"),
        )
    if run.settings.kept_checkpoint == "last":
        return (Sentence("gui.fine_tune.score_last_kept", metric=run.metric, score=run.best_score, step=run.best_step),)
    best = Sentence("gui.fine_tune.score_best", metric=run.metric, score=run.best_score, step=run.best_step)
    return (best, selection_sentence(run))
