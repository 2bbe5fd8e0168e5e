"""What the benchmarks share: both sides in turn, medians, a ratio, and a JSON line."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

Side = Callable[[], float]


def interleaved(sides: dict[str, Side], rounds: int) -> dict[str, list[float]]:
    """Calls every side once per round, in turn, so that a drifting machine touches all alike."""
    measured: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds):
        for name, side in sides.items():
            measured[name].append(side())
            print(f"  round {number + 1}/{rounds}  {name:<34} {measured[name][-1]:.3f}", flush=True)
    return measured


def paired_ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Ours divided by theirs, round by round."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def report(name: str, unit: str, measured: dict[str, list[float]], ours: str, *, seed: int, **facts: Any) -> None:
    """Prints medians and ratios and appends the record."""
    print(f"\n{name} ({unit}, median of {len(measured[ours])})")
    ratios = {}
    for side, values in measured.items():
        line = f"  {side:<40} {statistics.median(values):10.3f}"
        if side != ours:
            ratios[side] = statistics.median(paired_ratios(measured[ours], values))
            line += f"   ours / this = {ratios[side]:.2f}"
        print(line)
    save(name, unit=unit, measured=measured, ours=ours, ratios=ratios, seed=seed, **facts)


def save(name: str, **facts: Any) -> None:
    """Appends a line with machine and versions to results/<name>.jsonl."""
    record = {
        "name": name,
        "time": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "machine": {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()},
        "versions": {
            package: importlib.metadata.version(package)
            for package in ("torch", "transformers", "PySide6-Essentials", "pyqtgraph")
            if _is_installed(package)
        },
        "python": platform.python_version(),
        **facts,
    }
    path = Path(__file__).parent / "results" / f"{name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def _is_installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
