"""Workbooks, Arrow files, archives, folders of texts and saved data sets: the same rows come out of each."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import datasets
import pytest

from engine.contract.errors import DatasetUnreadable, StopRequested
from engine.contract.events import Event, Progressed
from engine.contract.settings import FileRows, ReadingOptions
from engine.reading.formats import workbook as workbook_rows
from engine.reading.formats.registry import layout_of
from engine.reading.sources import archives
from tests.engine.reading.sources_on_disk import (
    COLUMNS,
    ROWS,
    arrow_bytes,
    csv_bytes,
    feather_bytes,
    jsonl_bytes,
    parquet_bytes,
    read_source,
    workbook_bytes,
    zip_bytes,
)

SHEET = [COLUMNS, *ROWS]
SAME_ROWS = {
    "csv": csv_bytes(),
    "jsonl": jsonl_bytes(),
    "parquet": parquet_bytes(),
    "arrow file": arrow_bytes(),
    "arrow stream": arrow_bytes(stream=True),
    "feather": feather_bytes(),
    "workbook": workbook_bytes({"Sheet1": SHEET}),
    "zip of csv": zip_bytes({"rows.csv": csv_bytes(), "readme.txt": b"about", "__MACOSX/._rows.csv": b"\0"}),
    "zip of workbook": zip_bytes({"inside/rows.xlsx": workbook_bytes({"Sheet1": SHEET})}),
    "zip of parquet": zip_bytes({"rows.parquet": parquet_bytes()}),
}


def refused(path: Path, scratch: Path, reading: ReadingOptions | None = None) -> DatasetUnreadable:
    with pytest.raises(DatasetUnreadable) as caught:
        read_source(path, reading, scratch=scratch)
    assert caught.value.hint
    assert list(scratch.iterdir()) == []
    return caught.value


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("kind", SAME_ROWS)
def test_the_same_rows_come_out_of_every_format_whatever_its_name(tmp_path: Path, scratch: Path, kind: str) -> None:
    path = tmp_path / "rows.dat"
    path.write_bytes(SAME_ROWS[kind])
    assert read_source(path, scratch=scratch) == {"train": ROWS}
    assert list(scratch.iterdir()) == []


# ── Workbooks ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_workbook_shows_values_as_they_are_seen(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "rows.xlsx"
    rows = [("text", "label"), ("007", 7), ("1.0", 1.0), ("half", 0.5), ("yes", True), ("NA", "None"), ("much", 1e5)]
    path.write_bytes(workbook_bytes({"empty": [], "rows": rows}))
    assert layout_of(path, ReadingOptions()).options.part == "rows"
    assert read_source(path, scratch=scratch)["train"] == [
        ("007", "7"), ("1.0", "1"), ("half", "0.5"), ("yes", "TRUE"), ("NA", "None"), ("much", "100000"),
    ]  # fmt: skip


def test_empty_rows_are_no_rows_and_merged_cells_count_for_each_of_theirs(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "rows.xlsx"
    rows = [("label", "text"), ("good", "one fine text"), (None, "two"), (None, None), ("bad", "three"), (None, "four")]
    path.write_bytes(workbook_bytes({"rows": rows}, merged="A2:A3"))
    assert read_source(path, scratch=scratch)["train"] == [
        ("good", "one fine text"), ("good", "two"), ("bad", "three"), ("", "four"),
    ]  # fmt: skip


def test_a_merged_cell_below_an_empty_row_counts_for_its_own_rows(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "rows.xlsx"
    rows = [(None, None), ("label", "text"), ("good", "one"), (None, "two"), ("bad", "three"), (None, "four")]
    path.write_bytes(workbook_bytes({"rows": rows}, merged="A3:A4"))
    assert read_source(path, scratch=scratch)["train"] == [
        ("good", "one"), ("good", "two"), ("bad", "three"), ("", "four"),
    ]  # fmt: skip


def test_a_sheet_can_be_chosen_and_hidden_ones_come_last(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "rows.xlsx"
    other = [COLUMNS, ("another text", "odd"), ("one more", "even")]
    path.write_bytes(workbook_bytes({"old": other, "new": SHEET}, hidden=["old"]))
    layout = layout_of(path, ReadingOptions())
    assert layout.parts == ("new", "old")
    assert layout.options.part == "new"
    assert read_source(path, ReadingOptions(part="old"), scratch=scratch) == {"train": other[1:]}
    assert refused(path, scratch, ReadingOptions(part="gone")).id == "D14"


def test_sheets_called_train_and_test_are_the_splits(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "rows.xlsx"
    path.write_bytes(workbook_bytes({"Train": SHEET[:10], "test": [COLUMNS, *ROWS[9:]], "about": [["made by hand"]]}))
    assert read_source(path, scratch=scratch) == {"train": ROWS[:9], "test": ROWS[9:]}


@pytest.mark.parametrize("keep", [10, 200, -30])
def test_a_damaged_workbook_is_refused(tmp_path: Path, scratch: Path, keep: int) -> None:
    path = tmp_path / "rows.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600) if keep == 10 else SAME_ROWS["workbook"][:keep])
    assert refused(path, scratch).id in ("D11", "D14")


def test_a_workbook_that_is_a_bomb_never_reaches_the_parser(
    tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.xlsx"
    sheet = workbook_bytes({"Sheet1": SHEET})
    path.write_bytes(sheet.replace(b"", b"", 1))
    monkeypatch.setattr(workbook_rows, "MOST_BYTES", 1_000)
    assert "unpacks to more than" in refused(path, scratch).message
    monkeypatch.setattr(workbook_rows, "MOST_BYTES", 10**9)
    monkeypatch.setattr(workbook_rows, "MOST_CELLS", 40)
    assert "25 rows and 2 columns" in refused(path, scratch).message


# ── Arrow ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_arrow_file_is_refused(tmp_path: Path, scratch: Path, stream: bool, share: float) -> None:
    path = tmp_path / "rows.arrow"
    whole = arrow_bytes(stream=stream)
    path.write_bytes(whole[: int(share * len(whole))])
    assert refused(path, scratch).id in ("D13", "D11")


# ── Archives ────────────────────────────────────────────────────────────────────────────────────────────────────


def an_archive(name: str, *, mode: int = 0, twice: bool = False) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("rows.csv", csv_bytes())
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        archive.writestr(entry, b"../../canary")
        if twice:
            archive.writestr(entry.filename.upper(), b"again")
    return output.getvalue()


HOSTILE = {
    "parent": an_archive("../canary.csv"),
    "deep parent": an_archive("a/../../canary.csv"),
    "sibling": an_archive("../scratch-evil/canary.csv"),
    "absolute": an_archive("/tmp/canary.csv"),
    "drive": an_archive("C:/canary.csv"),
    "backslash": an_archive("..\\canary.csv"),
    "link": an_archive("canary.csv", mode=stat.S_IFLNK | 0o777),
    "device": an_archive("canary.csv", mode=stat.S_IFCHR | 0o666),
    "pipe": an_archive("canary.csv", mode=stat.S_IFIFO | 0o666),
    "twice": an_archive("canary.csv", twice=True),
    "bad sum": zip_bytes({"rows.csv": b"text,label\n" * 9}).replace(b"PK\x01\x02", b"PK\x01\x02", 1)[:40] + b"\0" * 60,
    "nothing": zip_bytes({}),
    "only notes": zip_bytes({"README.md": b"nothing here"}),
    "archive in archive": zip_bytes({"rows.zip": zip_bytes({"rows.csv": csv_bytes()})}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_dangerous_archive_leaves_nothing_behind(tmp_path: Path, scratch: Path, kind: str) -> None:
    path = tmp_path / "rows.zip"
    path.write_bytes(HOSTILE[kind])
    before = sorted(entry.name for entry in tmp_path.rglob("*"))
    assert refused(path, scratch).id == "D11"
    assert sorted(entry.name for entry in tmp_path.rglob("*")) == before


def test_an_archive_has_limits(tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.zip"
    path.write_bytes(zip_bytes({"rows.csv": b"text,label\n" * 20_000}))
    monkeypatch.setattr(archives, "_SMALL", 1_000)
    assert "unpacks to" in refused(path, scratch).message
    monkeypatch.setattr(archives, "MOST_ENTRIES", 0)
    assert "1 files" in refused(path, scratch).message or "holds 1" in refused(path, scratch).message


def test_a_stop_while_unpacking_leaves_nothing_behind(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "rows.zip"
    path.write_bytes(SAME_ROWS["zip of csv"])

    def stop(event: Event) -> None:
        if isinstance(event, Progressed) and event.note.startswith("Unpacking"):
            raise StopRequested

    with pytest.raises(StopRequested):
        read_source(path, scratch=scratch, emit=stop)
    assert list(scratch.iterdir()) == []


def test_files_in_an_archive_are_splits_by_their_names_or_one_is_chosen(tmp_path: Path, scratch: Path) -> None:
    path = tmp_path / "rows.zip"
    path.write_bytes(zip_bytes({"d/train.csv": csv_bytes(ROWS[:12]), "d/dev.jsonl": jsonl_bytes(ROWS[12:])}))
    assert read_source(path, scratch=scratch) == {"train": ROWS[:12], "validation": ROWS[12:]}
    path.write_bytes(zip_bytes({"one.csv": csv_bytes(ROWS[:12]), "two.csv": csv_bytes(ROWS)}))
    assert read_source(path, scratch=scratch) == {"train": ROWS}
    assert read_source(path, ReadingOptions(part="one.csv"), scratch=scratch) == {"train": ROWS[:12]}


# ── Folders ─────────────────────────────────────────────────────────────────────────────────────────────────────


def write_texts(folder: Path, *, encoding: str = "utf-8") -> None:
    for number, (text, label) in enumerate(ROWS):
        (folder / label).mkdir(parents=True, exist_ok=True)
        (folder / label / f"{number:02}.txt").write_bytes(f"{text}\n".encode(encoding))


def test_text_files_in_a_folder_per_class(tmp_path: Path, scratch: Path) -> None:
    folder = tmp_path / "reviews"
    write_texts(folder)
    (folder / "README.txt").write_text("about")
    found = read_source(folder, scratch=scratch)["train"]
    assert [(text, label) for text, label, _ in found] == sorted(ROWS, key=lambda row: row[1])
    assert found[0][2] == "bad/00.txt"


def test_folders_called_train_and_test_are_the_splits_and_texts_without_label_are_named(
    tmp_path: Path, scratch: Path
) -> None:
    folder = tmp_path / "reviews"
    for split in ("train", "test"):
        write_texts(folder / split)
    (folder / "train" / "unsup").mkdir()
    (folder / "train" / "unsup" / "0.txt").write_text("no label")
    found = read_source(folder, scratch=scratch)
    assert set(found) == {"train", "test"}
    assert len(found["train"]) == len(ROWS)
    archive = tmp_path / "reviews.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in sorted(folder.rglob("*.txt")):
            target.write(path, path.relative_to(tmp_path).as_posix())
    assert read_source(archive, scratch=scratch) == found


def test_a_text_file_in_another_encoding_is_left_out_with_its_name(tmp_path: Path, scratch: Path) -> None:
    folder = tmp_path / "reviews"
    write_texts(folder)
    (folder / "bad" / "00.txt").write_bytes("ein schöner Film".encode("cp1252"))
    found = read_source(folder, ReadingOptions(encoding="utf-8"), scratch=scratch)
    assert len(found["train"]) == len(ROWS) - 1
    assert found["left out"] == [(1, "(bad/00.txt) has characters that cannot be read")]


def test_a_folder_that_datasets_has_saved(tmp_path: Path, scratch: Path) -> None:
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["bad", "good"])}
    )
    columns = {"text": [row[0] for row in ROWS], "label": [["bad", "good"].index(row[1]) for row in ROWS]}
    rows = datasets.Dataset.from_dict(columns, features=features)
    rows.save_to_disk(str(tmp_path / "one"), num_shards=3)
    assert read_source(tmp_path / "one", scratch=scratch) == {"train": ROWS}
    datasets.DatasetDict({"train": rows, "test": rows.select(range(5))}).save_to_disk(str(tmp_path / "several"))
    assert read_source(tmp_path / "several", scratch=scratch) == {"train": ROWS, "test": ROWS[:5]}
    (tmp_path / "several" / "train" / "state.json").write_text('{"_data_files": [{"filename": "../../x.arrow"}]}')
    assert refused(tmp_path / "several", scratch).id == "D13"


def test_separate_files_of_any_kind_are_validation_and_test(tmp_path: Path, scratch: Path) -> None:
    places = {}
    for kind, name in (("workbook", "a.xlsx"), ("zip of csv", "b.zip"), ("feather", "c.feather")):
        places[kind] = tmp_path / name
        places[kind].write_bytes(SAME_ROWS[kind])
    source = FileRows(*(str(place) for place in places.values()))
    assert read_source(source, scratch=scratch) == {"train": ROWS, "validation": ROWS, "test": ROWS}


@pytest.mark.parametrize("format", ["", "csv", "arrow"])
def test_a_delimiter_that_was_chosen_is_kept_whatever_the_format(tmp_path: Path, scratch: Path, format: str) -> None:
    path = tmp_path / "rows.txt"
    path.write_text("".join(f"It rained, we stayed in; day {n} | said Anna\n" for n in range(12)), "utf-8")
    assert read_source(path, scratch=scratch)["train"][0] == ("It rained", " we stayed in; day 0 | said Anna")
    reading = ReadingOptions(format=format, delimiter=";", header="no")  # type: ignore[arg-type]
    found = read_source(path, reading, scratch=scratch)["train"]
    assert found[0] == ("It rained, we stayed in", " day 0 | said Anna")
    assert len(found) == 12
