"""Rows that depend on each other: of one group, and through inputs that groups share."""

from __future__ import annotations

import numpy as np
from datasets import Dataset

from engine.tasks.row_groups import joined_groups, with_groups_of


def test_groups_that_share_an_input_are_joined_and_numbered_from_0() -> None:
    groups = np.asarray([50, 50, 7, 7, 9, *range(100, 140)])
    inputs = np.asarray([1, 2, 2, 3, 4, *range(10, 50)])
    found = joined_groups(groups, inputs)
    assert found[0] == found[1] == found[2] == found[3] != found[4]
    assert sorted(set(found.tolist())) == list(range(42))


def test_an_input_of_everybody_joins_nobody() -> None:
    groups = np.repeat(np.arange(30), 3)
    inputs = np.arange(90)
    inputs[::3] = 1_000  # each of the thirty wrote it
    inputs[1], inputs[4] = 2_000, 2_000  # the first two wrote this one too
    found = joined_groups(groups, inputs)
    assert found[0] == found[3]
    assert len(set(found.tolist())) == 29


def test_where_inputs_of_two_groups_join_too_many_the_groups_stay_as_they_are() -> None:
    groups = np.repeat(np.arange(30), 2)
    inputs = np.arange(60)
    inputs[2::2] = inputs[1:-1:2]  # a chain: each group shares an input with the next
    assert joined_groups(groups, inputs).tolist() == groups.tolist()


def test_a_group_that_is_large_by_itself_may_be_joined() -> None:
    groups = np.asarray([0] * 50 + list(range(1, 51)))
    inputs = np.arange(100)
    inputs[60], inputs[70] = 61, 71
    found = joined_groups(groups, inputs)
    assert found[60] == found[61]
    assert len(set(found.tolist())) == 49


def test_prepared_rows_without_groups_are_joined_by_their_inputs_alone() -> None:
    inputs = np.asarray([0, 1, 1])
    assert with_groups_of(Dataset.from_dict({"text": ["a", "b", "b"]}), inputs) is inputs
    rows = Dataset.from_dict({"text": ["a", "b", "b"], "group": [3, 3, 4]})
    assert len(set(with_groups_of(rows, np.asarray([0, 1, 2])).tolist())) == 2
