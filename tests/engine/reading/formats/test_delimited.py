"""CSV and its relatives: found out from their content, and no row dropped silently."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.contract.errors import DatasetUnreadable
from engine.contract.settings import ReadingOptions
from engine.reading.formats import delimited
from engine.reading.formats.registry import layout_of, read


def write(folder: Path, content: str | bytes, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def rows_in(
    path: Path, options: ReadingOptions | None = None
) -> tuple[list[tuple[object, ...]], list[tuple[int, str]]]:
    layout = layout_of(path, options or ReadingOptions())
    rows, excluded = [], []
    for chunk in read(path, layout, layout.columns):
        rows.extend(zip(*(chunk.columns[name] for name in layout.columns), strict=True))
        excluded.extend(chunk.excluded)
    return rows, excluded


def reading_of(path: Path) -> ReadingOptions:
    return layout_of(path, ReadingOptions()).options


TEXTS = ["a good film", "not, really", "quite a bore", "one of the best", "so so; and long", "fine"] * 5


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("header", [True, False])
def test_delimiter_and_header_are_found(tmp_path: Path, delimiter: str, header: bool) -> None:
    output = io.StringIO()
    writer = csv.writer(output, delimiter=delimiter)
    if header:
        writer.writerow(["text", "label"])
    writer.writerows([(f"{text} {number}", "good" if number % 2 else "bad") for number, text in enumerate(TEXTS)])
    path = write(tmp_path, output.getvalue())
    options = reading_of(path)
    assert options.delimiter == delimiter
    assert options.header == ("yes" if header else "no")
    rows, excluded = rows_in(path)
    assert len(rows) == len(TEXTS)
    assert not excluded
    assert rows[1] == ("not, really 1", "good")


def test_quotation_marks_are_plain_where_they_do_not_enclose_cells(tmp_path: Path) -> None:
    lines = ['ham\tMerry "X" mas', 'spam\t"Win" a prize', 'ham\tsay "hi', "ham\tsee you"] * 10
    path = write(tmp_path, "\n".join(lines))
    assert reading_of(path).quoting == "plain"
    rows, excluded = rows_in(path)
    assert len(rows) == 40
    assert not excluded
    assert rows[2] == ("ham", 'say "hi')


def test_quotation_marks_enclose_cells_that_hold_the_delimiter(tmp_path: Path) -> None:
    path = write(tmp_path, 'text,label\n"a, ""b"", c",x\n"two\nlines",y\nplain,x\nmore,y\n')
    assert reading_of(path).quoting == "quoted"
    rows, excluded = rows_in(path)
    assert rows == [('a, "b", c', "x"), ("two\nlines", "y"), ("plain", "x"), ("more", "y")]
    assert not excluded


@pytest.mark.parametrize("own", [",", ";", "\t", "|"])
@pytest.mark.parametrize("inside", [",", ";", "|"])
@pytest.mark.parametrize("times", [1, 2, 4])
@pytest.mark.parametrize("is_text_first", [True, False])
def test_a_delimiter_that_each_text_holds_equally_often_parts_no_cell(
    tmp_path: Path, own: str, inside: str, times: int, is_text_first: bool
) -> None:
    texts = [inside.join(f"part {place} of text {row}" for place in range(times + 1)) for row in range(40)]
    wanted = [(text, "xy"[row % 2]) if is_text_first else ("xy"[row % 2], text) for row, text in enumerate(texts)]
    output = io.StringIO()
    csv.writer(output, delimiter=own, quoting=csv.QUOTE_ALL if inside != own else csv.QUOTE_MINIMAL).writerows(wanted)
    rows, excluded = rows_in(write(tmp_path, output.getvalue()))
    assert rows == wanted
    assert not excluded


@pytest.mark.parametrize("labels", [("x", "y"), ("question", "review"), ("description", "emotion"), ("id", "date")])
def test_a_class_with_the_name_of_a_column_makes_no_header(tmp_path: Path, labels: tuple[str, str]) -> None:
    wanted = [(labels[row % 2], f"the text of row {row}") for row in range(40)]
    path = write(tmp_path, "".join(f"{label},{text}\n" for label, text in wanted))
    assert rows_in(path) == (wanted, [])
    joined = write(tmp_path, ("label,text\n" + path.read_text("utf-8")) * 2, "joined.csv")
    assert reading_of(joined).header == "yes"


def test_words_numbers_and_truth_values_stay_as_written(tmp_path: Path) -> None:
    labels = ["NA", "None", "null", "nan", "007", "TRUE", "1e5", "1.0", "-", "N/A"]
    path = write(tmp_path, "text,label\n" + "".join(f"some words here {label},{label}\n" for label in labels))
    rows, _ = rows_in(path)
    assert [row[1] for row in rows] == labels


def test_ragged_rows_are_left_out_with_number_and_reason(tmp_path: Path) -> None:
    good = "".join(f"text number {number},x\n" for number in range(20))
    path = write(tmp_path, f"text,label\n{good}only one\na,b,c\nlast text,y\n")
    rows, excluded = rows_in(path)
    assert excluded == [(21, "has 1 column instead of 2"), (22, "has 3 columns instead of 2")]
    assert len(rows) == 21
    assert rows[-1] == ("last text", "y")


def test_empty_cells_behind_the_last_column_do_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path, "text,label\n" + "a text,x\n" * 10 + "another,y,,\n")
    rows, excluded = rows_in(path)
    assert rows[-1] == ("another", "y")
    assert not excluded


def test_an_open_quotation_mark_swallows_no_other_row(tmp_path: Path) -> None:
    good = "".join(f'"text, number {number}",x\n' for number in range(50))
    path = write(tmp_path, f'text,label\n{good}"an open one,y\n{good}')
    rows, excluded = rows_in(path)
    assert len(rows) == 100
    assert excluded == [(51, "has a quotation mark that never closes")]


def test_a_header_of_another_width_stays_a_header(tmp_path: Path) -> None:
    path = write(tmp_path, "text,label,\nfirst words,x\nmore words,y\n")
    assert layout_of(path, ReadingOptions()).columns == ("text", "label", "column 3")


def test_column_names_are_made_unique(tmp_path: Path) -> None:
    path = write(tmp_path, "text,label,label,\nfirst words,x,1,2\nmore words,y,3,4\n")
    assert layout_of(path, ReadingOptions()).columns == ("text", "label", "label 2", "column 4")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_understood(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path, ending.join(["text,label", "one text,x", "two texts,y", "three texts,x", ""]))
    rows, excluded = rows_in(path)
    assert len(rows) == 3
    assert not excluded


def test_line_separators_of_unicode_stay_inside_a_cell(tmp_path: Path) -> None:
    path = write(tmp_path, "text,label\none\u2028text\x0bhere,x\ntwo\x85texts,y\nthree texts,x\n")
    rows, excluded = rows_in(path)
    assert rows[0] == ("one\u2028text\x0bhere", "x")
    assert len(rows) == 3
    assert not excluded


def test_a_field_of_ten_million_characters_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "text,label\nshort text,x\n" + "a" * 10_000_000 + ",y\n")
    rows, _ = rows_in(path)
    assert [len(str(row[0])) for row in rows] == [10, 10_000_000]


def test_what_the_user_chose_is_not_guessed_again(tmp_path: Path) -> None:
    path = write(tmp_path, "a;b,c\nd;e,f\n")
    options = layout_of(path, ReadingOptions(delimiter=";", header="no", quoting="plain")).options
    assert (options.delimiter, options.header, options.quoting) == (";", "no", "plain")


ENCODED = "text,label\nGrüße aus Köln und Straßburg,de\nC'est déjà l'été à Genève,fr\nplain words here,en\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    content = ("\ufeff" if encoding in ("utf-16-le", "utf-16-be") else "") + ENCODED
    layout = layout_of(write(tmp_path, content.encode(encoding)), ReadingOptions())
    rows, _ = rows_in(tmp_path / "rows.csv")
    assert rows[0] == ("Grüße aus Köln und Straßburg", "de")
    assert layout.columns == ("text", "label")
    assert not layout.notes


def test_utf16_without_a_mark_is_found(tmp_path: Path) -> None:
    rows, _ = rows_in(write(tmp_path, ENCODED.encode("utf-16-le")))
    assert rows[1] == ("C'est déjà l'été à Genève", "fr")


def test_an_old_encoding_is_never_taken_silently(tmp_path: Path) -> None:
    path = write(tmp_path, (ENCODED * 5).encode("cp1252"))
    layout = layout_of(path, ReadingOptions())
    assert "not UTF-8" in layout.notes[0]
    rows, _ = rows_in(path)
    assert rows[0] == ("Grüße aus Köln und Straßburg", "de")


def test_a_row_with_bytes_that_are_no_characters_is_left_out(tmp_path: Path) -> None:
    good = "Grüße, Köln und Straßburg,de\n".replace(",", ";").replace(";de", ",de") * 40
    path = write(tmp_path, b"text,label\n" + good.encode() + b"broken \xff\xfe bytes,en\n" + good.encode())
    rows, excluded = rows_in(path)
    assert len(rows) == 80
    assert excluded == [(41, "has characters that cannot be read")]


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnreadable) as caught:
        layout_of(write(tmp_path, ENCODED), ReadingOptions(encoding="klingon"))
    assert caught.value.id == "D1"


cells = st.text(alphabet=st.sampled_from('ab ,;"\t\n\r.'), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=30))
def test_what_a_csv_writer_wrote_is_read_back(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("text", "label"), *rows])
    options = ReadingOptions(format="csv", encoding="utf-8", delimiter=",", quoting="quoted", header="yes")
    assert rows_in(path, options) == (rows, [])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.text(alphabet=st.sampled_from('ab ,"'), min_size=1, max_size=10), min_size=1, max_size=30))
def test_every_row_of_any_file_is_accounted_for(tmp_path: Path, lines: list[str]) -> None:
    path = write(tmp_path, "text,label\n" + "\n".join(lines) + "\n")
    options = ReadingOptions(format="csv", encoding="utf-8", delimiter=",", quoting="quoted", header="yes")
    layout = layout_of(path, options)
    numbers: Counter[int] = Counter()
    for chunk in read(path, layout, layout.columns):
        numbers.update(chunk.numbers)
        numbers.update(number for number, _ in chunk.excluded)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert set(numbers.values()) <= {1}
    # A row takes one line, or several where quotation marks enclose a line end.
    assert len(numbers) <= len(lines)
    enclosed = sum(line.count('"') for line in lines)
    assert len(numbers) == len(lines) or enclosed >= 2


def test_a_backslash_before_a_quotation_mark_keeps_it_in_its_cell(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [f'"She said \\"no, {n}\\" on C:\\new","{"ab"[n % 2]}"' for n in range(12)]
    path.write_text(
        "\n".join(['"text","label"', *rows, '"ends in a backslash \\\\","a"', '"and ""doubled"" ones","b"'])
    )
    layout = layout_of(path, ReadingOptions())
    assert (layout.options.quoting, layout.options.header) == ("escaped", "yes")
    (chunk,) = read(path, layout, ("text", "label"))
    assert chunk.excluded == []
    assert chunk.columns["text"][0] == 'She said "no, 0" on C:\\new'
    assert chunk.columns["text"][-2:] == ["ends in a backslash \\", 'and "doubled" ones']
    assert chunk.columns["label"] == [*"ab" * 6, "a", "b"]


def test_backslashes_in_other_files_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(['"text","label"', *(f'"in C:\\dir\\","{"ab"[n % 2]}"' for n in range(12))]))
    layout = layout_of(path, ReadingOptions())
    assert layout.options.quoting == "quoted"
    (chunk,) = read(path, layout, ("text",))
    assert set(chunk.columns["text"]) == {"in C:\\dir\\"}


def test_cells_between_apostrophes_lose_them_and_keep_what_is_inside(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [f"'great, really number {n}','pos'\n'it''s awful {n}','neg'" for n in range(6)]
    path.write_text("text,label\n" + "\n".join(rows))
    layout = layout_of(path, ReadingOptions())
    assert (layout.options.quoting, layout.options.header) == ("single", "yes")
    (chunk,) = read(path, layout, ("text", "label"))
    assert chunk.excluded == []
    assert chunk.columns["text"][:2] == ["great, really number 0", "it's awful 0"]
    assert set(chunk.columns["label"]) == {"pos", "neg"}


def test_apostrophes_of_a_language_are_plain_characters(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(
        "text,label\n" + "\n".join(f"'tis {n} o'clock, isn't it,neg\n'good'; they said,pos" for n in range(6))
    )
    assert layout_of(path, ReadingOptions()).options.quoting != "single"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "odd", ["", "a,b,c", "only one", "x,,", '"two\nlines",b', '"open,b', "caf\udce9,b", "\N{PILE OF POO},b", "\0,b"]
)
def test_rows_that_are_split_together_are_those_that_are_split_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str, ending: str
) -> None:
    """Numbers, lines, cells and reasons are the same, wherever the odd line lies among plain ones."""
    lines = ["text,label", *(f"row {number},{number % 3}" for number in range(300))]
    for place in (1, 64, 65, 129, 200):
        lines.insert(place, odd)
    path = tmp_path / "rows.csv"
    path.write_bytes(ending.join(lines).encode("utf-8", "surrogateescape"))
    layout = layout_of(path, ReadingOptions(delimiter=",", header="yes", encoding="utf-8", quoting="quoted"))

    def rows() -> list[tuple[int, int, object]]:
        found: list[tuple[int, int, object]] = []
        for chunk in read(path, layout, ("label", "text")):
            cells = zip(*(chunk.columns[name] for name in layout.columns), strict=True)
            found += [(number, chunk.lines[number], row) for number, row in zip(chunk.numbers, cells, strict=True)]
            found += [(number, chunk.lines[number], reason) for number, reason in chunk.excluded]
        return sorted(found, key=lambda row: row[0])

    together = rows()
    monkeypatch.setattr(delimited, "_plain_rows", lambda *_: [])
    assert together == rows()
    assert len(together) >= 300
