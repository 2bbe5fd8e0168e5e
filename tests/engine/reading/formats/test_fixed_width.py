"""Tables whose columns are filled up with spaces: read where their places are certain, else refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing.inspection import inspect
from engine.reading.formats.fixed_width import rows_of
from engine.reading.formats.rows_as_objects import PROBLEM
from tests.builders_data import ignore
from tests.engine.preparing.inspected import Expected, differences

TEXTS = [f"Lamp {n} came late, Zoë said{' and again' * (n % 7 == 3)}" for n in range(40)]
ROWS = [(1_000 + n, text, ("fine", "bad")[n % 2]) for n, text in enumerate(TEXTS)]
WIDTH = 2 + max(map(len, TEXTS))
LABELS = {"fine": 20, "bad": 20}
READ = Expected(
    roles={"text": "text", "label": "label"}, used=40, labels=LABELS, findings=("reading.note.fixed_width",)
)
HEAD = f"{'id':<7}{'text':<{WIDTH}}label\n"
LINES = "".join(f"{n:<7}{text:<{WIDTH}}{label}\n" for n, text, label in ROWS)
TABLES = {
    "to the left": HEAD + LINES,
    "a rule below the names": f"{HEAD}{'-' * 6} {'-' * (WIDTH - 1)} -----\n{LINES}",
    "to the right, as pandas prints": f"{'':4}{'text':>{WIDTH}}{'label':>7}\n"
    + "".join(f"{n:<4}{text:>{WIDTH}}{label:>7}\n" for n, text, label in ROWS),
    "one space between the columns": f"{'label':<5} {'text':<{WIDTH}}date\n"
    + "".join(f"{label:<5} {text:<{WIDTH}}2026-11-30\n" for _, text, label in ROWS),
    "a text last": f"{'label':<8}text\n" + "".join(f"{label:<8}{text}\n" for _, text, label in ROWS),
    "several spaces, at other places": "id  text  label\n" + "".join("  ".join(map(str, row)) + "\n" for row in ROWS),
    "a column that is mostly empty": f"{'text':<{WIDTH}}{'note':<6}label\n"
    + "".join(f"{text:<{WIDTH}}{'seen' * (n % 9 == 0):<6}{label}\n" for n, text, label in ROWS),
}


def look(folder: Path, content: str, expected: Expected) -> dict[str, tuple[object, object]]:
    (folder / "rows.txt").write_text(content, "utf-8")
    return differences(inspect(FileRows(str(folder / "rows.txt")), ignore, scratch=folder), expected)


@pytest.mark.parametrize("content", TABLES.values(), ids=list(TABLES))
def test_a_table_of_fixed_width_is_read(tmp_path: Path, content: str) -> None:
    assert look(tmp_path, content, READ) == {}


def test_a_table_without_names_is_read(tmp_path: Path) -> None:
    roles: dict[str, str | list[str]] = {"text": "column 2", "label": "column 3"}
    expected = Expected(roles=roles, used=40, labels=LABELS)
    assert look(tmp_path, LINES, expected) == {}
    longer = "".join(f"{n:<7}{text + '   (again)' * (n == 1_003):<{WIDTH + 10}}{label}\n" for n, text, label in ROWS)
    assert look(tmp_path, longer, expected) == {}  # three spaces before what only one text has


def test_a_line_of_hyphens_has_the_places_of_the_columns(tmp_path: Path) -> None:
    head = f"{'Wie':<4} {'Text der Frage':<{WIDTH}} Nr.\n{'-' * 4} {'-' * WIDTH} ----\n"
    lines = "".join(f"{label:<4} {text:<{WIDTH}} {n}\n" for n, text, label in ROWS)
    roles: dict[str, str | list[str]] = {"text": "Text der Frage", "label": "Wie"}
    assert look(tmp_path, head + lines, Expected(roles=roles, used=40, labels=LABELS)) == {}


def test_a_line_that_runs_over_its_columns_is_excluded_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text(HEAD + LINES * 200 + f"{7:<7}{'x' * WIDTH}xxxx bad\n", "utf-8")
    found = rows_of(path, ReadingOptions())
    assert found is not None
    assert [row["text"] for row in found.tables[""]()][:2] == TEXTS[:2]
    path.write_text("  " + HEAD.replace("\n", "\n  ") + LINES.replace("\n", "\n  ") * 2_000 + "\n" * 9, "utf-8")
    found = rows_of(path, ReadingOptions())
    assert found is not None
    with path.open("a", encoding="utf-8") as file:
        file.write(f"a {7:<7}{'short':<{WIDTH}}bad\n  {7:<7}{'x' * WIDTH}xxxx bad\n")
    rows = list(found.tables[""]())
    assert [PROBLEM in row for row in rows[-3:]] == [False, True, True]
    assert len(rows) == 80_002


def test_columns_that_cannot_be_distinguished_are_refused_by_name(tmp_path: Path) -> None:
    moved = "".join(f"{' ' * (n % 5)}{n}  {text}{'  ' * (n % 3)}  {label}  \n" for n, text, label in ROWS)
    crowded = "".join(f"{n}  {text} {label}\n" for n, text, label in ROWS)
    for rows in (moved.replace(" said", " said  so") * 2, crowded):
        expected = Expected(task="", error="D11", sentence="a table of fixed width")
        assert look(tmp_path, f"id  text  label\n{rows}", expected) == {}


@pytest.mark.parametrize(
    "content",
    [
        "".join(f"{text}.  It was so.\n" for text in TEXTS),  # two spaces behind a full stop
        "".join(f"{label} {text}\n" for _, text, label in ROWS),
        "".join(f"{word:<9}{tag}\n" for word, tag in [("Anna", "B-PER"), ("sings", "O"), ("well", "O")] * 20),
        "".join(f"| {n:<7} | {text:<{WIDTH}} | {label} |\n" for n, text, label in ROWS),
        LINES[: 9 * (WIDTH + 7)],
    ],
    ids=["prose", "a label and a text", "words with tags", "a table with signs", "few lines"],
)
def test_other_texts_are_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "rows.txt").write_text(content, "utf-8")
    assert rows_of(tmp_path / "rows.txt", ReadingOptions()) is None
