"""Delimiter, encoding, line end, header and quotation in every combination: the same rows come out (D1, D4, D5)."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.contract.settings import ReadingOptions
from engine.reading.formats.registry import layout_of, read
from tests.engine.reading.formats.test_forty_files import PAIR, TEXTS, UNNAMED, table

DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";", "bar": "|"}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}
DAMAGES = ("whole", "short row", "long row", "open quote", "end in quote", "comment")


class Form(NamedTuple):
    """How a table is written."""

    delimiter: str
    encoding: str
    end: str
    has_header: bool
    damage: str

    def content(self) -> bytes:
        """The file; what is wrong is behind all sound rows."""
        sign, end = DELIMITERS[self.delimiter], ENDS[self.end]
        text = table(sign, header="text{}label" if self.has_header else "", end=end)
        text += f"naïve café, schön; Übung{end}".replace(",", "").replace(";", "").replace(end, f"{sign}good{end}")
        match self.damage:
            case "short row":
                text += f"alone{end}"
            case "long row":
                text += f"a{sign}b{sign}c{end}"
            case "open quote":
                text += f'"open to the end{sign}bad{end}last{sign}good{end}'
            case "end in quote":
                text += '"open'
            case "comment":
                text = f"# exported in May{end}{text}"
        return text.encode(self.encoding)


FORMS = [Form(*one) for one in itertools.product(DELIMITERS, ENCODINGS, ENDS, (True, False), DAMAGES)]
A_FEW = [
    Form("semicolon", "utf-16-le", "crlf", True, "whole"),
    Form("tab", "utf-8-sig", "cr", False, "short row"),
    Form("bar", "utf-32-be", "lf", True, "long row"),
    Form("comma", "utf-16", "crlf", True, "open quote"),
    Form("semicolon", "utf-8", "lf", True, "comment"),
]


def assert_read_right(folder: Path, form: Form) -> None:
    path = folder / "rows.csv"
    path.write_bytes(form.content())
    layout = layout_of(path, ReadingOptions())
    assert layout.columns == (PAIR if form.has_header else UNNAMED), form
    rows: list[tuple[object, ...]] = []
    excluded: list[int] = []
    numbers: list[int] = []
    for chunk in read(path, layout, layout.columns):
        rows += zip(*(chunk.columns[name] for name in layout.columns), strict=True)
        numbers += chunk.numbers
        excluded += [number for number, _ in chunk.excluded]
    sound = [*zip(TEXTS * 2, ["bad", "good"] * len(TEXTS), strict=True), ("naïve café schön Übung", "good")]
    is_plain = form.delimiter == "tab"  # no text needs quotation marks there, so that one is a character like others
    if form.damage == "open quote":
        sound += [('"open to the end', "bad")] if is_plain else []
        sound.append(("last", "good"))
    assert rows == sound, form
    is_whole = form.damage in ("whole", "comment") or (form.damage == "open quote" and is_plain)
    assert excluded == ([] if is_whole else [len(TEXTS) * 2 + 2]), form
    assert sorted([*numbers, *excluded]) == list(range(1, len(rows) + len(excluded) + 1)), form


@pytest.mark.parametrize("form", A_FEW, ids=lambda form: f"{form.delimiter} {form.encoding} {form.end} {form.damage}")
def test_a_few_combinations_are_read_right(tmp_path: Path, form: Form) -> None:
    assert_read_right(tmp_path, form)


@pytest.mark.nightly
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_combination_is_read_right(tmp_path: Path, encoding: str) -> None:
    wrong = []
    for form in (one for one in FORMS if one.encoding == encoding):
        try:
            assert_read_right(tmp_path, form)
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, f"{len(wrong)} of {len(FORMS) // len(ENCODINGS)}: {wrong[:3]}"
