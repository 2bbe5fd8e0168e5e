"""Which column plays which part: plain functions over `Roles`, without any widget.

The task follows from the role that is answered: a label, several labels, a score, or tags. A second text makes pairs
of all but the last.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.contract.column_roles import ROLES, Role, role_named
from engine.contract.queries import ColumnFound, Preview
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles, TaskName
from engine.tasks.registry import TASKS, task_facts


def columns_of(roles: Roles, role: Role) -> tuple[str, ...]:
    """The columns that play this part."""
    if role == "yes_no":
        return roles.label_columns
    name: str = getattr(roles, role) if role else ""
    return (name,) if name else ()


def used_columns(roles: Roles) -> set[str]:
    """All columns that play a part."""
    return {name for role in ROLES for name in columns_of(roles, role.name)}


def role_of(roles: Roles, column: str) -> Role:
    """The part this column plays; "" when it is ignored."""
    return next((role.name for role in ROLES if column and column in columns_of(roles, role.name)), "")


def with_role(roles: Roles, column: str, role: Role) -> Roles:
    """The roles after this column was given a part.

    A column plays one part and a part is played by one column, so whoever had it before is ignored; only columns of
    0 and 1 come together. Parts of other tasks are cleared: a column cannot be text while another holds tokens, nor
    a score while another is the label.
    """
    kept = {part.name: tuple(name for name in columns_of(roles, part.name) if name != column) for part in ROLES}
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
    played = [role.name for role in ROLES if columns_of(roles, role.name)]
    for role in played:
        able = [facts.name for facts in TASKS if role in facts.roles]
        if len(able) == 1:
            return able[0]
    able = [facts.name for facts in TASKS if facts.roles.issuperset(played)]
    return otherwise if otherwise in able else able[0]


def guess_roles(task: TaskName, columns: Sequence[ColumnFound]) -> Roles:
    """The likely roles of these columns when the user chooses this task."""
    facts = task_facts(task)
    reads, answers = facts.parts
    roles = msgspec.structs.replace(Roles(), **{reads: _first(columns, role_named(reads).kinds, taken="")})
    if facts.reads_pairs:
        second = _first(columns, ("second_text",), taken=roles.text)
        roles = msgspec.structs.replace(roles, second_text=second)
    answering = _first(columns, role_named(answers).kinds, taken=getattr(roles, reads))
    yes_no = tuple(column.name for column in columns if column.kind == "yes_no")
    if "yes_no" in facts.label_roles and not answering and yes_no:
        return msgspec.structs.replace(roles, label_columns=yes_no)
    return msgspec.structs.replace(roles, **{answers: answering})


def missing(roles: Roles, task: TaskName) -> str:
    """One sentence about the part that no column plays yet; empty when nothing is missing."""
    facts = task_facts(task)
    ways: tuple[tuple[Role, ...], ...] = ((facts.reads,), facts.label_roles)
    lacking = [parts[0] for parts in ways if not any(columns_of(roles, part) for part in parts)]
    if not lacking:
        return ""
    return Sentence("gui.choose_data.choose_role", role=the_roles(lacking))


def the_roles(roles: Sequence[str]) -> Sentence:
    """What columns with these roles hold, as the object of a sentence."""
    first, *others = map(_the_role, roles)
    for other in others:
        first = Sentence("gui.choose_data.and", first=first, second=other)
    return first


def _the_role(role: str) -> Sentence:
    """What a column with this role holds, as the object of a sentence."""
    match role:
        case "text":
            return Sentence("gui.choose_data.the_text")
        case "second_text":
            return Sentence("gui.choose_data.the_second_text")
        case "label":
            return Sentence("gui.choose_data.the_label")
        case "labels" | "yes_no":
            return Sentence("gui.choose_data.the_labels")
        case "score":
            return Sentence("gui.choose_data.the_score")
        case "tokens":
            return Sentence("gui.choose_data.the_words")
        case "tags":
            return Sentence("gui.choose_data.the_tags")
        case _:
            return NOTHING


def _together(role: Role, other: Role) -> bool:
    """Whether both parts can be played at once."""
    if role == other:
        return True
    pair = {role, other}
    return any(pair <= facts.roles and not pair <= set(facts.label_roles) for facts in TASKS)


def _first(columns: Sequence[ColumnFound], kinds: Sequence[str], *, taken: str) -> str:
    for kind in kinds:
        for column in columns:
            if column.kind == kind and column.name != taken:
                return column.name
    return ""


# Columns that cannot play their part, recognized in the first rows, before anything is prepared.
#
# The engine looks again at all rows; here the reason is beside the role as soon as it is chosen.


def doubt(preview: Preview, roles: Roles, task: TaskName, *, sign: str = "") -> str:
    """Why a chosen column cannot play its part, in one sentence; empty where nothing contradicts it.

    `sign` is between several labels in one cell.
    """
    names = {column.name for column in preview.columns}
    if not {name for role in ROLES for name in columns_of(roles, role.name)} <= names:
        return ""
    return task_facts(task).doubt(preview, roles, sign)
