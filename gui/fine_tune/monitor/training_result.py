"""What a training run has reached, as a card: score, steps, time, forecast beside fact, and what can be done next."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from engine.contract.defaults import better_run
from engine.contract.formatting import device_text, duration, needs
from engine.contract.metrics import score_name
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.score_sentences import selection_sentence, training_verdict
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
        self.again = QPushButton("Change settings")
        self.again.setToolTip("Goes back to the settings; a new start makes a new run and keeps this one.")
        self.continue_button = QPushButton("Continue")
        self.continue_button.setToolTip(
            "Continues this run from its last checkpoint, up to the steps that were planned."
        )
        self.is_doubtful = False  # the run that is shown is no better than a baseline, or could not be scored
        self._action: RecoveryAction = RecoveryAction.NONE
        self.improve = QPushButton()
        self.improve.setToolTip("Starts a new run and keeps this one.")
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
                ("Steps", f"{run.steps:,} of {run.steps_planned:,}"),
                *((("Best at step", f"{run.best_step:,}"),) if run.best_score is not None else ()),
                ("Time", duration(run.seconds)),
                ("Device", device_text(run.device)),
                ("Precision", run.precision),
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
    early = ", for all steps" if run.steps < run.steps_planned else ""
    return f"Forecast{early}: about {forecast}. Needed: {needs(run.seconds, run.memory_bytes, run.disk_bytes)}."


def _result_sentence(run: TrainingRun, *, by_hand: bool) -> str:
    ended = "" if not run.stopped_early else "Stopped early. " if by_hand else "Ended early. "
    if run.best_score is None and not run.dataset.splits["validation"].rows:
        return f"{ended}Trained {run.steps:,} steps. No rows are held out: Evaluate scores by cross-validation."
    if run.best_score is None:
        return f"{ended}Trained {run.steps:,} steps; the validation rows were not scored yet."
    name = score_name(run.metric)
    if run.settings.kept_checkpoint == "last":
        return f"{ended}{name} on the validation rows: {run.best_score:.3f}, at step {run.best_step:,}, which is kept."
    best = f"{ended}Best {name} on the validation rows: {run.best_score:.3f}, at step {run.best_step:,}."
    return f"{best} {selection_sentence(run)}".rstrip()
