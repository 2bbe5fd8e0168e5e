"""Cells with several labels, in each of the three ways people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.errors import DatasetInvalid
from engine.contract.settings import FileRows, PrepareSettings, Roles
from engine.contract.states import PreparedDataset
from engine.preparing.prepare import prepare
from engine.preparing.rows.cleaning import Cleaner, labels_in
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, tiny_model


def prepared(folder: Path, lines: list[str], settings: PrepareSettings) -> PreparedDataset:
    path = folder / "rows.csv"
    path.write_text("\n".join(lines), "utf-8")
    workspace = Workspace(folder / "workspace").create()
    return prepare(tiny_model(folder), FileRows(str(path)), settings, ignore, workspace=workspace)


@pytest.mark.parametrize(
    ("cell", "delimiter", "labels"),
    [
        ("a|b", "|", ["a", "b"]),
        ("a, b", "", ["a, b"]),
        ("['a, b', 'c']", ",", ["a, b", "c"]),
        ("[]", "", []),
        ('["a"]', "", ["a"]),
    ],
)
def test_a_cell_is_taken_apart(cell: str, delimiter: str, labels: list[str]) -> None:
    assert labels_in(cell, delimiter) == labels


def test_a_mark_that_is_neither_0_nor_1_names_its_column() -> None:
    cleaner = Cleaner(strip_html_breaks=True)
    assert cleaner.marked(("toxic", "rude"), ["1", "False"]) == (["toxic"], "")
    assert cleaner.marked(("toxic", "rude"), ["0", "2"]) == ([], "has “2” in rude, where 1 or 0 is expected")


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    lines = ["text,toxic,rude", *(f"text {n},{n % 2},{n % 3 % 2}" for n in range(40)), "odd,1,maybe", ",1,0"]
    roles = Roles(text="text", label_columns=("toxic", "rude"))
    dataset = prepared(tmp_path, lines, PrepareSettings(task="multi_label_classification", roles=roles))
    assert dataset.rows_in == dataset.rows_used + sum(reason.count for reason in dataset.excluded) == 42
    assert {reason.reason for reason in dataset.excluded} == {
        "has “maybe” in rude, where 1 or 0 is expected",
        "has no text",
    }
    assert dataset.label_names == ("rude", "toxic")


def test_equal_scores_are_nothing_to_learn(tmp_path: Path) -> None:
    lines = ["text,score", *(f"text {n},1.50" for n in range(40))]
    with pytest.raises(DatasetInvalid, match="All 40 rows have the same score"):
        prepared(tmp_path, lines, PrepareSettings(task="regression", roles=Roles(text="text", score="score")))
