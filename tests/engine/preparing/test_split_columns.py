"""A test or validation file whose columns have other names than the training file's (D16)."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import pytest

from engine.cli.recipe import parse_recipe, recipe_of, write_recipe
from engine.contract.errors import DatasetInvalid
from engine.contract.settings import FileRows, PrepareSettings, ReadingOptions, Roles
from engine.contract.split_columns import same_name, with_same_names
from engine.contract.states import PreparedDataset
from engine.preparing.prepare import prepare
from engine.preparing.preview import preview
from engine.script.assemble import code_so_far
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, review_file, tiny_model


def other_file(path: Path, *names: str) -> Path:
    """The rows of `review_file` under other names of columns, with an identifier before them."""
    with review_file(path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("no", *names), *((f"x{number}", *row) for number, row in enumerate(rows))])
    return path


def prepared(tmp_path: Path, source: FileRows, **settings: object) -> PreparedDataset:
    workspace = Workspace(tmp_path / "workspace").create()
    chosen = msgspec.structs.replace(PrepareSettings(), **settings)
    return prepare(tiny_model(tmp_path), source, chosen, ignore, workspace=workspace)


def files(tmp_path: Path, *names: str) -> FileRows:
    train = review_file(tmp_path / "train.csv")
    return FileRows(str(train), test_path=str(other_file(tmp_path / "test.csv", *names)))


def columns_of_training(tmp_path: Path) -> tuple[str, str]:
    with review_file(tmp_path / "names.csv").open(encoding="utf-8", newline="") as file:
        text, label = next(csv.reader(file))
    return text, label


def test_columns_of_the_same_name_but_for_case_and_punctuation_are_found(tmp_path: Path) -> None:
    text, label = columns_of_training(tmp_path)
    dataset = prepared(tmp_path, files(tmp_path, f"{text.upper()}:", f" {label.title()}_"))
    assert dataset.settings.test_roles == Roles(text=f"{text.upper()}:", label=f"{label.title()}_")
    assert dataset.splits["test"].rows == 96
    assert any(note.startswith("test.csv has other names for columns: ") for note in dataset.notes)


def test_chosen_columns_are_read_and_stand_in_recipe_and_script(tmp_path: Path) -> None:
    source = files(tmp_path, "sentence", "verdict")
    with pytest.raises(DatasetInvalid) as caught:
        prepared(tmp_path, source)
    assert caught.value.id == "D16"
    dataset = prepared(tmp_path, source, test_roles=Roles(text="sentence", label="verdict"))
    text, label = columns_of_training(tmp_path)
    assert dataset.splits["test"].rows == 96
    sentence = f"test.csv has other names for columns: “sentence” is read as “{text}”, “verdict” is read as “{label}”."
    assert sentence in dataset.notes

    recipe = recipe_of(dataset)
    assert "[prepare.test_roles]" in write_recipe(recipe)
    again = parse_recipe(write_recipe(recipe))
    assert again.prepare == dataset.settings
    assert prepared(tmp_path, source, **msgspec.structs.asdict(again.prepare)).fingerprint == dataset.fingerprint

    code = code_so_far(dataset)
    start, end = code.index("\ndef read(path):"), code.index("\nrows = read(")
    names: dict[str, object] = {}
    exec("import csv\n" + code[start:end], names)  # the script's own functions
    rows = names["read"](source.path)  # type: ignore[operator]
    assert names["read_test"](source.test_path) == rows  # type: ignore[operator]
    assert len(rows) == 96
    assert f'read_test("{source.test_path}")' in code


def test_a_chosen_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid) as caught:
        prepared(tmp_path, files(tmp_path, "sentence", "verdict"), test_roles=Roles(text="sentence", label="answer"))
    assert (caught.value.id, caught.value.message) == ("D16", "test.csv has no column “answer”.")


def test_the_columns_of_the_further_file_can_be_seen_before(tmp_path: Path) -> None:
    source = files(tmp_path, "sentence", "verdict")
    found = preview(source, ReadingOptions(), 5, ignore, file="test")
    assert found.name == "test.csv"
    assert [column.name for column in found.columns] == ["no", "sentence", "verdict"]
    assert (found.roles.text, found.roles.label) == ("sentence", "verdict")


def test_two_columns_of_the_same_name_are_no_guess() -> None:
    assert same_name("Text", ("text", "TEXT")) == ""
    assert same_name("Text", ("TEXT", "label")) == "TEXT"
    assert same_name("!", ("?",)) == ""
    roles = Roles(text="text", label="label")
    assert with_same_names(Roles(text="body"), roles, ("text", "body", "Label")) == Roles(text="body", label="Label")
