"""Measures a few real steps of a run on a network of their own.

Nothing is written, and torch's random generators and threads are restored afterwards.
"""

from __future__ import annotations

import dataclasses
import gc
import itertools
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

import numpy as np
import torch

from engine.contract.events import Emit, Noted, Progressed
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.devices.detection import Compute
from engine.devices.device_errors import is_out_of_memory
from engine.tasks.network import logits_of
from engine.training.acceleration.compiling import Compiled
from engine.training.acceleration.cuda_graph_step import fastest_step
from engine.training.acceleration.feature_cache import with_blank_features
from engine.training.batching.batch_plan import by_length
from engine.training.batching.rows import read_splits
from engine.training.checkpoints.saver import checkpoint_bytes
from engine.training.loop.assembly import assemble
from engine.training.memory import peak_memory
from engine.training.memory.out_of_memory import micro_batch, out_of_memory, with_parts
from engine.training.memory.peak_memory import PeakMemory
from engine.training.step.optimizer import prepare_states
from engine.training.step.training import Training
from engine.training.trainable.layers import encoder_layers

QUANTILES = (0.1, 0.5, 0.9, 1.0)  # of the batches, ordered by their tokens: which ones are measured
ENOUGH = 0.4  # seconds for which quick steps are repeated, since one alone varies too much
MOST_REPEATS = 5
_MOST_SHAPES = 1_000  # for which oneDNN keeps kernels, some megabytes each in bf16; its cache holds 1,024
_NOTE = Sentence("training.progress.measuring_few_steps")


class Cost(NamedTuple):
    """Seconds of a batch of so many tokens, padding included: the first, the second and every later time."""

    tokens: int
    first: float
    second: float
    later: float


class Measured(NamedTuple):
    """The results."""

    steps: tuple[Cost, ...]  # ascending by tokens
    evaluations: tuple[Cost, ...]  # batches of validation rows
    step_tokens: tuple[int, ...]  # of each batch of the first epoch
    evaluation_tokens: tuple[int, ...]  # of each batch of validation rows
    is_captured: bool  # equal shapes are captured the second time
    memory_fixed: int  # bytes held with network, gradients and moments
    memory_batch: int  # more bytes that the longest batch would need, computed at once
    network_bytes: int
    moments_bytes: int
    device: str


def measure_steps(dataset: PreparedDataset, settings: FineTuneSettings, compute: Compute, emit: Emit) -> Measured:
    """One step to warm up with the longest batch, then some of different lengths, and batches of an evaluation.

    Layers whose output the run will cache are not part of a step. A batch that does not fit into memory is measured in
    smaller parts. Raises `OutOfMemory` (T1) where one row alone does not fit.
    """
    with _restored(compute):
        emit(Progressed(0, len(QUANTILES) + 2, _NOTE))
        torch.manual_seed(settings.seed)
        training = with_blank_features(assemble(dataset, settings, compute, read_splits(dataset)))
        prepare_states(training.optimizer)
        training.to_training_mode()
        return _measure(training, dataset, emit)


def measure_compiled(
    dataset: PreparedDataset, settings: FineTuneSettings, compute: Compute, emit: Emit, *, tokens: int
) -> Compiled | None:
    """A batch of so many tokens in compiled layers; None where they cannot be compiled here."""
    emit(Progressed(0, 0, Sentence("training.progress.measuring_compiled_steps")))
    noted: list[object] = []

    def listen(event: object) -> None:
        noted.extend([event] if isinstance(event, Noted) else [])

    with _restored(compute):
        torch.manual_seed(settings.seed)
        training = with_blank_features(assemble(dataset, settings, compute, read_splits(dataset)))
        training = dataclasses.replace(training, compiled_tokens=frozenset({tokens}))
        if compute.device.type != "cuda" or encoder_layers(training.computing_network) is None:
            return None
        prepare_states(training.optimizer)
        training.to_training_mode()
        batches = training.plan.epoch(0)
        rows = next(rows for rows in batches if training.train_batches.padded_tokens(rows) == tokens)
        step = fastest_step(training, torch.zeros((), dtype=torch.bool, device=compute.device), listen)

        def once() -> object:
            return step(rows, settings.learning_rate)

        once()
        compiling, recording = _seconds(once, compute), _seconds(once, compute)
        times = [_seconds(once, compute) for _ in range(MOST_REPEATS)]
        return None if noted else Compiled(tokens, compiling + recording, float(np.median(times)))


