"""Rows of files in forms that no reader takes as they are, as objects with the same keys each.

They are written to a copy with one JSON object per line, which the reader of JSON rows or that of marked texts reads,
here and in the script of a run. The copy is ASCII in the encoding of the file, so that what was chosen about reading
the file holds for it as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from engine.contract.file_formats import FormatName
from engine.contract.sentences import Sentence, as_text

PROBLEM = "\ufeffproblem"  # the key of why a row cannot be used; no column has such a name
LINE = "\ufeffline"  # the key of the line of the user's file where a row begins, where it has one
OURS = frozenset({PROBLEM, LINE})

Row = dict[str, Any]

ROWS_LOOKED_AT = 2_000
_MOST_CELLS = 500_000  # rows × keys of all of them; 2,000 rows of 250 keys


class RowsAsObjects(NamedTuple):
    """The tables of a file by their names, "" where there is one; `format` is that of the reader of the copy."""

    format: FormatName
    tables: Mapping[str, Callable[[], Iterator[Row]]]
    encoding: str
    notes: tuple[Sentence, ...] = ()


def looked_at(rows: Iterable[Row]) -> Iterator[Row]:
    """The first rows, from which the shape of a file is found; fewer where they have very many keys."""
    names: set[str] = set()
    for number, row in enumerate(rows, start=1):
        yield row
        names.update(row)
        if number >= ROWS_LOOKED_AT or number * len(names) >= _MOST_CELLS:
            return


def unusable(reason: Sentence, columns: Mapping[str, Any]) -> Row:
    """A row that cannot be used, with the keys that the others have."""
    return {**columns, PROBLEM: as_text(reason)}


def at_line(row: Row, line: int) -> Row:
    """The row, which begins on this line of the user's file."""
    return {**row, LINE: line}


def line_of(row: Row) -> str:
    """The row as a line of the copy."""
    return json.dumps(row, ensure_ascii=True, default=str) + "\n"


def with_all_keys(rows: list[Row]) -> list[Row]:
    """The rows with the keys of all of them, None where a row has none."""
    keys = dict.fromkeys(key for row in rows for key in row if key not in OURS)
    return [{**dict.fromkeys(keys), **row} for row in rows]
