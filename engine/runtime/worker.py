"""The process torch lives in: reads jobs, calls stages, writes events.

Started by `thread.py`; uses nothing of windows. Commands come as JSON lines on a private copy of standard input,
events leave on a private copy of standard output; descriptor 0 becomes the null device and 1 becomes standard error,
so that a library's stray `print` cannot break the protocol. End-of-file on the input means that the window is gone:
the running job is stopped as if the user had asked, which saves a checkpoint, and the process leaves.
"""

from __future__ import annotations

import faulthandler
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec

from engine import stages
from engine.bootstrap.console import is_closed_pipe
from engine.contract import messages as wire
from engine.contract.errors import EngineError, StopRequested, UnexpectedError, memory_full
from engine.contract.events import (
    Answered,
    Continued,
    DiskFilled,
    Emit,
    EngineReady,
    Event,
    Outcome,
    Paused,
    StageFailed,
    StageStopped,
    StageSucceeded,
    StopAccepted,
)
from engine.contract.parsing_limits import guard_with
from engine.contract.queries import Answer, AskSmaller
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.states import State
from engine.devices.device_errors import device_lost, is_device_lost
from engine.runtime.keep_awake import kept_awake
from engine.runtime.parsing_guard import ParsingGuard
from engine.workspace.layout import Workspace, workspace_at
from engine.workspace.leftovers import remove_leftovers

RunJob = Callable[[wire.Job, Emit, Workspace], State | Answer]


def main(workspace_root: str) -> int:
    """Serves jobs until the input ends; returns the exit code."""
    commands, happenings = private_pipes()
    faulthandler.enable(sys.stderr)
    calm_libraries()
    workspace = workspace_at(Path(workspace_root))
    return Worker(commands, happenings, workspace, run_job, lambda: warm_up(workspace)).serve()


def private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Moves the pipe away from descriptors 0 and 1, where libraries could reach it."""
    commands = os.fdopen(os.dup(0), "rb")
    happenings = os.fdopen(os.dup(1), "wb", buffering=0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return commands, happenings


def calm_libraries() -> None:
    """No progress bars, no telemetry, no advice: the window shows what happens. To be called before torch loads.

    Threads that wait for each other sleep: by themselves they would wait in a loop, which holds cores that the window
    and other programs need (tests/benchmarks/busy_computer.py).
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")


def warm_up(workspace: Workspace) -> None:
    """Tidies up, and imports what the first job needs, while the user still looks at the first page."""
    # Beside the import: with thousands of runs there are as many folders to look into.
    threading.Thread(target=remove_leftovers, args=(workspace,), name="remove leftovers", daemon=True).start()
    import torch  # noqa: F401
    import transformers.models.auto.modeling_auto  # noqa: F401


def run_job(job: wire.Job, emit: Emit, workspace: Workspace) -> State | Answer:
    """Calls the stage or answers the question of a job."""
    match job:
        case wire.LoadModel():
            return stages.load_model(job.source, emit, workspace=workspace)
        case wire.PrepareDataset():
            return stages.prepare_dataset(
                job.model, job.rows, job.settings, emit, device=job.device, workspace=workspace
            )
        case wire.FineTune():
            dataset, forecast = job.dataset, job.forecast
            if job.prepare is not None:
                dataset = stages.prepare_dataset(dataset.model, dataset.source, job.prepare, emit, workspace=workspace)
            if forecast is None and not job.continue_run:
                forecast = stages.measured_before(dataset, job.settings, emit, workspace=workspace)
            with kept_awake():
                return stages.fine_tune(
                    dataset,
                    job.settings,
                    emit,
                    continue_run=job.continue_run,
                    action=job.action,
                    forecast=forecast,
                    workspace=workspace,
                )
        case wire.Search():
            with kept_awake():
                return stages.search(job.dataset, job.settings, job.search, emit, workspace=workspace)
        case wire.Evaluate():
            return stages.evaluate(job.run, job.settings, emit, workspace=workspace)
        case wire.Export():
            return stages.export(job.evaluation, job.settings, emit, workspace=workspace)
        case AskSmaller():
            with kept_awake():
                return stages.answer(job, emit, workspace=workspace)
        case _:
            return stages.answer(job, emit, workspace=workspace)


