"""Lets a run whose disk is full put its next checkpoints into another folder; those that it has stay where they are.

Called by the window while the run waits, since the engine only looks at what `checkpoint_places` finds. Uses no torch
and no window.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from engine.contract.errors import DiskFull
from engine.contract.sentences import Sentence
from engine.workspace.atomic_files import write_record
from engine.workspace.checkpoint_locations import ELSEWHERE, SIGN, Elsewhere, Sign, is_place_of
from engine.workspace.file_operations import remove_file

RESERVE = ".reserve"  # in the run's folder, so that small files still find room on a disk that others have filled
RESERVED = 256 * 1024  # bytes


def hold_reserve(run_folder: Path) -> None:
    """Takes a little room on the disk of the run, which `keep_checkpoints_in` gives back; none where there is none."""
    with contextlib.suppress(OSError):
        (run_folder / RESERVE).write_bytes(os.urandom(RESERVED))  # what is random takes its room on every disk


def give_reserve(run_folder: Path) -> None:
    """Gives the room back: the run has ended, or needs it."""
    with contextlib.suppress(OSError):
        remove_file(run_folder / RESERVE, missing_ok=True)


def keep_checkpoints_in(run_folder: Path, chosen: Path, *, needed: int) -> Path:
    """Makes a folder for this run inside `chosen` and returns it; the next checkpoint goes there.

    `needed` is the size of a checkpoint in bytes. Raises `DiskFull`: C4 where `chosen` has no room for two of them (the
    old one goes once the new one is whole), C6 where nothing can be written there or into the run's folder.
    """
    try:
        free = shutil.disk_usage(chosen).free
        if free < 2 * needed:
            raise DiskFull(
                "C4",
                Sentence("workspace.c4.too_little_space_needed_free", name=_name(chosen), needed=2 * needed, free=free),
                hint=Sentence("workspace.c4.choose_folder_another_disk"),
            )
        place, is_new = _own_folder(run_folder.name, chosen.absolute())
    except OSError as error:
        raise _not_there(chosen, error) from error
    try:
        write_record(place / SIGN, Sign(run_folder.name))
    except (OSError, DiskFull) as error:
        _take_back(place, is_new)
        raise _not_there(chosen, error) from error
    give_reserve(run_folder)
    try:
        write_record(run_folder / ELSEWHERE, Elsewhere(str(place)))
    except (OSError, DiskFull) as error:
        _take_back(place, is_new)
        raise DiskFull(
            "C6",
            Sentence("workspace.c6.runs_own_folder_does_not"),
            hint=Sentence("workspace.c6.free_little_space_there_then"),
            details=str(error),
        ) from error
    return place


def _own_folder(run: str, chosen: Path) -> tuple[Path, bool]:
    """A folder in `chosen` for this run alone, and whether it is new; one made for it before is taken again."""
    number = 1
    while True:
        place = chosen / (f"tunewright-{run}" if number == 1 else f"tunewright-{run}-{number}")
        if is_place_of(run, place):
            return place, False
        try:
            place.mkdir()
        except FileExistsError:
            number += 1
        else:
            return place, True


def _take_back(place: Path, is_new: bool) -> None:
    if is_new:
        with contextlib.suppress(OSError):
            remove_file(place / SIGN, missing_ok=True)
            place.rmdir()


def _not_there(chosen: Path, error: BaseException) -> DiskFull:
    return DiskFull(
        "C6",
        Sentence("workspace.c6.nothing_can_written_into", name=_name(chosen)),
        hint=Sentence("workspace.c6.choose_another_folder"),
        details=str(error),
    )


def _name(folder: Path) -> str:
    return folder.name or str(folder)
