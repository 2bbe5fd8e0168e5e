"""Where the checkpoints of a run lie: in its own folder, and where its disk was full, in one more that the user chose.

    <run>/checkpoints/                    always
    <run>/elsewhere.json                  names the other folder, once there is one
    <chosen>/tunewright-<run>/run-id.json shows that the other folder was made for this run

A folder without that sign, or with that of another run, is nobody's business here: it is neither read nor deleted.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import msgspec

from engine.workspace.atomic_files import read_regular
from engine.workspace.file_operations import remove_file, remove_folder

ELSEWHERE = "elsewhere.json"
SIGN = "run-id.json"
CHECKPOINT = re.compile(r"(step|best)-(\d{6,})")  # names of the folders that hold one
_LARGEST = 100_000  # bytes of these two files, which hold one line each


class Elsewhere(msgspec.Struct, frozen=True):
    """elsewhere.json: an absolute path."""

    folder: str


class Sign(msgspec.Struct, frozen=True):
    """run-id.json: which run the folder was made for."""

    run: str


def checkpoint_places(run_folder: Path) -> tuple[Path, ...]:
    """The folders that may hold checkpoints of this run; new ones go into the last."""
    own = run_folder / "checkpoints"
    try:
        named = msgspec.json.decode(read_regular(run_folder / ELSEWHERE, _LARGEST), type=Elsewhere)
    except (OSError, ValueError):  # no checkpoint was ever put elsewhere
        return (own,)
    other = Path(named.folder)
    return (own, other) if other.is_absolute() and is_place_of(run_folder.name, other) else (own,)


def is_place_of(run: str, folder: Path) -> bool:
    """Whether this folder was made for checkpoints of the run of this id."""
    try:
        sign = msgspec.json.decode(read_regular(folder / SIGN, _LARGEST), type=Sign)
    except (OSError, ValueError):
        return False
    return sign.run == run and not folder.is_symlink()


def checkpoint_named(run_folder: Path, name: str) -> Path | None:
    """The checkpoint of this name, or None where no place of the run has one; links are none."""
    if CHECKPOINT.fullmatch(name) is None:
        return None
    found = [place / name for place in reversed(checkpoint_places(run_folder))]
    return next((folder for folder in found if folder.is_dir() and not folder.is_symlink()), None)


def checkpoint_folders(run_folder: Path) -> list[Path]:
    """All checkpoints of the run, whether they are whole or not; never a link or a foreign folder."""
    return [
        folder
        for place in checkpoint_places(run_folder)
        if place.is_dir()
        for folder in place.iterdir()
        if CHECKPOINT.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink()
    ]


def remove_from_elsewhere(run_folder: Path, staging: str) -> None:
    """Deletes what lies outside the run's folder, entries whose name begins with `staging` too, and nothing else."""
    for place in checkpoint_places(run_folder)[1:]:
        for entry in place.iterdir():
            ours = CHECKPOINT.fullmatch(entry.name) or entry.name.startswith(staging)
            if ours and entry.is_dir() and not entry.is_symlink():
                remove_folder(entry, ignore_errors=True)
        with contextlib.suppress(OSError):
            remove_file(place / SIGN)
            place.rmdir()  # stays where the user has put something into it
