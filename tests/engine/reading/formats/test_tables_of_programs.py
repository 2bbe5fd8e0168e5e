"""Tables as R, Python, YAML and joined exports have them: every row is read, or what the file is is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.contract.settings import FileRows
from engine.preparing.inspection import inspect
from tests.builders_data import ignore
from tests.engine.preparing.inspected import Expected, differences
from tests.engine.reading.sources_on_disk import workbook_bytes

LABELS = ("fine", "bad")
ROWS = [(f"Lamp {n} came whole and late, Zoë said", LABELS[n % 2]) for n in range(40)]
READ = Expected(roles={"text": "text", "label": "label"}, used=40, labels={"fine": 20, "bad": 20})


def lines(head: str, row: str) -> Callable[[], str]:
    return lambda: head + "".join(row.format(n=n, text=text, label=label) for n, (text, label) in enumerate(ROWS))


def below_labels() -> str:
    return "".join(f"{one}:\n" + "".join(f"  - '{text}'\n" for text, label in ROWS if label == one) for one in LABELS)


TABLES: dict[str, Callable[[], str]] = {
    "R with names of rows": lines('"text" "label"\n', '"{n}" "{text}" "{label}"\n'),
    "R without names of rows": lines('"text" "label"\n', '"{text}" "{label}"\n'),
    "R with numbers": lines('"label" "text" "price"\n', '"{n}" "{label}" "{text}" {n}.5\n'),
    "R with marks in its texts": lines('"text" "label"\n', '"{n}" "\\"{text}\\" they say" "{label}"\n'),
    "dicts as Python prints them": lines("", "{{'text': '{text}', 'label': '{label}'}}\n"),
    "YAML": lines("# our rows\n", "- text: '{text}'\n  label: {label}\n"),
    "YAML below a key": lines("rows:\n", "  - text: {text}\n    label: {label}\n"),
    "YAML with folded texts": lines("---\n", "- label: {label}\n  text: >\n    {text}\n    to me\n"),
    "YAML by label": below_labels,
    "texts with commas, last": lines("label,text\n", "{label},{text}, and so, what {n}\n"),
    "texts with commas, first": lines("text;label\n", "{text}; really;{label}\n"),
    "a rare sign": lines("text~label\n", "{text}~{label}\n"),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_read(tmp_path: Path, name: str) -> None:
    content = TABLES[name]()
    if name.startswith("texts with commas"):  # not as many in each
        content = content.replace("; really;bad", ";bad").replace("came whole and late", "came, late,", 9)
    (tmp_path / "rows.txt").write_text(content, "utf-8")
    assert differences(inspect(FileRows(str(tmp_path / "rows.txt")), ignore, scratch=tmp_path), READ) == {}


def test_values_of_yaml_stay_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text(
        "".join(f"- text: {text}\n  label: {('yes', 'no')[n % 2]}\n" for n, (text, _) in enumerate(ROWS)), "utf-8"
    )
    found = inspect(FileRows(str(tmp_path / "rows.yaml")), ignore, scratch=tmp_path)
    assert found.labels == {"yes": 20, "no": 20}


@pytest.mark.parametrize(
    "content",
    [
        "- &a {text: one two, label: x}\n" + "- *a\n" * 40,
        "- a: " + "[" * 30 + "]" * 30 + "\n" + "- a: b c\n" * 40,
        "".join(f"- lamp {n}: it came late, Zoë said\n" for n in range(40)),
    ],
    ids=["an alias", "nested deeply", "sentences with a colon"],
)
def test_other_lists_are_no_rows_of_yaml(tmp_path: Path, content: str) -> None:
    (tmp_path / "rows.txt").write_text(content, "utf-8")
    found = inspect(FileRows(str(tmp_path / "rows.txt")), ignore, scratch=tmp_path)
    assert found.format != "jsonl"
    assert found.error is not None


@pytest.mark.parametrize("mark", ['"', ""])  # lines with nothing special are split together
def test_a_header_that_comes_again_is_no_row(tmp_path: Path, mark: str) -> None:
    part = [f"{mark}{text.replace(',', '')}{mark},{label}" for text, label in ROWS]
    (tmp_path / "rows.csv").write_text("\n".join(["text,label", *part[:20], "text,label", *part[20:], ""]), "utf-8")
    found = inspect(FileRows(str(tmp_path / "rows.csv")), ignore, scratch=tmp_path)
    expected = Expected(roles=READ.roles, used=40, excluded={"repeats the header": 1}, labels=READ.labels)
    assert differences(found, expected) == {}


@pytest.mark.parametrize("sign", ["\t", " "])
@pytest.mark.parametrize("names", [("word", "tag"), ("Token", "POS", "NER")])
@pytest.mark.parametrize("blank", [False, True])
def test_names_above_words_are_no_word(tmp_path: Path, sign: str, names: tuple[str, ...], blank: bool) -> None:
    words = [("Anna", "NNP", "B-PER"), ("sings", "VBZ", "O"), ("in", "IN", "O"), ("Graz", "NNP", "B-LOC")]
    kept = [[cells[0], *cells[-(len(names) - 1) :]] for cells in words]
    lines = [sign.join(cells) for cells in kept]
    sentences = ["\n".join([*lines, sign.join([str(n), *kept[1][1:]]), "\n"]) for n in range(40)]
    (tmp_path / "rows.conll").write_text(sign.join(names) + "\n" + "\n" * blank + "".join(sentences), "utf-8")
    found = inspect(FileRows(str(tmp_path / "rows.conll")), ignore, scratch=tmp_path)
    assert (found.rows_used, found.words, found.entities) == (40, 200, {"PER": 40, "LOC": 40})


def test_rows_that_all_have_more_columns_are_named_as_the_cause(tmp_path: Path) -> None:
    rows = "".join(f"{label},lamp {n},{n},x\n" for n, (_, label) in enumerate(ROWS))
    (tmp_path / "rows.csv").write_text(f"label,text\n{rows}", "utf-8")
    found = inspect(FileRows(str(tmp_path / "rows.csv")), ignore, scratch=tmp_path)
    assert found.error is not None
    assert found.error.id == "D10"
    assert "has 4 columns instead of 2" in found.error.sentence


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("From a@b.example Mon Nov 30 10:00:00 2026\nhello\n\n" * 9, "e-mail"),
        ('[[rows]]\ntext = "a"\nlabel = "x"\n\n' * 9, "configuration file"),
        ("\\begin{tabular}{ll}\ntext & label \\\\\n" + "a & b \\\\\n" * 9, "LaTeX"),
        ("+1 1:0.3 7:0.25\n-1 2:1 9:1e-3\n" * 9, "numbered features"),
    ],
)
def test_files_without_rows_are_refused_by_name(tmp_path: Path, content: str, what: str) -> None:
    (tmp_path / "rows.txt").write_text(content, "utf-8")
    found = inspect(FileRows(str(tmp_path / "rows.txt")), ignore, scratch=tmp_path)
    assert found.error is not None
    assert found.error.id == "D11"
    assert what in found.error.sentence


def test_a_row_with_names_of_groups_is_above_the_header(tmp_path: Path) -> None:
    rows = [[n, text.split()[0], text, label] for n, (text, label) in enumerate(ROWS)]
    sheet = [["", "Review", "", "Answer"], ["id", "title", "text", "label"], *rows]
    (tmp_path / "rows.xlsx").write_bytes(workbook_bytes({"Sheet1": sheet}))
    found = inspect(FileRows(str(tmp_path / "rows.xlsx")), ignore, scratch=tmp_path)
    assert differences(found, READ) == {}


def test_of_several_sheets_with_rows_it_is_reported_which_one_is_read(tmp_path: Path) -> None:
    head = ["text", "label"]
    (tmp_path / "rows.xlsx").write_bytes(
        workbook_bytes({"May": [head, *map(list, ROWS)], "June": [head, *map(list, ROWS[:20])]})
    )
    found = inspect(FileRows(str(tmp_path / "rows.xlsx")), ignore, scratch=tmp_path)
    expected = Expected(roles=READ.roles, used=40, finding_sentence="“May” is read, one of 2 sheets")
    assert differences(found, expected) == {}
