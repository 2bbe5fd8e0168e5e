"""Two GPUs beside one: the same losses, how much faster, and what happens when one process is lost."""

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


KILLS = ("start-up", "step 3", "step 12", "step 25", "stopped at step 10")  # phases of a run, by when they are met
SECONDS = 15.0  # within which a run has ended after its loss


def a_lost_rank(checks: Checks, starter: Path, folder: Path) -> None:
    """The process of the second GPU is killed or stopped: the run ends, nobody is left, and it can be continued."""
    import torch

    recipe = folder / "killed.toml"
    recipe.write_text(
        f'[model]\ntype = "folder"\nfolder = "{starter}"\n\n[data]\ntype = "example"\nname = "support_tickets"\n\n'
        '[prepare.roles]\ntext = "text"\nlabel = "intent"\n\n'
        "[fine_tune]\nepochs = 40\ngpus = 2\ncheckpoint_interval = 1\nbatch_size = 32\n"
    )
    workspace = folder / "killed"
    command = [sys.executable, "-m", "engine"]
    for phase in KILLS:
        before = set(workspace.glob("runs/*"))
        with (folder / "killed.log").open("w") as log:
            running = subprocess.Popen(
                [*command, "run", str(recipe), "--workspace", str(workspace)], cwd=ROOT, stdout=log, stderr=log
            )
        wanted = int(phase.rsplit(" ", 1)[1]) if "step" in phase else -1
        until = time.monotonic() + 120
        followers: list[psutil.Process] = []
        while time.monotonic() < until and running.poll() is None:
            followers = [
                child for child in psutil.Process(running.pid).children() if "follower" in " ".join(child.cmdline())
            ]
            new = set(workspace.glob("runs/*")) - before
            if followers and (wanted < 0 or any(_step(run) >= wanted for run in new)):
                break
            time.sleep(0.05)
        checks.expect(len(followers) == 1, f"{phase}: one process follows")
        for follower in followers:
            follower.send_signal(signal.SIGSTOP if "stopped" in phase else signal.SIGKILL)
        started = time.monotonic()
        try:
            code: int | None = running.wait(60)
        except subprocess.TimeoutExpired:
            code = None
            running.kill()
        checks.note(f"{phase}: exit code, seconds until it ended", f"{code}, {time.monotonic() - started:.1f}")
        checks.expect(code not in (0, None) and time.monotonic() - started < SECONDS, f"{phase}: the run has ended")
        _, alive = psutil.wait_procs(followers, timeout=10)
        alive = [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
        checks.expect(not alive, f"{phase}: nobody is left")
        text = (folder / "killed.log").read_text(errors="replace")
        checks.expect("another GPU has ended" in text, f"{phase}: the sentence names the cause")
        if "another GPU has ended" not in text:
            print(text[-1500:], flush=True)
    used = [torch.cuda.mem_get_info(number) for number in range(torch.cuda.device_count())]
    checks.note("memory in use afterwards, MiB", [round((total - free) / 2**20) for free, total in used])
    lost = [run for run in sorted(workspace.glob("runs/*")) if list(run.glob("checkpoints/step-*"))]
    for gpus, run in zip((2, 1), lost, strict=False):
        environment = dict(os.environ) if gpus == 2 else {**os.environ, "CUDA_VISIBLE_DEVICES": "0"}
        done = subprocess.run(
            [*command, "continue", run.name, "--workspace", str(workspace)],
            cwd=ROOT,
            check=False,
            env=environment,
            capture_output=True,
            text=True,
        )
        checks.expect(done.returncode == 0, f"a lost run is continued to the end where {gpus} GPUs are seen")
        if done.returncode:
            print(done.stderr[-1500:], flush=True)


def _step(run: Path) -> int:
    """The step that a run's log has reached."""
    try:
        lines = (run / "events.jsonl").read_text(errors="replace").splitlines()
    except OSError:
        return 0
    steps = [json.loads(line).get("step", 0) for line in lines if '"step"' in line and line.endswith("}")]
    return max(steps, default=0)
