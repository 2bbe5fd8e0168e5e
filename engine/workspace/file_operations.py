"""Renaming and removing, as all parts of the program do it; often tried on Windows, where a file that is open stays.

There a file cannot be renamed, replaced or removed while any program has it open: a virus scanner that looks at what
was just written, the search index, or our own window reading `run.json`. Such a lock lasts for milliseconds, so that
trying again for two seconds is enough. Only Python's own library is used, since the door needs this too.
"""

from __future__ import annotations

import contextlib
import shutil
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

WINDOWS = sys.platform == "win32"
PATIENCE_SECONDS = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.1  # seconds between two tries

Result = TypeVar("Result")


def retry(action: Callable[[], Result]) -> Result:
    """Carries the action out; on Windows again and again for two seconds while it raises `PermissionError`."""
    until = time.monotonic() + PATIENCE_SECONDS
    pause = FIRST_PAUSE
    while True:
        try:
            return action()
        except PermissionError:
            if not WINDOWS or time.monotonic() >= until:
                raise
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def rename(source: Path, target: Path) -> None:
    """Gives a file or folder another name; `target` must not exist."""
    retry(lambda: source.rename(target))


def replace(source: Path, target: Path) -> None:
    """Puts a file in the place of another, which may exist."""
    retry(lambda: source.replace(target))


def remove_file(path: Path, *, missing_ok: bool = False) -> None:
    """Removes a file, also one that is read-only, which Windows refuses otherwise."""

    def remove() -> None:
        try:
            path.unlink(missing_ok=missing_ok)
        except PermissionError:
            if not WINDOWS or not _made_writable(path):
                raise
            path.unlink(missing_ok=missing_ok)

    retry(remove)


def remove_folder(folder: Path, *, ignore_errors: bool = False) -> None:
    """Removes a folder with all in it, if it is there, also read-only files; with `ignore_errors` what is removable."""
    with contextlib.suppress(OSError) if ignore_errors else contextlib.nullcontext():
        retry(lambda: _remove_tree(folder))
    if ignore_errors:
        shutil.rmtree(folder, ignore_errors=True)  # past the first thing that stays


def _remove_tree(folder: Path) -> None:
    if sys.version_info >= (3, 12):
        shutil.rmtree(folder, onexc=lambda function, path, error: _once_writable(function, path, error))
    else:
        shutil.rmtree(folder, onerror=lambda function, path, info: _once_writable(function, path, info[1]))


def _once_writable(function: Callable[..., Any], path: str, error: BaseException) -> None:
    if isinstance(error, FileNotFoundError):
        return  # somebody else removes it too
    if not isinstance(error, PermissionError) or not _made_writable(Path(path)):
        raise error
    function(path)


def _made_writable(path: Path) -> bool:
    """Whether it was read-only and is not any more; a link is left alone."""
    if path.is_symlink():
        return False
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod(mode | stat.S_IWRITE)
    return not mode & stat.S_IWRITE
