"""Names in archives that Windows would take for something else."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
from pathlib import Path

import pytest

from engine.contract.errors import DatasetUnreadable
from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing.preview import preview
from engine.reading.sources.archives import unpack
from engine.reading.sources.unpacking import Unpacking
from tests.builders_data import ignore
from tests.emulated_windows import emulated_windows

NAMES = ["NUL.txt", "data/con", "aux.tar.csv", "COM1", "xy/LPT9 .csv", "xy:z.csv", "what?.csv", "end.", "end ", "a|b"]


def an_archive(folder: Path, name: str) -> Path:
    place = folder / "rows.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr(name, "text,label\n")
    return place


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_windows_does_not_allow_is_refused_there(name: str, tmp_path: Path) -> None:
    place = an_archive(tmp_path, name)
    with emulated_windows(tmp_path), Unpacking(tmp_path, lambda event: None) as unpacking:
        with pytest.raises(DatasetUnreadable, match="Windows does not allow") as caught:
            unpack(place, unpacking)
        assert caught.value.id == "D11"
    with Unpacking(tmp_path, lambda event: None) as unpacking:
        assert unpack(place, unpacking).is_dir()  # elsewhere it is a name like any other


@pytest.mark.parametrize("name", ["null.csv", "console/rows.csv", "company.csv", "com10.csv"])
def test_names_that_only_begin_like_a_device_are_fine(name: str, tmp_path: Path) -> None:
    with emulated_windows(tmp_path), Unpacking(tmp_path, lambda event: None) as unpacking:
        assert (unpack(an_archive(tmp_path, name), unpacking) / name).is_file()


@pytest.mark.parametrize("packed", ["rows.tar", "rows.csv", "folder/train.csv.gz", "folder/train.tar"])
def test_what_is_packed_in_another_way_is_named_for_what_it_is(tmp_path: Path, packed: str) -> None:
    (tmp_path / "folder").mkdir()
    content = tmp_path / "content.csv"
    content.write_text("text,label\n" + "good film,1\nbad film,0\n" * 20)
    if packed.endswith(".gz"):
        (tmp_path / packed).write_bytes(gzip.compress(content.read_bytes()))
    else:
        with tarfile.open(tmp_path / packed, "w") as archive:
            archive.add(content, "rows.csv")
    chosen = tmp_path / packed.split("/")[0]
    with pytest.raises(DatasetUnreadable) as caught:
        preview(FileRows(str(chosen)), ReadingOptions(), 5, ignore, scratch=tmp_path / "scratch")
    assert caught.value.id == "D11"
    assert caught.value.hint
    assert ("tar archive" in caught.value.message) == (chosen.is_file())
