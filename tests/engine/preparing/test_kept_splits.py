"""Rows that were edited stay in the splits they had: no test row ever enters training."""

from __future__ import annotations

from pathlib import Path

import datasets
import msgspec
import numpy as np
import pytest

from engine.contract.errors import DatasetUnreadable
from engine.contract.row_edits import RowChange, effective, in_order, input_hash
from engine.contract.settings import FileRows, PrepareSettings
from engine.contract.states import ModelHandle, PreparedDataset
from engine.preparing.prepare import prepare
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, review_file, tiny_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


def placed(dataset: PreparedDataset) -> dict[tuple[str, int], str]:
    """The split of each row, by the file it comes from and its number."""
    found = {}
    for name, split in datasets.load_from_disk(dataset.folder).items():
        for row in split:
            found[name if row.get("file", 0) else "train", row["row"]] = name
    return found


def some_edits(dataset: PreparedDataset, seed: int) -> tuple[RowChange, ...]:
    """A third of all rows, half of them excluded, the others with the other label."""
    generator = np.random.default_rng(seed)
    changes = []
    for name, split in datasets.load_from_disk(dataset.folder).items():
        for row in split:
            if generator.random() < 0.33:
                other = "negative" if row["label"] == "positive" else "positive"
                file = name if row.get("file", 0) else "train"
                leave_out = bool(generator.random() < 0.5)
                new = (row["label"],) if leave_out else (other,)
                changes.append(RowChange(row["row"], input_hash(row), file, leave_out, (row["label"],), new))  # type: ignore[arg-type]
    return in_order(changes)


def again(dataset: PreparedDataset, workspace: Workspace, changes: tuple[RowChange, ...]) -> PreparedDataset:
    settings = msgspec.structs.replace(dataset.settings, changes=changes, kept_splits=dataset.fingerprint)
    return prepare(dataset.model, dataset.source, settings, ignore, workspace=workspace)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("own_test", [False, True])
def test_every_row_keeps_its_split_and_an_excluded_one_leaves_only_its_own(
    seed: int, own_test: bool, model: ModelHandle, workspace: Workspace, tmp_path: Path
) -> None:
    test = str(review_file(tmp_path / "test.csv")) if own_test else ""
    rows = FileRows(str(review_file(tmp_path / "reviews.csv")), test_path=test)
    first = prepare(model, rows, PrepareSettings(seed=seed), ignore, workspace=workspace)
    changes = some_edits(first, seed)
    second = again(first, workspace, changes)
    gone = {change.place for change in changes if change.leave_out}
    assert placed(second) == {place: split for place, split in placed(first).items() if place not in gone}
    relabelled = [change for change in changes if not change.leave_out]
    assert relabelled
    third = again(second, workspace, ())  # the rows that come back have no split there, unless a row reads the same
    assert {place: split for place, split in placed(third).items() if place not in gone} == placed(second)
    assert {split for place, split in placed(third).items() if place in gone and place[0] == "train"} <= {"train"}


def test_a_row_that_comes_back_follows_its_twin(model: ModelHandle, workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "twins.csv"
    lines = [f"the film number {number // 2} is here,{'good' if number % 4 < 2 else 'bad'}" for number in range(80)]
    path.write_text("text,label\n" + "\n".join(lines) + "\n", "utf-8")
    first = prepare(model, FileRows(str(path)), PrepareSettings(), ignore, workspace=workspace)
    held_out = next(place for place, split in placed(first).items() if split == "test")
    row = next(one for one in datasets.load_from_disk(first.folder)["test"] if one["row"] == held_out[1])
    without = again(first, workspace, (RowChange(row["row"], input_hash(row), leave_out=True),))
    assert held_out not in placed(without)
    assert placed(again(without, workspace, ())) == placed(first)


def test_a_file_that_has_changed_since_is_refused(model: ModelHandle, workspace: Workspace, tmp_path: Path) -> None:
    path = review_file(tmp_path / "reviews.csv")
    first = prepare(model, FileRows(str(path)), PrepareSettings(), ignore, workspace=workspace)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[2:], lines[1]]), "utf-8")  # every number is of another row now
    with pytest.raises(DatasetUnreadable, match="has changed since its rows were split"):
        again(first, workspace, ())


def test_splits_that_are_not_there_any_more_are_refused(
    model: ModelHandle, workspace: Workspace, tmp_path: Path
) -> None:
    first = prepare(
        model, FileRows(str(review_file(tmp_path / "reviews.csv"))), PrepareSettings(), ignore, workspace=workspace
    )
    lost = msgspec.structs.replace(first, fingerprint="0" * 32)
    with pytest.raises(DatasetUnreadable, match="not there any more"):
        again(lost, workspace, ())


def test_a_row_that_was_only_checked_changes_nothing_of_the_data_set(
    model: ModelHandle, workspace: Workspace, tmp_path: Path
) -> None:
    rows = FileRows(str(review_file(tmp_path / "reviews.csv")))
    first = prepare(model, rows, PrepareSettings(), ignore, workspace=workspace)
    row = datasets.load_from_disk(first.folder)["train"][0]
    checked = RowChange(row["row"], input_hash(row), old=(row["label"],), new=(row["label"],), checked=True)
    assert in_order([checked]) == (checked,)
    assert effective([checked]) == ()
    settings = PrepareSettings(changes=(checked,))
    assert prepare(model, rows, settings, ignore, workspace=workspace).fingerprint == first.fingerprint
