"""Where the time of a step of several GPUs goes: without communication, and with each way of summing the gradients.

    python tests/gpu/step_time.py RANK SIZE PORT DATASET.json RESULT.json

is one rank of it; `several_ways` starts all. The recorded step alone: no loop, no reports, no evaluation.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import os
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

WARM, COUNTED, PROFILED_STEPS = 16, 50, 5
BATCHES = (128, 256)
ALONE, NO_SUMS, AT_ONCE, DDP = "alone", "no sums", "at once", "DistributedDataParallel"
BUCKETS = {  # megabytes of a bucket, number format
    f"{size} MB, {wire}": (size, wire)
    for size, wire in ((25, "float32"), (25, "bfloat16"), (100, "float32"), (100, "bfloat16"))
}
PROFILED = "100 MB, bfloat16"
WAYS = (ALONE, NO_SUMS, AT_ONCE, *BUCKETS, DDP)


def several_ways(checks: Any, starter: Path, folder: Path) -> None:
    """Milliseconds of a step, BERT-base on rows of 128 tokens in bf16, by batch size and way of summing."""
    import msgspec
    import torch

    from engine.contract.sentences import encode_hook
    from tests.gpu.material import long_rows

    size = torch.cuda.device_count()
    dataset, _ = long_rows(starter, folder)
    (folder / "ways.json").write_bytes(msgspec.json.encode(dataset, enc_hook=encode_hook))
    result = folder / "ways-result.json"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    log = folder / "nccl.%p"
    environment = {**os.environ, "NCCL_DEBUG": "INFO", "NCCL_DEBUG_FILE": str(log)}
    arguments = [str(size), port, str(folder / "ways.json"), str(result)]
    ranks = [
        subprocess.Popen([sys.executable, __file__, str(rank), *arguments], cwd=ROOT, env=environment)
        for rank in range(size)
    ]
    codes = []
    for rank in ranks:
        try:
            codes.append(rank.wait(100))
        except subprocess.TimeoutExpired:
            codes.append(None)
            rank.kill()
    checks.expect(codes == [0] * size, f"the ranks have measured; exit codes {codes}")
    ways = collections.Counter(
        line.split(" via ")[1].split()[0] for file in folder.glob("nccl.*") for line in file.open() if " via " in line
    )
    checks.note("channels between the GPUs", dict(ways))
    measured = json.loads(result.read_text()) if result.exists() else {}
    for batch, times in measured.items():
        for way, numbers in times.items():
            checks.note(f"batch {batch}, {way}", numbers)
        best = min((times[way]["step"], way) for way in WAYS[2:] if "step" in times.get(way, {}))
        checks.note(f"batch {batch}: best way, ratio to one GPU", [best[1], round(times[ALONE]["step"] / best[0], 3)])


def measure(rank: int, size: int, dataset: Any, result: Path) -> None:
    """Times every way; rank 0 writes after each, so that one that hangs does not hide the others."""
    import torch
    import torch.distributed as dist

    from engine.training.batching.rows import read_splits

    splits = read_splits(dataset)
    times: dict[int, dict[str, Any]] = {batch: {} for batch in BATCHES}
    for way in WAYS:  # the one least likely to end is the last
        for batch in BATCHES:
            dist.barrier()
            try:
                if way != ALONE or rank == 0:
                    times[batch][way] = _time(rank, size, dataset, splits, batch, way)
            except Exception as error:
                traceback.print_exc()
                times[batch][way] = {"error": repr(error)[:300]}
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            if rank == 0:
                result.write_text(json.dumps(times))
                print(batch, way, times[batch][way], flush=True)


def _time(rank: int, size: int, dataset: Any, splits: Any, batch: int, way: str) -> dict[str, Any]:
    import torch

    from engine.contract.settings import FineTuneSettings
    from engine.devices import detection as devices
    from engine.training.acceleration.cuda_graph_step import fastest_step
    from engine.training.distributed import gradient_sums
    from engine.training.distributed.gradient_sums import GradientSums, Pair
    from engine.training.loop.assembly import assemble
    from engine.training.step.optimizer import prepare_states

    device = f"cuda:{rank}" if torch.cuda.is_available() else "cpu"
    settings = FineTuneSettings(batch_size=batch, learning_rate=1e-5, device=device, seed=1)
    torch.manual_seed(1)
    training = assemble(dataset, settings, devices.choose(device, precision="auto"), splits)
    if way != ALONE:
        training = dataclasses.replace(training, group=_Share(rank, size))
    before: Any = _nothing
    if way == DDP:
        training = dataclasses.replace(training, bf16_copy=_DdpCopy(training, size))
    elif way == AT_ONCE or way in BUCKETS:
        computing = zip(training.network.parameters(), training.computing_network.parameters(), strict=True)
        pairs = [Pair(weight, copied) for weight, copied in computing if weight.requires_grad]
        megabytes, wire = BUCKETS.get(way, (0, "float32"))
        gradient_sums.BUCKET_BYTES = megabytes * 2**20
        sums = GradientSums(pairs, wire=getattr(torch, wire))
        training = dataclasses.replace(training, gradient_sums=sums)
        before = sums.prepare if way in BUCKETS else _nothing
    prepare_states(training.optimizer)
    training.to_training_mode()
    step = fastest_step(training, torch.zeros((), dtype=torch.bool, device=device), print)
    batches = [rows for epoch in range(9) for rows in training.plan.epoch(epoch)[:-1] if len(rows) == batch]
    with _one_stream(way == DDP):
        losses = []
        for rows in batches[:WARM]:
            before()
            if way == DDP and len(losses) < 12:
                losses.append(float(step._eager(rows, 1e-5).loss))  # type: ignore[attr-defined]
            else:
                losses.append(float(step(rows, 1e-5).loss))
        _synchronize()
        host, started = 0.0, time.perf_counter()
        for rows in batches[WARM : WARM + COUNTED]:
            begun = time.perf_counter()
            before()
            updated = step(rows, 1e-5)
            host += time.perf_counter() - begun
        _synchronize()
        whole = time.perf_counter() - started
        found = {"step": 1e3 * whole / COUNTED, "host": 1e3 * host / COUNTED, "loss": float(updated.loss)}
        graphs = list(getattr(step, "_graphs", {}).values())
        if graphs:
            started = time.perf_counter()
            for _ in range(COUNTED):
                graphs[0].graph.replay()
            _synchronize()
            found["replayed alone"] = 1e3 * (time.perf_counter() - started) / COUNTED
            if way == PROFILED and batch == BATCHES[0]:
                _print_kernels(rank, graphs[0].graph)
    return {name: round(value, 4) for name, value in found.items()}


def _print_kernels(rank: int, graph: Any) -> None:
    """The kernels of a step, by the time they take together."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA]) as profiled:
        for _ in range(PROFILED_STEPS):
            graph.replay()
        _synchronize()
    if rank == 0:
        events = sorted(profiled.key_averages(), key=lambda event: -event.self_device_time_total)
        total = sum(event.self_device_time_total for event in events)
        count = sum(event.count for event in events)
        print(f"kernels of a step: {count / PROFILED_STEPS:.0f}, {total / PROFILED_STEPS / 1e3:.2f} ms", flush=True)
        for event in events[:24]:
            times = f"{event.self_device_time_total / PROFILED_STEPS / 1e3:7.3f} ms {event.count / PROFILED_STEPS:6.0f}"
            print(f"kernel {times}  {event.key[:110]}", flush=True)


