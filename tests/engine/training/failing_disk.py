"""A disk that fails on purpose: every file operation below a folder is a place to fail, to be killed, or to lose power.

Operations of Python are seen through an audit hook (PEP 578) and a wrapped `os.fsync`; the tensors, which safetensors
writes natively, are written here in two halves instead, with a place between them.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import torch
from safetensors.torch import load_file, save

from engine.contract.errors import EngineError
from engine.training.checkpoints import files as checkpoints
from engine.training.checkpoints.files import Best, Snapshot, newest_whole, read_best
from engine.training.checkpoints.saver import CheckpointSaver
from engine.workspace import atomic_files
from engine.workspace.layout import Workspace
from engine.workspace.runs import RunRecord, create_run, read_run, run_folder, save_run
from tests.builders import a_dataset
from tests.engine.small_runs import small_settings

Act = Callable[[str, str], None]
_EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"}
_acting: list[tuple[str, Act]] = []


def _audited(event: str, arguments: tuple[Any, ...]) -> None:
    if not _acting or event not in _EVENTS:
        return
    root, act = _acting[-1]
    path = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | os.PathLike) else ""
    if path.startswith(root) or (path and not Path(path).is_absolute()):  # rmtree: relative to their folder
        act(event, path)


sys.addaudithook(_audited)


@contextmanager
def operations(root: Path, act: Act) -> Iterator[None]:
    """Calls `act` before each file operation below `root`; it may raise, kill, or take notes."""
    sync, save_file = os.fsync, checkpoints.save_file

    def fsync(handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink())
        act("sync", path)
        sync(handle)
        act("synced", path)

    def in_halves(tensors: dict[str, torch.Tensor], path: Path, metadata: dict[str, str]) -> None:
        content = save(tensors, metadata)
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
            file.flush()
            act("half", str(path))
            file.write(content[len(content) // 2 :])

    os.fsync, checkpoints.save_file = fsync, in_halves
    _acting.append((str(root), act))
    try:
        yield
    finally:
        _acting.pop()
        os.fsync, checkpoints.save_file = sync, save_file


# ── A run that only saves ───────────────────────────────────────────────────────────────────────────────────────


class SavedRun(NamedTuple):
    """A run folder whose checkpoints hold numbers that depend on their step."""

    workspace: Workspace
    record: RunRecord
    asked: list[bool]  # a full disk, or one that fails

    @property
    def folder(self) -> Path:
        return run_folder(self.workspace, self.record.id)

    def save(self, step: int, *, is_best: bool = True, emit: Any = None) -> CheckpointSaver:
        """Does what the saver's thread and the run do for one checkpoint."""
        training: Any = SimpleNamespace(settings=small_settings())

        def saved(step: int) -> None:
            with suppress(EngineError, OSError):  # as the run does: the checkpoint is what counts
                save_run(self.workspace, _at(self.record, step))

        saver = CheckpointSaver(self.folder, training, saved=saved, emit=emit)
        saver._write(a_snapshot(step), Best(step, "", "macro_f1", step / 1000) if is_best else None)
        saver.report(lambda _: None)
        return saver

    def newest(self) -> int:
        """The step of the checkpoint that would be continued from, after checking every promise about the folder."""
        folder, _ = newest_whole(self.folder)
        step = int(folder.name[-6:])
        assert torch.equal(load_file(folder / "model.safetensors")["weight"], a_snapshot(step).network["weight"])
        optimizer = a_snapshot(step).optimizer
        assert optimizer is not None
        assert torch.equal(load_file(folder / "optimizer.safetensors")["moment"], optimizer["moment"])
        best = read_best(self.folder)
        if best is not None:
            assert atomic_files.is_whole(self.folder / best.folder)
        read_run(self.workspace, self.record.id)
        return step


def a_snapshot(step: int) -> Snapshot:
    weight = torch.full((300,), float(step))
    return Snapshot(step, "{}", {"weight": weight}, {"moment": weight * 2}, b"{}")


def a_saved_run(root: Path) -> SavedRun:
    """Two checkpoints, of steps 10 and 20, the second one the best."""
    workspace = Workspace(root).create()
    record = create_run(workspace, a_dataset(), small_settings())
    run = SavedRun(workspace, record, [])
    for step in (10, 20):
        run.save(step)
    return run


