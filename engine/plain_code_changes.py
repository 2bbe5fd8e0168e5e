"""Changes to single rows in the plain script: other answers are put in by the row's number, rows left out are named."""

from __future__ import annotations

from engine.row_changes import RowChange, column_of
from engine.states import PreparedDataset
from engine.tasks.scripts.choose import script_of
from engine.words import count


def corrections_code(dataset: PreparedDataset) -> str:
    """The answers put right by hand and a function `corrected` that puts them in; nothing where there are none."""
    files = dict.fromkeys(change.file for change in _relabelled(dataset))
    task = script_of(dataset.task)
    if not files or not task.answer_column:
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
        f'        rows[number - 1]["{task.answer_column}"] = answer\n    return rows\n\n'
    )


def corrected_rows(dataset: PreparedDataset, rows: str, file: str) -> str:
    """The expression for the rows of the file given for this split, their answers put right."""
    changed = any(change.file == file for change in _relabelled(dataset))
    return f'corrected({rows}, by_hand["{file}"])' if changed and script_of(dataset.task).answer_column else rows


def not_done_comment(dataset: PreparedDataset) -> str:
    """What the script does not do by itself, as a comment."""
    left_out = sum(change.leave_out for change in dataset.settings.changes)
    scores = len(_relabelled(dataset)) if not script_of(dataset.task).answer_column else 0
    parts = ([f"{count(left_out, 'row')} left out by hand"] if left_out else []) + (
        [f"{count(scores, 'score')} changed by hand"] if scores else []
    )
    return f"# Not done here: {', '.join(parts)}.\n" if parts else ""


def _relabelled(dataset: PreparedDataset) -> list[RowChange]:
    column = column_of(dataset.settings.roles)
    return [change for change in dataset.settings.changes if not change.leave_out and change.column in ("", column)]
