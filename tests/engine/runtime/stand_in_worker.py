"""A worker process without torch: the real `Worker`, with jobs that do what their folder's name asks for."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from engine.contract import messages as wire
from engine.contract.errors import DatasetUnreadable, ModelNotFound, StopRequested
from engine.contract.events import CheckpointSaved, DiskFilled, Emit, Progressed, StepsTrained, TrainingStarted
from engine.contract.parsing_limits import limited, progressed
from engine.contract.queries import Answer, DevicesFound
from engine.contract.settings import FolderModel
from engine.contract.states import State
from engine.runtime import parsing_guard
from engine.runtime.worker import Worker, private_pipes
from engine.workspace.layout import Workspace
from tests.builders import a_model, a_run


def run(job: wire.Job, emit: Emit, workspace: Workspace) -> State | Answer:
    """Behaves by the folder's name of a `LoadModel` job; trains for a `FineTune`."""
    if isinstance(job, wire.FineTune):
        return train(emit, workspace)
    if not isinstance(job, wire.LoadModel) or not isinstance(job.source, FolderModel):
        return DevicesFound((), "no device")
    emit(Progressed(0, 3, "starting"))
    match job.source.folder:
        case "count":
            for number in (1, 2, 3):
                emit(Progressed(number, 3, "counting"))
        case "environment":
            emit(Progressed(0, 0, os.environ.get("HF_TOKEN", "no token")))
        case "print":
            print("a library speaks", flush=True)
            os.write(1, b"and writes to descriptor 1\n")
        case "fail":
            raise ModelNotFound("M5", "Nothing is there.")
        case "bug":
            raise ZeroDivisionError("a bug")
        case "read":
            assert sys.stdin.read() == ""  # would hang, or eat commands, if it were the pipe
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(3)
        case "lose the device":
            raise RuntimeError("CUDA error: unknown error")
        case "hang":
            time.sleep(600)
        case "parse slowly" | "parse in steps" | "parse a lot" | "parse a little":
            parse(job.source.folder)
        case "endless":
            while True:
                emit(Progressed(1, 0, "on and on"))
                time.sleep(0.01)
    return a_model()


def parse(how: str) -> None:
    """Parses as a library does that holds the interpreter, within limits of half a second and 100 MB."""
    with limited(DatasetUnreadable("D21", "rows.csv was slow."), DatasetUnreadable("D21", "rows.csv was large.")):
        match how:
            case "parse slowly":
                re.fullmatch("(a|a)*b", "a" * 60)
            case "parse in steps":
                until = time.monotonic() + 2.0
                while time.monotonic() < until:
                    sum(range(10_000))
                    progressed()
            case "parse a lot":
                held = bytearray(400_000_000)
                held[::1000] = b"x" * len(held[::1000])
                time.sleep(600)
            case "parse a little":
                time.sleep(1.5)  # waits for a disk, which is no work


def train(emit: Emit, workspace: Workspace) -> State:
    """Trains until it is stopped or made to end, saving a checkpoint of a kind."""
    emit(TrainingStarted("r1", str(workspace.root), 1000, 10.0, 0, "cpu", "fp32", "macro_f1"))
    try:
        for step in range(1, 1001):
            emit(StepsTrained(step, 1000, step / 10, 0.5, 1e-5, 1.0, 10.0, 1.0))
            if step == 5:
                emit(CheckpointSaved(5, 0.1))
            if step == 7 and (workspace.root / "full").exists():
                emit(DiskFilled(str(workspace.root), 1_200_000_000, 80_000_000, True, 7, 5))
            if step == 8 and (workspace.root / "die").exists():
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(0.01)
    except StopRequested as stop:
        (workspace.root / "saved").write_text("discard" if stop.discard else "keep")
        return a_run(stopped_early=True)
    return a_run()


if __name__ == "__main__":
    parsing_guard.SECONDS, parsing_guard.MEMORY = 0.5, 100_000_000
    commands, happenings = private_pipes()
    sys.exit(Worker(commands, happenings, Workspace(Path(sys.argv[1])), run, lambda: None).serve())
