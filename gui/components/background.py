"""Work that would block the window runs in a plain thread; its result arrives on the window's own thread.

    task = run_in_thread(self, lambda job: read(path, job), on_result=self._show, name="read a file")
    task.cancel()                 # delivers nothing any more; the work ends at its next `job.check()`

The work gets a `Job` to report progress and to notice that it was cancelled. It must not touch Qt objects. A task is a
child of its owner: when the owner is deleted, the work is cancelled and nothing is delivered.
"""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from collections.abc import Callable
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from engine.contract.errors import EngineError

Result = TypeVar("Result")
EXPECTED: tuple[type[Exception], ...] = (EngineError, OSError)  # failures of the world, not of the program


class Cancelled(Exception):
    """Raised in the work by `Job.check` and `Job.report` once nobody wants its result."""


class Job:
    """The work's view of its task; its methods may be called from any thread."""

    def __init__(self, deliver: Callable[[str, object], None]) -> None:
        self.is_cancelled = False
        self._deliver = deliver

    def check(self) -> None:
        """Raises `Cancelled` where the result is no longer wanted."""
        if self.is_cancelled:
            raise Cancelled

    def report(self, progress: object) -> None:
        """Delivers this to `on_progress`; raises `Cancelled` where the result is no longer wanted."""
        self.check()
        self._deliver("progressed", progress)

    def cancel(self) -> None:
        """Lets the work end at its next check."""
        self.is_cancelled = True


class BackgroundTask(QObject):
    """A running piece of work: `succeeded` or `failed` follows, or nothing once it is cancelled."""

    succeeded = Signal(object)
    failed = Signal(object)  # the exception
    progressed = Signal(object)

    def __init__(self, owner: QObject, job: Job) -> None:
        super().__init__(owner)
        self._job = job
        self.is_running = True
        weakref.finalize(self, job.cancel)  # with the owner

    def cancel(self) -> None:
        """Delivers nothing from now on; the work ends at its next check."""
        self._job.cancel()
        self.is_running = False

    def deliver(self, signal: str, value: object) -> None:
        """Emits this signal unless the task was cancelled; called on the window's thread."""
        if signal == "progressed":
            if not self._job.is_cancelled:
                self.progressed.emit(value)
            return
        self.is_running = False
        if not self._job.is_cancelled:
            (self.failed if signal == "failed" else self.succeeded).emit(value)
        if shiboken6.isValid(self):  # a receiver may have deleted the owner
            # The connection may hold the last reference to the owner, which would delete its child a second time.
            self.setParent(None)
            self.deleteLater()


def run_in_thread(
    owner: QObject,
    work: Callable[[Job], Result],
    *,
    name: str,
    on_result: Callable[[Result], object] | None = None,
    on_failure: Callable[[Exception], object] | None = None,
    on_progress: Callable[..., object] | None = None,
    expected: tuple[type[Exception], ...] = EXPECTED,
) -> BackgroundTask:
    """Starts the work; call this on the window's thread. The callbacks run there, too.

    `on_failure` gets exceptions of the `expected` kinds. Any other, and each where there is no `on_failure`, is a bug
    and ends in `threading.excepthook`.
    """
    mailbox = _mailbox()

    def deliver(signal: str, value: object) -> None:
        with contextlib.suppress(RuntimeError):  # the program ends, and the application has taken the mailbox along
            mailbox.arrived.emit((reference, signal, value))

    job = Job(deliver)
    task = BackgroundTask(owner, job)
    reference = weakref.ref(task)
    for signal, receive in ((task.succeeded, on_result), (task.failed, on_failure), (task.progressed, on_progress)):
        if receive is not None:
            signal.connect(receive)
    caught = expected if on_failure is not None else ()

    def run() -> None:
        try:
            deliver("succeeded", work(job))
        except Cancelled:
            deliver("cancelled", None)
        except caught as error:
            deliver("failed", error)
        finally:
            _THREADS.discard(threading.current_thread())

    thread = threading.Thread(target=run, name=name, daemon=True)
    _THREADS.add(thread)
    _JOBS.add(job)
    thread.start()
    return task


def cancel_all() -> None:
    """Cancels everything that runs: the program ends."""
    for job in list(_JOBS):
        job.cancel()


def wait_for_all(seconds: float) -> bool:
    """Waits until no work runs, so that a file is written to its end; returns whether that is so."""
    until = time.monotonic() + seconds
    for thread in list(_THREADS):
        thread.join(max(0.0, until - time.monotonic()))
    return not any(thread.is_alive() for thread in list(_THREADS))


_THREADS: set[threading.Thread] = set()
_JOBS: weakref.WeakSet[Job] = weakref.WeakSet()


class _Mailbox(QObject):
    """Lives on the window's thread as long as the application, so that no thread emits from an object that goes."""

    arrived = Signal(object)  # (weak reference to the task, name of its signal, value)

    def __init__(self, application: QCoreApplication) -> None:
        super().__init__(application)
        self.arrived.connect(self._open, Qt.ConnectionType.QueuedConnection)

    def _open(self, letter: tuple[weakref.ref[BackgroundTask], str, object]) -> None:
        reference, signal, value = letter
        task = reference()
        if task is not None and shiboken6.isValid(task):
            task.deliver(signal, value)


_box: _Mailbox | None = None


def _mailbox() -> _Mailbox:
    global _box
    if _box is None or not shiboken6.isValid(_box):
        application = QCoreApplication.instance()
        assert application is not None
        _box = _Mailbox(application)
    return _box
