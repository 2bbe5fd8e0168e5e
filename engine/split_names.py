"""Which of several files, sheets or folders holds the training, validation and test rows: told by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

from engine.settings import SplitName


def split_of(name: str) -> SplitName | None:
    """The split that this name speaks of, or None."""
    stem = PurePath(name).stem.lower()
    words = re.findall(r"[a-z]+", stem)
    if "train" in stem:
        return "train"
    if "valid" in stem or any(word in ("dev", "devel", "development", "val") for word in words):
        return "validation"
    if any(word.startswith("test") for word in words):
        return "test"
    return None


def parts_by_split(names: Iterable[str]) -> dict[SplitName, str]:
    """The names by split, where exactly one speaks of train and at most one of each other; else nothing."""
    found: dict[SplitName, str] = {}
    for name in names:
        split = split_of(name) or split_of(PurePath(name).parent.name)
        if split is not None and split in found:
            return {}
        if split is not None:
            found[split] = name
    return found if "train" in found and len(found) > 1 else {}
