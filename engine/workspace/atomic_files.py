"""Files and folders that are old, new or absent after any interruption, never half of either.

What must not be lost is written to a staging name, synced and renamed; a folder gets a manifest of sha256 sums, which
is written last. Uses no torch, no stage and no window.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
from filelock import FileLock

from engine.contract.errors import DiskFull
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence, encode_hook
from engine.workspace import file_operations
from engine.workspace.file_operations import remove_file, remove_folder, rename, replace

MANIFEST = "MANIFEST.json"
STAGING = ".staging-"
STAGING_LOCK = ".lock"  # ends the name of the lock beside a staging name
_LARGEST_MANIFEST = 10_000_000  # bytes; it holds a line for each file
FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Windows' own numbers, which libraries in Rust report: winerror.h.
_OF_WINDOWS = {
    2: errno.ENOENT,
    3: errno.ENOENT,
    5: errno.EACCES,
    32: errno.EACCES,
    33: errno.EACCES,
    39: errno.ENOSPC,
    112: errno.ENOSPC,
    206: errno.ENAMETOOLONG,
    1224: errno.EACCES,  # the file is mapped
    1455: errno.ENOMEM,  # the paging file is too small
}


def staging_name() -> str:
    """A name that nothing has yet, for something unfinished."""
    return f"{STAGING}{secrets.token_hex(8)}"


@contextlib.contextmanager
def staging_place(parent: Path, *, name: str = "") -> Iterator[Path]:
    """A name in `parent` that nothing has yet, or `name`; what still has it afterwards is removed.

    A lock beside it, which the system frees when the process ends, shows until then that somebody fills it
    (leftovers.py). The lock is there first, and beside rather than inside, since a folder that holds an open file
    cannot be renamed on Windows.
    """
    parent.mkdir(parents=True, exist_ok=True)
    place = parent / (name or staging_name())
    lock = FileLock(f"{place}{STAGING_LOCK}", timeout=0)
    lock.acquire()
    try:
        yield place
    finally:
        # What cannot be removed is left to leftovers.py: the work is done, or has failed for a reason of its own.
        with contextlib.suppress(OSError):
            if place.is_dir():
                remove_folder(place, ignore_errors=True)
            elif place.is_file():
                remove_file(place, missing_ok=True)
        lock.release()
        with contextlib.suppress(OSError):
            remove_file(Path(lock.lock_file), missing_ok=True)


@contextlib.contextmanager
def staging_folder(parent: Path, *, name: str = "") -> Iterator[Path]:
    """The same for a folder, which is made; nobody else's until it is renamed, where the system allows that.

    Not `mkdtemp`: on Windows that takes the rights of the folder's heirs away for good, so that an export could not be
    read by others.
    """
    with staging_place(parent, name=name) as folder:
        folder.mkdir(mode=0o777 if file_operations.WINDOWS else 0o700)
        yield folder


def write_file(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Replaces a file as a whole: staging name, fsync, rename, fsync of the folder.

    Without `sync` it can be torn after a power loss, which is enough for what can be made again.
    """
    with full_disk_named(path.name), staging_place(path.parent) as staging:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(staging, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        replace(staging, path)
        if sync:
            sync_folder(path.parent)


def write_record(path: Path, record: msgspec.Struct) -> None:
    """Replaces a file by the record as readable JSON."""
    write_file(path, as_json(record))


def as_json(value: object, hook: Callable[[Any], Any] = encode_hook) -> bytes:
    """Records, lists and dictionaries as readable JSON; text that is not valid Unicode has its signs replaced."""
    text = json.dumps(msgspec.to_builtins(value, enc_hook=hook), indent=1, ensure_ascii=False)
    return text.encode("utf-8", "replace")


def read_regular(path: Path, largest: int) -> bytes:
    """The content of a plain file of at most so many bytes.

    Raises `OSError` for anything else: a link, a pipe or a device would be read elsewhere, or without an end.
    """
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    if path.is_symlink():  # also where O_NOFOLLOW is unknown
        raise OSError(errno.ELOOP, f"{path.name} is a link")
    handle = os.open(path, flags)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, f"{path.name} is not a plain file")
        if found.st_size > largest:
            raise OSError(errno.EFBIG, f"{path.name} has {found.st_size:,} bytes, at most {largest:,} are read")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(largest + 1)
    finally:
        os.close(handle)


