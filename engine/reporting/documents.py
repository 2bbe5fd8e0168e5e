"""Documents on disk: written as a whole, and never over a file that this program did not write."""

from __future__ import annotations

from pathlib import Path

from engine.contract.errors import InvalidSetting
from engine.contract.sentences import Sentence
from engine.reporting.html import MADE_BY
from engine.workspace import atomic_files

_HEAD = 2_000  # bytes in which the mark is


def write_document(target: Path, text: str, *, chosen: bool) -> Path:
    """Writes the page and returns where; an earlier page of this program is replaced.

    Another file of this name raises `InvalidSetting` (E4) where the user has `chosen` the name, else the page gets a
    number.
    """
    free, number = target, 2
    while free.exists() and not is_ours(free):
        if chosen:
            raise InvalidSetting("E4", Sentence("evaluating.e4.file_there_already", name=target.name))
        free = target.with_name(f"{target.stem} {number}{target.suffix}")
        number += 1
    try:
        atomic_files.write_file(free, text.encode("utf-8", "replace"))
    except (PermissionError, NotADirectoryError, FileNotFoundError, FileExistsError) as error:
        raise InvalidSetting(
            "E4",
            Sentence("reporting.e4.cannot_be_written", folder=str(free.parent)),
            hint=Sentence("reporting.e4.choose_other_file"),
            details=str(error),
        ) from error
    free.chmod(0o644)
    return free


def is_ours(path: Path) -> bool:
    """Whether this is a page of this program."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return MADE_BY.encode() in file.read(_HEAD)
