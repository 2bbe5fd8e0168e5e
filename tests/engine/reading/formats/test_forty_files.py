"""Forty delimited files as people make them: the right columns, the right rows, and every other row named (D4, D5)."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from engine.contract.settings import ReadingOptions
from engine.reading.formats.registry import layout_of, read

PAIR = ("text", "label")
TEXTS = ["a fine film", "dull, and long", "quite good", "so so; really", "the best", "no | never", "once more", "great"]


def table(delimiter: str, *, header: str = "text{}label", end: str = "\n", quote: str = '"') -> str:
    lines = [header.format(delimiter)] if header else []
    for number, text in enumerate(TEXTS * 2):
        cell = f"{quote}{text}{quote}" if delimiter in text or quote == "'" else text
        lines.append(f"{cell}{delimiter}{'good' if number % 2 else 'bad'}")
    return end.join(lines) + end


class Made(NamedTuple):
    """A file's content and what must come out of it."""

    content: str
    columns: tuple[str, ...] = PAIR
    rows: int = 16
    excluded: tuple[int, ...] = ()


UNNAMED = ("column 1", "column 2")
WIDE = tuple(f"c{number}" for number in range(5_000))
BASE = table(",")
FILES = {
    "comma": Made(BASE),
    "tab": Made(table("\t")),
    "semicolon": Made(table(";")),
    "bar": Made(table("|")),
    "comma no header": Made(table(",", header=""), UNNAMED),
    "tab no header": Made(table("\t", header=""), UNNAMED),
    "semicolon no header": Made(table(";", header=""), UNNAMED),
    "bar no header": Made(table("|", header=""), UNNAMED),
    "carriage returns": Made(table(",", end="\r")),
    "windows ends": Made(table(",", end="\r\n")),
    "mixed ends": Made(BASE.replace("\n", "\r\n", 5).replace("\r\n", "\r", 2)),
    "no end at the end": Made(BASE.rstrip("\n")),
    "blank lines": Made(BASE.replace("\n", "\n\n")),
    "blank lines at the end": Made(BASE + "\n\n\n"),
    "byte-order mark": Made("\ufeff" + BASE),
    "byte-order mark and quotes": Made("\ufeff" + BASE.replace("text,label", '"text","label"', 1)),
    "one comment": Made("# exported in May\n" + BASE),
    "three comments": Made("# one, two\n#\n# three\n" + BASE),
    "comments no header": Made("# exported\n" + table(",", header=""), UNNAMED),
    "a header with a hash": Made(BASE.replace("text,label", "#text,label", 1), ("#text", "label")),
    "a comment within": Made(BASE + "# the end\n", excluded=(17,)),
    "hash tags": Made("text,label\n" + "#love this,x\n#hate that,y\n" * 8),
    "short row": Made(BASE + "alone\n", excluded=(17,)),
    "long row": Made(BASE + "a,b,c\n", excluded=(17,)),
    "several bad rows": Made(BASE + "a,b,c\nalone\nfine,good\nd,e,f,g\n", rows=17, excluded=(17, 18, 20)),
    "empty cells behind": Made(BASE.replace("quite good,bad", "quite good,bad,,")),
    "comma behind every row": Made(BASE.replace("\n", ",\n"), ("text", "label", "column 3")),
    "stray quote in plain text": Made(table("\t") + 'she said "no\tbad\n', rows=17),
    "quote that never closes": Made(BASE + '"open to the end,bad\nlast,good\n', rows=17, excluded=(17,)),
    "end within a quote": Made(BASE + '"open', excluded=(17,)),
    "quote behind text": Made(BASE + '"a" b,good\n', rows=17),
    "doubled quotes": Made(BASE + '"say ""hi"", now",good\n', rows=17),
    "line end within quotes": Made(BASE + '"two\nlines, one text",good\n', rows=17),
    "two equal names": Made(table(",", header="label{}label"), ("label", "label 2")),
    "an empty name": Made(table(",", header="text{}"), ("text", "column 2")),
    "spaces around names": Made(table(",", header=" text {} label ")),
    "one column": Made("text\n" + "just words here\n" * 8 + "other words\n" * 8, ("text",)),
    "five thousand columns": Made(",".join(WIDE) + "\n" + ",".join("some words here" for _ in WIDE) + "\n", WIDE, 1),
    "texts of equally many words": Made(
        "text,label\n" + "the film number 1,a\nno film number 2,b\n" * 8 + " \n \n", rows=16, excluded=(17, 18)
    ),
    "spaces before the header": Made("\n\n" + BASE),
    "null words": Made("text,label\nNA,None\nnull,nan\n-,NULL\nN/A,NA\n" * 1, rows=4),
    "numbers and dates": Made("text,label\na,007\nb,1.0\nc,2024-01-02\nd,1e5\n", rows=4),
    "sep line of a spreadsheet": Made("sep=;\n" + table(";")),
}


def test_there_are_at_least_forty() -> None:
    assert len(FILES) >= 40


@pytest.mark.parametrize("name", FILES)
def test_a_file_as_people_make_it(tmp_path: Path, name: str) -> None:
    made = FILES[name]
    path = tmp_path / "rows.csv"
    path.write_bytes(made.content.encode())
    layout = layout_of(path, ReadingOptions())
    chunks = list(read(path, layout, layout.columns))
    numbers = [number for chunk in chunks for number in chunk.numbers]
    excluded = [number for chunk in chunks for number, _ in chunk.excluded]
    assert layout.columns == made.columns
    assert tuple(excluded) == made.excluded
    assert len(numbers) == made.rows
    assert sorted([*numbers, *excluded]) == list(range(1, made.rows + len(made.excluded) + 1))
