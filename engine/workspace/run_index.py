"""The list of runs, read with the help of an index that is only a cache.

    <workspace>/runs/index.jsonl   a header with the checksum of the rest, then one run a line

A line holds what a list shows of a run, and the signature that its run.json had when it was read. It counts only while
the file has that signature, so that an index that is deleted, stale, torn or written by two windows at once costs time
and never changes what is listed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine import __version__
from engine.contract.errors import EngineError
from engine.contract.sentences import decode_hook, encode_hook
from engine.workspace.atomic_files import read_regular, write_file
from engine.workspace.layout import Workspace
from engine.workspace.runs import LARGEST_RECORD, RECORD, SCHEMA, UNREADABLE, RunRow, is_interrupted, read_row

INDEX = "index.jsonl"
FORMAT = 3
LARGEST_INDEX = 256 * 1024 * 1024  # bytes; a run takes between one and two thousand
# A file that changes twice within one tick of the system's clock can keep its signature, so what was read just after a
# change is read once more. FAT counts in two seconds, everything else in milliseconds.
SETTLED_SECONDS = 3.0

Signature = tuple[int, int, int, int]  # modified and changed in ns, size in bytes, inode


class RunList(NamedTuple):
    """All runs, the newest first, and the folders whose run.json cannot be shown."""

    rows: tuple[RunRow, ...]
    newer: tuple[str, ...] = ()  # folders of runs that a newer program has written
    unreadable: tuple[tuple[str, str], ...] = ()  # folders, each with the reason


class _Header(msgspec.Struct, frozen=True):
    format: int
    schema: int
    program: str
    root: str  # rows name folders of this workspace
    checksum: str


class _Entry(msgspec.Struct, frozen=True):
    """A run folder: its row, or why it has none."""

    folder: str
    signature: Signature
    row: RunRow | None = None
    is_newer: bool = False
    trouble: str = ""


_headers: msgspec.json.Decoder[_Header] = msgspec.json.Decoder(_Header)
_entries: msgspec.json.Decoder[_Entry] = msgspec.json.Decoder(_Entry, dec_hook=decode_hook)


def list_rows(workspace: Workspace, *, with_index: bool = True) -> RunList:
    """Lists the runs of a workspace; `with_index` False reads each of them anew and leaves the index alone."""
    before = _read_index(workspace) if with_index else {}
    found: list[_Entry] = []
    lines: list[bytes] = []
    is_stale = False
    for name in _run_folders(workspace):
        path = f"{workspace.runs}{os.sep}{name}{os.sep}{RECORD}"  # a `Path` takes ten times as long to make
        try:
            signature = _signature_of(path)
        except OSError:  # no run, or deleted in the meantime
            continue
        entry, line = before.pop(name, (None, b""))
        if entry is None or entry.signature != signature:
            entry = _read_entry(workspace, name, Path(path), signature)
            is_settled = _is_settled(signature)
            line = msgspec.json.encode(entry, enc_hook=encode_hook) + b"\n" if with_index and is_settled else b""
            is_stale = is_stale or is_settled
        found.append(entry)
        lines.append(line)
    if with_index and (is_stale or before):
        _write_index(workspace, lines)
    rows = [entry.row for entry in found if entry.row is not None]
    return RunList(
        tuple(sorted(rows, key=lambda row: (row.created, row.id), reverse=True)),
        tuple(sorted(entry.folder for entry in found if entry.is_newer)),
        tuple(sorted((entry.folder, entry.trouble) for entry in found if entry.trouble)),
    )


def interrupted_rows(workspace: Workspace, rows: tuple[RunRow, ...]) -> tuple[RunRow, ...]:
    """Those of the rows that ended without being stopped and can be continued."""
    return tuple(row for row in rows if is_interrupted(workspace, row))


def _run_folders(workspace: Workspace) -> Iterator[str]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(workspace.runs) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and entry.is_dir():
                yield entry.name


def _signature_of(path: str) -> Signature:
    found = os.lstat(path)
    size = found.st_size if stat.S_ISREG(found.st_mode) else -1  # what is no plain file is never read
    return found.st_mtime_ns, found.st_ctime_ns, size, found.st_ino


def _is_settled(signature: Signature) -> bool:
    return max(signature[:2]) < time.time_ns() - SETTLED_SECONDS * 1e9


def _read_entry(workspace: Workspace, name: str, path: Path, signature: Signature) -> _Entry:
    try:
        return _Entry(name, signature, row=read_row(workspace, name, read_regular(path, LARGEST_RECORD)))
    except EngineError:
        return _Entry(name, signature, is_newer=True)
    except UNREADABLE as error:
        return _Entry(name, signature, trouble=str(error) or type(error).__name__)


# ── The index ───────────────────────────────────────────────────────────────────────────────────────────────────


def _read_index(workspace: Workspace) -> dict[str, tuple[_Entry | None, bytes]]:
    """The entries of the index with their lines; none where it is not whole, or was written for something else."""
    try:
        content = read_regular(workspace.runs / INDEX, LARGEST_INDEX)
        start, _, rest = content.partition(b"\n")
        header = _headers.decode(start)
        if header != _header(workspace, rest):
            return {}
        lines = ((_entries.decode(line), line) for line in rest.splitlines(keepends=True))
        return {entry.folder: (entry, line) for entry, line in lines}
    except UNREADABLE:
        return {}


def _write_index(workspace: Workspace, lines: list[bytes]) -> None:
    rest = b"".join(lines)
    with contextlib.suppress(OSError, EngineError):  # it is only a cache
        write_file(workspace.runs / INDEX, msgspec.json.encode(_header(workspace, rest)) + b"\n" + rest, sync=False)


def _header(workspace: Workspace, rest: bytes) -> _Header:
    return _Header(FORMAT, SCHEMA, __version__, str(workspace.root), hashlib.blake2b(rest, digest_size=16).hexdigest())
