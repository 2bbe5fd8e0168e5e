"""The list of roles: one line for each role there is, and the columns of rows that follow from it."""

from __future__ import annotations

from typing import get_args

from engine.contract.column_roles import IGNORED, INPUTS, LABELS, LISTS, ROLES, SINGLE_ROLES, Role, role_named
from engine.contract.row_edits import column_of
from engine.contract.settings import Roles
from engine.tasks.registry import TASKS


def test_every_role_has_one_line_and_every_field_of_roles_is_one() -> None:
    assert [role.name for role in (*ROLES, IGNORED)] == list(get_args(Role))
    assert {*SINGLE_ROLES, "label_columns"} == set(Roles.__struct_fields__)
    assert all(role_named(role.name) is role for role in ROLES)
    assert all(role.title and role.sentence and role.plural and role.kinds and role.row_column for role in ROLES)


def test_rows_have_the_columns_that_the_roles_name() -> None:
    assert INPUTS == ("text", "second_text", "tokens")
    assert LABELS == ("label", "label_set", "score", "tags")
    assert LISTS == ("label_set", "tokens", "tags")


def test_what_a_task_reads_is_no_label_and_what_it_learns_is_one() -> None:
    for facts in TASKS:
        assert not role_named(facts.reads).is_label
        assert all(role_named(role).is_label for role in facts.label_roles)


def test_the_column_with_the_labels_is_named_whatever_its_role() -> None:
    for role in ROLES:
        if role.name in SINGLE_ROLES:
            assert column_of(Roles(**{role.name: "c"})) == ("c" if role.is_label else "")
    assert column_of(Roles(label_columns=("a", "b"))) == "a, b"
