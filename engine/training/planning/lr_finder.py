"""The learning-rate range test (Smith 2017): a hundred steps with a rising rate on a network of its own."""

from __future__ import annotations

import gc
import math
import time
import traceback

import torch

from engine.contract.events import Emit, Progressed, StepsTrained
from engine.contract.lr_range import STEPS, is_over, rate_at, smoothed_losses, suggestion
from engine.contract.queries import LearningRatesFound
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.devices import detection as devices
from engine.devices.device_errors import is_out_of_memory
from engine.training.batching.rows import read_splits
from engine.training.loop.assembly import assemble
from engine.training.memory.out_of_memory import generators, out_of_memory, with_smaller_parts
from engine.training.memory.peak_memory import release_gpu_cache
from engine.training.step.optimizer import prepare_states
from engine.training.step.progress import Progress
from engine.training.step.training import Training
from engine.training.step.update import EagerStep, Updated


def find_learning_rates(dataset: PreparedDataset, settings: FineTuneSettings, emit: Emit) -> LearningRatesFound:
    """Losses over learning rates from 1e-7 to 1e-1, and a suggestion; reports each step as `StepsTrained`.

    Uses the batches, device, precision and seed of a run with these settings; later runs are not affected. Raises
    `OutOfMemory` (T1) where not even one row at a time fits, `StopRequested` where the user stops.
    """
    compute = devices.choose(settings.device, precision=settings.precision, threads=settings.threads)
    threads = torch.get_num_threads()
    torch.set_num_threads(compute.threads)
    try:
        emit(Progressed(0, 0, Sentence("training.progress.reading_rows")))
        splits = read_splits(dataset)
        emit(Progressed(0, 0, Sentence("training.progress.building_network")))
        torch.manual_seed(settings.seed)
        training = assemble(dataset, settings, compute, splits)
        rates, losses = _ramp(training, emit)
    finally:
        torch.set_num_threads(threads)
        gc.collect()
        release_gpu_cache(compute.device)
    return LearningRatesFound(
        rates=tuple(rates),
        losses=tuple(loss if math.isfinite(loss) else None for loss in losses),
        smoothed=tuple(smooth if math.isfinite(smooth) else None for smooth in smoothed_losses(losses)),
        suggestion=suggestion(rates, losses),
    )


def _ramp(training: Training, emit: Emit) -> tuple[list[float], list[float]]:
    rates: list[float] = []
    losses: list[float] = []
    started = time.monotonic()
    diverged = torch.zeros((), dtype=torch.bool, device=training.compute.device)
    step = EagerStep(training, diverged)
    training.to_training_mode()
    progress = Progress()
    while len(losses) < STEPS and not is_over(losses):
        epoch, number = divmod(len(losses), training.steps_per_epoch)
        rows = training.plan.epoch(epoch)[number]
        rate = rate_at(len(losses))
        before = generators(training)
        updated: Updated | None = None
        try:
            prepare_states(training.optimizer)
            updated = step(rows, rate)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            raised = out_of_memory(training.settings, training.compute, error)
            traceback.clear_frames(error.__traceback__)  # its frames hold the tensors of the failed step
            smaller = with_smaller_parts(training, progress, before)
            if smaller is None:
                raise raised from error
            training = smaller
            step = EagerStep(training, diverged)
        if updated is not None:
            rates.append(rate)
            losses.append(float(updated.loss))
            emit(_report(training, len(losses), losses[-1], rate, float(updated.gradient_norm), started, rows.tolist()))
    return rates, losses


def _report(
    training: Training, step: int, loss: float, rate: float, norm: float, started: float, rows: list[int]
) -> StepsTrained:
    seconds = time.monotonic() - started
    return StepsTrained(
        step=step,
        total=STEPS,
        epoch=training.epoch_at(step),
        loss=loss if math.isfinite(loss) else None,
        learning_rate=rate,
        gradient_norm=norm if math.isfinite(norm) else None,
        tokens_per_second=int(training.train_rows.lengths[rows].sum()) * step / max(1e-9, seconds),
        seconds=seconds,
        finite=math.isfinite(loss) and math.isfinite(norm),
    )
