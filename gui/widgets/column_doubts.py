"""Columns that cannot play their part, told from the first rows, before anything is prepared.

The engine looks again at all rows; here the reason stands beside the role as soon as it is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from engine.identifiers import are_identifiers
from engine.questions import ColumnFound, Preview
from engine.settings import Roles, TaskName
from engine.words import count
from gui.widgets.column_roles import ROLES, TASK_NAMES, columns_of

COUNTED = 20_000  # different values that a look at a column counts at most
SEVERAL: TaskName = "multi_label_classification"
_FEWEST = 20
_MOST_TAGS = 5_000
_MARKS = {"1", "1.0", "true", "yes", "y", "x", "0", "0.0", "false", "no", "n", ""}
_LONGEST_NAME = 60


def doubt(preview: Preview, roles: Roles, task: TaskName, *, sign: str = "") -> str:
    """Why a chosen column cannot play its part, in one sentence; empty where nothing speaks against it.

    `sign` stands between several labels in one cell.
    """
    columns = {column.name: column for column in preview.columns}
    if not {name for role in ROLES for name in columns_of(roles, role)} <= set(columns):
        return ""
    for name in (roles.text, roles.second_text):
        if name and task != "token_classification":
            sentence = _text_doubt(columns[name], _cells(preview, name))
            if sentence:
                return sentence
    match task:
        case "text_classification" if roles.label:
            return _label_doubt(columns[roles.label], preview)
        case "regression" if roles.score:
            return _score_doubt(columns[roles.score], preview)
        case "multi_label_classification" if roles.label_columns:
            return next(filter(None, (_mark_doubt(name, _cells(preview, name)) for name in roles.label_columns)), "")
        case "multi_label_classification" if roles.labels:
            return _labels_doubt(columns[roles.labels], preview, sign)
        case "token_classification" if roles.tokens and roles.tags:
            return _tags_doubt(columns[roles.tags], preview, roles)
        case _:
            return ""


def _text_doubt(column: ColumnFound, cells: Sequence[str]) -> str:
    name = _named(column.name)
    if cells and not any(cell.strip() for cell in cells) and column.kind == "empty":
        return f"{name} is empty. Choose the column that holds something to read."
    if are_identifiers([cell for cell in cells if cell.strip()]):
        return f"{name} holds numbers or identifiers, such as “{cells[0][:40]}”: is this the right column?"
    return ""


def _label_doubt(column: ColumnFound, preview: Preview) -> str:
    name, rows, labels = _named(column.name), column.filled, column.distinct
    if column.kind == "empty":
        return f"{name} is empty. Choose the column with the answers."
    if not rows:
        return ""
    if column.is_list:
        several = column.items > rows
        return f"{name} holds lists: choose “{TASK_NAMES[SEVERAL]}”, or another column." if several else ""
    if labels >= COUNTED:
        return f"More than {COUNTED - 1:,} different labels: is {name} the right column?"
    if (rows >= _FEWEST and labels * 2 > rows) or (rows >= 5 and labels == rows):
        return f"{labels:,} different labels in {rows:,} rows: is {name} the right column?"
    if labels == 1 and _is_whole(column, preview):
        return f"All {rows:,} rows have the same label in {name}: there is no difference to learn."
    return ""


def _labels_doubt(column: ColumnFound, preview: Preview, sign: str) -> str:
    if column.is_list:
        if column.items >= _FEWEST and column.distinct * 2 > column.items:
            name = _named(column.name)
            return f"{column.distinct:,} different labels in {column.filled:,} rows: is {name} the right column?"
        return ""
    cells = _cells(preview, column.name)
    if (sign and any(sign in cell for cell in cells)) or any(cell.startswith("[") for cell in cells):
        return ""
    return _label_doubt(column, preview)


def _mark_doubt(name: str, cells: Sequence[str]) -> str:
    wrong = [cell for cell in cells if cell.strip().casefold() not in _MARKS]
    if len(wrong) <= 0.05 * len(cells):
        return ""
    return f"{_named(name)} holds “{wrong[0][:40]}”, where 1 or 0 is expected: is this the right column?"


def _score_doubt(column: ColumnFound, preview: Preview) -> str:
    name = _named(column.name)
    filled = [cell for cell in _cells(preview, column.name) if cell.strip()]
    if column.kind == "empty":
        return f"{name} is empty. Choose the column with the scores."
    numbers = sum(map(_is_number, filled))
    if len(filled) >= 5 and numbers < 0.5 * len(filled):
        wrong = next(cell for cell in filled if not _is_number(cell))
        return f"{name} holds “{wrong[:40]}”, which is no number: is this the right column?"
    if len(filled) >= _FEWEST and all(cell.isdecimal() for cell in filled):
        steps = {int(two) - int(one) for one, two in pairwise(filled)}
        if steps == {1}:
            return f"{name} counts the rows, from {filled[0]} upwards: is this the right column?"
    if column.distinct == 1 and _is_whole(column, preview):
        return f"All {column.filled:,} rows have the same score in {name}: there is no difference to learn."
    return ""


def _tags_doubt(column: ColumnFound, preview: Preview, roles: Roles) -> str:
    name = _named(column.name)
    if column.distinct > _MOST_TAGS:
        return f"More than {_MOST_TAGS:,} different tags: is {name} the right column?"
    if column.is_list and column.items >= _FEWEST and column.distinct * 2 > column.items:
        return f"{column.distinct:,} different tags for {column.items:,} words: is {name} the right column?"
    both = [
        (len(words.split()), len(tags.split()))
        for words, tags in zip(_cells(preview, roles.tokens), _cells(preview, roles.tags), strict=True)
        if words.strip() and not words.startswith("[") and not words.endswith("…")
    ]
    wrong = [(words, tags) for words, tags in both if words != tags]
    if len(both) >= 5 and len(wrong) > 0.5 * len(both):
        words, tags = wrong[0]
        return f"{name} has {count(tags, 'tag')} where there are {count(words, 'word')}: is this the right column?"
    return ""


def _is_whole(column: ColumnFound, preview: Preview) -> bool:
    """Whether every row of the file was looked at."""
    return bool(preview.rows_total) and column.filled >= preview.rows_total


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip().replace(",", "."))
    except ValueError:
        return False
    return True


def _cells(preview: Preview, name: str) -> list[str]:
    position = [column.name for column in preview.columns].index(name)
    return [row[position] for row in preview.cells if position < len(row)]


def _named(name: str) -> str:
    return f"“{name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + '…'}”"
