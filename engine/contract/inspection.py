"""What is found in files, as `main.py inspect --json` writes it.

The fields are documented in docs/inspect.md and stay as they are: programs of other people read them.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from engine.contract.findings import Severity
from engine.contract.settings import Roles, TaskName


class InspectedFile(msgspec.Struct):
    """One file: how it is read and what becomes of its rows."""

    split: str
    name: str
    format: str
    encoding: str
    delimiter: str
    quoting: str
    header: str
    part: str
    columns: tuple[str, ...]
    roles: Roles
    rows_in: int = 0
    rows_used: int = 0
    rows_excluded: dict[str, int] = msgspec.field(default_factory=dict)


class InspectedFinding(msgspec.Struct):
    """A finding, a note on how the file is read, or a question that the page asks."""

    id: str
    sentence: str
    severity: Severity | Literal["question"]


class InspectedError(msgspec.Struct):
    """What is in the way, and what to do about it."""

    id: str
    sentence: str
    hint: str


class Inspection(msgspec.Struct):
    """All files together; format, encoding, delimiter, header and roles are those of the training file."""

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    header: str = ""
    task: TaskName | Literal[""] = ""
    roles: Roles = Roles()
    rows_in: int = 0
    rows_used: int = 0
    rows_excluded: dict[str, int] = msgspec.field(default_factory=dict)
    files: list[InspectedFile] = msgspec.field(default_factory=list)
    splits: dict[str, int] = msgspec.field(default_factory=dict)  # rows
    labels: dict[str, int] = msgspec.field(default_factory=dict)
    entities: dict[str, int] = msgspec.field(default_factory=dict)
    words: int = 0
    scores: dict[str, float] = msgspec.field(default_factory=dict)  # least, most, mean
    examples: list[dict[str, Any]] = msgspec.field(default_factory=list)  # the first rows as they are used
    findings: list[InspectedFinding] = msgspec.field(default_factory=list)
    error: InspectedError | None = None