def _nothing() -> None:
    pass


def _synchronize() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


@contextmanager
def _one_stream(wanted: bool) -> Iterator[None]:
    """Inside, warm-up and capture are on one side stream, as DistributedDataParallel needs it."""
    import torch

    if not wanted or not torch.cuda.is_available():
        yield
        return
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    original = torch.cuda.graph
    with (
        torch.cuda.stream(stream),
        mock.patch.object(torch.cuda, "graph", lambda graph, **named: original(graph, stream=stream, **named)),
    ):
        yield


class _Share:
    """A rank's rows, as `Group` gives them."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size

    def own(self, rows: Any) -> Any:
        return rows[self.rank :: self.size]


class _DdpCopy:
    """The copy that computes inside torch's DistributedDataParallel, which takes means where we take sums."""

    def __init__(self, training: Any, size: int) -> None:
        import torch

        made = training.bf16_copy
        weights, copied = training.network, training.computing_network
        self._size, self._made = size, made
        self._pairs = [
            (one, two) for one, two in zip(weights.parameters(), copied.parameters(), strict=True) if one.requires_grad
        ]
        stream = torch.cuda.Stream() if torch.cuda.is_available() else None
        with torch.cuda.stream(stream):
            self.network = torch.nn.parallel.DistributedDataParallel(
                copied,
                static_graph=True,
                gradient_as_bucket_view=True,
                device_ids=[torch.cuda.current_device()] if stream is not None else None,
            )

    def hand_over_gradients(self) -> None:
        import torch

        pairs = [(weight, copied.grad) for weight, copied in self._pairs if copied.grad is not None]
        taken = [torch.empty_like(weight) for weight, _ in pairs]
        torch._foreach_copy_(taken, [gradient for _, gradient in pairs])
        torch._foreach_mul_(taken, float(self._size))
        for (weight, _), gradient in zip(pairs, taken, strict=True):
            weight.grad = gradient
        torch._foreach_zero_([gradient for _, gradient in pairs])

    def refresh(self) -> None:
        self._made.refresh()

    def free_gradients(self) -> None:
        pass


def main() -> None:
    """One rank."""
    rank, size, port, dataset, result = sys.argv[1:]
    os.environ |= {"TORCH_NCCL_ASYNC_ERROR_HANDLING": "0", "TORCH_NCCL_ENABLE_MONITORING": "0"}
    import warnings

    import msgspec
    import torch
    import torch.distributed as dist

    from engine.contract.sentences import decode_hook
    from engine.contract.states import PreparedDataset

    warnings.simplefilter("ignore")
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(int(rank))
    dist.init_process_group(
        "cpu:gloo,cuda:nccl" if on_gpu else "gloo",
        init_method=f"tcp://127.0.0.1:{port}",
        rank=int(rank),
        world_size=int(size),
    )
    state = msgspec.json.decode(Path(dataset).read_bytes(), type=PreparedDataset, dec_hook=decode_hook)
    measure(int(rank), int(size), state, Path(result))
    os._exit(0)  # leaving a group whose sums are in recorded graphs is none of what is measured


if __name__ == "__main__":
    main()
