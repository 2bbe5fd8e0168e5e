"""Changes to single rows in the plain script: other answers are put in by the row's number, excluded rows are named."""

from __future__ import annotations

import re

from engine.contract.cleaning_rules import (
    CorrectTagPrefixes,
    MergeLabels,
    MergeRareLabels,
    RepairMisreadText,
    rule_name,
)
from engine.contract.findings import renamed_labels
from engine.contract.formatting import count
from engine.contract.row_edits import RowChange, column_of
from engine.contract.script_builder import literal
from engine.contract.split_columns import is_read_otherwise
from engine.contract.states import PreparedDataset
from engine.contract.tag_schemes import LETTERS, OUTSIDE_TYPES
from engine.contract.text_parsing import MISREAD_SEQUENCES, SELDOM_MEANT
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
    excluded = sum(change.leave_out for change in dataset.settings.changes)
    scores = len(_relabelled(dataset)) if not task_script(dataset.task).label_column else 0
    parts = ([f"{count(excluded, 'row')} excluded by hand"] if excluded else []) + (
        [f"{count(scores, 'score')} changed by hand"] if scores else []
    )
    return f"# Not done here: {', '.join(parts)}.\n" if parts else ""


def _relabelled(dataset: PreparedDataset) -> list[RowChange]:
    column = column_of(dataset.settings.roles)
    return [change for change in dataset.settings.changes if not change.leave_out and change.column in ("", column)]


# Fixes in the plain script: merged labels are renamed; excluded rows are known by their numbers, or are named.


def repairing_code(dataset: PreparedDataset) -> str:
    """A function `repaired` that reads misread cells as UTF-8; nothing where none was repaired."""
    return _REPAIRING if any(isinstance(one.rule, RepairMisreadText) for one in dataset.applied) else ""


_REPAIRING = """
# UTF-8 that was once read in another encoding, such as â€™ for ’, is read as UTF-8. Nothing that has lost a byte is
# repaired.
SELDOM = r"<SELDOM>"
SEQUENCES = (
    <SEQUENCES>
)
SETTINGS = TextFixerConfig(
    restore_byte_a0=False,
    replace_lossy_sequences=False,
    decode_inconsistent_utf8=False,
    fix_c1_controls=False,
    explain=False,
)


def as_utf8(text):
    try:
        meant = text.encode("sloppy-windows-1252").decode("utf-8")
    except UnicodeError:
        return text
    return text if re.search(SELDOM, meant) else meant  # CAFÉ” was right


def meant(cell):
    if isinstance(cell, list):
        return [meant(item) for item in cell]
    if not isinstance(cell, str) or cell.isascii():
        return cell
    for _ in range(3):  # it may have happened more than once
        shown = text = fix_c1_controls(cell)
        if "\\ufffd" not in cell:
            text = as_utf8(shown)
            text = fix_encoding(cell, SETTINGS) if text == shown else text
        if text == shown and is_bad(shown):  # only a part of it was misread
            text = re.sub(SEQUENCES, lambda found: as_utf8(found[0]), shown)
        if text == shown:
            break
        cell = text.replace("\\ufeff", "")
    return cell


def repaired(rows):
    return [{name: meant(cell) for name, cell in row.items()} for row in rows]

""".replace("<SELDOM>", SELDOM_MEANT).replace(
    "<SEQUENCES>", "\n    ".join(f'r"{part}"' for part in re.findall("[^|]+\\|?", MISREAD_SEQUENCES))
)


def tags_code(dataset: PreparedDataset) -> str:
    """A function `with_prefixes` that gives tags the prefixes that they mean; nothing where that was not asked for."""
    rules = [one.rule for one in dataset.applied if isinstance(one.rule, CorrectTagPrefixes)]
    if not rules or task_script(dataset.task).label_column != "tags":
        return ""
    code = "\n# The tags of words get the prefixes that they mean.\ndef with_prefixes(rows):\n    for row in rows:\n"
    for rule in rules:
        sign = literal(re.escape(rule.sign))
        match rule.fault:
            case "sign" if rule.is_behind:
                change = f're.sub("^(.*[A-Za-z0-9_])" + {sign} + "([{LETTERS}])$", r"\\2-\\1", tag)'
            case "sign":
                change = f're.sub("^([{LETTERS}])" + {sign} + "(?=[A-Za-z0-9_])", r"\\1-", tag)'
            case "outside":
                change = f'"O" if tag[1:2] in ("-", "_", " ") and tag[2:].lower() in {sorted(OUTSIDE_TYPES)} else tag'
            case "begin":
                change = '"I" + tag[1:] if tag == before and tag[:1] == "B" else tag'
        pairs = 'zip(["", *row["tags"]], row["tags"])' if rule.fault == "begin" else 'row["tags"]'
        names = "before, tag" if rule.fault == "begin" else "tag"
        code += f'        row["tags"] = [{change} for {names} in {pairs}]\n'
    return f"{code}    return rows\n\n"


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
    reader = f"read_{file}" if is_read_otherwise(dataset.settings, file) else "read"
    read = f"repaired({reader}({place}))" if repairing_code(dataset) else f"{reader}({place})"
    read = f"with_prefixes({read})" if tags_code(dataset) else read
    rows = corrected_rows(dataset, read, file)
    return f"merged({rows})" if merging_code(dataset) else rows


def excluded_comment(dataset: PreparedDataset) -> str:
    """What the script does not do by itself, as comments."""
    return "".join(
        f"# Not done here: {' '.join(rule_name(applied.rule).split())} ({count(applied.rows, 'row')}).\n"
        for applied in dataset.applied
        if not isinstance(applied.rule, RepairMisreadText | CorrectTagPrefixes | MergeLabels | MergeRareLabels)
    )
