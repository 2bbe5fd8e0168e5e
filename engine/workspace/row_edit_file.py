"""The project's file of changes: what the user changed about the rows of a source, kept in the workspace.

<workspace>/changes/<name>.json holds the changes to one file or example, written as a whole at every change, so that
they survive a restart whether or not the rows were prepared again. The user's own file is never touched.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from engine.contract.errors import EngineError
from engine.contract.row_edits import RowChange, in_order
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, FileRows, HubRows, RowSource
from engine.workspace.atomic_files import set_aside, write_record
from engine.workspace.layout import Workspace


class ChangesFile(msgspec.Struct, frozen=True):
    """One file of changes."""

    source: RowSource
    changes: tuple[RowChange, ...]
    schema: int = 1


_files = msgspec.json.Decoder(ChangesFile)


def changes_path(workspace: Workspace, source: RowSource) -> Path:
    """Where the changes to this source lie; named by the files' places, so that a file that grows keeps its changes."""
    match source:
        case FileRows():
            places = (source.path, source.validation_path, source.test_path)
            identity = "\0".join(["file", *(str(Path(place).absolute()) if place else "" for place in places)])
        case HubRows():
            identity = f"hub\0{source.id}\0{source.config}"
        case ExampleRows():
            identity = f"example\0{source.name}"
    name = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return workspace.root / "changes" / f"{name}.json"


def read_changes(workspace: Workspace, source: RowSource) -> tuple[RowChange, ...] | None:
    """The changes to this source, or None where nothing was ever changed.

    Raises `EngineError` (C9) where the file is damaged; it is set aside, and the next reading finds none.
    """
    path = changes_path(workspace, source)
    try:
        return in_order(_files.decode(path.read_bytes()).changes)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise EngineError(
            "C9",
            Sentence("workspace.c9.your_changes_these_rows_cannot"),
            hint=Sentence("workspace.c9.file_kept_your_own_file", aside=set_aside(path).name),
            details=str(error),
        ) from error


def still_fitting(changes: tuple[RowChange, ...], before: RowSource | None, now: RowSource) -> tuple[RowChange, ...]:
    """Those changes to `before` whose file belongs to `now` as well: a further file was added, or one taken away."""
    if not isinstance(before, FileRows) or not isinstance(now, FileRows):
        return ()
    same = {
        "train": before.path == now.path,
        "validation": before.validation_path == now.validation_path,
        "test": before.test_path == now.test_path,
    }
    return tuple(change for change in changes if same[change.file])


def write_changes(workspace: Workspace, source: RowSource, changes: tuple[RowChange, ...]) -> None:
    """Keeps these changes instead of the last; raises `DiskFull` (C4)."""
    write_record(changes_path(workspace, source), ChangesFile(source, changes))
