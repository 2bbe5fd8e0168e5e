"""What limits a training step in float32 on a CPU: the step's parts beside a matrix product and beside memory.

    python tests/benchmarks/cpu_limit.py [--cpu-time]

With --cpu-time it counts seconds of the processor, not of the clock, where other programs run beside it.
MiniLM, batches of 32 short reviews, the program's own step taken apart, in turn with its limits: the rate of a large
float32 product, that of products of the network's own shapes, and of copying memory. A step's floating-point
operations are counted as six for each weight and token, and those of attention (Kaplan et al. 2020); AdamW moves 28
bytes for each weight (weight, gradient and two moments read, all but the gradient written).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measuring import save

SEED = 42
BATCH = 32
STEPS, PROFILED = 12, 4
SIZE = 1_536  # of the large product
MOVED = 28  # bytes for each weight in AdamW


def main() -> None:
    """Measures and reports."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cpu-time", action="store_true", help="count seconds of the processor")
    clock = time.process_time if parser.parse_args().cpu_time else time.perf_counter
    from engine.runtime.worker import calm_libraries

    calm_libraries()
    import torch
    from transformers import logging

    from engine import stages
    from engine.contract.settings import ExampleRows, FineTuneSettings, PrepareSettings, Roles, StarterModel
    from engine.devices import detection as devices
    from engine.training.batching.rows import read_splits
    from engine.training.loop.assembly import assemble
    from engine.workspace.layout import Workspace

    logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder)).create()
        model = stages.load_model(StarterModel(), _silent, workspace=workspace)
        rows = PrepareSettings(roles=Roles(text="text", label="label"), row_limit=800, max_length=128, seed=SEED)
        dataset = stages.prepare_dataset(model, ExampleRows("short_reviews"), rows, _silent, workspace=workspace)
        settings = FineTuneSettings(batch_size=BATCH, device="cpu", precision="fp32", seed=SEED)
        compute = devices.choose("cpu", precision="fp32")
        torch.set_num_threads(compute.threads)
        training = assemble(dataset, settings, compute, read_splits(dataset))
        training.to_training_mode()
        _report(training, *_measured(training, clock))
        _print_operators(training)


def _measured(
    training: Any, clock: Callable[[], float]
) -> tuple[dict[str, list[float]], list[float], list[int], dict[str, list[float]]]:
    """Seconds of each part by step, operations and tokens of each step, and the limits measured beside each step."""
    import torch

    from engine.tasks.network import logits_of

    network, optimizer = training.network, training.optimizer
    parts: dict[str, list[float]] = {}
    limits: dict[str, list[float]] = {}
    operations: list[float] = []
    tokens: list[int] = []
    encoder = [weight for name, weight in network.named_parameters() if "embeddings" not in name]
    weights = sum(weight.numel() for weight in encoder)
    layers, hidden = network.config.num_hidden_layers, network.config.hidden_size

    def timed(name: str, call: Callable[[], Any], into: dict[str, list[float]] = parts) -> Any:
        started = clock()
        made = call()
        into.setdefault(name, []).append(clock() - started)
        return made

    large = torch.randn(SIZE, SIZE)
    moved = torch.randn(16_000_000)
    target = torch.empty_like(moved)
    optimizer.grad_scale = torch.ones(())
    optimizer.found_inf = torch.zeros(())
    for number, positions in enumerate(training.plan.epoch(0)[: STEPS + 2]):
        batch = timed("batch", lambda positions=positions: training.train_batches.of(positions))
        height, width = batch["input_ids"].shape
        logits = timed("forward", lambda batch=batch: logits_of(network, batch))
        loss = training.task.loss(logits, batch, training.loss_options) / height
        timed("backward", loss.backward)
        gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
        timed("norm", lambda gradients=gradients: torch.nn.utils.get_total_norm(gradients))
        timed("AdamW", optimizer.step)
        timed("freeing", lambda: optimizer.zero_grad(set_to_none=True))
        operations.append(height * width * (6 * weights + 12 * layers * hidden * width))
        tokens.append(height * width)
        timed("large", lambda: large @ large, limits)
        states = torch.randn(height * width, hidden)
        up = torch.randn(hidden, network.config.intermediate_size)
        timed("own", lambda states=states, up=up: states @ up, limits)
        limits.setdefault("own operations", []).append(2.0 * states.numel() * up.shape[1])
        timed("copy", lambda: target.copy_(moved), limits)
        if number == 1:  # the first two steps allocate
            for values in (*parts.values(), *limits.values(), operations, tokens):
                values.clear()
    return parts, operations, tokens, limits


def _report(
    training: Any,
    parts: dict[str, list[float]],
    operations: list[float],
    tokens: list[int],
    limits: dict[str, list[float]],
) -> None:
    step = sum(map(sum, parts.values()))
    computing = sum(parts["forward"]) + sum(parts["backward"])
    large = 2 * SIZE**3 / statistics.median(limits["large"])
    own = sum(limits["own operations"]) / sum(limits["own"])
    bandwidth = 2 * 4 * 16_000_000 / statistics.median(limits["copy"])
    trained = sum(weight.numel() for group in training.optimizer.param_groups for weight in group["params"])
    rate = sum(operations) / computing
    print(f"{BATCH * len(operations) / step:,.0f} rows a second, {sum(tokens) / len(tokens):,.0f} tokens a step")
    for name, seconds in sorted(parts.items(), key=lambda item: -sum(item[1])):
        print(f"{name:10} {1e3 * statistics.median(seconds):7.1f} ms  {sum(seconds) / step:6.1%} of the step")
    print(f"large float32 product      {large / 1e9:7.0f} GFLOP/s")
    print(f"products of its own shapes {own / 1e9:7.0f} GFLOP/s")
    shares = f"{rate / large:.0%} of the large product, {rate / own:.0%} of its own"
    print(f"forward and backward       {rate / 1e9:7.0f} GFLOP/s: {shares}")
    needed = MOVED * trained / bandwidth
    print(
        f"AdamW moves {MOVED * trained / 1e6:,.0f} MB: {1e3 * needed:.1f} ms at {bandwidth / 1e9:.1f} GB/s of copying"
    )
    least = sum(operations) / large + len(operations) * needed
    print(f"at both limits: {BATCH * len(operations) / least:,.0f} rows a second, {step / least:.2f} times as many")
    seconds = {name: statistics.median(values) for name, values in parts.items()}
    save("cpu_limit", unit="seconds", parts=seconds, large=large, own=own, rate=rate, bandwidth=bandwidth, seed=SEED)


def _print_operators(training: Any) -> None:
    """The operators of forward and backward passes by their own time, of the clock."""
    from torch.profiler import ProfilerActivity, profile

    from engine.tasks.network import logits_of

    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        for positions in training.plan.epoch(1)[:PROFILED]:
            batch = training.train_batches.of(positions)
            training.task.loss(logits_of(training.network, batch), batch, training.loss_options).backward()
    events = sorted(profiled.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    for event in events[:12]:
        print(f"{event.self_cpu_time_total / total:6.1%}  {event.key}")


def _silent(_event: object) -> None:
    pass


if __name__ == "__main__":
    main()
