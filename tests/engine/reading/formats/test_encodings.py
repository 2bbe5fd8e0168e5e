"""The letters of a text are right, or a person is asked with the right ones among the choices (D1 to D3)."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing.preview import preview
from engine.preparing.rows.cleaning import Cleaner
from engine.reading.formats.registry import layout_of, read
from engine.reading.formats.text_files import encoding_choices
from tests.engine.reading.encoded_rows import cases, outcome, rows_of, write
from tests.engine.reading.sources_on_disk import ignore, read_source, workbook_bytes

CASES = list(cases())


@pytest.mark.parametrize(("encoding", "language", "rows"), CASES, ids=[f"{one[0]} {one[1]}" for one in CASES])
def test_letters_are_right_or_asked_for(
    tmp_path: Path, encoding: str, language: str, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path / "rows.csv"
    write(path, encoding, rows)
    found = outcome(path, encoding, rows)
    assert found in ("right", "asked, right letters first", "asked, right letters offered")
    if encoding.startswith("utf"):
        assert found == "right"


def test_the_preview_offers_encodings_with_their_letters_until_one_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    write(path, "koi8-r", rows_of("Russian"))
    found = preview(FileRows(str(path)), ReadingOptions(), 5, ignore)
    assert len(found.encodings) == 3
    assert found.encodings[0].encoding == found.reading.encoding == "koi8-r"
    assert all(any(line in text for text, _ in rows_of("Russian")) for line in map(_sentence, found.encodings[0].lines))
    assert not preview(FileRows(str(path)), ReadingOptions(encoding="koi8-r"), 5, ignore).encodings
    write(path, "utf-8", rows_of("Russian"))
    assert not preview(FileRows(str(path)), ReadingOptions(), 5, ignore).encodings


def _sentence(line: str) -> str:
    return line.split(";")[0].strip("…")


def test_the_lines_that_are_shown_are_those_that_the_encodings_read_differently(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    alike = "".join(
        f"Das Wetter in Köln ist übermäßig schön, {number}-mal größer als nötig;x\n" for number in range(60)
    )
    path.write_bytes(f"text;label\n{alike}{'so ' * 50} zum Preis von 3 € im Café;x\n".encode("cp1252"))
    offered = encoding_choices(path)
    assert len(offered) > 1
    assert len({one.lines for one in offered}) == len(offered)
    assert offered[0].encoding == "cp1252"
    assert any("Preis von 3 €" in line for line in offered[0].lines)
    assert not any("3 €" in line for one in offered[1:] for line in one.lines)


@pytest.mark.parametrize("size", [1, 200, 1_000])
def test_one_row_with_bad_bytes_is_left_out_by_its_number(tmp_path: Path, size: int) -> None:
    path = tmp_path / "rows.csv"
    lines = [f"{text} {'ü' * size};x\n".encode() for text, _ in rows_of("French") * 3]
    lines[730] = b"caf\xe9 au lait;x\n"
    path.write_bytes(b"text;label\n" + b"".join(lines))
    assert not encoding_choices(path)
    found = read_source(path, scratch=tmp_path)
    assert found["left out"] == [(731, "has characters that cannot be read")]
    assert len(found["train"]) == 899


def test_a_file_of_two_encodings_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    half = "".join(f"{text};x\n" for text, _ in rows_of("French"))
    path.write_bytes(b"text;label\n" + half.encode() + half.encode("cp1252"))
    offered = {one.encoding for one in encoding_choices(path)}
    assert {"utf-8", "cp1252"} <= offered


def test_odd_characters_become_the_same_text_in_every_reader(tmp_path: Path) -> None:
    texts = [
        "a\x00b",
        "tab\x0bhere",
        "line\u2028end",
        "\u200bzero\u200b",
        "mark\ufeff",
        "right \u200fto left",
        "\u200b",
    ]
    plain = [text.replace("\x00", "") for text in texts]
    labels = ["x"] * len(texts)
    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        file.write("text;label\n" + "".join(f"{text};x\n" for text in texts))
    with (tmp_path / "rows.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": f"{text}\ud800", "label": "x"}) + "\n" for text in texts)
    pq.write_table(pa.table({"text": texts, "label": labels}), tmp_path / "rows.parquet")
    sheet = [("text", "label"), *((text.replace("\x0b", " "), "x") for text in plain)]
    (tmp_path / "rows.xlsx").write_bytes(workbook_bytes({"rows": sheet}))
    seen = {}
    for name in ("rows.csv", "rows.jsonl", "rows.parquet", "rows.xlsx"):
        cleaner = Cleaner(strip_html_breaks=True)
        layout = layout_of(tmp_path / name, ReadingOptions())
        cells = [cell for chunk in read(tmp_path / name, layout, ("text",)) for cell in chunk.columns["text"]]
        seen[name] = [cleaner.value("text", cell)[0] for cell in cells]
        assert cleaner.cells_with_odd_characters > 0 or name == "rows.xlsx"
    assert seen["rows.csv"] == seen["rows.jsonl"] == seen["rows.parquet"] == seen["rows.xlsx"]
    assert seen["rows.csv"][0] == "ab"
    assert seen["rows.csv"][-1] == ""  # nothing but invisible characters


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_unreadable_characters_can_be_replaced(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    row = b'{"text": "%s", "label": "x"}\n' if name.endswith("l") else b"%s;x\n"
    head = b"" if name.endswith("l") else b"text;label\n"
    path.write_bytes(head + (row % "schön".encode()) * 40 + row % b"caf\xe9")
    found = preview(FileRows(str(path)), ReadingOptions(), 50, ignore)
    assert [(entry.count, entry.rows) for entry in found.left_out] == [(1, (41,))]
    mended = preview(FileRows(str(path)), ReadingOptions(undecodable="replace"), 50, ignore)
    assert not mended.left_out
    assert mended.cells[-1][0] == "caf\ufffd"
