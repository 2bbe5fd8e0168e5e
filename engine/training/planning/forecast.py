"""Time, memory and disk that a run will need, from steps measured on this machine (step_profiler.py).

The times are extrapolated over the lengths of the run's own batches. Measured steps are cached, so that the forecast of
another number of epochs or another learning rate comes at once.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence

import msgspec

from engine.contract.events import Emit
from engine.contract.pair_likeness import pairs_to_make
from engine.contract.presets import planned_steps
from engine.contract.queries import Forecast, ForecastWarning
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, check
from engine.contract.states import PreparedDataset, RunForecast
from engine.devices import detection as devices
from engine.training.acceleration.compiling import Compiled, length_to_try, lengths_that_pay
from engine.training.checkpoints.saver import most_on_disk
from engine.training.loop.early_stopping import count_evaluations
from engine.training.memory import peak_memory
from engine.training.methods.similarity import OWN_LABELS_FROM
from engine.training.planning.step_profiler import Cost, Measured, measure_compiled, measure_steps
from engine.workspace.layout import Workspace

CACHED = 8
FORWARD_SHARE = 1 / 3  # of the time of a step
# These change neither a step nor its memory; every other setting does, or may in future.
_WITHOUT_EFFECT = (
    *("epochs", "learning_rate", "warmup_share", "weight_decay", "max_gradient_norm", "schedule", "patience"),
    *("evaluation_interval", "checkpoint_interval", "run_name", "parent", "chosen_by", "time_budget"),
    "inverse_penalty",
)

_cached: dict[tuple[str, FineTuneSettings], Measured] = {}
_cached_compiled: dict[tuple[str, FineTuneSettings, int], Compiled | None] = {}


def forecast(dataset: PreparedDataset, settings: FineTuneSettings, emit: Emit, *, workspace: Workspace) -> Forecast:
    """Time, peak memory and disk of the whole run, with warnings where it does not fit on this machine.

    Raises what the run itself would raise at its start: `InvalidSetting` (T16, T12), `DatasetUnreadable` (D20),
    `OutOfMemory` (T1) where one row alone does not fit.
    """
    check(settings)
    compute = devices.choose(settings.device, precision=settings.precision, threads=settings.threads)
    plain = {name: getattr(FineTuneSettings(), name) for name in _WITHOUT_EFFECT}
    key = (dataset.folder, msgspec.structs.replace(settings, threads=compute.threads, **plain))
    measured = _cached.get(key)
    if measured is None:
        measured = measure_steps(dataset, settings, compute, emit)
        while len(_cached) >= CACHED:
            del _cached[next(iter(_cached))]
        _cached[key] = measured
    on_cpu = compute.device.type != "cuda"
    expected = _expected(measured, dataset, settings, on_cpu=on_cpu)
    if measured.is_captured:

        def later(tokens: int) -> float:
            return seconds_of(tokens, measured.steps).later

        passes = planned_steps(dataset, settings) / len(measured.step_tokens)
        length = length_to_try(measured.step_tokens, later, passes)
        if length is not None:
            tried = (*key, length)
            if tried not in _cached_compiled:
                _cached_compiled[tried] = measure_compiled(dataset, settings, compute, emit, tokens=length)
            found = _cached_compiled[tried]
            pays = lengths_that_pay(found, measured.step_tokens, later, passes) if found is not None else {}
            expected = msgspec.structs.replace(
                expected, seconds=expected.seconds - sum(pays.values()), compiled_tokens=tuple(sorted(pays))
            )
    memory_free = peak_memory.free(compute.device) + peak_memory.held(compute.device)
    disk_free = shutil.disk_usage(workspace.root).free
    warnings = [
        _memory_warning(measured, settings, memory_free, on_cpu=on_cpu),
        _disk_warning(expected.disk_bytes + measured.network_bytes, disk_free),
    ]
    return Forecast(settings, expected, memory_free, disk_free, tuple(found for found in warnings if found))


def seconds_of(tokens: int, costs: Sequence[Cost]) -> Cost:
    """The cost of a batch of so many tokens: linearly interpolated between the measured ones, never below zero."""
    if len(costs) == 1:
        share = tokens / max(1, costs[0].tokens)
        return Cost(tokens, *(share * value for value in costs[0][1:]))
    right = next((index for index in range(1, len(costs)) if tokens <= costs[index].tokens), len(costs) - 1)
    low, high = costs[right - 1], costs[right]
    share = (tokens - low.tokens) / (high.tokens - low.tokens)
    return Cost(tokens, *(max(0.0, a + share * (b - a)) for a, b in zip(low[1:], high[1:], strict=True)))


def _expected(measured: Measured, dataset: PreparedDataset, settings: FineTuneSettings, *, on_cpu: bool) -> RunForecast:
    steps, per_epoch = planned_steps(dataset, settings), len(measured.step_tokens)
    training = 0.0
    for tokens, times in Counter(measured.step_tokens).items():
        cost, all_times = seconds_of(tokens, measured.steps), times * steps / per_epoch
        training += all_times * cost.later
        if measured.is_captured:
            training += min(1.0, all_times) * (cost.first - cost.later)
            training += min(1.0, max(0.0, all_times - 1)) * (cost.second - cost.later)
    if settings.method == "similarity":  # late updates learn two batches; the pairs are read by the encoder before
        made = pairs_to_make(steps, settings.batch_size) / (settings.batch_size * steps)
        training *= 2 - OWN_LABELS_FROM + FORWARD_SHARE * made
    evaluation = sum(seconds_of(tokens, measured.evaluations).later for tokens in measured.evaluation_tokens)
    evaluations = 1  # the last checkpoint, where nothing can be scored
    if measured.evaluations:
        evaluations = count_evaluations(
            steps_per_epoch=per_epoch if settings.method == "fine_tuning" else steps,  # the others have no epochs
            total_steps=steps,
            interval=settings.evaluation_interval,
        )
    new_length = max((cost.first - cost.later for cost in measured.evaluations), default=0.0)
    seconds = training + evaluations * evaluation + len(set(measured.evaluation_tokens)) * new_length
    evaluated_at = [seconds * (number + 1) / evaluations for number in range(evaluations)]
    return RunForecast(
        seconds=seconds,
        memory_bytes=_memory(measured, settings.gradient_accumulation, on_cpu=on_cpu),
        disk_bytes=most_on_disk(
            measured.network_bytes, measured.moments_bytes, evaluated_at, interval=settings.checkpoint_interval
        ),
        device=measured.device,
    )


def _memory(measured: Measured, parts: int, *, on_cpu: bool) -> int:
    """The peak; on the CPU it includes the copy that is being written as a checkpoint during the next step."""
    copy = measured.network_bytes + measured.moments_bytes if on_cpu else 0
    return measured.memory_fixed + measured.memory_batch // parts + copy


def _memory_warning(
    measured: Measured, settings: FineTuneSettings, free: int, *, on_cpu: bool
) -> ForecastWarning | None:
    parts = settings.gradient_accumulation
    needed = _memory(measured, parts, on_cpu=on_cpu)
    if needed <= free:
        return None
    sentence = Sentence(
        "training.forecast.computer_memory_too_small" if on_cpu else "training.forecast.gpu_memory_too_small",
        needed=needed,
        free=free,
    )
    while parts < settings.batch_size:
        parts *= 2
        if _memory(measured, parts, on_cpu=on_cpu) <= free:
            rows = -(-settings.batch_size // parts)
            return ForecastWarning(
                Sentence("training.forecast.fits_in_parts", sentence=sentence, rows=rows),
                action=Sentence("training.forecast.use_less_memory"),
                settings=msgspec.structs.replace(settings, gradient_accumulation=parts),
            )
    return ForecastWarning(Sentence("training.forecast.smaller_model_shorter_maximum_length", sentence=sentence))


def _disk_warning(needed: int, free: int) -> ForecastWarning | None:
    if needed <= free:
        return None
    return ForecastWarning(
        Sentence("training.forecast.disk_too_little_space_run", needed=needed, free=free, needed_2=needed - free)
    )
