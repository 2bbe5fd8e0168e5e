"""A script in a process of its own that uses nothing of this program: `python -I`, offline, on the processor.

It reports lines on standard output; every one, and every moment without one, is a place at which the user can stop.
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from engine.bootstrap.console import NO_WINDOW
from engine.contract.events import Emit, Progressed

PATIENCE_SECONDS = 600.0  # without a line from the process
HEARTBEAT_SECONDS = 0.2  # so that Stop is noticed while the process imports torch
_MOST_DETAILS = 4000  # characters


class ProcessFailed(Exception):
    """The process ended with an error, which is the text; or wrote nothing for too long, then the text is empty."""


def run_clean(
    script: Path, arguments: Sequence[str], place: Path, progress: Callable[[str], Progressed | None], emit: Emit
) -> None:
    """Runs the script in the folder `place` to its end; raises `ProcessFailed`.

    `progress` is given each line, and an empty one while none comes; what it returns is reported.
    """
    command = [sys.executable, "-I", "-X", "utf8", str(script), *arguments]
    with (place / "stderr").open("w+b") as complaints:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=offline_environment(dict(os.environ)),
            cwd=place,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=NO_WINDOW,
        )
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_read_into, args=(process.stdout, lines), name="clean process", daemon=True)
        reader.start()
        try:
            _follow(lines, progress, emit)
        finally:
            if reader.is_alive():  # stopped, or without output for too long
                process.kill()
            process.wait()
            reader.join()
            if process.stdout is not None:
                process.stdout.close()
        if process.returncode != 0:
            complaints.seek(0)
            text = complaints.read().decode("utf-8", "replace")
            raise ProcessFailed(text[-_MOST_DETAILS:] or f"exit code {process.returncode}")


def _follow(lines: queue.SimpleQueue[str | None], progress: Callable[[str], Progressed | None], emit: Emit) -> None:
    """Passes the process's progress on until its output ends; every emit is a place to stop."""
    last_line = time.monotonic()
    while True:
        try:
            line = lines.get(timeout=HEARTBEAT_SECONDS)
        except queue.Empty:
            line = ""
        if line is None:
            return
        if line:
            last_line = time.monotonic()
        event = progress(line)
        if event is not None:
            emit(event)
        if time.monotonic() - last_line > PATIENCE_SECONDS:
            raise ProcessFailed("")


def _read_into(stream: IO[str] | None, lines: queue.SimpleQueue[str | None]) -> None:
    if stream is not None:
        for line in stream:
            lines.put(line.strip())
    lines.put(None)


def offline_environment(variables: dict[str, str]) -> dict[str, str]:
    """The environment of a clean process: no network, no GPU, no token, nothing of Python's."""
    kept = {
        name: value
        for name, value in variables.items()
        if not name.startswith(("PYTHON", "HF_", "HUGGING", "TRANSFORMERS_", "TORCH_", "CUDA_", "LD_PRELOAD"))
        and "TOKEN" not in name
    }
    return {
        **kept,
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "TOKENIZERS_PARALLELISM": "false",
    }
