"""The most memory that a run on a CPU holds, beside its forecast, and beside a run that keeps free memory.

    python tests/benchmarks/run_memory.py [--rounds 2] [--rows 600] [--batch 16] [--precision auto]

Each side is a process of its own. A ratio below 1 means that giving free memory back lowers the peak.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from measuring import interleaved, report

SEED = 1
SIDES = ("given back", "kept")


def main() -> None:
    """Measures both sides in turn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--child", choices=SIDES)
    options = parser.parse_args()
    if options.child:
        print(*one_run(options))
        return
    told: list[float] = []

    def side(name: str) -> float:
        done = subprocess.run(
            [sys.executable, __file__, "--child", name, *sys.argv[1:]],
            env=os.environ | {"OMP_WAIT_POLICY": "passive"},  # as the worker has it
            check=True,
            capture_output=True,
            text=True,
        )
        taken, forecast = map(float, done.stdout.split()[-2:])
        if name == SIDES[0]:
            told.append(forecast / taken)
        return taken

    measured = interleaved({name: lambda name=name: side(name) for name in SIDES}, options.rounds)  # type: ignore[misc]
    settings = {"rows": options.rows, "batch": options.batch, "precision": options.precision}
    report("run_memory", "MB", measured, SIDES[0], seed=SEED, told=told, **settings)
    print("  forecast / fact: " + ", ".join(f"{share:.2f}" for share in told))


def one_run(options: argparse.Namespace) -> tuple[float, float]:
    """The peak of a run of two epochs and what was forecast, in MB."""
    from engine import stages
    from engine.contract.settings import ExampleRows, FineTuneSettings, PrepareSettings, Roles, StarterModel
    from engine.training.memory import peak_memory
    from engine.training.planning.forecast import forecast
    from engine.workspace.layout import Workspace

    warnings.simplefilter("ignore")
    if options.child == SIDES[1]:
        peak_memory.malloc_trim = lambda: None
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder)).create()
        model = stages.load_model(StarterModel(), _silent, workspace=workspace)
        prepare = PrepareSettings(roles=Roles(text="text", label="label"), row_limit=options.rows, seed=SEED)
        dataset = stages.prepare_dataset(model, ExampleRows("short_reviews"), prepare, _silent, workspace=workspace)
        settings = FineTuneSettings(
            epochs=2, learning_rate=1e-4, batch_size=options.batch, device="cpu", precision=options.precision
        )
        told = forecast(dataset, settings, _silent, workspace=workspace).expected
        run = stages.fine_tune(dataset, settings, _silent, workspace=workspace, forecast=told)
    return run.memory_bytes / 1e6, told.memory_bytes / 1e6


def _silent(_event: object) -> None:
    pass


if __name__ == "__main__":
    main()
