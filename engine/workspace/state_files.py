"""The states that a run has reached, each once: small files that run.json names by their hash.

    <run>/states/model-<hash>.json  dataset-<hash>.json  run-<hash>.json  evaluation-<hash>.json  exported-<hash>.json

A state names the one it was made from by its hash instead of holding it. The hash is that of the file's content, so a
file never changes once it is there: a save that is interrupted leaves what run.json names as it was.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from engine.contract.former_names import convert, with_current_names
from engine.contract.states import State, before
from engine.workspace.atomic_files import as_json, read_regular, write_file
from engine.workspace.file_operations import remove_file

STATES = "states"
LARGEST_STATE = 64 * 1024 * 1024  # bytes; a data set holds the edits of its rows, an evaluation its worst rows
Relocate = Callable[[Any], Any]  # from decoded JSON to the same with its paths where they are now

_TYPES: dict[str, type[State]] = {str(kind.__struct_config__.tag): kind for kind in get_args(State)}
_NAMES = tuple(_TYPES)
# Each state holds the one it was made from in the field of that one's tag; the model holds none.
_MADE_FROM: dict[str, str] = dict(zip(_NAMES[1:], _NAMES, strict=False))


def write_states(folder: Path, states: Mapping[str, State]) -> tuple[dict[str, str], set[str]]:
    """Writes the states, with those they were made from, into a run's folder, as far as they are not there.

    Returns the hashes of the given ones by their kinds, and the names of all files that hold them.
    """
    files: set[str] = set()
    known: dict[int, str] = {}
    return {kind: _write(folder / STATES, state, files, known) for kind, state in states.items()}, files


def _write(folder: Path, state: State, files: set[str], known: dict[int, str]) -> str:
    if id(state) in known:
        return known[id(state)]
    kind = str(state.__struct_config__.tag)
    values = {field.encode_name: getattr(state, field.name) for field in msgspec.structs.fields(state)}
    made_from = before(state)
    if made_from is not None:
        values[_MADE_FROM[kind]] = _write(folder, made_from, files, known)
    content = as_json({"type": kind, **values})
    known[id(state)] = found = _hash(content)
    name = _name(kind, found)
    if not (folder / name).is_file():
        write_file(folder / name, content)
    files.add(name)
    return found


def remove_other_states(folder: Path, kept: set[str]) -> None:
    """Deletes the states in a run's folder that are no longer named."""
    for path in (folder / STATES).glob("*.json"):
        if path.name not in kept and path.name.partition("-")[0] in _TYPES:
            with contextlib.suppress(OSError):
                remove_file(path)


def read_states(folder: Path, named: Mapping[str, str], relocate: Relocate, *, run_id: str) -> dict[str, State]:
    """The states of a run by their kinds; equal ones are the same object.

    Raises `OSError` where one is not there, and `msgspec.DecodeError` where it is not what was written.
    """
    known: dict[str, State] = {}

    def read(kind: str, wanted: str) -> State:
        if wanted in known:
            return known[wanted]
        if kind not in _TYPES or not wanted.isalnum():  # on Windows, "..\\" in a name would lead elsewhere
            raise msgspec.DecodeError(f"there is no state called {kind}")
        content = read_regular(folder / STATES / _name(kind, wanted), LARGEST_STATE)
        if _hash(content) != wanted:
            raise msgspec.DecodeError(f"{_name(kind, wanted)} is not what was written")
        values = with_current_names(relocate(msgspec.json.decode(content, type=dict[str, Any])), _TYPES[kind])
        if kind in _MADE_FROM:
            values[_MADE_FROM[kind]] = read(_MADE_FROM[kind], str(values.get(_MADE_FROM[kind])))
        if kind == "run":
            values["id"] = run_id
        known[wanted] = state = convert(values, _TYPES[kind])
        return state

    return {kind: read(kind, wanted) for kind, wanted in named.items()}


def _name(kind: str, found: str) -> str:
    return f"{kind}-{found}.json"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
