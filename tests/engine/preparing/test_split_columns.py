"""A test or validation file whose columns have other names than the training file's (D16) or is written otherwise."""

from __future__ import annotations

import csv
import json
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
from engine.reading.sources.sources import all_files, rows_of
from engine.reading.sources.unpacking import Unpacking
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


def test_chosen_columns_are_read_and_are_in_recipe_and_script(tmp_path: Path) -> None:
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


# ── Each file by its own content ────────────────────────────────────────────────────────────────────────────────

SIGNS = ("", ", ", "; ", " | ", "")
TEXTS = [
    (f"the lamp of order {number}{SIGNS[number % 5]} is très bien, so it’s"[: 70 - number], "gb"[number % 3 == 0] * 3)
    for number in range(40)
]
FORMS = [(delimiter, header) for delimiter in (",", ";", "\t", "|") for header in (True, False)]


def write(path: Path, rows: list[tuple[str, str]], delimiter: str, header: bool, encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([("text", "label")] if header else [])
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("train", FORMS, ids=str)
@pytest.mark.parametrize("test", FORMS, ids=str)
@pytest.mark.parametrize("rows", [2, 40])
def test_delimiter_and_header_of_each_file_are_its_own(
    tmp_path: Path, train: tuple[str, bool], test: tuple[str, bool], rows: int
) -> None:
    source = FileRows(
        str(write(tmp_path / "train.csv", TEXTS, *train)),
        test_path=str(write(tmp_path / "test.tsv", TEXTS[:rows], *test)),
    )
    with Unpacking(tmp_path, ignore) as unpacking:
        first, further = all_files(source, ReadingOptions(), unpacking)
    assert (first.layout.options.header, further.layout.options.header) == tuple(
        "yes" if header else "no" for _, header in (train, test)
    )
    columns = ("text", "label") if train[1] else ("column 1", "column 2")
    roles = Roles(text=columns[0], label=columns[1])
    own = with_same_names(Roles(), roles, further.layout.columns, first.layout.columns)
    names = (own.text or roles.text, own.label or roles.label)
    found = [row for chunk in rows_of(further, names) for row in zip(*map(chunk.columns.get, names), strict=True)]
    assert found == TEXTS[:rows]


def test_the_names_of_the_training_file_show_a_header_that_looks_like_a_row(tmp_path: Path) -> None:
    for name, rows in (("train.csv", TEXTS), ("test.csv", [("ok", "g"), ("no", "b")])):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("customer_utterance", "kind_of_reply"), *rows])
    source = FileRows(str(tmp_path / "train.csv"), test_path=str(tmp_path / "test.csv"))
    alone = preview(FileRows(source.test_path), ReadingOptions(), 5, ignore)
    beside = preview(source, ReadingOptions(), 5, ignore, file="test")
    assert (alone.reading.header, beside.reading.header) == ("no", "yes")
    assert beside.cells == (("ok", "g"), ("no", "b"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_in_another_encoding_and_dialect_is_prepared_and_the_script_reads_it_so(
    tmp_path: Path, encoding: str
) -> None:
    source = FileRows(
        str(write(tmp_path / "train.csv", TEXTS, ",", True)),
        test_path=str(write(tmp_path / "test.csv", TEXTS, ";", False, encoding)),
    )
    seen = preview(source, ReadingOptions(), 5, ignore, file="test")
    assert seen.cells[0] == TEXTS[0]
    dataset = prepared(tmp_path, source)
    assert dataset.splits["test"].rows == len(TEXTS)
    assert dataset.settings.test_roles == Roles(text="column 1", label="column 2")
    assert (dataset.settings.test_reading.delimiter, dataset.settings.test_reading.header) == (";", "no")
    again = parse_recipe(write_recipe(recipe_of(dataset)))
    assert again.prepare == dataset.settings
    assert prepared(tmp_path, source, **msgspec.structs.asdict(again.prepare)).fingerprint == dataset.fingerprint

    code = code_so_far(dataset)
    names: dict[str, object] = {}
    exec("import csv\n" + code[code.index("\ndef read(path):") : code.index("\nrows = read(")], names)
    rows = names["read_test"](source.test_path)  # type: ignore[operator]
    assert [(row["text"], row["label"]) for row in rows] == TEXTS
    assert "# This file is written in another way." in code


def test_a_file_that_is_written_like_the_training_file_has_no_settings_of_its_own(tmp_path: Path) -> None:
    train = write(tmp_path / "train.csv", TEXTS, ";", True)
    dataset = prepared(tmp_path, FileRows(str(train), test_path=str(write(tmp_path / "t.csv", TEXTS, ";", True))))
    assert dataset.settings.test_reading == ReadingOptions()
    assert "def read_test" not in code_so_far(dataset)


def test_what_is_chosen_about_reading_a_further_file_counts_for_it_alone(tmp_path: Path) -> None:
    source = FileRows(
        str(write(tmp_path / "train.csv", TEXTS, ",", True)),
        test_path=str(write(tmp_path / "test.csv", TEXTS, ",", True, "cp1252")),
    )
    own = ReadingOptions(encoding="cp1250", header="no")
    seen = preview(source, ReadingOptions(), 5, ignore, file="test", own=own)
    assert seen.cells[0] == ("text", "label")
    assert (seen.reading.encoding, seen.encodings) == ("cp1250", ())
    dataset = prepared(tmp_path, source, test_reading=own)
    assert dataset.rows_in == 2 * len(TEXTS) + 1  # the names are a row
    assert dataset.settings.test_reading.header == "no"
    assert dataset.settings.reading.header == "yes"
    assert dataset.settings.reading.encoding == "utf-8"


def test_words_in_two_ways_of_writing_are_read_in_both(tmp_path: Path) -> None:
    sentences = [[("John", "B-PER"), ("likes", "O"), (f"it{number}", "O")] for number in range(30)]
    for name, sign in (("train.conll", "\t"), ("test.conll", " ")):
        blocks = ("\n".join(sign.join(pair) for pair in sentence) for sentence in sentences)
        (tmp_path / name).write_text("\n\n".join(blocks) + "\n", "utf-8")
    source = FileRows(str(tmp_path / "train.conll"), test_path=str(tmp_path / "test.conll"))
    dataset = prepared(tmp_path, source, task="token_classification")
    assert dataset.splits["test"].rows == 30
    assert dataset.settings.test_reading.delimiter == " "


def test_files_of_other_formats_are_read_by_the_script_as_what_they_are(tmp_path: Path) -> None:
    train = write(tmp_path / "train.csv", TEXTS, ",", True)
    other = tmp_path / "test.txt"
    other.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in TEXTS), "utf-8")
    source = FileRows(str(train), test_path=str(other))
    dataset = prepared(tmp_path, source)
    assert dataset.splits["test"].rows == len(TEXTS)
    code = code_so_far(dataset)
    names: dict[str, object] = {}
    exec("import csv, json\n" + code[code.index("\ndef read(path):") : code.index("\nrows = read(")], names)
    rows = names["read_test"](source.test_path)  # type: ignore[operator]
    assert [(row["text"], row["label"]) for row in rows] == TEXTS


def test_two_columns_of_the_same_name_are_no_guess() -> None:
    assert same_name("Text", ("text", "TEXT")) == ""
    assert same_name("Text", ("TEXT", "label")) == "TEXT"
    assert same_name("!", ("?",)) == ""
    roles = Roles(text="text", label="label")
    assert with_same_names(Roles(text="body"), roles, ("text", "body", "Label")) == Roles(text="body", label="Label")
