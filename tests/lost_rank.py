"""Loses the second rank of a run at a chosen point, and looks at what is left of the run.

    python tests/lost_rank.py POINT COMMAND ...

is `python -m engine COMMAND ...`, whose rank 0 kills the other one at that point, or stops it. Nothing else is changed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

POINTS = ("start-up", "forward", "all-reduce", "later step", "evaluation", "checkpoint", "stopped")
AT_CALL = {"forward": 3, "all-reduce": 4, "later step": 30, "stopped": 10}  # of the function of the point
SENT = "lost at "  # precedes the moment in the output


class Outcome(NamedTuple):
    """How a run ended that has lost a rank; `seconds` from the loss to the end of the process."""

    code: int | None
    seconds: float
    left: list[str]  # processes of the run that are still there
    error: str  # id in the run's record
    run: str
    checkpoints: list[int]  # steps of the whole ones
    output: str

    def complaints(self, *, within: float) -> list[str]:
        """What is not as it should be."""
        wrong = {
            f"exit code {self.code}": self.code in (0, None),
            f"ended after {self.seconds:.1f} s": not 0 <= self.seconds < within,
            f"left: {self.left}": bool(self.left),
            f"error {self.error!r}": self.error != "T3",
            "no sentence": "another GPU has ended" not in self.output,
        }
        return [sentence for sentence, holds in wrong.items() if holds]


def lose(point: str, command: Sequence[str], workspace: Path, *, timeout: float = 240.0) -> Outcome:
    """Starts the command in a process of its own, which loses its second rank at this point."""
    from engine.workspace import atomic_files
    from engine.workspace.checkpoint_locations import checkpoint_folders
    from engine.workspace.layout import Workspace
    from engine.workspace.runs import list_runs, run_folder

    known = {record.id for record in list_runs(Workspace(workspace))} if workspace.is_dir() else set()
    running = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve()), point, *command, "--workspace", str(workspace)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # its processes are found by that, also those whose parent has ended
    )
    try:
        output, _ = running.communicate(timeout=timeout)
        code: int | None = running.returncode
    except subprocess.TimeoutExpired as expired:
        output = expired.stdout.decode(errors="replace") if isinstance(expired.stdout, bytes) else expired.stdout or ""
        code = None
    ended = time.time()
    left = [
        " ".join(process.cmdline())[-80:]
        for process in psutil.process_iter()
        if _session(process) == running.pid and process.status() != psutil.STATUS_ZOMBIE
    ]
    if left:
        os.killpg(running.pid, signal.SIGKILL)  # the session that was started above
    sent = [float(line.removeprefix(SENT)) for line in output.splitlines() if line.startswith(SENT)]
    records = [record for record in list_runs(Workspace(workspace)) if record.id not in known]
    records = records or [record for record in list_runs(Workspace(workspace)) if record.id in command]
    record = records[0] if records else None
    folders = checkpoint_folders(run_folder(Workspace(workspace), record.id)) if record is not None else []
    return Outcome(
        code=code,
        seconds=ended - sent[0] if sent else -1.0,
        left=left,
        error=record.error.id if record is not None and record.error is not None else "",
        run=record.id if record is not None else "",
        checkpoints=sorted(
            int(folder.name.removeprefix("step-"))
            for folder in folders
            if folder.name.startswith("step-") and atomic_files.is_whole(folder)
        ),
        output=output,
    )


def _session(process: psutil.Process) -> int:
    try:
        return os.getsid(process.pid)
    except OSError:
        return -1


def _arm(point: str) -> None:
    """Replaces the function of the point by one that loses the rank first."""
    from engine.training.checkpoints import saver
    from engine.training.distributed import gradient_sums, ranks
    from engine.training.loop import loop
    from engine.training.memory.out_of_memory import RetryingStep
    from engine.training.step import update

    places: dict[str, tuple[Any, str]] = {
        "start-up": (ranks.Group, "__init__"),
        "forward": (update, "logits_of"),
        "all-reduce": (gradient_sums.GradientSums, "finish"),
        "later step": (RetryingStep, "__call__"),
        "evaluation": (loop, "validate"),
        "checkpoint": (saver, "write_checkpoint"),
        "stopped": (RetryingStep, "__call__"),
    }
    owner, name = places[point]
    setattr(owner, name, _losing(getattr(owner, name), signal.SIGSTOP if point == "stopped" else signal.SIGKILL, point))


def _losing(original: Callable[..., Any], number: signal.Signals, point: str) -> Callable[..., Any]:
    calls = 0

    def call(*given: Any, **named: Any) -> Any:
        nonlocal calls
        others = _followers()
        calls += bool(others)  # the forecast takes steps, too
        if calls == AT_CALL.get(point, 1) and others:
            for other in others:
                other.send_signal(number)
            print(f"\n{SENT}{time.time()}", flush=True)
            calls += 1
        return original(*given, **named)

    return call


def _followers() -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.ZombieProcess):
            if "engine.training.loop.follower" in " ".join(child.cmdline()):
                found.append(child)
    return found


def main() -> int:
    """The command, with a rank that is lost."""
    from engine.__main__ import main as run

    _arm(sys.argv[1])
    return run(sys.argv[2:])


def recipe_of(model: str, file: Path, *, rows: int = 0, **settings: object) -> Path:
    """A recipe of support tickets, of so many of them (0: all); `model` is the lines of that section."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    file.write_text(
        f'[model]\n{model}\n\n[data]\ntype = "example"\nname = "support_tickets"\n\n'
        f"[prepare]\nrow_limit = {rows}\n\n"
        f'[prepare.roles]\ntext = "text"\nlabel = "intent"\n\n[fine_tune]\n' + "\n".join(lines) + "\n",
        encoding="utf-8",
    )
    return file


if __name__ == "__main__":
    sys.exit(main())
