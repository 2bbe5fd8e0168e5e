"""events.jsonl: everything a run has said, one event a line, so that its curves can be opened again.

Append-only. A torn last line is legal: the process may have died while writing it. A disk that is full does not stop
training: lines wait in memory until there is space. Uses no torch.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.contract import messages as wire
from engine.contract.events import Evaluated, Event, StepsTrained, TrainingStarted, Watched
from engine.contract.sentences import decode_hook

FILE_NAME = "events.jsonl"

_LONGEST_LINE = 2**24  # bytes

_events: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event, dec_hook=decode_hook)


class RunLog:
    """The open log of a run."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE_NAME
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise OSError(errno.EINVAL, f"{FILE_NAME} is not a plain file", str(path))
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o644)
        size = os.fstat(self._handle).st_size
        if size:
            os.lseek(self._handle, size - 1, os.SEEK_SET)
        torn = size > 0 and os.read(self._handle, 1) != b"\n"
        self._waiting = b"\n" if torn else b""

    def append(self, event: Event) -> None:
        """Writes the event, with all lines that could not be written before."""
        self._waiting += wire.encode(event)
        try:
            written = os.write(self._handle, self._waiting)
        except OSError:  # no space: the lines wait
            return
        self._waiting = self._waiting[written:]

    def close(self) -> None:
        """Closes the file."""
        os.close(self._handle)


def read_events(folder: Path) -> list[Event]:
    """All events of the run in this folder, in order; lines that cannot be read are passed over.

    A run that was continued repeats the steps after its checkpoint; of those only the later telling is kept.
    """
    events: list[Event] = []
    for event in each_event(folder):
        if isinstance(event, TrainingStarted):
            events = [earlier for earlier in events if _step_of(earlier) <= event.first_step]
        events.append(event)
    return events


def each_event(folder: Path) -> Iterator[Event]:
    """The events one by one as they were reported, steps that were trained again twice; needs little memory."""
    path = folder / FILE_NAME
    try:
        if not stat.S_ISREG(path.lstat().st_mode):  # a pipe or a device would be read without an end
            return
        with path.open("rb") as file:
            while line := file.readline(_LONGEST_LINE):
                try:
                    yield _events.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    continue
    except OSError:
        return


def _step_of(event: Event) -> int:
    return event.step if isinstance(event, StepsTrained | Evaluated | Watched) else 0
