"""Renaming and removing where another program holds a file for a moment, and where a file is read-only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from engine.workspace import file_operations
from engine.workspace.atomic_files import new_folder, replaced_folder, write_file
from engine.workspace.file_operations import remove_file, remove_folder, rename, replace, retry
from tests.emulated_windows import Emulation, emulated_windows


@pytest.fixture
def windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulation]:
    monkeypatch.setattr(file_operations, "FIRST_PAUSE", 0.001)
    with emulated_windows(tmp_path) as emulation:
        yield emulation


def test_a_file_that_somebody_reads_is_replaced_once_it_is_closed(
    windows: Emulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "run.json"
    place.write_bytes(b"old")
    reader = place.open("rb")
    closing_at_the_first_pause = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _seconds: reader.close())
    monkeypatch.setattr(file_operations, "time", closing_at_the_first_pause)
    write_file(place, b"new")
    assert place.read_bytes() == b"new"
    assert windows.refused[0][:2] == ("replace", str(place))


def test_a_file_that_stays_open_is_an_error_after_the_patience(
    windows: Emulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_operations, "PATIENCE_SECONDS", 0.02)
    place = tmp_path / "run.json"
    place.write_bytes(b"old")
    with place.open("rb"), pytest.raises(PermissionError):
        write_file(place, b"new")
    assert place.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [place]  # the staging file is gone


def test_elsewhere_than_on_windows_a_refusal_is_reported_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_operations, "WINDOWS", False)
    tries = []

    def refuse() -> None:
        tries.append(1)
        raise PermissionError

    with pytest.raises(PermissionError):
        retry(refuse)
    assert tries == [1]


def test_read_only_files_are_removed_alone_and_in_folders(windows: Emulation, tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    (folder / "source").mkdir(parents=True)
    for path in (tmp_path / "alone", folder / "source" / "rows.csv"):
        path.write_text("x")
        path.chmod(0o444)
    remove_file(tmp_path / "alone")
    remove_folder(folder)
    assert list(tmp_path.iterdir()) == []
    assert {refusal[2] for refusal in windows.refused} == {"it is read-only"}


def test_what_somebody_holds_does_not_keep_the_rest_of_a_folder(
    windows: Emulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_operations, "PATIENCE_SECONDS", 0.02)
    folder = tmp_path / "old"
    folder.mkdir()
    for name in "abc":
        (folder / name).write_text(name)
    with (folder / "b").open():
        remove_folder(folder, ignore_errors=True)
        assert [path.name for path in folder.iterdir()] == ["b"]


def test_a_folder_that_is_gone_already_is_no_error(tmp_path: Path) -> None:
    remove_folder(tmp_path / "none")
    remove_folder(tmp_path / "none", ignore_errors=True)


def test_each_renaming_may_be_refused_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_operations, "FIRST_PAUSE", 0.001)
    with emulated_windows(tmp_path, refuse_once=True) as emulation:
        write_file(tmp_path / "a", b"a")
        with new_folder(tmp_path / "folder") as staging:
            (staging / "x").write_text("1")
        with replaced_folder(tmp_path / "folder") as staging:
            (staging / "x").write_text("2")
        rename(tmp_path / "a", tmp_path / "b")
        replace(tmp_path / "b", tmp_path / "c")
    assert (tmp_path / "folder" / "x").read_text() == "2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "folder"]
    assert len(emulation.renamed) == 2 * len(set(emulation.renamed)) + 2  # `folder` is the target of two renamings


def test_the_emulation_refuses_what_is_mapped_after_the_file_was_closed(windows: Emulation, tmp_path: Path) -> None:
    place = tmp_path / "dataset" / "rows.arrow"
    place.parent.mkdir()
    place.write_bytes(b"x" * 5000)
    with pa.memory_map(str(place)) as source:
        rows = source.read_buffer()
    with pytest.raises(PermissionError, match="mapped"):
        place.unlink()
    with pytest.raises(PermissionError, match="mapped"):
        place.parent.rename(tmp_path / "elsewhere")
    del rows
    place.unlink()
