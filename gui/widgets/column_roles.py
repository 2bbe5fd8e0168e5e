"""Which column plays which part: plain functions over `Roles`, without any widget.

The task follows from the roles: text and label make a text classification, tokens and tags a token classification.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from engine.questions import ColumnFound
from engine.settings import Roles, TaskName

Role = Literal["text", "label", "tokens", "tags", ""]  # "" is ignored

ROLES: tuple[Role, ...] = ("text", "label", "tokens", "tags", "")
ROLE_NAMES: dict[Role, str] = {"text": "Text", "label": "Label", "tokens": "Tokens", "tags": "Tags", "": "Ignore"}
ROLE_SENTENCES: dict[Role, str] = {
    "text": "The model reads this column.",
    "label": "The model learns to answer this column.",
    "tokens": "The words of each sentence.",
    "tags": "One tag for each word.",
    "": "This column is not used.",
}
TASK_ROLES: dict[TaskName, tuple[Role, Role]] = {
    "text_classification": ("text", "label"),
    "token_classification": ("tokens", "tags"),
}
TASK_NAMES: dict[TaskName, str] = {
    "text_classification": "Text classification",
    "token_classification": "Token classification",
}
TASK_SENTENCES: dict[TaskName, str] = {
    "text_classification": "One label for each text.",
    "token_classification": "One tag for each word, such as names of people and places.",
}


def role_of(roles: Roles, column: str) -> Role:
    """The part this column plays; "" when it is ignored."""
    for role in ROLES[:-1]:
        if column and getattr(roles, role) == column:
            return role
    return ""


def with_role(roles: Roles, column: str, role: Role) -> Roles:
    """The roles after this column was given a part.

    A column plays one part and a part is played by one column, so whoever had it before is ignored. Parts of the
    other task are cleared: a column cannot be text while another holds tokens.
    """
    changes: dict[str, str] = {part: "" for part in ROLES[:-1] if getattr(roles, part) == column}
    if role:
        changes[role] = column
        for parts in TASK_ROLES.values():
            if role not in parts:
                changes.update(dict.fromkeys(parts, ""))
    return msgspec.structs.replace(roles, **changes)


def task_of(roles: Roles, otherwise: TaskName) -> TaskName:
    """The task that these roles make, or `otherwise` when no column plays a part."""
    for task, parts in TASK_ROLES.items():
        if any(getattr(roles, part) for part in parts):
            return task
    return otherwise


def guess_roles(task: TaskName, columns: Sequence[ColumnFound]) -> Roles:
    """The likely roles of these columns when the user wants this task."""
    reads, answers = TASK_ROLES[task]
    reading = _first(columns, (reads, "text", "tokens"), taken="")
    answering = _first(columns, (answers, "label", "tags"), taken=reading)
    return Roles(**{reads: reading, answers: answering})


def missing(roles: Roles, task: TaskName) -> str:
    """One sentence about the part that no column plays yet; empty when nothing is missing."""
    lacking = [part for part in TASK_ROLES[task] if not getattr(roles, part)]
    if not lacking:
        return ""
    names = " and ".join(f"the {ROLE_NAMES[part].lower()}" for part in lacking)
    return f"Choose the column that holds {names}: the role stands in the column's header."


def _first(columns: Sequence[ColumnFound], kinds: Sequence[str], *, taken: str) -> str:
    for kind in kinds:
        for column in columns:
            if column.kind == kind and column.name != taken:
                return column.name
    return ""
