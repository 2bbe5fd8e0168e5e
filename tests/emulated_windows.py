"""What Windows refuses, on Linux: removing or renaming what is open, mapped or read-only. Emulated, not the system.

An audit hook looks at each removal and renaming below one folder. It raises what Windows raises, `PermissionError`,
while

- the file, or anything in the folder to be renamed, is open or mapped by this process or one it has started,
- the file to be removed or replaced is read-only.

Windows is milder in places (programs that open files for deletion by others), which no code of ours may count on.
`refuse_once` raises once per renaming besides, as a virus scanner does that has just opened the file.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from engine.runtime.worker import command_line
from engine.workspace import file_operations

HEAD = "TUNEWRIGHT_EMULATION"  # the process that began it, for those that it starts
ONCE = "refused once"
_state = threading.local()
_watched: Emulation | None = None
_installed = False
_for_good = ExitStack()


class Emulation:
    """The rules below one folder, and what they have refused: (event, path, held by)."""

    def __init__(self, root: Path, *, refuse_once: bool = False) -> None:
        self.root = os.path.realpath(root)
        self.refuse_once = refuse_once
        self.refused: list[tuple[str, str, str]] = []
        self.renamed: list[str] = []
        self._let_through: set[tuple[str, str]] = set()

    def covers(self, path: str) -> bool:
        return path.startswith(self.root + os.sep)

    def check_removal(self, path: str) -> None:
        if not os.path.lexists(path):
            return
        if is_read_only(path):
            self.refuse("remove", path, "it is read-only")
        if holder := holder_of(path, inside=False):
            self.refuse("remove", path, holder)

    def check_renaming(self, source: str, target: str) -> None:
        self.renamed.append(target)
        if holder := holder_of(source, inside=True):
            self.refuse("rename", source, holder)
        if os.path.lexists(target):
            if is_read_only(target):
                self.refuse("replace", target, "it is read-only")
            if holder := holder_of(target, inside=True):
                self.refuse("replace", target, holder)
        if self.refuse_once and (source, target) not in self._let_through:
            self._let_through.add((source, target))
            self._raise("rename", source, ONCE)

    def refuse(self, event: str, path: str, holder: str) -> None:
        self.refused.append((event, path, holder))
        self._raise(event, path, holder)

    def _raise(self, event: str, path: str, why: str) -> None:
        if HEAD in os.environ and int(os.environ[HEAD]) != os.getpid():
            print(f"REFUSED {event} {path}: {why}", file=sys.stderr, flush=True)
        raise PermissionError(errno.EACCES, f"WinError 32: {why}", path)


def is_read_only(path: str) -> bool:
    """The system's attribute: root may write everything here, so the mode decides."""
    return os.path.isfile(path) and not os.path.islink(path) and not os.stat(path).st_mode & 0o200


def holder_of(path: str, *, inside: bool) -> str:
    """Who has the file open or mapped, or with `inside` anything below the folder; an empty string for nobody."""
    below = path + os.sep
    for process in family():
        for held, how in held_by(process):
            if held == path or (inside and held.startswith(below)):
                return f"process {process} has {held} {how}"
    return ""


def family() -> list[int]:
    """This process, the one that started the emulation, and all that this one has started."""
    head = int(os.environ.get(HEAD, os.getpid()))
    return [head, *(child.pid for child in psutil.Process(head).children(recursive=True))]


def worker_command(root: Path, workspace_root: Path) -> list[str]:
    """The command that starts a worker, with the same rules in it; its refusals are lines on standard error."""
    python, *options, start, program, workspace = command_line(root, workspace_root)
    once = _watched is not None and _watched.refuse_once
    watched = (
        "import sys; sys.path.insert(0, sys.argv[1]); from tests.emulated_windows import watch; "
        f"watch(sys.argv[2], refuse_once={once})"
    )
    return [python, *options, f"{watched}\n{start}", program, workspace]


def watch(root: str, *, refuse_once: bool) -> None:
    """The rules for the rest of this process, below this folder's parent."""
    _for_good.enter_context(emulated_windows(Path(root).parent, refuse_once=refuse_once))


def held_by(process: int) -> Iterator[tuple[str, str]]:
    """Files that a process has open or mapped."""
    folder = f"/proc/{process}"
    try:
        for number in os.listdir(f"{folder}/fd"):
            try:
                yield os.readlink(f"{folder}/fd/{number}"), "open"
            except OSError:
                continue
        with open(f"{folder}/maps", encoding="utf-8", errors="surrogateescape") as maps:
            for line in maps:
                parts = line.rstrip("\n").split(maxsplit=5)
                if len(parts) == 6 and parts[5].startswith("/"):
                    yield parts[5], "mapped"
        yield os.readlink(f"{folder}/cwd"), "as its working folder"
    except OSError:
        return  # it has ended


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _watched is None or event not in ("os.remove", "os.rename") or getattr(_state, "looking", False):
        return
    _state.looking = True
    try:
        if event == "os.remove":
            path = _absolute(arguments[0], arguments[1])
            if _watched.covers(path):
                _watched.check_removal(path)
        else:
            source, target = _absolute(arguments[0], arguments[2]), _absolute(arguments[1], arguments[3])
            if _watched.covers(source) or _watched.covers(target):
                _watched.check_renaming(source, target)
    finally:
        _state.looking = False


def _absolute(name: object, folder: object) -> str:
    path = os.fsdecode(name)  # type: ignore[arg-type]
    if isinstance(folder, int) and folder >= 0 and not os.path.isabs(path):
        path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)
    return os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path))


@contextmanager
def emulated_windows(root: Path, *, refuse_once: bool = False) -> Iterator[Emulation]:
    """Refuses below `root` what Windows refuses; renamings are tried again as there."""
    global _watched, _installed
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True
    _watched = Emulation(root, refuse_once=refuse_once)
    before, file_operations.WINDOWS = file_operations.WINDOWS, True
    try:
        yield _watched
    finally:
        _watched = None
        file_operations.WINDOWS = before
