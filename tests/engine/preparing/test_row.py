"""One prepared row as the network reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import DatasetInvalid
from engine.preparing.row import show_row
from tests.builders_data import prepared_tiny_dataset


def test_a_text_is_shown_with_its_pieces_and_its_label(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path)
    pieces = show_row(dataset, "train", 0)
    assert pieces.tokens[0] == "[CLS]"
    assert pieces.tokens[-1] == "[SEP]"
    assert len(pieces.tokens) == len(pieces.input_ids) == len(pieces.attention_mask) == len(pieces.word_ids)
    assert pieces.label in dataset.label_names
    assert pieces.row in (1, 2)


def test_words_are_shown_with_their_tags(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path, "token_classification")
    pieces = show_row(dataset, "test", 0)
    assert "B-PER" in pieces.labels
    assert "B-LOC" in pieces.labels
    assert pieces.labels[0] == pieces.labels[-1] == ""


@pytest.mark.parametrize(("split", "index"), [("test", 10), ("test", -1), ("nothing", 0), ("../train", 0)])
def test_a_row_that_is_not_there_is_said_so(tmp_path: Path, split: str, index: int) -> None:
    dataset = prepared_tiny_dataset(tmp_path)
    with pytest.raises(DatasetInvalid) as caught:
        show_row(dataset, split, index)
    assert caught.value.id == "D20"
