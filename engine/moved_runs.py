"""Records of runs from elsewhere: a workspace that was moved or copied, and one that a newer program has written.

A record names folders of its workspace in full, as the stages need them, and the workspace it was written in. Read in
another place, those folders are found there. Knows no run.
"""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

from engine.errors import EngineError

SCHEMA = 1  # of run.json, as this program writes it


def refuse_newer(schema: int, name: str) -> None:
    """Raises `EngineError` (C14) for a record whose meaning this program cannot know."""
    if schema > SCHEMA:
        raise EngineError(
            "C14",
            f"The run {name} was made by a newer Tunewright.",
            hint="Update the program to open it; its files are untouched.",
        )


def with_new_root(value: object, old: str, new: str) -> object:
    """The decoded JSON with each path inside `old` now inside `new`; other texts stay as they are."""
    if isinstance(value, dict):
        return {name: with_new_root(part, old, new) for name, part in value.items()}
    if isinstance(value, list):
        return [with_new_root(part, old, new) for part in value]
    if isinstance(value, str) and value.startswith(old):
        kind = PureWindowsPath if "\\" in old else PurePosixPath
        inside = value[len(old) :]
        if not inside:
            return new
        if inside[0] in "/\\":
            separator = "\\" if "\\" in new else "/"
            return separator.join((new, *kind(inside[1:]).parts))
    return value
