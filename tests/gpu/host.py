"""What a training step waits for on this computer: the host's samples beside the kernels' own time."""

from __future__ import annotations

import collections
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from unittest import mock

from tests.gpu.material import Checks, our_run, prepared, random_bert_base, rows_of_words

ROWS = 32_768


class Sampler:
    """Counts where the calling thread is, every 2 ms, while the block runs."""

    def __init__(self, depth: int = 4) -> None:
        self._target = threading.get_ident()
        self._depth = depth
        self._stop = threading.Event()
        self.counts: collections.Counter[str] = collections.Counter()

    def __enter__(self) -> Sampler:
        threading.Thread(target=self._sample, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()

    def _sample(self) -> None:
        while not self._stop.wait(0.002):
            frame = sys._current_frames().get(self._target)
            names: list[str] = []
            while frame is not None and len(names) < self._depth:
                names.append(f"{Path(frame.f_code.co_filename).stem}:{frame.f_lineno}({frame.f_code.co_name})")
                frame = frame.f_back
            self.counts[" < ".join(names)] += 1

    def shares(self, most: int = 12) -> list[str]:
        """The most frequent places, with their share of all samples."""
        total = max(1, sum(self.counts.values()))
        return [f"{number / total:5.1%}  {place}" for place, number in self.counts.most_common(most)]


def describe(checks: Checks) -> None:
    """Clocks, topology, cores."""
    import torch

    for command in (["nvidia-smi", "topo", "-m"], ["nvidia-smi", "-q", "-d", "CLOCK,PERFORMANCE,POWER"]):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
            lines = [line.rstrip() for line in done.stdout.splitlines() if line.strip()]
            print("\n".join(lines[:60]), flush=True)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(command, error)
    checks.note(
        "cores", f"{os.cpu_count()}, usable {len(os.sched_getaffinity(0))}, torch threads {torch.get_num_threads()}"
    )
    count = torch.cuda.device_count()
    peers = [torch.cuda.can_device_access_peer(0, other) for other in range(1, count)]
    checks.note("GPUs that reach each other's memory", f"{1 + sum(peers)} of {count}")
    for path in ("/sys/fs/cgroup/cpu.max", "/proc/loadavg"):
        if Path(path).exists():
            checks.note(path, Path(path).read_text().strip())


def small_costs(checks: Checks) -> None:
    """What a synchronisation, a copy and a small CPU operation cost by themselves."""
    import torch

    device = torch.device("cuda:0")
    value = torch.zeros((), device=device)
    rows = torch.randint(0, 1000, (128, 128))
    pinned = rows.pin_memory()

    def timed(name: str, call: Any, count: int = 200) -> None:
        call()
        torch.cuda.synchronize()
        started = time.perf_counter()
        for _ in range(count):
            call()
        torch.cuda.synchronize()
        checks.note(name, f"{(time.perf_counter() - started) / count * 1e6:.0f} us")

    timed("float(tensor)", lambda: float(value))
    timed("event record + query", lambda: (event := torch.cuda.Event()).record() or event.query())
    timed("copy 128x128 pageable", lambda: rows.to(device))
    timed("copy 128x128 pinned, async", lambda: pinned.to(device, non_blocking=True))
    timed("pin_memory 128x128", lambda: rows.pin_memory())
    timed("small kernel", lambda: value.add_(1))
    timed("cpu add 128x128", lambda: rows + 1)
    timed("cpu float add 16M", lambda: torch.ones(1_000_000).add_(1), 20)
    timed("memory numbers", lambda: torch.cuda.mem_get_info(0))
    timed("time.monotonic x100", lambda: [time.monotonic() for _ in range(100)])


def where_a_step_waits(checks: Checks, starter: Path, folder: Path) -> None:
    """BERT-base at 128 tokens and batch 128 on one GPU: samples of the host, and the kernels' time of some steps."""
    from engine.contract.settings import FileRows
    from engine.training.loop import reports
    from engine.workspace.layout import Workspace

    describe(checks)
    small_costs(checks)
    workspace = Workspace(folder / "host").create()
    long = FileRows(str(rows_of_words(starter, folder / "host.jsonl", rows=ROWS, tokens=128)))
    base = random_bert_base(starter, folder / "host-base")
    dataset = prepared(base, long, workspace, max_length=128, validation_share=0.01, test_share=0.01)
    rates = {}
    for name, interval, threads in (
        ("as shipped", reports.REPORT_INTERVAL, 0),
        ("two reports a second", 0.5, 0),
        ("4 threads", reports.REPORT_INTERVAL, 4),
    ):
        with Sampler() as sampler, mock.patch.object(reports, "REPORT_INTERVAL", interval):
            _, whole, rates[name] = our_run(dataset, workspace, epochs=1, batch_size=128, gpus=1, threads=threads)
        checks.note(f"{name}: rows a second", f"{whole:,.0f}, steady {rates[name]:,.0f}")
        print("\n".join(sampler.shares()), flush=True)
    checks.note("lost by reports", f"{1 - rates['as shipped'] / rates['two reports a second']:.1%}")
    checks.note("lost by threads", f"{1 - rates['as shipped'] / rates['4 threads']:.1%}")
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA]) as profiled:
        our_run(dataset, workspace, epochs=1, batch_size=128, gpus=1)
    kernels = sorted(profiled.key_averages(), key=lambda event: -event.self_device_time_total)[:14]
    total = sum(event.self_device_time_total for event in profiled.key_averages())
    checks.note("kernels' time in the profiled run", f"{total / 1e6:.2f} s")
    for event in kernels:
        print(f"{event.self_device_time_total / 1e3:9.1f} ms {event.count:6} {event.key[:100]}", flush=True)
