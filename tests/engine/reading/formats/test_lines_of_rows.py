"""Rows are called by the number that the user's editor shows: the line where they begin, or the row of the sheet."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.contract.settings import FileRows, ReadingOptions
from engine.reading.sources.sources import all_files, rows_of
from engine.reading.sources.unpacking import Unpacking
from tests.builders_data import ignore
from tests.engine.reading.sources_on_disk import workbook_bytes

TEXTS = ("first text", "second text", "third text")
TABLE = "\n".join(f"{text},{label}" for text, label in zip(TEXTS, ("x", "y", "x"), strict=True))


def lines_in(path: Path, scratch: Path) -> list[int]:
    """What the rows of the file are called, excluded ones among them, in their order."""
    with Unpacking(scratch, ignore) as unpacking:
        (file, *_) = all_files(FileRows(str(path)), ReadingOptions(), unpacking)
        chunks = list(rows_of(file, file.layout.columns))
    numbers = [sorted([*chunk.numbers, *(number for number, _ in chunk.excluded)]) for chunk in chunks]
    return [chunk.lines.get(number, number) for chunk, own in zip(chunks, numbers, strict=True) for number in own]


@pytest.mark.parametrize(
    ("name", "written", "lines"),
    [
        ("header.csv", f"text,label\n{TABLE}\n", [2, 3, 4]),
        ("no header.csv", f"{TABLE}\n" * 3, [*range(1, 10)]),
        ("blank lines.csv", "text,label\n\nfirst text,x\n\n\nsecond text,y\nthird text,x\n", [3, 6, 7]),
        ("comments.csv", f"# made by us\n# twice\ntext,label\n{TABLE}\n{TABLE}\n", [*range(4, 10)]),
        ("titles.csv", f"All our texts,\n,\ntext,label\n{TABLE}\n", [4, 5, 6]),
        ("sep.csv", "sep=;\ntext;label\nfirst text;x\nsecond text;y\n", [3, 4]),
        ("several lines.csv", 'text,label\n"first\ntext",x\n"second\n\ntext",y\nthird text,x\n', [2, 4, 7]),
        ("too wide.csv", f"text,label\na,b,c\n{TABLE}\n", [2, 3, 4, 5]),
        ("open quote.csv", 'text,label\nfirst,x\n"second,y\nthird,x\nfourth,y\n', [2, 3, 4, 5]),
        ("mac.csv", f"text,label\n{TABLE}\n".replace("\n", "\r"), [2, 3, 4]),
        ("words.conll", "-DOCSTART- O\n\nAnna B-PER\nsings O\n\n\nBen B-PER\n\nthe O\ndog O\n", [3, 7, 9]),
        ("commas.conll", "\nAnna,B-PER\nsings,O\n\n\nBen,B-PER\n\nthe,O\n\nGraz,B-LOC\n", [2, 6, 8, 10]),
        ("objects.jsonl", '{"text": "a", "label": "x"}\n\n{"text": "b", "label": "y"}\n', [1, 3]),
        ("list.json", json.dumps([{"text": text, "label": "x"} for text in TEXTS], indent=2), [1, 2, 3]),
        ("marks.jsonl", '\n{"text": "Anna sings", "label": [[0, 4, "PER"]]}\n\n{"text": "b", "label": []}\n', [2, 4]),
        ("fast.txt", "__label__x first\n\n__label__y second\n__label__x third\n", [1, 3, 4]),
        ("rasa.md", "## intent:greet\n- hello\n- hi\n\n## intent:bye\n- bye\n- see you\n", [2, 3, 6, 7]),
        ("cells.csv", "text,entities\nAnna sings,\"[(0, 4, 'PER')]\"\nBen sings,\"[(0, 3, 'PER')]\"\n", [2, 3]),
        ("split.csv", "text,label,split\na,x,train\nb,y,test\nc,x,train\nd,y,validation\ne,x,train\n", [2, 4, 6]),
        (
            "words.csv",
            "Sentence #,Word,POS,Tag\n"
            + "".join(f"Sentence: {n},Anna,NN,B-PER\n,sings,VB,O\n,too,RB,O\n" for n in range(4)),
            [2, 5, 8, 11],
        ),
    ],
)
def test_a_row_is_called_by_the_line_where_it_begins(name: str, written: str, lines: list[int], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(written, "utf-8", newline="")
    assert lines_in(path, tmp_path / "scratch") == lines


def test_a_row_of_a_sheet_is_called_by_its_number_there(tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    rows = [[None], ["text", "label"], [None], ["first text", "x"], ["second text", "y"]]
    path.write_bytes(workbook_bytes({"rows": rows}))
    assert lines_in(path, tmp_path / "scratch") == [4, 5]


def test_rows_without_lines_are_called_by_their_number_from_1(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"text": TEXTS, "label": ["x", "y", "x"]}), path)
    assert lines_in(path, tmp_path / "scratch") == [1, 2, 3]
