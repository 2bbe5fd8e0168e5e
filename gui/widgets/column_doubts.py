"""Columns that cannot play their part, told from the first rows, before anything is prepared.

The engine looks again at all rows; here the reason stands beside the role as soon as it is chosen.
"""

from __future__ import annotations

from engine.questions import Preview
from engine.settings import Roles, TaskName
from engine.tasks.facts.choose import task_facts
from engine.tasks.facts.columns import text_doubt
from gui.widgets.column_roles import ROLES, columns_of


def doubt(preview: Preview, roles: Roles, task: TaskName, *, sign: str = "") -> str:
    """Why a chosen column cannot play its part, in one sentence; empty where nothing speaks against it.

    `sign` stands between several labels in one cell.
    """
    names = {column.name for column in preview.columns}
    if not {name for role in ROLES for name in columns_of(roles, role)} <= names:
        return ""
    facts = task_facts(task)
    for name in (roles.text, roles.second_text):
        sentence = text_doubt(preview, name) if name and facts.reads_pairs else ""
        if sentence:
            return sentence
    return facts.doubt(preview, roles, sign)
