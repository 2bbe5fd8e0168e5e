"""Keys inside nested JSON objects, offered as columns: {"data": {"text": …}} has the column data.text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_DEEPEST = 4  # levels below the row
_MOST = 50  # columns that one object may become; one with more is a table of its own, and stays a single column


def column_names(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The columns of these rows in the order of their appearance."""
    names: dict[str, dict[str, None]] = {}
    as_it_is: set[str] = set()
    for row in rows:
        for key, value in row.items():
            inside = names.setdefault(key, {})
            if isinstance(value, dict) and value:
                if len(inside) <= _MOST:
                    inside.update(dict.fromkeys(_leaves(key, value, _DEEPEST)))
            elif value is not None:
                as_it_is.add(key)
    found: dict[str, None] = {}
    for key, inside in names.items():
        if not inside or key in as_it_is or len(inside) > _MOST:
            found[key] = None
        if len(inside) <= _MOST:
            found.update(inside)
    return tuple(found)


def value_at(row: Mapping[str, Any], name: str) -> Any:
    """The value of a column; None where the row has none."""
    if name in row or "." not in name:
        return row.get(name)
    for place, letter in enumerate(name):
        inside = row.get(name[:place]) if letter == "." else None
        if isinstance(inside, dict):
            found = value_at(inside, name[place + 1 :])
            if found is not None:
                return found
    return None


def _leaves(name: str, value: Any, levels: int) -> Iterator[str]:
    if isinstance(value, dict) and value and levels:
        for key, inside in value.items():
            yield from _leaves(f"{name}.{key}", inside, levels - 1)
    else:
        yield name