def _measure(training: Training, dataset: PreparedDataset, emit: Emit) -> Measured:
    compute, settings = training.compute, training.settings
    batches = training.plan.epoch(0)
    tokens = [training.train_batches.padded_tokens(rows) for rows in batches]
    peak_memory.malloc_trim()
    fixed = peak_memory.held(compute.device) + _gradient_bytes(training)
    peak = PeakMemory(compute.device)
    step, parts = _warmed_up(training, dataset, batches[int(np.argmax(tokens))], emit)
    order = np.argsort(tokens, kind="stable")
    costs: dict[int, Cost] = {}
    peak_memory.malloc_trim()
    with_one_shape, tried = peak_memory.held(compute.device), {max(tokens)}

    def try_next(rotation: Iterator[np.ndarray]) -> None:
        rows = next(rotation)
        tried.add(training.train_batches.padded_tokens(rows))
        step(rows)

    for done, share in enumerate(QUANTILES, start=1):
        place = min(len(order) - 1, int(share * len(order)))
        index = int(order[place])
        if tokens[index] not in costs:
            emit(Progressed(done, len(QUANTILES) + 2, _NOTE))
            rotation = itertools.cycle([batches[number] for number in _near(order, place, compute)])
            costs[tokens[index]] = _cost(tokens[index], lambda rotation=rotation: try_next(rotation), compute)  # type: ignore[misc]
    if compute.device.type == "cuda":
        _beside_graphs(training, step)
    emit(Progressed(len(QUANTILES) + 1, len(QUANTILES) + 2, _NOTE))
    peak_memory.malloc_trim()
    kept = max(0, peak_memory.held(compute.device) - with_one_shape) / max(1, len(tried) - 1)
    validation = by_length(training.validation_rows.lengths, 2 * micro_batch(settings))
    evaluations = _evaluation_costs(training, validation) if validation else ()
    used = max(0, peak.bytes() - fixed)
    evaluation_tokens = [training.validation_batches.padded_tokens(rows) for rows in validation]
    shapes = len(set(tokens)) + len(set(evaluation_tokens)) - len(tried) - len(evaluations)
    network_bytes, moments_bytes = checkpoint_bytes(training)
    return Measured(
        steps=tuple(costs[key] for key in sorted(costs)),
        evaluations=evaluations,
        step_tokens=tuple(tokens),
        evaluation_tokens=tuple(evaluation_tokens),
        is_captured=compute.device.type == "cuda",
        memory_fixed=fixed + (0 if compute.device.type == "cuda" else round(kept * min(shapes, _MOST_SHAPES))),
        memory_batch=used * parts,
        network_bytes=network_bytes,
        moments_bytes=moments_bytes,
        device=compute.name,
    )


def _beside_graphs(training: Training, step: Callable[[np.ndarray], object]) -> None:
    """Steps of batches that are not captured, since nothing else may use the memory of a graph.

    These are an epoch's last one where it is not whole, and the first one of each length. Where they run out of memory
    the peak is all of it.
    """
    batches = training.plan.epoch(0)
    whole = training.settings.batch_size
    alone = [rows for rows in batches if len(rows) < whole]
    lengths = {training.train_batches.padded_tokens(rows): rows for rows in batches if len(rows) == whole > 1}
    if len(lengths) > 1:
        alone.append(lengths[max(lengths)][:-1])
    for rows in alone:
        try:
            step(rows)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            traceback.clear_frames(error.__traceback__)


def _near(order: np.ndarray, place: int, compute: Compute) -> list[int]:
    """The batch at this place, and on a CPU those of about its length: a repeated one would be in the caches.

    On a GPU other lengths would be captured in between.
    """
    if compute.device.type == "cuda":
        return [int(order[place])]
    around = sorted(range(len(order)), key=lambda other: abs(other - place))[:MOST_REPEATS]
    return [int(order[other]) for other in around]


