"""How a validation or test file is read, and its columns that have other names than in the training file.

Each split has roles of its own, in which an empty part means: the column of the training file. Uses no files.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import msgspec

from engine.contract.column_roles import SINGLE_ROLES
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import PrepareSettings, ReadingOptions, Roles


def own_roles(settings: PrepareSettings, split: str) -> Roles:
    """The parts that other columns play in the file given for this split; empty where they have the same names."""
    own = {"validation": settings.validation_roles, "test": settings.test_roles}
    return own.get(split, Roles())


def own_reading(settings: PrepareSettings, split: str) -> ReadingOptions:
    """How the file given for this split is read; empty where it is read like the training file or by its content."""
    own = {"validation": settings.validation_reading, "test": settings.test_reading}
    return own.get(split, ReadingOptions())


def is_read_otherwise(settings: PrepareSettings, split: str) -> bool:
    """Whether the file given for this split has other columns than the training file, or is written in another way."""
    return own_roles(settings, split) != Roles() or own_reading(settings, split) != ReadingOptions()


def roles_of(settings: PrepareSettings, split: str) -> Roles:
    """Which column plays which part in the file given for this split."""
    own = own_roles(settings, split)
    changes = {
        part: getattr(own, part) for part in SINGLE_ROLES if getattr(settings.roles, part) and getattr(own, part)
    }
    return msgspec.structs.replace(settings.roles, **changes)


def only_other(own: Roles, roles: Roles) -> Roles:
    """Those of a file's own parts that the training file's `roles` have under another name."""
    other = {
        part: name
        for part in SINGLE_ROLES
        if (name := getattr(own, part)) and getattr(roles, part) and name != getattr(roles, part)
    }
    return msgspec.structs.replace(Roles(), **other)


def same_name(name: str, columns: Sequence[str]) -> str:
    """The column that is called the same but for case, spaces and punctuation; empty where none or several are."""
    if name in columns:
        return name
    found = [column for column in columns if _plain(column) == _plain(name)]
    return found[0] if len(found) == 1 and _plain(name) else ""


def same_place(name: str, training: Sequence[str], columns: Sequence[str]) -> str:
    """The column at the place that `name` has in the training file, where one of the files has no header.

    Empty where both have one, or where they have not the same number of columns.
    """
    if name not in training or len(training) != len(columns) or _is_numbered(training) == _is_numbered(columns):
        return ""
    return columns[training.index(name)]


def with_same_names(own: Roles, roles: Roles, columns: Sequence[str], training: Sequence[str] = ()) -> Roles:
    """`own` with the absent columns of the training file filled in where one of the same name or place is there."""
    found = {
        part: getattr(own, part)
        or same_name(getattr(roles, part), columns)
        or same_place(getattr(roles, part), training, columns)
        for part in SINGLE_ROLES
    }
    return only_other(msgspec.structs.replace(Roles(), **found), roles)


def read_as_sentence(file: str, own: Roles, roles: Roles) -> Sentence:
    """Which columns of the file are read in the place of which; empty where none is."""
    pairs = [
        Sentence("contract.columns.read_as", own=getattr(own, part), other=getattr(roles, part))
        for part in SINGLE_ROLES
        if getattr(own, part) and getattr(roles, part)
    ]
    return Sentence("contract.columns.other_names", file=file, pairs=pairs) if pairs else NOTHING


def _is_numbered(columns: Sequence[str]) -> bool:
    """Whether these are the names of columns without a header."""
    return all(name == f"column {number}" for number, name in enumerate(columns, start=1))


def _plain(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())
