"""The tests that docs/faults.md names, and at which stage each of them runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import NamedTuple

from tests.paths import ROOT

PAGE = ROOT / "docs" / "faults.md"
COUNTS = {"A": 10, "M": 16, "D": 21, "T": 20, "C": 15, "E": 4, "X": 8, "Q": 6}  # rows of each area
STAGES = ("ordinary", "nightly", "release")


class Row(NamedTuple):
    """A fault: its id, the tests as `file::name`, the sentence beside them, the stages and when it was seen red."""

    id: str
    tests: tuple[str, ...]
    reason: str
    stages: str
    seen_red: str


def rows() -> list[Row]:
    """The rows of the page, in their order."""
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if re.fullmatch(r"[A-Z]\d+", cells[0]):
            tests = tuple(re.findall(r"`([\w/]+\.py::\w+)`", cells[2]))
            reason = re.sub(r"`[\w/]+\.py::\w+`(<br>)?", "", cells[2])
            found.append(Row(cells[0], tests, reason, cells[3], cells[4]))
    return found


def stages_of(tests: Iterable[str]) -> list[str]:
    """The stages at which these tests run; `KeyError` for one that does not exist."""
    found = {_stage(*test.split("::")) for test in tests}
    return [stage for stage in STAGES if stage in found]


def _stage(file: str, name: str) -> str:
    path = ROOT / "tests" / file
    if not path.is_file():
        raise KeyError(f"{file}::{name}")
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            # A mark among the parameters is that of some of them; the others run with every test.
            marks = {ast.unparse(decorator) for decorator in node.decorator_list}
            for part in tree.body:
                if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "pytestmark":
                    marks.add(ast.unparse(part.value))
            return next((stage for stage in STAGES[1:] if f"pytest.mark.{stage}" in marks), STAGES[0])
    raise KeyError(f"{file}::{name}")
