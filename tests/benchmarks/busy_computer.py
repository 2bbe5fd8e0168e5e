"""Rows a second of training on a CPU that has other things to do as well, for ways in which threads wait.

    python tests/benchmarks/busy_computer.py [--rounds 2]

Threads of OpenMP wait for each other at the end of each parallel part: in a loop that holds the core, as libgomp does
at first unless set otherwise, or asleep (`OMP_WAIT_POLICY=passive`). A loop answers sooner; on a computer whose
cores others want too it waits for a thread that cannot run. Each side is a process of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

from measuring import ROOT, interleaved, report

SEED = 42
WAYS = {
    "as shipped": {},
    "short loop, then asleep": {"GOMP_SPINCOUNT": "10000"},
    "asleep": {"OMP_WAIT_POLICY": "passive"},
}


def main() -> None:
    """Measures each way, alone and beside programs that compute."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--child", type=Path)
    options = parser.parse_args()
    if options.child:
        print(rows_a_second(options.child))
        return
    with tempfile.TemporaryDirectory() as folder:
        for busy in (0, 1, 2):
            print(f"\n{busy} other programs compute")
            others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
            try:
                sides = {
                    name: (lambda changes=changes: _in_a_process(Path(folder), changes))  # type: ignore[misc]
                    for name, changes in WAYS.items()
                }
                measured = interleaved(sides, options.rounds)
            finally:
                for other in others:
                    other.kill()
                    other.wait()
            report("busy_computer", "rows a second", measured, "asleep", seed=SEED, others=busy)


def _in_a_process(folder: Path, changes: dict[str, str]) -> float:
    plain = {name: value for name, value in os.environ.items() if name not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    done = subprocess.run(
        [sys.executable, __file__, "--child", str(folder)],
        env=plain | changes,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return float(done.stdout.splitlines()[-1])


def rows_a_second(folder: Path) -> float:
    """One epoch of the starter model on 320 short reviews, in Auto."""
    from transformers import logging

    from engine import stages
    from engine.contract.events import StepsTrained
    from engine.contract.settings import ExampleRows, FineTuneSettings, PrepareSettings, Roles, StarterModel
    from engine.workspace.layout import Workspace

    logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    workspace = Workspace(folder).create()
    model = stages.load_model(StarterModel(), _silent, workspace=workspace)
    choices = PrepareSettings(roles=Roles(text="text", label="label"), row_limit=400, max_length=128, seed=SEED)
    dataset = stages.prepare_dataset(model, ExampleRows("short_reviews"), choices, _silent, workspace=workspace)
    steps: list[StepsTrained] = []
    settings = FineTuneSettings(epochs=1.0, batch_size=32, device="cpu", seed=SEED)
    stages.fine_tune(
        dataset,
        settings,
        lambda event: steps.append(event) if isinstance(event, StepsTrained) else None,
        workspace=workspace,
    )
    return float(dataset.splits["train"].rows / steps[-1].seconds)


def _silent(_event: object) -> None:
    pass


if __name__ == "__main__":
    main()
