"""Two GPUs beside one: the same losses, how much faster, and what happens when one process is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.gpu.material import Checks, our_run, prepared, random_bert_base, rows_of_words

ROOT = Path(__file__).resolve().parent.parent.parent
ROWS = 16_384


def two_beside_one(checks: Checks, starter: Path, folder: Path) -> None:
    """Losses in fp32 without dropout, and rows a second in bf16 on rows of 128 tokens, at equal effective batch."""
    from engine.contract.settings import FileRows
    from engine.workspace.layout import Workspace

    print("\ntwo GPUs beside one")
    workspace = Workspace(folder / "several").create()
    rows = FileRows(str(rows_of_words(starter, folder / "several.jsonl", rows=1_100)))
    still = prepared(random_bert_base(starter, folder / "several-still", dropout=0.0), rows, workspace)
    losses = {}
    for gpus in (1, 2):
        run, _, _ = our_run(still, workspace, epochs=2, batch_size=30, precision="fp32", gpus=gpus, learning_rate=1e-5)
        losses[gpus] = [point.training_loss for point in run.history] + [point.validation_loss for point in run.history]
        checks.note(f"{gpus} GPU: training and validation losses", losses[gpus])
    differences = [abs(one - two) / abs(one) for one, two in zip(losses[1], losses[2], strict=True) if one and two]
    checks.expect(max(differences) < 1e-3, f"the same losses; largest relative difference {max(differences):.1e}")
    long = FileRows(str(rows_of_words(starter, folder / "several-long.jsonl", rows=ROWS, tokens=128)))
    base = random_bert_base(starter, folder / "several-base")
    shares = {"max_length": 128, "validation_share": 0.01, "test_share": 0.01}
    dataset = prepared(base, long, workspace, **shares)
    for batch in (128, 256):
        speed = {gpus: our_run(dataset, workspace, epochs=2, batch_size=batch, gpus=gpus)[2] for gpus in (1, 2)}
        checks.note(f"batch {batch}: rows a second, one GPU and two", [round(value) for value in speed.values()])
        checks.note(f"batch {batch}: ratio", round(speed[2] / speed[1], 2))


def a_killed_rank(checks: Checks, starter: Path, folder: Path) -> None:
    """The process of the second GPU is killed: the run ends at once, nobody is left, and it can be continued."""
    recipe = folder / "killed.toml"
    recipe.write_text(
        f'[model]\ntype = "folder"\nfolder = "{starter}"\n\n[data]\ntype = "example"\nname = "support_tickets"\n\n'
        '[prepare.roles]\ntext = "text"\nlabel = "intent"\n\n'
        "[fine_tune]\nepochs = 200\ngpus = 2\ncheckpoint_interval = 1\nbatch_size = 32\n"
    )
    workspace = folder / "killed"
    command = [sys.executable, "-m", "engine"]
    running = subprocess.Popen([*command, "run", str(recipe), "--workspace", str(workspace)], cwd=ROOT)
    until = time.monotonic() + 90
    while _step(workspace) < 10 and time.monotonic() < until and running.poll() is None:
        time.sleep(0.2)
    followers = [child for child in psutil.Process(running.pid).children() if "follower" in " ".join(child.cmdline())]
    checks.expect(len(followers) == 1, "one process follows")
    for follower in followers:
        os.kill(follower.pid, signal.SIGKILL)
    started = time.monotonic()
    code = running.wait(60)
    checks.note("exit code after a killed rank", code)
    checks.note("seconds until it ended", round(time.monotonic() - started, 1))
    checks.expect(code != 0, "the run says that it has ended")
    (run,) = [path.name for path in (workspace / "runs").iterdir()]
    done = subprocess.run([*command, "continue", run, "--workspace", str(workspace)], cwd=ROOT, check=False)
    checks.expect(done.returncode == 0, "the run goes on from its last checkpoint, on two GPUs, to the end")


def _step(workspace: Path) -> int:
    for record in workspace.glob("runs/*/run.json"):
        try:
            return int(json.loads(record.read_text())["step"])
        except (OSError, ValueError, KeyError):
            continue
    return 0
