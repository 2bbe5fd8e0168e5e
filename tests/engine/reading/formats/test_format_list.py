"""There is one list of formats: whoever reads, offers or finds files, or writes a script, has a line for each name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from engine.contract.file_formats import (
    ARCHIVE_SUFFIXES,
    DATA_SUFFIXES,
    FILE_FORMATS,
    PACKED_SUFFIXES,
    SPLIT_SUFFIXES,
    FormatName,
    applies_to,
)
from engine.contract.settings import ReadingOptions
from engine.reading.formats.registry import FORMATS, binary_format, layout_of
from engine.script.readers import READERS
from engine.workspace.data_folders import files_in
from gui.choose_data.source.drop_zone import file_filter
from gui.choose_data.source.reading_line import choices
from tests.engine.reading.sources_on_disk import workbook_bytes

NAMES = set(get_args(FormatName))


def test_every_name_has_a_description_a_reader_and_a_script() -> None:
    assert [one.name for one in FILE_FORMATS] == list(get_args(FormatName))
    assert Counter(one.description.name for one in FORMATS) == Counter(NAMES)
    assert set(READERS) == NAMES


def test_the_window_offers_every_format_by_its_title() -> None:
    assert dict(choices()["format"]) == {one.name: one.title for one in FILE_FORMATS}
    assert len({one.title for one in FILE_FORMATS}) == len(FILE_FORMATS)


def test_every_suffix_is_in_the_filter_of_the_dialog() -> None:
    offered = file_filter().split(")")[0].split("(")[1].split()
    suffixes = [suffix for one in FILE_FORMATS for suffix in one.suffixes]
    assert sorted(offered) == sorted(
        f"*{suffix}" for suffix in (*suffixes, *ARCHIVE_SUFFIXES, *SPLIT_SUFFIXES, *PACKED_SUFFIXES)
    )
    assert len(set(suffixes)) == len(suffixes)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in suffixes)


def test_every_suffix_counts_as_a_data_file_of_a_folder(tmp_path: Path) -> None:
    for suffix in DATA_SUFFIXES:
        (tmp_path / f"rows{suffix.upper()}").write_text("text,label\n")
    (tmp_path / "rows.png").write_text("no rows")
    assert len(files_in(tmp_path)) == len(DATA_SUFFIXES)


def test_a_format_says_of_itself_what_its_reader_fills_in(tmp_path: Path) -> None:
    texts = {
        "csv": "text,label\na b,x\nc d,y\n",
        "tsv": "text\tlabel\na b\tx\nc d\ty\n",
        "jsonl": '{"text": "a b", "label": "x"}\n',
        "conll": "Anna\tB-PER\nsings\tO\n\nBen\tB-PER\n",
        "spans": '{"text": "Anna sings", "spans": [{"start": 0, "end": 4, "label": "PER"}]}\n' * 2,
    }
    for name, text in texts.items():
        path = tmp_path / name
        path.write_text(text)
        options = layout_of(path, ReadingOptions()).options
        assert options.format == name
        assert bool(options.encoding) == applies_to("encoding", name)  # type: ignore[arg-type]
        assert bool(options.delimiter) or not applies_to("delimiter", name)  # type: ignore[arg-type]


def test_the_last_format_takes_every_text_and_no_other_does() -> None:
    assert FORMATS[-1].description.name == "csv"
    names = [one.description.name for one in FORMATS if one.is_text is None and one.is_binary is None]
    assert names == ["folder", "lines", "tsv"]  # two are written by ourselves, the other is what csv finds
    assert [one.description.name for one in FORMATS if one.rows_of] == [
        *("parquet", "arrow", "spans", "jsonl", "conll", "lines", "csv"),
    ]


@pytest.mark.parametrize("name", ["rows.xlsx", "rows.csv"])
def test_a_format_with_several_tables_lists_them(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(workbook_bytes({"train": [("text", "label")], "test": [("text", "label")]}))
    form = binary_format(path)
    assert form is not None
    assert form.part_names is not None
    assert form.part_names(path) == ("train", "test")
    assert [one.name for one in FILE_FORMATS if one.part_word] == [
        one.description.name for one in FORMATS if one.part_names is not None
    ]
