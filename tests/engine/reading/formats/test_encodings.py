"""The letters of a text are right, or a person is asked with the right ones among the choices (D1 to D3)."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing.preview import preview
from engine.preparing.rows.cleaning import Cleaner
from engine.reading.formats import text_files
from engine.reading.formats.registry import layout_of, read
from engine.reading.formats.text_files import encoding_choices, encoding_of
from tests.engine.reading.encoded_rows import cases, outcome, rows_of, write
from tests.engine.reading.languages import ENCODINGS, SENTENCES, encoded
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


HELD = [(language, encoding) for language, encodings in ENCODINGS.items() for encoding in encodings]
RANKED_SECOND = {("Czech", "iso-8859-2")}  # of one sentence that Windows-1250 reads as other Czech letters


@pytest.mark.parametrize(("language", "encoding"), HELD)
def test_one_sentence_and_fifty_rows_are_read_right_or_asked_about_with_the_right_letters_first(
    tmp_path: Path, language: str, encoding: str
) -> None:
    held = [sentence for sentence in SENTENCES[language] if _is_held(sentence, encoding)]
    rows = [(f"{held[number % len(held)]} {number}", "ab"[number % 2]) for number in range(50)]
    for name, some in (("one.csv", [(held[0], "x")]), ("fifty.csv", rows)):
        text = "text;label\n" + "".join(f"{one};{label}\n" for one, label in some)
        content = encoded(text, encoding)
        (tmp_path / name).write_bytes(content)
        offered = encoding_choices(tmp_path / name)
        found = [one.encoding for one in offered] or [encoding_of(tmp_path / name, "")[0]]
        right = [_plain(content.decode(one)) == _plain(content.decode(encoding)) for one in found]
        if (language, encoding) in RANKED_SECOND and name == "one.csv":
            assert offered
            assert right.index(True) == 1
        else:
            assert right[0]


def _is_held(sentence: str, encoding: str) -> bool:
    try:
        return not encoded(sentence, encoding).isascii() or encoding.startswith("iso-2022")
    except UnicodeEncodeError:
        return False


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("language", ["Russian", "Japanese", "Turkish"])
def test_rows_whose_encoding_is_clear_are_not_asked_about_but_noted(tmp_path: Path, language: str) -> None:
    encoding = {"Russian": "koi8-r", "Japanese": "shift_jis", "Turkish": "cp1254"}[language]
    path = tmp_path / "rows.csv"
    write(path, encoding, rows_of(language))
    found = preview(FileRows(str(path)), ReadingOptions(), 5, ignore)
    assert not found.encodings
    assert found.cells[0][0] == rows_of(language)[0][0]
    assert any(note.startswith("The file is not UTF-8. It was read as") for note in found.notes)
    chosen = preview(FileRows(str(path)), ReadingOptions(encoding=encoding), 5, ignore)
    assert not any("UTF-8" in note for note in chosen.notes)


def test_the_preview_offers_encodings_with_their_letters_until_one_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("text;label\nDas Päckchen ist da.;x\n".encode("mac-roman"))
    found = preview(FileRows(str(path)), ReadingOptions(), 5, ignore)
    assert 2 <= len(found.encodings) <= 3
    lines = {one.encoding: one.lines for one in found.encodings}
    assert "Das Päckchen ist da.;x" in lines["mac-roman"]
    assert len(set(lines.values())) == len(lines)
    assert not preview(FileRows(str(path)), ReadingOptions(encoding="mac-roman"), 5, ignore).encodings
    path.write_bytes("text;label\nDas Päckchen ist da.;x\n".encode())
    assert not preview(FileRows(str(path)), ReadingOptions(), 5, ignore).encodings


@pytest.mark.parametrize("place", ["beginning", "middle", "end"])
def test_bytes_that_are_not_utf8_are_found_wherever_they_are_in_a_large_file(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in (("_BLOCK", 4_096), ("SAMPLE_BYTES", 4_096), ("_CHECKED_BYTES", 3 * 4_096)):
        monkeypatch.setattr(text_files, name, size)
    russian = "".join(f"{text};x\n" for text, _ in rows_of("Russian")).encode("koi8-r")
    plain = b"nothing but letters of ASCII;x\n" * (400 * 4_096 // 31)
    start = {"beginning": 0, "middle": len(plain) // 2 // 31 * 31, "end": len(plain)}[place]
    path = tmp_path / "rows.csv"
    path.write_bytes(b"text;label\n" + plain[:start] + russian * 4 + plain[start:])
    assert encoding_of(path, "")[0] == "koi8-r"


def test_of_a_large_file_no_more_than_the_first_part_and_a_few_blocks_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with path.open("wb") as file:
        file.write(b"text;label\nshort;x\n")
        file.truncate(2**30)  # a gigabyte without room on the disk
    read = 0
    with path.open("rb") as raw:
        for block, _ in text_files._blocks(raw.read(text_files.SAMPLE_BYTES), raw, 2**30):
            read += len(block)
        assert raw.tell() == 2**30
    assert 32 * 2**20 < read <= 64 * 2**20


@pytest.mark.parametrize("text", ["pay \x1b$5 now", "\x1b[31mred\x1b[0m"])
def test_escape_sequences_of_a_terminal_are_no_encoding(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"text;label\n{text};x\n", encoding="ascii")
    assert encoding_of(path, "") == ("utf-8", "")


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
    assert [(entry.count, entry.rows) for entry in found.excluded] == [(1, (41 if name.endswith("l") else 42,))]
    mended = preview(FileRows(str(path)), ReadingOptions(undecodable="replace"), 50, ignore)
    assert not mended.excluded
    assert mended.cells[-1][0] == "caf\ufffd"


def test_a_machine_without_chardet_asks_with_the_right_encoding_among_its_choices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "chardet", None)
    path = tmp_path / "rows.txt"
    path.write_bytes(("Das schöne Mädchen aß größere Äpfel über Österreich hinweg\n" * 30).encode("cp1252"))
    assert "cp1252" in [choice.encoding for choice in encoding_choices(path)]
