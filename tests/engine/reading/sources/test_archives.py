"""Archives: names that Windows would take for something else, tar archives, packed files inside."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from engine.contract.errors import DatasetUnreadable
from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing.preview import preview
from engine.reading.sources import archives
from engine.reading.sources.archives import unpack
from engine.reading.sources.sources import all_files
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


CONTENT = "text,label\n" + "good film,1\nbad film,0\n" * 20


def tar_of(files: dict[str, bytes], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def seen(chosen: Path, scratch: Path) -> tuple[str, int]:
    found = preview(FileRows(str(chosen)), ReadingOptions(), 5, ignore, scratch=scratch)
    return found.reading.format, found.rows_total


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.tar", tar_of({"rows.csv": CONTENT.encode()})),
        ("rows.tar.gz", tar_of({"./data/rows.csv": CONTENT.encode(), "data/._rows.csv": b"x"}, "w:gz")),
        ("rows.tgz", tar_of({"rows.csv.gz": gzip.compress(CONTENT.encode(), mtime=0)}, "w:gz")),
        ("folder/train.csv.gz", gzip.compress(CONTENT.encode(), mtime=0)),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_is_packed_with_tar_or_gzip_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    place = tmp_path / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(content)
    assert seen(tmp_path / name.split("/")[0], tmp_path / "scratch") == ("csv", 40)
    assert not list((tmp_path / "scratch").glob("*"))


def test_packed_files_of_a_folder_and_an_archive_are_its_splits(tmp_path: Path) -> None:
    files = {f"{split}.csv.gz": gzip.compress(CONTENT.encode()) for split in ("train", "validation", "test")}
    (tmp_path / "folder").mkdir()
    for name, content in files.items():
        (tmp_path / "folder" / name).write_bytes(content)
    (tmp_path / "all.tar").write_bytes(tar_of({f"all/{name}": content for name, content in files.items()}))
    for chosen in ("folder", "all.tar"):
        with Unpacking(tmp_path / "scratch", ignore) as unpacking:
            found = all_files(FileRows(str(tmp_path / chosen)), ReadingOptions(), unpacking)
            assert [file.split for file in found] == ["train", "validation", "test"]


def test_texts_in_a_folder_per_class_are_read_out_of_a_tar_archive(tmp_path: Path) -> None:
    texts = {f"movies/{label}/{n}.txt": f"a {label} film {n}".encode() for label in ("neg", "pos") for n in range(5)}
    (tmp_path / "movies.tar.gz").write_bytes(tar_of(texts, "w:gz"))
    assert seen(tmp_path / "movies.tar.gz", tmp_path / "scratch") == ("folder", 10)


@pytest.mark.parametrize(
    ("name", "part"), [("../rows.csv", "leads out of it"), ("{}/x.csv", "absolute"), ("a\\b.csv", "absolute")]
)
def test_a_tar_archive_with_a_name_that_leads_out_is_refused(tmp_path: Path, name: str, part: str) -> None:
    place = tmp_path / "rows.tar"
    place.write_bytes(tar_of({"rows.csv": b"text", name.format(tmp_path): b"text"}))
    with Unpacking(tmp_path, ignore) as unpacking, pytest.raises(DatasetUnreadable, match=part) as caught:
        unpack(place, unpacking)
    assert caught.value.id == "D11"
    assert not (tmp_path / "x.csv").exists()


def test_links_and_bombs_and_torn_ends_of_tar_archives_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_SMALL", 1024 * 1024)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("rows.csv")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(entry)
    whole = tar_of({"rows.csv": CONTENT.encode() * 2_000})
    for number, content in enumerate(
        (buffer.getvalue(), tar_of({"rows.csv": bytes(8 * 1024 * 1024)}, "w:gz"), whole[: len(whole) // 2])
    ):
        place = tmp_path / f"{number}.tar"
        place.write_bytes(content)
        with Unpacking(tmp_path, ignore) as unpacking, pytest.raises(DatasetUnreadable) as caught:
            unpack(place, unpacking)
        assert caught.value.id == "D11"


def test_an_archive_in_an_archive_is_refused_by_name(tmp_path: Path) -> None:
    place = tmp_path / "outer.tar"
    place.write_bytes(tar_of({"inner.tar": tar_of({"rows.csv": CONTENT.encode()})}))
    with pytest.raises(DatasetUnreadable, match="another archive"):
        seen(place, tmp_path / "scratch")
