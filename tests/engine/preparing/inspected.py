"""What `inspect` is expected to report of files, and how that differs from what it reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from engine.contract.inspection import Inspection


class Expected(msgspec.Struct, frozen=True):
    """What is to be seen in files; what is left empty is not compared.

    A test that makes the files itself has their content by name, in the order training, validation, test.
    """

    files: dict[str, bytes] = msgspec.field(default_factory=dict)
    task: str = "text_classification"
    roles: dict[str, str | list[str]] = msgspec.field(default_factory=dict)
    used: int = -1
    excluded: dict[str, int] = msgspec.field(default_factory=dict)
    labels: dict[str, int] = msgspec.field(default_factory=dict)
    entities: dict[str, int] = msgspec.field(default_factory=dict)
    words: int = 0
    splits: dict[str, int] = msgspec.field(default_factory=dict)
    scores: dict[str, float] = msgspec.field(default_factory=dict)
    header: str = ""
    format: str = ""
    delimiters: tuple[str, ...] = ()  # of the files
    findings: tuple[str, ...] = ()  # ids that are among those found
    finding_sentence: str = ""  # part of one of the findings
    absent: tuple[str, ...] = ()  # ids that are not
    error: str = ""
    sentence: str = ""  # part of the error's
    is_folder: bool = False


def differences(found: Inspection, expected: Expected) -> dict[str, tuple[Any, Any]]:
    """What was found beside what was expected, where these are different."""
    roles = msgspec.to_builtins(found.roles)
    pairs: dict[str, tuple[Any, Any]] = {
        "error": (found.error.id if found.error else "", expected.error),
        "task": (found.task, expected.task),
        "roles": ({part: _listed(roles[part]) for part in expected.roles}, expected.roles),
    }
    if expected.used >= 0:
        pairs["used"] = (found.rows_used, expected.used)
        pairs["excluded"] = (found.rows_excluded, expected.excluded)
    for name in ("labels", "entities", "words", "splits", "header"):
        if wanted := getattr(expected, name):
            pairs[name] = (getattr(found, name), wanted)
    if expected.format:
        pairs["format"] = (found.format, expected.format)
    if expected.delimiters:
        pairs["delimiters"] = (tuple(file.delimiter for file in found.files), expected.delimiters)
    if expected.scores:
        pairs["scores"] = ({name: round(found.scores.get(name, -1), 2) for name in expected.scores}, expected.scores)
    if expected.sentence:
        pairs["sentence"] = (expected.sentence in (found.error.sentence if found.error else ""), True)
    if expected.finding_sentence:
        told = any(expected.finding_sentence in finding.sentence for finding in found.findings)
        pairs["finding_sentence"] = (told, True)
    ids = {finding.id for finding in found.findings}
    pairs["findings"] = (sorted(ids & set(expected.findings)), sorted(expected.findings))
    pairs["absent"] = (sorted(ids & set(expected.absent)), [])
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _listed(columns: str | Sequence[str]) -> str | list[str]:
    return columns if isinstance(columns, str) else list(columns)
