"""`EngineThread(QThread)`: starts, feeds, stops and replaces the worker process; the only Qt file of the engine.

Everything the worker reports, the outcome included, reaches the window through one signal, `happened`, in order. The
thread owns all its state; other threads talk to it through one queue. Reading and writing the pipes happens in plain
threads of their own, because both may block.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QThread, Signal

from engine.bootstrap.commands import command
from engine.bootstrap.console import NO_WINDOW
from engine.contract import messages as wire
from engine.contract.errors import DEVICE_LOST, LOST_RANK_EXIT_CODE, UnexpectedError, WorkerDied
from engine.contract.events import (
    CheckpointSaved,
    Continued,
    DiskFilled,
    EngineResponded,
    EngineSilent,
    Event,
    Paused,
    StageFailed,
    StageStopped,
    StepsTrained,
    StopAccepted,
    TrainingStarted,
    is_outcome,
)
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.runtime.watchdog import SilenceTimer
from engine.runtime.worker import command_line
from engine.workspace.file_operations import replace

PATIENCE = 5.0  # seconds without an answer to Stop before the worker is replaced
FINISHING_PATIENCE = 120.0  # seconds an accepted stop may take to save what it keeps
CLOSING_PATIENCE = 15.0  # seconds the worker has to save and leave when the window closes


class _Line(msgspec.Struct):
    process: int
    text: bytes


class _Ended(msgspec.Struct):
    process: int


class _Replace(msgspec.Struct):
    number: int


class _Environment(msgspec.Struct):
    values: dict[str, str]


class _Close(msgspec.Struct):
    pass


_Item = wire.Command | _Line | _Ended | _Replace | _Environment | _Close


class EngineThread(QThread):
    """The engine for the window: submit a job, receive what happened, ask to stop."""

    happened = Signal(object)  # wire.Happened

    def __init__(
        self, workspace_root: Path, *, worker_command: list[str] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        root = Path(__file__).resolve().parents[2]
        self._worker_command = worker_command or command_line(root, workspace_root)
        self._log = workspace_root / "logs" / "engine.log"
        self._inbox: queue.Queue[_Item] = queue.Queue()
        self._environment: dict[str, str] = {}
        self._numbers = 0
        self._number_lock = threading.Lock()

    # ── Called from any thread ──────────────────────────────────────────────────────────────────────────────────

    def submit(self, job: wire.Job) -> int:
        """Puts a job at the end of the queue and returns its number."""
        with self._number_lock:
            self._numbers += 1
            number = self._numbers
        self._inbox.put(wire.StartJob(number, job))
        return number

    def stop(self, number: int, *, discard: bool = False) -> None:
        """Asks the job to stop; asked again, ends the worker process without waiting for an answer."""
        self._inbox.put(wire.StopJob(number, discard))

    def pause(self, number: int, paused: bool) -> None:
        """Lets the job pause, or continue."""
        self._inbox.put(wire.PauseJob(number, paused))

    def replace(self, number: int) -> None:
        """Ends the worker process because it does not answer; this job, where it runs, fails with what is safe."""
        self._inbox.put(_Replace(number))

    def set_environment(self, values: dict[str, str]) -> None:
        """Gives the worker process these variables besides those of the program.

        A worker that waits is replaced at once, one that works when its job has ended. Variables may hold an access
        token: they are neither logged nor on the command line.
        """
        self._environment = values
        if self.isRunning():
            self._inbox.put(_Environment(values))

    def close(self) -> None:
        """Lets the running job save what it has, ends the worker and the thread. `wait()` afterwards."""
        self._inbox.put(_Close())

    # ── The thread ──────────────────────────────────────────────────────────────────────────────────────────────

    def run(self) -> None:
        """Serves the inbox until `close`."""
        _Service(self._worker_command, self._log, self._inbox, self.happened.emit, self._environment).serve()


class _Service:
    """What runs inside the thread; no Qt in here."""

    def __init__(
        self,
        worker_command: list[str],
        log: Path,
        inbox: queue.Queue[_Item],
        deliver: Callable[[wire.Happened], None],
        environment: dict[str, str],
    ) -> None:
        self._worker_command = worker_command
        self._environment = environment
        self._is_outdated = False  # the worker has another environment than the next one will have
        self._log = log
        self._inbox = inbox
        self._deliver = deliver
        self._process: subprocess.Popen[bytes] | None = None
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._pipes: list[threading.Thread] = []
        self._jobs: deque[wire.StartJob] = deque()  # the first one runs
        self._running = False
        self._stop_deadline: float | None = None
        self._stop_pressed = False
        self._last_step: tuple[int, float] | None = None
        self._step_seconds = 0.0
        self._saved_step = 0
        self._training = False
        self._silence = SilenceTimer()
        self._stderr_tail: deque[str] = deque(maxlen=40)

    def serve(self) -> None:
        self._start_process()
        while True:
            try:
                item = self._inbox.get(timeout=self._seconds_to_wait())
            except queue.Empty:
                if self._stop_deadline is not None:
                    if time.monotonic() >= self._stop_deadline:
                        self._replace_process(Sentence("runtime.t3_reason.did_not_answer_time"))
                elif (seconds := self._silence.unreported_seconds()) is not None and self._jobs:
                    saved = self._saved_step if self._training else 0
                    self._report(self._jobs[0].number, EngineSilent(seconds, saved))
                continue
            match item:
                case wire.StartJob():
                    self._jobs.append(item)
                    self._run_next()
                case wire.StopJob():
                    self._stop(item)
                case wire.PauseJob():
                    if any(job.number == item.number for job in self._jobs):
                        self._outgoing.put(wire.encode(item))
                case _Line():
                    if self._process is not None and item.process == self._process.pid:
                        self._receive_line(item.text)
                case _Ended():
                    if self._process is not None and item.process == self._process.pid:
                        self._worker_died(self._process.wait())
                case _Replace():
                    if self._running and self._jobs and self._jobs[0].number == item.number:
                        self._replace_process(Sentence("runtime.t3_reason.did_not_answer"))
                case _Environment():
                    self._is_outdated = self._is_outdated or item.values != self._environment
                    self._environment = item.values
                    self._renew_idle_process()
                case _Close():
                    self._leave()
                    return

    def _seconds_to_wait(self) -> float | None:
        if self._stop_deadline is None:
            return self._silence.seconds_left()
        return max(0.0, self._stop_deadline - time.monotonic())

    # ── Process ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _renew_idle_process(self) -> None:
        if self._is_outdated and not self._running:
            self._kill()  # it waits for a job, so nothing is lost
            self._start_process()

    def _start_process(self) -> None:
        self._is_outdated = False
        try:
            self._process = subprocess.Popen(
                self._worker_command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, **self._environment},
                creationflags=NO_WINDOW,
                start_new_session=os.name != "nt",  # Ctrl-C in a terminal is for the window to handle
            )
        except OSError as error:
            self._process = None
            self._stderr_tail.append(str(error))
            return
        process = self._process
        self._outgoing = queue.SimpleQueue()
        self._pipes = []
        for work in (self._read, self._write, self._drain):
            thread = threading.Thread(target=work, args=(process, self._outgoing), name=work.__name__, daemon=True)
            thread.start()
            self._pipes.append(thread)

    def _read(self, process: subprocess.Popen[bytes], outgoing: queue.SimpleQueue[bytes | None]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._inbox.put(_Line(process.pid, line))
        outgoing.put(None)
        self._inbox.put(_Ended(process.pid))

    def _write(self, process: subprocess.Popen[bytes], outgoing: queue.SimpleQueue[bytes | None]) -> None:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError, OSError):
            while (line := outgoing.get()) is not None:
                process.stdin.write(line)
                process.stdin.flush()
        with contextlib.suppress(BrokenPipeError, ValueError, OSError):
            process.stdin.close()

    def _drain(self, process: subprocess.Popen[bytes], _outgoing: queue.SimpleQueue[bytes | None]) -> None:
        assert process.stderr is not None
        with contextlib.suppress(OSError):
            self._log.parent.mkdir(parents=True, exist_ok=True)
            if self._log.exists() and self._log.stat().st_size > 5_000_000:
                replace(self._log, self._log.with_suffix(".old.log"))
        with process.stderr:
            for line in process.stderr:
                text = line.decode("utf-8", "replace")
                self._stderr_tail.append(text.rstrip())
                with contextlib.suppress(OSError), self._log.open("a", encoding="utf-8") as file:
                    file.write(text)

    def _kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for pipe in self._pipes:
            pipe.join(timeout=2.0)

    def _replace_process(self, reason: Sentence) -> None:
        stopped_by_user = self._stop_pressed
        self._kill()
        self._process = None  # so that the next job starts, and is sent to, a new one
        if self._jobs and self._running:
            if stopped_by_user and not self._training:
                self._finish(StageStopped())
            else:
                self._finish(StageFailed(self._death(reason).report()))
        if self._process is None:
            self._start_process()
        self._run_next()

    def _worker_died(self, code: int) -> None:
        self._process = None  # so that the next job starts, and is sent to, a new one
        if self._jobs and self._running:
            self._finish(StageFailed(self._death(_reason(code)).report()))

    def _death(self, reason: Sentence) -> WorkerDied:
        if self._training and self._saved_step:
            hint = Sentence("runtime.t3.continue_from_step", step=self._saved_step)
            actions: tuple[RecoveryAction, ...] = (RecoveryAction.CONTINUE_RUN,)
        elif self._training:
            hint = Sentence("runtime.t3.no_checkpoint_written_yet_start")
            actions = (RecoveryAction.TRY_AGAIN,)
        else:
            hint = Sentence("runtime.t3.nothing_saved_lost_try_again")
            actions = (RecoveryAction.TRY_AGAIN,)
        return WorkerDied(
            "T3",
            Sentence("runtime.t3.training_stopped" if self._training else "runtime.t3.engine_stopped", reason=reason),
            hint=hint,
            actions=actions,
            details="\n".join(self._stderr_tail),
        )

    def _leave(self) -> None:
        process = self._process
        if process is None:
            return
        self._outgoing.put(None)  # closes the pipe: the worker saves and leaves
        try:
            process.wait(timeout=CLOSING_PATIENCE)
        except subprocess.TimeoutExpired:
            self._kill()
        for pipe in self._pipes:
            pipe.join(timeout=2.0)

    # ── Jobs ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _run_next(self) -> None:
        if self._running or not self._jobs:
            return
        if self._process is None:
            self._start_process()
        start = self._jobs[0]
        self._running = True
        self._stop_pressed = False
        self._training = False
        self._saved_step = 0
        self._last_step = None
        self._step_seconds = 0.0
        if self._process is None:
            error = UnexpectedError(
                "T3",
                Sentence("runtime.t3.engine_cannot_started"),
                hint=Sentence("runtime.t3.start_program_again_if_stays", command=command()),
                details="\n".join(self._stderr_tail),
            )
            self._finish(StageFailed(error.report()))
            return
        self._silence.begin(watched=isinstance(start.job, wire.StageJob))
        self._outgoing.put(wire.encode(start))

    def _stop(self, stop: wire.StopJob) -> None:
        running = self._jobs[0] if self._running and self._jobs else None
        if running is None or running.number != stop.number:
            waiting = [job for job in self._jobs if job.number == stop.number and job is not running]
            for job in waiting:
                self._jobs.remove(job)
                self._report(job.number, StageStopped())
            return
        if self._stop_pressed:
            self._replace_process(Sentence("runtime.t3_reason.ended_because_asked_stop_twice"))
            return
        self._stop_pressed = True
        self._stop_deadline = time.monotonic() + max(PATIENCE, 3 * self._step_seconds)
        self._outgoing.put(wire.encode(stop))

    def _receive_line(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            happened = wire.decode_happened(line)
        except msgspec.DecodeError as error:
            self._stderr_tail.append(f"an event could not be read: {error}")
            return
        event = happened.event
        running = self._jobs[0].number if self._running and self._jobs else None
        if happened.number not in (0, running):
            return
        if self._silence.message_received() and running is not None:
            self._report(running, EngineResponded())
        match event:
            case Paused() | DiskFilled():
                self._silence.begin(watched=False)
            case Continued():
                self._silence.begin(watched=True)
            case TrainingStarted():
                self._training = True
                self._saved_step = event.first_step
            case StepsTrained():
                self._measure_step(event.step)
            case CheckpointSaved():
                self._saved_step = event.step
            case StopAccepted():
                self._stop_deadline = time.monotonic() + FINISHING_PATIENCE
            case _:
                pass
        is_lost = isinstance(event, StageFailed) and event.error.id == DEVICE_LOST
        if is_lost or happened.worker_ends:
            self._kill()  # it cannot compute there any more, or is being ended by the guard of its parsing
            self._process = None
        if is_outcome(event):
            self._finish(event)
        else:
            self._report(happened.number, event)

    def _measure_step(self, step: int) -> None:
        now = time.monotonic()
        if self._last_step is not None and step > self._last_step[0]:
            self._step_seconds = (now - self._last_step[1]) / (step - self._last_step[0])
        self._last_step = (step, now)

    def _finish(self, outcome: Event) -> None:
        start = self._jobs.popleft()
        self._running = False
        self._stop_deadline = None
        self._silence.begin(watched=False)
        self._report(start.number, outcome)
        self._renew_idle_process()
        self._run_next()

    def _report(self, number: int, event: Event) -> None:
        self._deliver(wire.Happened(number, event))


# Windows' exit codes of programs that it ended (ntstatus.h), in words.
_WINDOWS_CODES = {
    0xC0000005: Sentence("runtime.t3_reason.access_violation"),
    0xC0000017: Sentence("runtime.t3_reason.out_of_memory"),
    0xC000001D: Sentence("runtime.t3_reason.illegal_instruction"),
    0xC00000FD: Sentence("runtime.t3_reason.stack_overflow"),
    0xC0000135: Sentence("runtime.t3_reason.library_not_found"),
    0xC000013A: Sentence("runtime.t3_reason.ended_by_ctrl_c"),
    0xC0000142: Sentence("runtime.t3_reason.library_not_started"),
    0xC0000374: Sentence("runtime.t3_reason.heap_corruption"),
    0xC0000409: Sentence("runtime.t3_reason.aborted"),
}


def _reason(code: int) -> Sentence:
    if code in _WINDOWS_CODES:
        return _WINDOWS_CODES[code].anew()  # made before a language was chosen
    if code < 0:
        if -code == getattr(signal, "SIGKILL", 9):
            return Sentence("runtime.t3_reason.computer_ran_out_memory_process")
        name = signal.Signals(-code).name if -code in list(signal.Signals) else str(-code)
        return Sentence("runtime.t3_reason.training_engine_crashed", name=name)
    if code == LOST_RANK_EXIT_CODE:
        return Sentence("runtime.t3_reason.another_gpu_ended")
    return Sentence("runtime.t3_reason.training_engine_ended_unexpectedly_exit", code=code)
