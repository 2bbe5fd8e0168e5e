"""What a look at the prepared rows found, and what can be done about it, as frozen records.

A `Finding` travels with the data set's state; the rows behind it lie in `findings.json` in the data set's folder, so
that the state stays small.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from engine.contract.cleaning_rules import CleaningRule, MergeLabels, MergeRareLabels
from engine.contract.sentences import Sentence

EXAMPLES_FILE = "findings.json"
Severity = Literal["problem", "caution", "note"]


class Offer(msgspec.Struct, frozen=True):
    """A fix one click away: `caption` names what the click does, with its number of rows."""

    caption: Sentence
    rule: CleaningRule


class Finding(msgspec.Struct, frozen=True):
    """One thing worth knowing: a problem spoils what is learned or measured, a caution may, a note only informs.

    `rows` are some of the row numbers, from 1; `examples` counts how many rows or pairs can be shown.
    """

    id: str
    severity: Severity
    sentence: Sentence
    count: int = 0
    rows: tuple[int, ...] = ()
    offers: tuple[Offer, ...] = ()
    examples: int = 0
    pairs: bool = False  # the examples are pairs of rows


class AppliedRule(msgspec.Struct, frozen=True):
    """A fix, the rows it excluded or changed, and the labels that it renamed."""

    rule: CleaningRule
    rows: int
    labels: tuple[str, ...] = ()


class FoundRow(msgspec.Struct, frozen=True):
    """A row of a split, its number in its file, and the beginning of what it reads and answers."""

    split: str
    row: int
    text: str
    answer: str


class FoundPair(msgspec.Struct, frozen=True, rename={"similarity": "likeness"}):
    """Two rows beside each other; `similarity` is 1 for equal inputs."""

    first: FoundRow
    second: FoundRow
    similarity: float


class Examples(msgspec.Struct, frozen=True):
    """The rows or pairs behind the finding of this id."""

    id: str
    rows: tuple[FoundRow, ...] = ()
    pairs: tuple[FoundPair, ...] = ()


_examples = msgspec.json.Decoder(tuple[Examples, ...])


def encode_examples(examples: tuple[Examples, ...]) -> bytes:
    """The content of `findings.json`."""
    return msgspec.json.encode(examples)


def read_examples(folder: str, id: str) -> Examples:
    """The examples behind a finding of the data set in this folder; none where they cannot be read."""
    try:
        for examples in _examples.decode((Path(folder) / EXAMPLES_FILE).read_bytes()):
            if examples.id == id:
                return examples
    except (OSError, msgspec.DecodeError):
        return Examples(id)
    return Examples(id)


def renamed_labels(applied: tuple[AppliedRule, ...]) -> dict[str, str]:
    """What every label that was merged is called now."""
    names: dict[str, str] = {}
    for one in applied:
        if isinstance(one.rule, MergeLabels | MergeRareLabels):
            changes = dict.fromkeys(one.labels, one.rule.into)
            names = {old: changes.get(new, new) for old, new in names.items()}
            names.update({old: new for old, new in changes.items() if old not in names})
    return {old: new for old, new in names.items() if old != new}
