"""Observations: equal texts and near-duplicates of Prepare count as one, which a note states."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from datasets import Dataset

from engine.contract.settings import Roles, SplitName
from engine.evaluating.observations import observations_of, texts_of_rows
from engine.evaluating.resampling import equal_rows
from engine.workspace.near_duplicate_groups import FILE_NAME, encode_groups, read_groups
from tests.builders import a_dataset
from tests.builders_data import ignore

ROWS = Dataset.from_dict({"text": ["good film", "bad film", "good film", "Good film!", "dull", "bad film"]})


def groups_in(folder: Path, content: bytes | None) -> tuple[list[int] | None, str]:
    if content is not None:
        (folder / FILE_NAME).write_bytes(content)
    found = observations_of(msgspec.structs.replace(a_dataset(), folder=str(folder)), "test", ROWS, ignore)
    return None if found.groups is None else found.groups.tolist(), str(found.note)


def test_near_duplicates_of_prepare_are_one_observation_with_their_equals(tmp_path: Path) -> None:
    content = encode_groups({"test": np.asarray([7, 2, 7, 7, 3, 2])}, {"test": np.asarray([0, 1, 0, 4, 3, 1])})
    groups, note = groups_in(tmp_path, content)
    assert groups == [0, 1, 0, 0, 2, 1]
    assert note.startswith("The 6 rows hold 4 different texts, some of them near-duplicates.")
    assert note.endswith("so that there are 3.")


@pytest.mark.parametrize("content", [None, b"{"])
def test_rows_of_an_earlier_version_are_compared_when_they_are_scored(tmp_path: Path, content: bytes | None) -> None:
    groups, note = groups_in(tmp_path, content)
    assert groups == [0, 1, 0, 0, 2, 1]
    assert note.startswith("The 6 rows hold 4 different texts, some of them near-duplicates.")


@pytest.mark.parametrize("content", [b'{"train": [[0, 1]]}', b'{"test": [[0, 99]]}'])
def test_without_groups_that_fit_equal_texts_are_one(tmp_path: Path, content: bytes) -> None:
    groups, note = groups_in(tmp_path, content)
    assert groups == [0, 1, 0, 2, 3, 1]
    assert note.startswith("The 6 rows hold 4 different texts. Rows with the same text count as one")


def test_rows_that_all_differ_are_observations_of_their_own(tmp_path: Path) -> None:
    dataset = msgspec.structs.replace(a_dataset(), folder=str(tmp_path))
    assert observations_of(dataset, "test", ROWS.select([0, 1, 4]), ignore) == (None, None, None)


def test_rows_of_one_group_are_one_observation_with_those_that_read_the_same(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b'{"test": []}')
    roles = Roles(text="text", label="label", group="author")
    dataset = a_dataset()
    dataset = msgspec.structs.replace(
        dataset, folder=str(tmp_path), settings=msgspec.structs.replace(dataset.settings, roles=roles)
    )
    more = list(range(100, 140))
    texts = ["a", "b", "c", "d", "e", "a", *map(str, more)]
    rows = Dataset.from_dict({"text": texts, "group": [5, 5, 6, 6, 7, 7, *more]})
    found = observations_of(dataset, "test", rows, ignore)
    assert found.groups is not None
    assert found.groups.tolist()[:6] == [0, 0, 1, 1, 0, 0]  # two groups share a text
    assert str(found.note).startswith("The 46 rows are of 43 groups by “author”.")
    assert str(found.note).endswith("so that there are 42.")
    apart = rows.remove_columns("group").add_column("group", [1, 2, 3, 4, 5, 1, *more])
    assert observations_of(dataset, "test", apart.select(range(5)), ignore) == (None, None, None)


def test_only_groups_of_different_inputs_are_kept(tmp_path: Path) -> None:
    groups: dict[SplitName, np.ndarray] = {"train": np.asarray([5, 5, 1, 1, 0]), "test": np.zeros(0, dtype=np.int64)}
    inputs: dict[SplitName, np.ndarray] = {"train": np.asarray([9, 9, 3, 4, 2]), "test": np.zeros(0, dtype=np.int64)}
    (tmp_path / FILE_NAME).write_bytes(encode_groups(groups, inputs))
    assert read_groups(tmp_path, "train", 5) == [[2, 3]]
    assert read_groups(tmp_path, "test", 0) == []


def test_the_texts_of_rows_are_all_that_is_read() -> None:
    pairs = Dataset.from_dict({"text": ["a", "a"], "second_text": ["b", "c"], "label": ["x", "x"]})
    assert texts_of_rows(pairs) == [("a", "b"), ("a", "c")]
    words = Dataset.from_dict({"tokens": [["a", "b"], ["a", "b"]], "tags": [["O", "O"], ["O", "O"]]})
    assert equal_rows(texts_of_rows(words)) is not None
