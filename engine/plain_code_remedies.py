"""Remedies in the plain script: merged labels are renamed; rows left out are known by their numbers, or are named."""

from __future__ import annotations

from engine.data_remedies import MergeLabels, MergeRareLabels, remedy_name
from engine.findings import renamed_labels
from engine.other_columns import own_roles
from engine.plain_code_changes import corrected_rows
from engine.plain_code_text import literal
from engine.settings import Roles
from engine.states import PreparedDataset
from engine.tasks.scripts.choose import script_of
from engine.words import count


def merging_code(dataset: PreparedDataset) -> str:
    """A function `merged` that gives labels their new names; nothing where no label was merged."""
    names = renamed_labels(dataset.applied)
    task = script_of(dataset.task)
    if not names or not task.renaming:
        return ""
    pairs = "".join(f"        {literal(old)}: {literal(new)},\n" for old, new in names.items())
    code = task.renaming_functions()
    return (
        f"{code}\ndef merged(rows):\n    # Labels that mean the same, or are too rare, have one name.\n"
        f"    names = {{\n{pairs}    }}\n    for row in rows:\n        {task.renaming}\n    return rows\n\n"
    )


def rows_read(dataset: PreparedDataset, place: str, file: str = "train") -> str:
    """The expression for the rows in the file given for this split, answers put right by hand and labels merged."""
    reader = f"read_{file}" if own_roles(dataset.settings, file) != Roles() else "read"
    rows = corrected_rows(dataset, f"{reader}({place})", file)
    return f"merged({rows})" if merging_code(dataset) else rows


def left_out_comment(dataset: PreparedDataset) -> str:
    """What the script does not do by itself, as comments."""
    return "".join(
        f"# Not done here: {' '.join(remedy_name(applied.remedy).split())} ({count(applied.rows, 'row')}).\n"
        for applied in dataset.applied
        if not isinstance(applied.remedy, MergeLabels | MergeRareLabels)
    )
