"""Changes to single rows in the plain script: other answers are put in by the row's number, rows left out are named."""

from __future__ import annotations

from engine.contract.cleaning_rules import MergeLabels, MergeRareLabels, remedy_name
from engine.contract.findings import renamed_labels
from engine.contract.formatting import count
from engine.contract.row_edits import RowChange, column_of
from engine.contract.script_builder import literal
from engine.contract.settings import Roles
from engine.contract.split_columns import own_roles
from engine.contract.states import PreparedDataset
from engine.tasks.registry import task_script


def corrections_code(dataset: PreparedDataset) -> str:
    """The answers put right by hand and a function `corrected` that puts them in; nothing where there are none."""
    files = dict.fromkeys(change.file for change in _relabelled(dataset))
    task = task_script(dataset.task)
    if not files or not task.label_column:
        return ""
    code = "\n# Answers put right by hand, by the row's number in its file, counted from 1.\nby_hand = {\n"
    for file in files:
        code += f'    "{file}": {{\n'
        code += "".join(
            f"        {change.row}: {task.by_hand(change)},\n" for change in _relabelled(dataset) if change.file == file
        )
        code += "    },\n"
    return (
        f"{code}}}\n\n\ndef corrected(rows, answers):\n    for number, answer in answers.items():\n"
        f'        rows[number - 1]["{task.label_column}"] = answer\n    return rows\n\n'
    )


def corrected_rows(dataset: PreparedDataset, rows: str, file: str) -> str:
    """The expression for the rows of the file given for this split, their answers put right."""
    changed = any(change.file == file for change in _relabelled(dataset))
    return f'corrected({rows}, by_hand["{file}"])' if changed and task_script(dataset.task).label_column else rows


def not_done_comment(dataset: PreparedDataset) -> str:
    """What the script does not do by itself, as a comment."""
    left_out = sum(change.leave_out for change in dataset.settings.changes)
    scores = len(_relabelled(dataset)) if not task_script(dataset.task).label_column else 0
    parts = ([f"{count(left_out, 'row')} left out by hand"] if left_out else []) + (
        [f"{count(scores, 'score')} changed by hand"] if scores else []
    )
    return f"# Not done here: {', '.join(parts)}.\n" if parts else ""


def _relabelled(dataset: PreparedDataset) -> list[RowChange]:
    column = column_of(dataset.settings.roles)
    return [change for change in dataset.settings.changes if not change.leave_out and change.column in ("", column)]


# Remedies in the plain script: merged labels are renamed; rows left out are known by their numbers, or are named.


def merging_code(dataset: PreparedDataset) -> str:
    """A function `merged` that gives labels their new names; nothing where no label was merged."""
    names = renamed_labels(dataset.applied)
    task = task_script(dataset.task)
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
