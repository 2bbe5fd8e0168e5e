"""The window has gone: Linux reports EPIPE, Windows EINVAL, and the worker saves and leaves after both."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import pytest

from engine.contract.errors import StopRequested
from engine.contract.events import Emit, Progressed
from engine.contract.messages import Job, LoadModel, StartJob, encode
from engine.contract.queries import Answer
from engine.contract.settings import StarterModel
from engine.contract.states import State
from engine.runtime.thread import _reason
from engine.runtime.worker import Worker
from engine.workspace.layout import Workspace


class ClosedPipe(io.RawIOBase):
    """Takes the first event and fails at every later one."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.taken = 0

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        self.taken += 1
        if self.taken > 1:
            raise OSError(self.number, "closed")
        return len(content)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EINVAL])
def test_a_job_is_asked_to_stop_and_leave_after_either(number: int, tmp_path: Path) -> None:
    ended: list[StopRequested] = []

    def run(job: Job, emit: Emit, workspace: Workspace) -> State | Answer:
        try:
            for done in range(3):
                emit(Progressed(done, 3, "working"))
        except StopRequested as stop:
            ended.append(stop)
            os.close(writing)
            raise
        raise AssertionError("nobody asked to stop")

    reading, writing = os.pipe()  # the input stays open until the job has ended: only the output is closed
    os.write(writing, encode(StartJob(1, LoadModel(StarterModel()))))
    commands = os.fdopen(reading, "rb")
    worker = Worker(commands, ClosedPipe(number), Workspace(tmp_path), run, lambda: None)  # type: ignore[arg-type]
    assert worker.serve() == 0
    commands.close()
    assert ended[0].leaving


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (0xC0000005, "access violation"),
        (0xC0000409, "aborted"),
        (0xC0000017, "ran out of memory"),
        (-9, "ran out of memory"),
        (-11, "SIGSEGV"),
        (3, "exit code 3"),
    ],
)
def test_the_exit_codes_of_both_systems_are_named(code: int, sentence: str) -> None:
    assert sentence in _reason(code)
