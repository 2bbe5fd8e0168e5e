"""One prepared row as the network reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.errors import DatasetInvalid
from engine.contract.settings import FileRows, PrepareSettings
from engine.preparing.prepare import prepare
from engine.preparing.row_inspection import show_numbered_row, show_row
from engine.preparing.rows.truncation import CHARACTERS_PER_TOKEN
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, prepared_tiny_dataset, review_file, tiny_model


def test_a_text_is_shown_with_its_pieces_and_its_label(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path)
    pieces = show_row(dataset, "train", 0)
    assert pieces.tokens[0] == "[CLS]"
    assert pieces.tokens[-1] == "[SEP]"
    assert len(pieces.tokens) == len(pieces.input_ids) == len(pieces.attention_mask) == len(pieces.word_ids)
    assert pieces.label in dataset.label_names
    assert pieces.row in (2, 3)


def test_words_are_shown_with_their_tags(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path, "token_classification")
    pieces = show_row(dataset, "test", 0)
    assert "B-PER" in pieces.labels
    assert "B-LOC" in pieces.labels
    assert pieces.labels[0] == pieces.labels[-1] == ""


@pytest.mark.parametrize(("split", "index"), [("test", 10), ("test", -1), ("nothing", 0), ("../train", 0)])
def test_a_row_that_is_not_there_is_reported_so(tmp_path: Path, split: str, index: int) -> None:
    dataset = prepared_tiny_dataset(tmp_path)
    with pytest.raises(DatasetInvalid) as caught:
        show_row(dataset, split, index)
    assert caught.value.id == "D20"


def test_a_row_is_found_by_its_number_in_the_file(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path)
    shown = show_row(dataset, "test", 2)
    assert (shown.split, shown.index) == ("test", 2)
    assert show_numbered_row(dataset, shown.row) == shown
    assert show_numbered_row(dataset, shown.row, "test") == shown
    assert show_numbered_row(dataset, shown.row, file="train") == shown
    with pytest.raises(DatasetInvalid, match="not among the prepared rows"):
        show_numbered_row(dataset, shown.row, "train")
    with pytest.raises(DatasetInvalid, match="not among the prepared rows"):
        show_numbered_row(dataset, shown.row, file="test")


def test_a_row_that_is_not_used_shows_why(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace").create()
    path = review_file(tmp_path / "reviews.csv")
    path.write_text(path.read_text("utf-8") + " ,positive\n", "utf-8")
    model = tiny_model(tmp_path)
    dataset = prepare(model, FileRows(str(path)), PrepareSettings(), ignore, workspace=workspace)
    with pytest.raises(DatasetInvalid, match=r"^Row 98 of the file is not used: it has no text\."):
        show_numbered_row(dataset, 98)


def test_a_line_inside_a_row_shows_the_row_unless_a_row_there_was_left_out(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace").create()
    path = review_file(tmp_path / "reviews.csv")
    rows = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text(rows[0] + '"a good\nand long\nfilm",positive\n' + "".join(rows[1:]), "utf-8")
    model = tiny_model(tmp_path)
    dataset = prepare(model, FileRows(str(path)), PrepareSettings(), ignore, workspace=workspace)
    assert show_numbered_row(dataset, 3) == show_numbered_row(dataset, 4) == show_numbered_row(dataset, 2)
    assert show_numbered_row(dataset, 2).text.startswith("a good\nand long")
    path.write_text(path.read_text("utf-8").replace(rows[1], ",positive\n", 1), "utf-8")
    dataset = prepare(model, FileRows(str(path)), PrepareSettings(), ignore, workspace=workspace)
    with pytest.raises(DatasetInvalid, match="is not used"):
        show_numbered_row(dataset, 5)


def test_rows_of_a_file_of_their_own_are_distinguished_by_file(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace").create()
    train, test = review_file(tmp_path / "train.csv"), tmp_path / "test.csv"
    test.write_text("text,label\nthe plot is odd,positive\nthe actor is late,negative\n", "utf-8")
    rows = FileRows(str(train), test_path=str(test))
    dataset = prepare(tiny_model(tmp_path), rows, PrepareSettings(), ignore, workspace=workspace)
    assert show_numbered_row(dataset, 3, file="test").text == "the actor is late"
    assert show_numbered_row(dataset, 3, file="train").text != "the actor is late"


def test_what_is_never_taken_apart_is_counted(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace").create()
    path = review_file(tmp_path / "reviews.csv")
    path.write_text(path.read_text("utf-8") + f"{'good film ' * 100},positive\n", "utf-8")
    settings = PrepareSettings(max_length=8)
    dataset = prepare(tiny_model(tmp_path), FileRows(str(path)), settings, ignore, workspace=workspace)
    pieces = show_numbered_row(dataset, 98)
    assert pieces.unread_characters == len("good film " * 100) - 8 * CHARACTERS_PER_TOKEN
    assert len(pieces.tokens) == 8
