"""Which column plays which part: plain functions over `Roles`, without any widget.

The task follows from the role that is answered: a label, several labels, a score, or tags. A second text makes pairs
of all but the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from engine.questions import ColumnFound
from engine.settings import Roles, TaskName

Role = Literal["text", "second_text", "label", "labels", "yes_no", "score", "tokens", "tags", ""]  # "" is ignored

ROLES: tuple[Role, ...] = ("text", "second_text", "label", "labels", "yes_no", "score", "tokens", "tags", "")
ROLE_NAMES: dict[Role, str] = {
    "text": "Text",
    "second_text": "Second text",
    "label": "Label",
    "labels": "Labels",
    "yes_no": "0 or 1",
    "score": "Score",
    "tokens": "Tokens",
    "tags": "Tags",
    "": "Ignore",
}
ROLE_SENTENCES: dict[Role, str] = {
    "text": "The model reads this column.",
    "second_text": "The model reads this column together with the text, as a pair.",
    "label": "The model learns to answer this column.",
    "labels": "Any number of labels in each cell: a list, or labels with a sign between them.",
    "yes_no": "The column is a label of its own: 1 where a row has it, 0 where not.",
    "score": "The model learns to answer this number.",
    "tokens": "The words of each sentence.",
    "tags": "One tag for each word.",
    "": "This column is not used.",
}
TASK_ROLES: dict[TaskName, tuple[Role, Role]] = {
    "text_classification": ("text", "label"),
    "token_classification": ("tokens", "tags"),
    "regression": ("text", "score"),
    "multi_label_classification": ("text", "labels"),
}
TASK_NAMES: dict[TaskName, str] = {
    "text_classification": "Text classification",
    "token_classification": "Token classification",
    "regression": "Regression",
    "multi_label_classification": "Several labels",
}
TASK_SENTENCES: dict[TaskName, str] = {
    "text_classification": "One label for each text, or for each pair of texts.",
    "token_classification": "One tag for each word, such as names of people and places.",
    "regression": "A number for each text, or for each pair of texts.",
    "multi_label_classification": "Any number of labels for each text, also none.",
}
_ANSWERS: dict[Role, TaskName] = {
    "label": "text_classification",
    "labels": "multi_label_classification",
    "yes_no": "multi_label_classification",
    "score": "regression",
    "tags": "token_classification",
}
_KINDS: dict[Role, tuple[str, ...]] = {  # of columns that can play the part, the likeliest first
    "text": ("text", "tokens"),
    "tokens": ("tokens", "text"),
    "label": ("label", "tags"),
    "labels": ("labels",),
    "score": ("score", "number"),
    "tags": ("tags", "label"),
}


def columns_of(roles: Roles, role: Role) -> tuple[str, ...]:
    """The columns that play this part."""
    if role == "yes_no":
        return roles.label_columns
    name: str = getattr(roles, role) if role else ""
    return (name,) if name else ()


def used_columns(roles: Roles) -> set[str]:
    """All columns that play a part."""
    return {name for role in ROLES for name in columns_of(roles, role)}


def role_of(roles: Roles, column: str) -> Role:
    """The part this column plays; "" when it is ignored."""
    return next((role for role in ROLES if column and column in columns_of(roles, role)), "")


def with_role(roles: Roles, column: str, role: Role) -> Roles:
    """The roles after this column was given a part.

    A column plays one part and a part is played by one column, so whoever had it before is ignored; only columns of
    0 and 1 come together. Parts of other tasks are cleared: a column cannot be text while another holds tokens, nor
    a score while another is the label.
    """
    kept = {part: tuple(name for name in columns_of(roles, part) if name != column) for part in ROLES[:-1]}
    if role:
        kept[role] = (*kept[role], column) if role == "yes_no" else (column,)
    for part in kept:
        if role and not _together(role, part):
            kept[part] = ()
    changes: dict[str, str | tuple[str, ...]] = {part: "".join(names[:1]) for part, names in kept.items()}
    del changes["yes_no"]
    changes["label_columns"] = kept["yes_no"]
    return msgspec.structs.replace(roles, **changes)


def task_of(roles: Roles, otherwise: TaskName) -> TaskName:
    """The task that these roles make, or `otherwise` when no column plays a part that decides."""
    for role, task in _ANSWERS.items():
        if columns_of(roles, role):
            return task
    if roles.tokens:
        return "token_classification"
    reads_text = bool(roles.text or roles.second_text)
    return "text_classification" if reads_text and otherwise == "token_classification" else otherwise


def guess_roles(task: TaskName, columns: Sequence[ColumnFound]) -> Roles:
    """The likely roles of these columns when the user wants this task."""
    reads, answers = TASK_ROLES[task]
    roles = msgspec.structs.replace(Roles(), **{reads: _first(columns, _KINDS[reads], taken="")})
    if reads == "text":
        second = _first(columns, ("second_text",), taken=roles.text)
        roles = msgspec.structs.replace(roles, second_text=second)
    answering = _first(columns, _KINDS[answers], taken=getattr(roles, reads))
    yes_no = tuple(column.name for column in columns if column.kind == "yes_no")
    if answers == "labels" and not answering and yes_no:
        return msgspec.structs.replace(roles, label_columns=yes_no)
    return msgspec.structs.replace(roles, **{answers: answering})


def missing(roles: Roles, task: TaskName) -> str:
    """One sentence about the part that no column plays yet; empty when nothing is missing."""
    lacking = [part for part in TASK_ROLES[task] if not columns_of(roles, part)]
    if "labels" in lacking and roles.label_columns:
        lacking.remove("labels")
    if not lacking:
        return ""
    names = " and ".join(f"the {ROLE_NAMES[part].lower()}" for part in lacking)
    return f"Choose the column that holds {names}: the role stands in the column's header."


def _together(role: Role, other: Role) -> bool:
    """Whether both parts can be played at once."""
    if role == other:
        return True
    words: tuple[Role, ...] = ("tokens", "tags")
    if (role in words) != (other in words):
        return False
    return role not in _ANSWERS or other not in _ANSWERS


def _first(columns: Sequence[ColumnFound], kinds: Sequence[str], *, taken: str) -> str:
    for kind in kinds:
        for column in columns:
            if column.kind == kind and column.name != taken:
                return column.name
    return ""
