"""Two GPUs beside one: the same losses, how much faster, and what happens when one process is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.gpu.material import Checks, long_rows, our_run, prepared, random_bert_base, rows_of_words
from tests.lost_rank import POINTS, ROOT, Outcome, lose, recipe_of

ROUNDS = int(os.environ.get("ROUNDS", "5"))  # how often a rank is lost at each point
AT_ONCE = 7  # runs, on the same two GPUs
SECONDS = 15.0  # within which a run has ended after its loss
LEFT = 700 * 2**20  # bytes of a GPU: what the driver and this process need


def two_beside_one(checks: Checks, starter: Path, folder: Path) -> None:
    """Losses in fp32 and in bf16 without dropout, and rows a second in bf16 on rows of 128 tokens."""
    from engine.contract.settings import FileRows
    from engine.workspace.layout import Workspace

    print("\ntwo GPUs beside one")
    workspace = Workspace(folder / "several").create()
    rows = FileRows(str(rows_of_words(starter, folder / "several.jsonl", rows=1_100)))
    still = prepared(random_bert_base(starter, folder / "several-still", dropout=0.0), rows, workspace)
    for precision in ("fp32", "bf16"):
        losses = {}
        for gpus in (1, 2):
            run, _, _ = our_run(
                still, workspace, epochs=2, batch_size=30, precision=precision, gpus=gpus, learning_rate=1e-5
            )
            history = run.history
            losses[gpus] = [point.training_loss for point in history] + [point.validation_loss for point in history]
            checks.note(f"{precision}, {gpus} GPU: training and validation losses", losses[gpus])
        differences = [abs(one - two) / abs(one) for one, two in zip(losses[1], losses[2], strict=True) if one and two]
        checks.expect(max(differences) < 1e-3, f"{precision}: the same losses; largest relative {max(differences):.1e}")
    dataset, workspace = long_rows(starter, folder)
    for batch in (128, 256):
        speed = {gpus: our_run(dataset, workspace, epochs=1, batch_size=batch, gpus=gpus)[2] for gpus in (1, 2)}
        checks.note(f"batch {batch}: rows a second, one GPU and two", [round(value) for value in speed.values()])
        checks.note(f"batch {batch}: ratio", round(speed[2] / speed[1], 2))


def a_lost_rank(checks: Checks, starter: Path, folder: Path) -> None:
    """The process of the second GPU is killed or stopped: the run ends, nothing is left, and it can be continued."""
    import torch

    settings = {"epochs": 40, "gpus": 2, "checkpoint_interval": 1, "batch_size": 32, "learning_rate": 1e-4}
    recipe = recipe_of(f'type = "folder"\nfolder = "{starter}"', folder / "lost.toml", **settings)
    before = _memory_in_use()

    def one(number: int, point: str) -> Outcome:
        outcome = lose(point, ["run", str(recipe)], folder / f"lost-{point.replace(' ', '-')}-{number}", timeout=100)
        print(point, number, outcome._replace(output=""), outcome.complaints(within=SECONDS), flush=True)
        return outcome

    lost: dict[tuple[int, str], Outcome] = {}
    with ThreadPoolExecutor(AT_ONCE) as runs:
        waiting = {(number, point): runs.submit(one, number, point) for number in range(ROUNDS) for point in POINTS}
        for key, outcome in waiting.items():
            try:
                lost[key] = outcome.result()
            except Exception as error:
                checks.expect(False, f"{key}: {error!r}")
    for point in POINTS:
        outcomes = [outcome for (_, other), outcome in lost.items() if other == point]
        complaints = [outcome.complaints(within=SECONDS) for outcome in outcomes]
        checks.note(f"{point}: seconds until it ended", [round(outcome.seconds, 1) for outcome in outcomes])
        checks.expect(not any(complaints), f"{point}: ends with T3 {len(outcomes)} times {complaints}")
        for outcome, complaint in zip(outcomes, complaints, strict=True):
            if complaint:
                print(outcome.output[-1500:], flush=True)
    after = _memory_in_use()
    checks.note(
        "memory in use before and after, MiB", [[value >> 20 for value in values] for values in (before, after)]
    )
    grown = [now - then for then, now in zip(before, after, strict=True)]
    checks.expect(max(grown) < LEFT, f"no GPU memory is left {grown} {torch.cuda.device_count()}")
    with_checkpoint = [(key, outcome) for key, outcome in lost.items() if outcome.checkpoints]
    checks.expect(len(with_checkpoint) >= 4, f"{len(with_checkpoint)} lost runs have a whole checkpoint")

    def go_on(gpus: int, key: tuple[int, str], outcome: Outcome) -> tuple[int, subprocess.CompletedProcess[str]]:
        number, point = key
        environment = dict(os.environ) if gpus == 2 else {**os.environ, "CUDA_VISIBLE_DEVICES": "0"}
        place = folder / f"lost-{point.replace(' ', '-')}-{number}"
        command = [sys.executable, "-m", "engine", "continue", outcome.run, "--workspace", str(place)]
        done = subprocess.run(
            command, cwd=ROOT, check=False, env=environment, capture_output=True, text=True, timeout=200
        )
        return gpus, done

    with ThreadPoolExecutor(AT_ONCE) as runs:
        chosen = zip((2, 1, 2, 1), with_checkpoint, strict=False)
        for gpus, done in runs.map(lambda given: go_on(given[0], *given[1]), list(chosen)):
            checks.expect(done.returncode == 0, f"a lost run is continued to the end where {gpus} GPUs are seen")
            if done.returncode:
                print(done.stderr[-1500:], flush=True)


def _memory_in_use() -> list[int]:
    """Bytes of each GPU that any process has."""
    import torch

    numbers = [torch.cuda.mem_get_info(number) for number in range(torch.cuda.device_count())]
    return [total - free for free, total in numbers]
