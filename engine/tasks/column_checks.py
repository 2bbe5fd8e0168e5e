"""What the tasks' `doubt` functions share: the cells of a column in a preview, and doubts about texts and labels."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.queries import ColumnFound, Preview
from engine.contract.settings import Roles
from engine.contract.text_parsing import are_identifiers

COUNTED = 20_000  # different values that a survey of a column counts at most (engine/reading/columns.py)
FEWEST = 20  # values below which many different ones are no surprise
SEVERAL_TITLE = "Several labels"
_LONGEST_NAME = 60


def texts_doubt(preview: Preview, roles: Roles) -> str:
    """Why the text, or the second text, cannot be what is read, in one sentence, or an empty string."""
    names = filter(None, (roles.text, roles.second_text))
    return next(filter(None, (text_doubt(preview, name) for name in names)), "")


def text_doubt(preview: Preview, name: str) -> str:
    """Why this column cannot be what is read, in one sentence, or an empty string."""
    column, cells = column_named(preview, name), cells_of(preview, name)
    if cells and not any(cell.strip() for cell in cells) and column.kind == "empty":
        return f"{quoted(name)} is empty. Choose the column that holds something to read."
    if are_identifiers([cell for cell in cells if cell.strip()]):
        return f"{quoted(name)} holds numbers or identifiers, such as “{cells[0][:40]}”: is this the right column?"
    return ""


def label_doubt(preview: Preview, name: str) -> str:
    """Why this column cannot hold one label per row, in one sentence, or an empty string."""
    column, named = column_named(preview, name), quoted(name)
    rows, labels = column.filled, column.distinct
    if column.kind == "empty":
        return f"{named} is empty. Choose the column with the labels."
    if not rows:
        return ""
    if column.is_list:
        several = column.items > rows
        return f"{named} holds lists: choose “{SEVERAL_TITLE}”, or another column." if several else ""
    if labels >= COUNTED:
        return f"More than {COUNTED - 1:,} different labels: is {named} the right column?"
    if (rows >= FEWEST and labels * 2 > rows) or (rows >= 5 and labels == rows):
        return f"{labels:,} different labels in {rows:,} rows: is {named} the right column?"
    if labels == 1 and is_whole(column, preview):
        return f"All {rows:,} rows have the same label in {named}: there is no difference to learn."
    return ""


def column_named(preview: Preview, name: str) -> ColumnFound:
    """The column of this name, which exists."""
    return next(column for column in preview.columns if column.name == name)


def cells_of(preview: Preview, name: str) -> Sequence[str]:
    """The cells of this column in the first rows."""
    position = [column.name for column in preview.columns].index(name)
    return [row[position] for row in preview.cells if position < len(row)]


def is_whole(column: ColumnFound, preview: Preview) -> bool:
    """Whether every row of the file was looked at."""
    return bool(preview.rows_total) and column.filled >= preview.rows_total


def quoted(name: str) -> str:
    """A column's name in a sentence."""
    return f"“{name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + '…'}”"
