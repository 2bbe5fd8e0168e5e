"""The pages for those who carry on name files that exist, and list every error id."""

from __future__ import annotations

import re

import pytest

from tests.error_ids import TABLE, written
from tests.fault_catalogue import COUNTS, Row, rows, stages_of
from tests.paths import ROOT

PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))))


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    new = {path for line in text.splitlines() if "(new)" in line for path in re.findall(r"`([\w./]+)`", line)}
    named = set(re.findall(r"`((?:engine|gui|tests|docs|resources)/[\w./]+)`", text)) - new
    missing = {path for path in named if "NAME" not in path and not (ROOT / path.rstrip("/")).exists()}
    assert named
    assert not missing


GUIDE = sorted((ROOT / "resources" / "guide").rglob("*.md"))
LINKING = ("README.md", *(path.relative_to(ROOT).as_posix() for path in GUIDE))


@pytest.mark.parametrize("page", LINKING)
def test_every_link_and_picture_of_the_readme_and_the_guide_exists(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (ROOT / page).read_text("utf-8"))
    here = (ROOT / page).parent
    assert links
    assert not [link for link in links if not (here / link).is_file()]


def test_the_readme_stays_a_page_that_is_read_at_once() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text) < 12_000
    measured = text.partition("## Measured")[2].partition("## ")[0]
    assert len(re.findall(r"(?m)^\| (?!what \|)", measured)) <= 10, "the other figures are in docs/measured.md"
    assert text.count("![") == 1


def test_the_table_of_error_ids_is_that_of_the_code() -> None:
    assert TABLE.read_text("utf-8") == written(), "run python -m tests.error_ids"


def test_the_catalogue_of_faults_has_every_row_once() -> None:
    assert [row.id for row in rows()] == [
        f"{area}{number + 1}" for area, count in COUNTS.items() for number in range(count)
    ]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.id)
def test_every_fault_has_tests_that_exist_or_a_reason(row: Row) -> None:
    assert row.tests or len(row.reason) > 10
    assert row.stages == (", ".join(stages_of(row.tests)) or "–")
    assert re.fullmatch(r"–|20\d\d-\d\d-\d\d", row.seen_red)