def _at(record: RunRecord, step: int) -> RunRecord:
    return RunRecord(
        id=record.id,
        name=record.name,
        created=record.created,
        status="training",
        dataset=record.dataset,
        settings=record.settings,
        step=step,
    )


# ── Killing ─────────────────────────────────────────────────────────────────────────────────────────────────────


def in_child(work: Callable[[], None]) -> int:
    """Does the work in a forked process; returns the signal that ended it, 0 where it came to its end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12: this process has one thread that computes
        child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def killing_at(number: int) -> Act:
    """Kills this process at its operation of this number, counted from 1."""
    seen = 0

    def act(kind: str, path: str) -> None:
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


# ── Losing power ────────────────────────────────────────────────────────────────────────────────────────────────


class PowerLog:
    """Watches a folder and can write down what a disk may hold after a power loss at any of the moments seen.

    A file's content is safe once it was synced; an entry of a folder is safe once the folder was. Of everything else
    any mixture may be left: old or new entries, empty, half or whole files.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._contents: dict[int, bytes] = {}  # by inode: as last synced
        self._entries: dict[int, dict[str, int]] = {}  # by inode of the folder: as last synced
        self.moments: list[tuple[int, dict[int, bytes], dict[int, dict[str, int]], _Tree]] = []
        self.promised = 0  # the step that was reported as safe
        self._pins: dict[int, int] = {}  # open handles, so that no number of a deleted file is given away again
        tree = _Tree(root, self._pins)
        self._contents.update(tree.contents)
        self._entries.update({inode: dict(entries) for inode, entries in tree.folders.items()})

    def act(self, kind: str, path: str) -> None:
        if kind == "synced":
            inode = Path(path).stat().st_ino
            if Path(path).is_dir():
                self._entries[inode] = {entry.name: entry.stat().st_ino for entry in Path(path).iterdir()}
            else:
                self._contents[inode] = _read(path)
            return
        synced = {inode: dict(entries) for inode, entries in self._entries.items()}
        self.moments.append((self.promised, dict(self._contents), synced, _Tree(self._root, self._pins)))

    def close(self) -> None:
        """Lets go of the files."""
        for handle in self._pins.values():
            os.close(handle)

    def write_down(self, number: int, target: Path, drawn: random.Random) -> int:
        """Makes `target` what the disk may hold after moment `number`; returns the step that was promised by then."""
        promised, contents, entries, tree = self.moments[number]

        def file_of(inode: int) -> bytes:
            now, safe = tree.contents.get(inode), contents.get(inode)
            if now is None or now == safe:
                return safe or b""
            return drawn.choice([safe or b"", b"", now[: drawn.randrange(len(now) + 1)], now])

        def fill(folder: Path, inode: int) -> None:
            folder.mkdir()
            now, safe = tree.folders.get(inode, {}), entries.get(inode, {})
            for name in {**safe, **now}:
                choices = [safe.get(name), now.get(name)]
                chosen = choices[0] if choices[0] == choices[1] else drawn.choice(choices)
                if chosen is None:
                    continue
                if chosen in tree.folders or chosen in entries:
                    fill(folder / name, chosen)
                else:
                    (folder / name).write_bytes(file_of(chosen))

        shutil.rmtree(target, ignore_errors=True)
        fill(target, self._root.stat().st_ino)
        return promised


class _Tree:
    """Everything below a folder at one moment, by inode."""

    def __init__(self, root: Path, pins: dict[int, int]) -> None:
        self.contents: dict[int, bytes] = {}
        self.folders: dict[int, dict[str, int]] = {}
        for folder, _, _ in os.walk(root):
            entries: dict[str, int] = {}
            for entry in os.scandir(folder):
                inode = entry.inode()
                entries[entry.name] = inode
                if inode not in pins:
                    pins[inode] = _quietly(lambda path=entry.path: os.open(path, os.O_RDONLY))
                if entry.is_file():
                    self.contents[inode] = _read(entry.path)
            self.folders[Path(folder).stat().st_ino] = entries


def _read(path: str) -> bytes:
    content: bytes = _quietly(Path(path).read_bytes)
    return content


def _quietly(look: Callable[[], Any]) -> Any:
    """Looking is no operation of the program."""
    held, _acting[:] = list(_acting), []
    try:
        return look()
    finally:
        _acting[:] = held


needs_fork = pytest.mark.skipif(not hasattr(os, "fork") or not Path("/proc/self/fd").exists(), reason="needs Linux")
