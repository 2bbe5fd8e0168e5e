"""Rows counted by length: what a maximum cuts, what it loses, what it costs."""

from __future__ import annotations

from pathlib import Path

import datasets
import pytest

from engine.contract.length_table import LengthCounts, LengthTable, read_lengths
from engine.contract.settings import FileRows, PrepareSettings
from engine.preparing.prepare import prepare
from engine.preparing.row_inspection import show_numbered_row
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, prepared_tiny_dataset, tiny_model


def test_every_used_row_is_counted_once_and_once_for_its_label(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path)
    table = read_lengths(dataset.folder)
    assert table is not None
    splits = datasets.load_from_disk(dataset.folder)
    lengths = [length for split in splits.values() for length in split["length"]]
    assert table.everything.total() == dataset.rows_used
    assert table.tokens() == sum(lengths)
    assert table.training.total() == dataset.splits["train"].rows
    assert {label: counts.total() for label, counts in table.labels.items()} == {"positive": 48, "negative": 48}
    assert table.rows_cut(dataset.max_length) == dataset.cut_rows
    assert table.rows_cut(7) == sum(length > 7 for length in lengths)
    assert table.answers_lost(1) == 0


@pytest.mark.parametrize("maximum", [0, 8])
def test_entities_beyond_the_cut_are_counted_whatever_the_present_maximum(tmp_path: Path, maximum: int) -> None:
    blocks = []
    for number in range(12):
        words = [("the", "O")] * number + [("John", "B-PER"), ("Paris", "I-PER"), ("lives", "O"), ("london", "B-LOC")]
        blocks.append("\n".join(f"{word}\t{tag}" for word, tag in words))
    path = tmp_path / "names.conll"
    path.write_text("\n\n".join(blocks) + "\n", "utf-8")
    settings = PrepareSettings(task="token_classification", max_length=maximum)
    workspace = Workspace(tmp_path / "workspace").create()
    dataset = prepare(tiny_model(tmp_path), FileRows(str(path)), settings, ignore, workspace=workspace)
    table = read_lengths(dataset.folder)
    assert table is not None
    # [CLS] the*n John Paris lives london [SEP]: the person needs n + 4 tokens, the place n + 6
    assert table.answers_lost(8) == sum(n + 4 > 8 for n in range(12)) + sum(n + 6 > 8 for n in range(12))
    assert table.answers.total() == sum(sum(split.labels.values()) for split in dataset.splits.values())
    assert table.labels["PER"].total() == 12


def test_entities_in_words_that_are_not_even_taken_apart_are_lost_too(tmp_path: Path) -> None:
    short = "\n\n".join("the\tO\n" * (number + 1) + "john\tB-PER" for number in range(12))
    long = "john\tB-PER\n" + "the\tO\n" * 1_000 + "london\tB-LOC\nparis\tI-LOC"
    path = tmp_path / "names.conll"
    path.write_text(f"{short}\n\n{long}\n", "utf-8")
    settings = PrepareSettings(task="token_classification", max_length=16)
    dataset = prepare(tiny_model(tmp_path), FileRows(str(path)), settings, ignore, workspace=Workspace(tmp_path / "w"))
    table = read_lengths(dataset.folder)
    assert table is not None
    assert table.answers.total() == sum(sum(split.labels.values()) for split in dataset.splits.values()) == 14
    assert table.answers_lost(16) == 1
    row = show_numbered_row(dataset, 103)  # the line where the long sentence begins
    assert len(row.tokens) == 16
    # 320 characters hold 80 words with the spaces between them, the first of which is john's
    unread = (1_000 - 79) * len(" the") + len(" london paris")
    assert (row.unread_characters, row.cut_tokens) == (unread, 80 + 2 - 16)


def test_a_longer_maximum_costs_more_than_in_proportion() -> None:
    table = LengthTable(everything=LengthCounts((10, 100), (1, 1)), training=LengthCounts((100,), (4,)))
    assert table.tokens_lost(60) == 40
    assert table.cost(50, 32) == 4 * (6 * 32 * 50 + 2500)
    assert table.cost(100, 32) > 2 * table.cost(50, 32)
    assert table.cost(200, 32) == table.cost(100, 32)