@contextmanager
def _restored(compute: Compute) -> Iterator[None]:
    threads, random = torch.get_num_threads(), torch.get_rng_state()
    on_gpu = compute.device.type == "cuda"
    random_there = torch.cuda.get_rng_state(compute.device) if on_gpu else None
    torch.set_num_threads(compute.threads)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(random)
        gc.collect()
        peak_memory.malloc_trim()
        if random_there is not None:
            with suppress(RuntimeError):  # a lost GPU, whose error is on its way
                torch.cuda.set_rng_state(random_there, compute.device)
        peak_memory.release_gpu_cache(compute.device)


def _warmed_up(
    training: Training, dataset: PreparedDataset, longest: np.ndarray, emit: Emit
) -> tuple[Callable[[np.ndarray], object], int]:
    """A step that has computed the longest batch once, and the number of parts it needed."""
    parts = training.settings.gradient_accumulation
    if training.compute.device.type == "cpu":  # where too much would kill the process instead of raising
        room = peak_memory.free(training.compute.device)
        while _estimate(training, dataset, longest, parts) > room and parts < training.settings.batch_size:
            parts *= 2
    while True:
        trying = with_parts(training, parts)
        diverged = torch.zeros((), dtype=torch.bool, device=training.compute.device)
        step = fastest_step(trying, diverged, _only_stops(emit))

        def once(rows: np.ndarray, step: Callable[[np.ndarray, float], object] = step) -> object:
            return step(rows, training.settings.learning_rate)

        try:
            once(longest)
            return once, parts
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            if micro_batch(trying.settings) == 1:
                raise out_of_memory(trying.settings, trying.compute, error) from error
            traceback.clear_frames(error.__traceback__)
        training.optimizer.zero_grad(set_to_none=True)
        gc.collect()
        if training.compute.device.type == "cuda":
            torch.cuda.empty_cache()
        parts *= 2


def _only_stops(emit: Emit) -> Emit:
    """Notes of the measurement are not the run's."""
    return lambda event: None if isinstance(event, Noted) else emit(event)


def _estimate(training: Training, dataset: PreparedDataset, rows: np.ndarray, parts: int) -> int:
    """Bytes of the activations in fp32; Korthikanti et al. 2022, "Reducing Activation Recomputation", equation 1."""
    model = dataset.model
    length = training.train_batches.padded_tokens(rows) // max(1, len(rows))
    part = -(-len(rows) // parts)
    return int(2 * model.layers * part * length * (34 * model.hidden_size + 5 * model.attention_heads * length))


def _cost(tokens: int, compute_once: Callable[[], object], compute: Compute) -> Cost:
    """The first two times separately, since a GPU warms up and captures; then the median of some more."""
    first = _seconds(compute_once, compute)
    if compute.device.type != "cuda":
        times = [first]
        while sum(times) < ENOUGH and len(times) < MOST_REPEATS:
            times.append(_seconds(compute_once, compute))
        usual = float(np.median(times))
        return Cost(tokens, usual, usual, usual)
    second = _seconds(compute_once, compute)
    times = [_seconds(compute_once, compute) for _ in range(MOST_REPEATS)]
    return Cost(tokens, first, second, float(np.median(times)))


def _evaluation_costs(training: Training, batches: Sequence[np.ndarray]) -> tuple[Cost, ...]:
    """The cost of an evaluation's batches, from a long one and a middle one."""
    costs: dict[int, Cost] = {}
    training.computing_network.train(False)
    with torch.inference_mode():
        for rows in (batches[0], batches[len(batches) // 2]):

            def evaluate(rows: np.ndarray = rows) -> None:
                source = training.validation_batches
                with training.autocast():
                    logits_of(training.computing_network, source.on_device(source.of(rows))).float().cpu()

            tokens = training.validation_batches.padded_tokens(rows)
            if not costs:
                evaluate()  # the first one warms up; the second one measures what a new length costs
            costs[tokens] = _cost(tokens, evaluate, training.compute)
    return tuple(costs[key] for key in sorted(costs))


def _seconds(compute_once: Callable[[], object], compute: Compute) -> float:
    started = time.perf_counter()
    compute_once()
    if compute.device.type == "cuda":
        torch.cuda.synchronize(compute.device)
    elif compute.device.type == "mps":
        torch.mps.synchronize()
    return time.perf_counter() - started


def _gradient_bytes(training: Training) -> int:
    return sum(parameter.nbytes for group in training.optimizer.param_groups for parameter in group["params"])