def set_aside(path: Path) -> Path:
    """Renames a damaged file, so that what is written next does not replace it; returns its new place."""
    aside = path.with_suffix(".damaged")
    with contextlib.suppress(OSError):  # it then stays where it is, and is reported again
        replace(path, aside)
    return aside


@contextlib.contextmanager
def new_folder(target: Path, *, name: str = "") -> Iterator[Path]:
    """Yields a staging folder beside `target`; afterwards it is complete under its real name, or absent.

    Files are synced and listed with size and sha256 in `MANIFEST.json`, which is written last. `target` must not
    exist. Raises `DiskFull` (C4) where the disk cannot hold the folder. `name` is that of the staging folder.
    """
    with full_disk_named(target.name), staging_folder(target.parent, name=name) as staging:
        yield staging
        write_manifest(staging)
        staging.chmod(0o755)
        rename(staging, target)
        sync_folder(target.parent)


@contextlib.contextmanager
def replaced_folder(target: Path, *, name: str = "") -> Iterator[Path]:
    """Like `new_folder`, for a folder of ours that may be there: once the new one is complete, it takes its place."""
    with staging_folder(target.parent, name=name) as fresh:
        with new_folder(fresh / "new") as staging:
            yield staging
        if target.exists():
            rename(target, fresh / "old")
        try:
            rename(fresh / "new", target)
        except OSError:
            if (fresh / "old").exists():
                rename(fresh / "old", target)
            raise
        sync_folder(target.parent)


def write_manifest(folder: Path) -> None:
    """Syncs every file below `folder` and lists them in its manifest."""
    entries: dict[str, dict[str, object]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != MANIFEST:
            sync_file(path)
            entries[path.relative_to(folder).as_posix()] = {"size": path.stat().st_size, "sha256": sha256_of(path)}
    write_file(folder / MANIFEST, json.dumps({"files": entries}, indent=1).encode())


def is_whole(folder: Path) -> bool:
    """Whether every file of the folder's manifest is there, unchanged."""
    try:
        entries = json.loads(read_regular(folder / MANIFEST, _LARGEST_MANIFEST))["files"]
        for name, entry in entries.items():
            path = folder / name
            if ".." in Path(name).parts or Path(name).is_absolute() or not stat.S_ISREG(path.lstat().st_mode):
                return False  # a pipe would be waited for
            if path.stat().st_size != entry["size"] or sha256_of(path) != entry["sha256"]:
                return False
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False
    return True


def sha256_of(path: Path) -> str:
    """The sha256 of a file's content, hexadecimal."""
    with path.open("rb") as file:
        return sha256_of_stream(file)


def sha256_of_stream(stream: IO[bytes]) -> str:
    """The sha256 of what is left in an open file, hexadecimal."""
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def sync_file(path: Path) -> None:
    """Returns once the file's content is on the disk."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Returns once the folder's entries are on the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def system_error(error: Exception) -> OSError | None:
    """What the system reported behind an error of a library in Rust, which holds it as text; None where nothing did."""
    found = re.search(r"os error (\d+)", str(error))
    if found is None:
        return None
    number = int(found[1])
    return OSError(_OF_WINDOWS.get(number, errno.EIO) if file_operations.WINDOWS else number, str(error))


@contextlib.contextmanager
def full_disk_named(what: str) -> Iterator[None]:
    """Turns the system's "no space left" into `DiskFull` (C4) that names what could not be written."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
        raise DiskFull(
            "C4",
            Sentence("workspace.c4.disk_full_could_not_written", what=what),
            hint=Sentence("workspace.c4.free_some_space_choose_another"),
            actions=(RecoveryAction.TRY_AGAIN,),
            details=str(error),
        ) from error
