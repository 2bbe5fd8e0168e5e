"""The roles that columns of a file can have, and the columns of rows they become: the one list of both.

`Roles` (settings.py) holds which column has which role: a field for each role, and `label_columns` for "yes_no", the
only one that several columns have together. Whatever the file calls them, rows have the same column names everywhere
(`row_column`): these canonical rows are checked, encoded, saved and shown.

Each task names the roles it reads and those that can hold its labels (`TaskFacts`). A group is the same for all tasks:
rows of one author, document or patient depend on each other, whatever is predicted for them.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.contract.sentences import Sentence, named

Role = Literal["text", "second_text", "label", "labels", "yes_no", "score", "tokens", "tags", "group", ""]
"""The last one is ignored."""


class ColumnRole(msgspec.Struct, frozen=True, kw_only=True):
    """One role: its words, and what becomes of the cells of a column that has it."""

    name: Role
    title_en: str
    sentence_en: str
    letter: str = ""  # that chooses it by keyboard; of several with the same letter one after the other
    plural: str = ""  # what the column holds, in a sentence: "no column with texts"
    kinds: tuple[str, ...] = ()  # of columns that can have it (`ColumnFound.kind`), the likeliest first
    row_column: str = ""
    is_label: bool = False
    is_group: bool = False  # neither read nor learned: equal for rows that belong together
    is_list: bool = False  # cells become lists of texts, else one text

    @property
    def title(self) -> Sentence:
        """What is shown in a column's header."""
        return named(f"contract.role.{self.name or 'ignored'}.title", self.title_en)

    @property
    def sentence(self) -> Sentence:
        """What becomes of the column."""
        return named(f"contract.role.{self.name or 'ignored'}.sentence", self.sentence_en)


ROLES: tuple[ColumnRole, ...] = (  # in the order of menus
    ColumnRole(
        name="text",
        title_en="Text",
        sentence_en="The model reads this column.",
        letter="T",
        plural="texts",
        kinds=("text", "tokens"),
        row_column="text",
    ),
    ColumnRole(
        name="second_text",
        title_en="Second text",
        sentence_en="The model reads this column together with the text, as a pair.",
        plural="second texts",
        kinds=("second_text",),
        row_column="second_text",
    ),
    ColumnRole(
        name="label",
        title_en="Label",
        sentence_en="The model learns to predict this column.",
        letter="L",
        plural="labels",
        kinds=("label", "tags"),
        row_column="label",
        is_label=True,
    ),
    ColumnRole(
        name="labels",
        title_en="Labels",
        sentence_en="Any number of labels in each cell: a list, or labels with a separator between them.",
        plural="labels",
        kinds=("labels",),
        row_column="label_set",
        is_label=True,
        is_list=True,
    ),
    ColumnRole(
        name="yes_no",
        title_en="0 or 1",
        sentence_en="The column is a label of its own: 1 where a row has it, 0 where not.",
        plural="labels",
        kinds=("yes_no",),
        row_column="label_set",
        is_label=True,
        is_list=True,
    ),
    ColumnRole(
        name="score",
        title_en="Score",
        sentence_en="The model learns to predict this number.",
        letter="S",
        plural="scores",
        kinds=("score", "number"),
        row_column="score",
        is_label=True,
    ),
    ColumnRole(
        name="tokens",
        title_en="Words",
        sentence_en="The words of each sentence.",
        letter="W",
        plural="words",
        kinds=("tokens", "text"),
        row_column="tokens",
        is_list=True,
    ),
    ColumnRole(
        name="tags",
        title_en="Tags",
        sentence_en="One tag for each word.",
        letter="T",
        plural="tags",
        kinds=("tags", "label"),
        row_column="tags",
        is_label=True,
        is_list=True,
    ),
    ColumnRole(
        name="group",
        title_en="Group",
        sentence_en="Rows with the same value, such as those of one author, stay in one split and count as one.",
        letter="G",
        plural="groups",
        kinds=("group",),
        row_column="group",
        is_group=True,
    ),
)
IGNORED = ColumnRole(name="", title_en="Ignore", sentence_en="This column is not used.", letter="I")
INPUTS = tuple(role.row_column for role in ROLES if not role.is_label and not role.is_group)  # columns that are read
LABELS = tuple(dict.fromkeys(role.row_column for role in ROLES if role.is_label))  # that hold labels; a row has one
LISTS = tuple(dict.fromkeys(role.row_column for role in ROLES if role.is_list))
SINGLE_ROLES: tuple[str, ...] = tuple(role.name for role in ROLES if role.name != "yes_no")  # fields of `Roles`
GROUP = "group"  # a number in prepared rows: equal for rows of one group
_BY_NAME = {role.name: role for role in (*ROLES, IGNORED)}


def role_named(name: Role) -> ColumnRole:
    """The role of this name; "" is that of columns that are ignored."""
    return _BY_NAME[name]
