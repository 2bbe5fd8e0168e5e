"""Columns that cannot play their part, told from the first rows, before anything is prepared.

The engine looks again at all rows; here the reason stands beside the role as soon as it is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.identifiers import are_identifiers
from engine.questions import ColumnFound, Preview
from engine.settings import Roles, TaskName

COUNTED = 20_000  # different values that a look at a column counts at most
_FEWEST = 20
_LONGEST_NAME = 60


def doubt(preview: Preview, roles: Roles, task: TaskName) -> str:
    """Why a chosen column cannot play its part, in one sentence; empty where nothing speaks against it."""
    columns = {column.name: column for column in preview.columns}
    for name in (roles.text, roles.second_text):
        if name in columns and task != "token_classification":
            sentence = _text_doubt(columns[name], _cells(preview, name))
            if sentence:
                return sentence
    if task == "text_classification" and roles.label in columns:
        return _label_doubt(columns[roles.label], preview)
    if task == "regression" and roles.score in columns:
        return _score_doubt(roles.score, _cells(preview, roles.score))
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
    if not rows:
        return ""
    if labels >= COUNTED:
        return f"More than {COUNTED - 1:,} different labels: is {name} the right column?"
    if (rows >= _FEWEST and labels * 2 > rows) or (rows >= 5 and labels == rows):
        return f"{labels:,} different labels in {rows:,} rows: is {name} the right column?"
    if labels == 1 and preview.rows_total and rows >= preview.rows_total:
        return f"All {rows:,} rows have the same label in {name}: there is no difference to learn."
    return ""


def _score_doubt(name: str, cells: Sequence[str]) -> str:
    filled = [cell for cell in cells if cell.strip()]
    numbers = sum(map(_is_number, filled))
    if len(filled) >= 5 and numbers < 0.5 * len(filled):
        wrong = next(cell for cell in filled if not _is_number(cell))
        return f"{_named(name)} holds “{wrong[:40]}”, which is no number: is this the right column?"
    return ""


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
