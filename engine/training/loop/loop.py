"""The training loop, from top to bottom: batches, updates, reports, evaluations, checkpoints.

It uses neither files nor the task. `emit` may raise `StopRequested` at each report and in each evaluation; the weights
are then those after a whole update, and `progress` is up to date.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

from engine.contract.errors import StopRequested
from engine.contract.events import Emit, Evaluated, Noted
from engine.contract.sentences import Sentence
from engine.contract.states import HistoryPoint
from engine.training.checkpoints.saver import CheckpointSaver
from engine.training.distributed.ranks import Order
from engine.training.loop.early_stopping import evaluations_without_gain, is_evaluation_step
from engine.training.loop.reports import StepReports
from engine.training.loop.time_limit import TimeLimit
from engine.training.loop.validation import validate
from engine.training.memory.out_of_memory import RetryingStep
from engine.training.step.optimizer import learning_rate_at
from engine.training.step.progress import Progress
from engine.training.step.training import Training

EARLIEST_SHARE = 1 / 3  # of the schedule, before which nothing stops early


def train(
    training: Training,
    progress: Progress,
    saver: CheckpointSaver,
    emit: Emit,
    *,
    clock: Callable[[], float] = time.monotonic,
    most_seconds: float = math.inf,
) -> None:
    """Trains from `progress.step` to the last step; `clock` returns the seconds of work.

    Raises `NumbersDiverged` (T5) when a loss or a gradient is not finite; the weights are those before that update.
    Where the updates would take more than `most_seconds` of training, the schedule is shortened so that it ends then.
    A step that does not fit into memory is retried in smaller parts; raises `OutOfMemory` (T1) where one row does not.
    """
    settings = training.settings
    if progress.shortened_to:
        training = replace(training, total_steps=progress.shortened_to)
    limit = TimeLimit(most_seconds - progress.seconds, clock)
    reports = StepReports(training, progress, emit, clock)
    step = RetryingStep(training, progress, reports.diverged, emit, catch_up=reports.catch_up)
    if training.method is not None:
        note = training.method.begin(training, emit)
        if note and note not in progress.notes:  # where it is continued, it is there already
            progress.notes.append(note)
            emit(Noted(note))
    training.to_training_mode()
    while True:
        if evaluation_is_due(training, progress):
            reports.catch_up()
            evaluate(step.training, progress, saver, emit)
            reports.resume()
        if progress.step >= training.total_steps:
            reports.catch_up()  # the last evaluation took time, too
            break
        if is_out_of_patience(training, progress):
            progress.notes.append(
                Sentence(
                    "training.note.ended_step_evaluations_without_better",
                    step=progress.step,
                    patience=settings.patience,
                )
            )
            emit(Noted(progress.notes[-1]))
            break
        if progress.step and saver.is_due():
            reports.catch_up()
            saver.save(progress)
        epoch, number = divmod(progress.step, training.steps_per_epoch)
        rows = training.plan.epoch(epoch)[number]
        rate = learning_rate_at(
            progress.step,
            peak=settings.learning_rate,
            warmup_share=settings.warmup_share,
            total_steps=training.total_steps,
            schedule=settings.schedule,
        )
        if training.group is not None:
            training.group.announce(Order(progress.step, rate))
        if training.method is not None:
            training.method.begin_update(progress.step, training.total_steps)
        updated = step(rows, rate)
        progress.step += 1
        last = limit.last_step(progress.step, training.total_steps)
        if last < training.total_steps:
            progress.shortened_to = last
            training = replace(training, total_steps=last)
            reports.expect(training)
        tokens = int(training.train_rows.lengths[rows].sum())
        try:
            if reports.add(updated.loss, updated.gradient_norm, rate=rate, tokens=tokens):
                saver.report(emit)
        except StopRequested:
            reports.settle()  # on a GPU the report was of the steps before this one
            raise


def evaluation_is_due(training: Training, progress: Progress) -> bool:
    """Whether to evaluate after this step, and it has not been done yet; without validation rows only at the end."""
    if not len(training.validation_rows):
        return progress.evaluated_step != progress.step == training.total_steps
    return progress.evaluated_step != progress.step and is_evaluation_step(
        progress.step,
        steps_per_epoch=training.steps_per_epoch if training.method is None else training.total_steps,
        total_steps=training.total_steps,
        interval=training.settings.evaluation_interval,
    )


def is_out_of_patience(training: Training, progress: Progress) -> bool:
    """Whether the score has not improved for as many evaluations as the settings allow (early stopping).

    Never in the first third of the schedule: there a score that does not rise yet is little evidence of the rest.
    """
    patience = training.settings.patience
    is_early = progress.step < EARLIEST_SHARE * training.total_steps
    return 0 < patience <= progress.evaluations_without_gain and not is_early


def evaluate(training: Training, progress: Progress, saver: CheckpointSaver, emit: Emit) -> None:
    """Scores the validation rows; saves a checkpoint where that is the best score so far.

    Without validation rows the checkpoint is the result, unscored.
    """
    if training.method is not None:
        training.method.prepare_evaluation(training, emit)
    if not len(training.validation_rows):
        progress.take_score(None, None, keep_last=True)
        progress.loss_sum, progress.loss_steps = 0.0, 0
        progress.evaluated_step = progress.step
        saver.save(progress, is_best=True)
        return
    found = validate(training, emit)
    keep_last = training.settings.kept_checkpoint == "last"
    is_best = progress.take_score(found.scores.get(training.task.metric), found.loss, keep_last=keep_last)
    progress.history.append(
        HistoryPoint(
            step=progress.step,
            epoch=training.epoch_at(progress.step),
            training_loss=progress.loss_sum / progress.loss_steps if progress.loss_steps else None,
            validation_loss=found.loss,
            scores=found.scores,
        )
    )
    progress.evaluations_without_gain = evaluations_without_gain(progress.history, training.task.metric)
    progress.loss_sum, progress.loss_steps = 0.0, 0
    progress.evaluated_step = progress.step
    if is_best:
        thresholds = training.task.fit_thresholds(found.outputs, training.label_names)
        saver.save(progress, is_best=True, thresholds=thresholds)
    emit(
        Evaluated(
            step=progress.step,
            epoch=training.epoch_at(progress.step),
            loss=found.loss,
            scores=found.scores,
            metric=training.task.metric,
            is_best=is_best,
            class_f1=found.class_f1,
        )
    )
