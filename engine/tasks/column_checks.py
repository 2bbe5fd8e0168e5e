"""What the tasks' `doubt` functions share: the cells of a column in a preview, and doubts about texts and labels."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract import formatting
from engine.contract.queries import ColumnFound, Preview
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.contract.text_parsing import are_identifiers

COUNTED = 20_000  # different values that a survey of a column counts at most (engine/reading/columns.py)
FEWEST = 20  # values below which many different ones are no surprise
_LONGEST_NAME = 60


def texts_doubt(preview: Preview, roles: Roles) -> Sentence:
    """Why the text, or the second text, cannot be what is read, in one sentence, or an empty string."""
    names = filter(None, (roles.text, roles.second_text))
    return next(filter(None, (text_doubt(preview, name) for name in names)), NOTHING)


def text_doubt(preview: Preview, name: str) -> Sentence:
    """Why this column cannot be what is read, in one sentence, or an empty string."""
    column, cells = column_named(preview, name), cells_of(preview, name)
    if cells and not any(cell.strip() for cell in cells) and column.kind == "empty":
        return Sentence("tasks.doubt.empty_text", column=quoted(name))
    if are_identifiers([cell for cell in cells if cell.strip()]):
        return Sentence("tasks.doubt.identifiers", column=quoted(name), cell=cells[0][:40])
    return NOTHING


def label_doubt(preview: Preview, name: str) -> Sentence:
    """Why this column cannot hold one label per row, in one sentence, or an empty string."""
    column, named = column_named(preview, name), quoted(name)
    rows, labels = column.filled, column.distinct
    if column.kind == "empty":
        return Sentence("tasks.doubt.empty_labels", column=named)
    if not rows:
        return NOTHING
    if column.is_list:
        return Sentence("tasks.doubt.lists", column=named) if column.items > rows else NOTHING
    if labels >= COUNTED:
        return Sentence("tasks.doubt.most_labels", labels=COUNTED - 1, column=named)
    if (rows >= FEWEST and labels * 2 > rows) or (rows >= 5 and labels == rows):
        return Sentence("tasks.doubt.many_labels", labels=labels, rows=rows, column=named)
    if labels == 1 and is_whole(column, preview):
        return Sentence("tasks.doubt.same_label", rows=rows, column=named)
    return NOTHING


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
    return formatting.quoted(name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…")
