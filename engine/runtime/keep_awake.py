"""Keeps the computer from falling asleep while it trains, where its system lets a program ask for that.

Windows and macOS have a call and a command of their own; Linux has systemd's. The screen may go dark all the same.
Elsewhere nothing happens: a run that the computer slept through continues, or from its last checkpoint.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator

from engine.bootstrap.console import NO_WINDOW

_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001  # SetThreadExecutionState, winbase.h


@contextlib.contextmanager
def kept_awake(why: str = "A model is being trained.") -> Iterator[None]:
    """No request to sleep is granted meanwhile, except the user's own where the system distinguishes them."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetThreadExecutionState(_CONTINUOUS | _SYSTEM_REQUIRED)
        try:
            yield
        finally:
            ctypes.windll.kernel32.SetThreadExecutionState(_CONTINUOUS)
        return
    command = _command(why)
    process = None
    if command is not None:
        # It ends when its input does, also where this process is killed.
        with contextlib.suppress(OSError):
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                creationflags=NO_WINDOW,
            )
    try:
        yield
    finally:
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
            try:
                process.wait(timeout=2.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _command(why: str) -> list[str] | None:
    name = "caffeinate" if sys.platform == "darwin" else "systemd-inhibit"
    found, cat = shutil.which(name), shutil.which("cat")
    if found is None or cat is None:
        return None
    if name == "caffeinate":
        return [found, "-i", cat]
    return [found, "--what=sleep:idle", "--who=Tunewright", f"--why={why}", "--mode=block", cat]