class Worker:
    """Runs jobs one after the other in the main thread while another thread listens for commands."""

    def __init__(
        self, commands: BinaryIO, happenings: BinaryIO, workspace: Workspace, run: RunJob, warm_up: Callable[[], None]
    ) -> None:
        self._commands = commands
        self._happenings = happenings
        self._workspace = workspace
        self._run = run
        self._warm_up = warm_up
        self._waiting: queue.SimpleQueue[wire.StartJob | None] = queue.SimpleQueue()
        self._lock = threading.Condition()  # notified when a request has come
        self._stops: dict[int, bool] = {}  # job number: discard
        self._pauses: set[int] = set()  # numbers of jobs that pause
        self._window_gone = False
        self._number = 0  # of the job that runs
        self._guard = ParsingGuard(self._as_outcome, happenings)

    def serve(self) -> int:
        """Serves jobs until the input ends."""
        self._report(0, EngineReady(os.getpid()))
        threading.Thread(target=self._listen, name="commands", daemon=True).start()
        self._warm_up()
        guard_with(self._guard)
        while (start := self._waiting.get()) is not None:
            self._number = start.number
            self._report(start.number, self._outcome(start))
        guard_with(None)
        self._guard.close()
        return 0

    def _as_outcome(self, error: EngineError) -> bytes:
        """What the guard writes once it has ended this process, which may have been in the middle of a line."""
        return b"\n" + wire.encode(wire.Happened(self._number, StageFailed(error.report()), worker_ends=True))

    def _listen(self) -> None:
        for line in self._commands:
            try:
                command = wire.decode_command(line)
            except msgspec.DecodeError as error:
                print(f"a command could not be read: {error}", file=sys.stderr, flush=True)
                continue
            match command:
                case wire.StartJob():
                    self._waiting.put(command)
                case wire.StopJob():
                    with self._lock:
                        self._stops[command.number] = command.discard
                        self._lock.notify_all()
                case wire.PauseJob():
                    with self._lock:
                        (self._pauses.add if command.paused else self._pauses.discard)(command.number)
                        self._lock.notify_all()
        with self._lock:
            self._window_gone = True
            self._lock.notify_all()
        self._waiting.put(None)

    def _outcome(self, start: wire.StartJob) -> Outcome:
        is_stopping = False

        def stop_if_asked() -> None:
            nonlocal is_stopping
            with self._lock:
                discard = self._stops.pop(start.number, None)
                gone = self._window_gone
            if discard is not None or gone:
                is_stopping = True
                self._report(start.number, StopAccepted())
                raise StopRequested(bool(discard), leaving=gone)

        def emit(event: Event) -> None:
            if is_stopping:
                self._report(start.number, event)
                return
            stop_if_asked()
            if isinstance(event, DiskFilled):  # waits for an answer
                with self._lock:
                    self._pauses.add(start.number)
            self._report(start.number, event)
            if self._wait_while_paused(start.number, report=not isinstance(event, DiskFilled)):
                stop_if_asked()

        if self._window_gone:
            return StageStopped()
        try:
            result = self._run(start.job, emit, self._workspace)
        except StopRequested:
            return StageStopped()
        except EngineError as error:
            return StageFailed(error.report())
        except MemoryError as error:
            return StageFailed(memory_full(error).report())
        except Exception as error:
            if is_device_lost(error):
                return StageFailed(device_lost(error, training=False).report())
            return StageFailed(
                UnexpectedError(
                    "A6",
                    Sentence("runtime.a6.something_went_wrong_inside_program"),
                    hint=Sentence("runtime.a6.try_again_details_say_what"),
                    actions=(RecoveryAction.TRY_AGAIN,),
                    details=traceback.format_exc(),
                ).report()
            )
        if isinstance(result, State):
            return StageSucceeded(result)
        return Answered(result)

    def _wait_while_paused(self, number: int, *, report: bool) -> bool:
        """Waits while the job is paused; returns at once when it is to stop. Whether it has waited."""
        with self._lock:
            if number not in self._pauses:
                return False
        begun = time.monotonic()
        if report:
            self._report(number, Paused())
        with self._lock:
            self._lock.wait_for(lambda: number not in self._pauses or number in self._stops or self._window_gone)
            self._pauses.discard(number)
        self._report(number, Continued(time.monotonic() - begun))
        return True

    def _report(self, number: int, event: Event) -> None:
        try:
            self._happenings.write(wire.encode(wire.Happened(number, event)))
        except OSError as error:
            if not is_closed_pipe(error):
                raise
            with self._lock:
                self._window_gone = True


def command_line(root: Path, workspace_root: Path, python: str = sys.executable) -> list[str]:
    """How to start a worker: isolated from the environment and the working folder, with the program's own root."""
    start = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from engine.runtime.worker import main\n"
        "sys.exit(main(sys.argv[2]))"
    )
    return [python, "-I", "-X", "utf8", "-c", start, str(root), str(workspace_root)]
