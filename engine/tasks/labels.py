"""Labels as they are written in files: as text, in an order people expect, and as ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np


def label_text(value: object) -> str:
    """A label as its name: stripped text, whole numbers without a decimal point, an empty string for none."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def in_natural_order(names: Iterable[str]) -> tuple[str, ...]:
    """The distinct names, sorted so that 2 comes before 10."""
    return tuple(sorted(set(names), key=_natural_key))


def ids_of(label_names: Sequence[str]) -> dict[str, int]:
    """The id of each label name."""
    return {name: index for index, name in enumerate(label_names)}


def class_ids(rows: Mapping[str, Sequence[Any]], label_names: Sequence[str]) -> np.ndarray:
    """The class of each row, from the readable column `label` or, in encoded rows, from `labels`; (rows,) int64."""
    if "labels" in rows:
        return np.asarray(list(rows["labels"]), dtype=np.int64)
    ids = ids_of(label_names)
    return np.asarray([ids[label_text(value)] for value in rows["label"]], dtype=np.int64)


def _natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    parts = re.split(r"([0-9]+)", name)
    # Numbers are compared by their digits: Python makes no number of more than some thousand.
    digits = [part.lstrip("0") for part in parts]
    return [
        (1, 0, part.casefold()) if index % 2 == 0 else (0, len(digits[index]), digits[index])
        for index, part in enumerate(parts)
    ], name
