"""Single files packed with gzip are read like what they hold, and bombs are refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from engine.contract.errors import DatasetUnreadable
from engine.contract.settings import FileRows, PrepareSettings, ReadingOptions
from engine.preparing.prepare import prepare
from engine.preparing.preview import preview
from engine.reading.sources import gzip_files as packed
from engine.script.assemble import code_so_far
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, review_file, tiny_model

JSON_LINES = b'{"text": "a fine film", "label": "good"}\n{"text": "dull", "label": "bad"}\n' * 3


def written(path: Path, content: bytes) -> FileRows:
    path.write_bytes(content)
    return FileRows(str(path))


def refusal(path: Path, content: bytes) -> str:
    with pytest.raises(DatasetUnreadable) as caught:
        preview(written(path, content), ReadingOptions(), 5, ignore, scratch=path.parent / "scratch")
    assert caught.value.id == "D11"
    assert not list((path.parent / "scratch").glob("*"))
    return caught.value.message


@pytest.mark.parametrize("name", ["rows.jsonl.gz", "rows.GZ", "rows"])
def test_what_is_packed_is_found_by_its_content(tmp_path: Path, name: str) -> None:
    source = written(tmp_path / name, gzip.compress(JSON_LINES))
    found = preview(source, ReadingOptions(), 5, ignore, scratch=tmp_path / "scratch")
    assert (found.name, found.reading.format, found.rows_total) == (name, "jsonl", 6)
    assert not list((tmp_path / "scratch").glob("*"))


def test_packed_files_are_prepared_and_the_script_reads_the_copy(tmp_path: Path) -> None:
    plain = review_file(tmp_path / "reviews.csv")
    source = written(tmp_path / "reviews.csv.gz", gzip.compress(plain.read_bytes()))
    workspace = Workspace(tmp_path / "workspace").create()
    dataset = prepare(tiny_model(tmp_path), source, PrepareSettings(), ignore, workspace=workspace)
    assert (dataset.rows_in, dataset.rows_used) == (96, 96)
    copy = Path(dataset.folder) / "source" / "train" / "reviews.csv"
    assert copy.read_bytes() == plain.read_bytes()
    assert str(copy) in code_so_far(dataset)


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_SMALL", 1024 * 1024)
    message = refusal(tmp_path / "rows.csv.gz", gzip.compress(bytes(8 * 1024 * 1024)))
    assert message.startswith("rows.csv.gz unpacks to more than ")


def test_a_file_that_is_cut_or_changed_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(JSON_LINES)
    assert refusal(tmp_path / "cut.gz", whole[:-6]) == "cut.gz is damaged or not complete."
    changed = whole[:20] + bytes(byte ^ 255 for byte in whole[20:30]) + whole[30:]
    assert refusal(tmp_path / "changed.gz", changed) == "changed.gz is damaged or not complete."
