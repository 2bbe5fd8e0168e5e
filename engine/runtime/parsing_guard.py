"""A small process beside the one that parses: ends it where a parser passes its limits, and reports why.

Not a thread, because the parsers of Python and many native ones hold the interpreter while they work; and not a child
that parses, because rows would cross one more process border (the worker is a child of the window already). What is
lost with an ended worker is a warm import: states hold folders, so the loaded model is not lost.

The limits are resident memory and time without progress. Only time in which the process computed counts, so that a
suspended computer, a stopped process or a slow disk ends nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from engine.bootstrap.console import NO_WINDOW
from engine.contract.errors import EngineError
from engine.contract.parsing_limits import MEMORY, SECONDS, guard_with

INTERVAL = 0.1  # seconds between two looks
COMPUTED = 0.25  # of the time that must have been spent computing
DYING = 10.0  # seconds that a process of some gigabytes may take to be gone
BETWEEN_REPORTS = 0.1  # seconds; progress is reported no more often


class ParsingGuard:
    """The guard in the parsing process; its process is started with the first section.

    `rendered` makes of an error the bytes that the guard writes to `output` once it has ended this process.
    """

    def __init__(self, rendered: Callable[[EngineError], bytes], output: BinaryIO) -> None:
        self._rendered = rendered
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None
        self._last_report = 0.0

    def begin(self, slow: EngineError, large: EngineError) -> None:
        """Watches from now on."""
        self._last_report = time.monotonic()
        self._send(
            {
                "slow": self._rendered(slow).decode("utf-8"),
                "large": self._rendered(large).decode("utf-8"),
                "seconds": SECONDS,
                "memory": MEMORY,
            }
        )

    def progressed(self) -> None:
        """The time begins anew."""
        now = time.monotonic()
        if now - self._last_report >= BETWEEN_REPORTS:
            self._last_report = now
            self._send("progressed")

    def end(self) -> None:
        """Watches no longer."""
        self._send("end")

    def close(self) -> None:
        """Ends the guard's process."""
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            self._process.wait()
            self._process = None

    def _send(self, message: object) -> None:
        # Without a guard a file is parsed as if there were no limits: better than not at all.
        with contextlib.suppress(OSError):
            if self._process is None:
                self._process = subprocess.Popen(
                    command_line(Path(__file__).resolve().parents[2], os.getpid()),
                    stdin=subprocess.PIPE,
                    stdout=self._output,
                    creationflags=NO_WINDOW,
                    start_new_session=os.name != "nt",  # Ctrl-C in a terminal is for the guarded process
                )
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()


@contextmanager
def guarding(rendered: Callable[[EngineError], bytes], output: BinaryIO | None) -> Iterator[None]:
    """Limits parsing by a guard of its own; without an `output` nothing is limited."""
    if output is None:
        yield
        return
    guard = ParsingGuard(rendered, output)
    guard_with(guard)
    try:
        yield
    finally:
        guard_with(None)
        guard.close()


def command_line(root: Path, process: int) -> list[str]:
    """How a guard is started: isolated, with the program's own root."""
    start = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from engine.runtime.parsing_guard import watch\n"
        "watch(int(sys.argv[2]))"
    )
    return [sys.executable, "-I", "-X", "utf8", "-c", start, str(root), str(process)]


# ── In the guard's process ──────────────────────────────────────────────────────────────────────────────────────────


def watch(process: int) -> None:
    """Watches the process until it closes standard input, which it also does by ending."""
    messages: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin.buffer:
            messages.put(json.loads(line))
        messages.put(None)

    threading.Thread(target=listen, daemon=True).start()
    section: dict[str, Any] | None = None
    before, since, computed = 0, 0.0, 0.0
    while True:
        try:
            message = messages.get(timeout=INTERVAL if section is not None else None)
        except queue.Empty:
            assert section is not None
            found = _measured(process)
            if found is None:
                continue
            memory, used = found
            seconds = float(section["seconds"])
            is_slow = time.monotonic() - since > seconds and used - computed > COMPUTED * seconds
            if memory - before > int(section["memory"]) or is_slow:
                _end(process)
                sys.stdout.buffer.write(section["slow" if is_slow else "large"].encode("utf-8"))
                sys.stdout.buffer.flush()
                return
            continue
        if message is None:
            return
        found = _measured(process)
        since = time.monotonic()
        if found is not None:
            computed = found[1]
            before = found[0] if isinstance(message, dict) else before
        section = message if isinstance(message, dict) else None if message == "end" else section


def _measured(process: int) -> tuple[int, float] | None:
    """Resident memory in bytes and processor time in seconds; None where the process is gone."""
    if sys.platform.startswith("linux"):  # psutil takes longer to import than the guard may take to begin
        try:
            fields = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            return None
        page, tick = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
        return int(fields[21]) * page, (int(fields[11]) + int(fields[12])) / tick
    import psutil

    try:
        found = psutil.Process(process)
        times = found.cpu_times()
        return int(found.memory_info().rss), float(times.user + times.system)
    except psutil.Error:
        return None


def _end(process: int) -> None:
    """Ends the process and waits until it is gone, so that what it was writing is complete or cut."""
    import signal

    with contextlib.suppress(OSError):
        os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))  # on Windows each ends it at once
    until = time.monotonic() + DYING
    while time.monotonic() < until and _is_there(process):
        time.sleep(INTERVAL / 10)


def _is_there(process: int) -> bool:
    if sys.platform.startswith("linux"):
        try:
            return Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
        except OSError:
            return False
    import psutil

    return bool(psutil.pid_exists(process))
