"""Every error id of the program with where it is raised: `python -m tests.error_ids` writes docs/errors.md anew."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.paths import ROOT
from tests.structure import modules, parsed

TABLE = ROOT / "docs" / "errors.md"
KINDS = re.compile(r"^[AMDTCEXQ]\d+$")


def error_ids(root: Path = ROOT) -> dict[str, set[str]]:
    """The modules that name each id as a whole string, by id."""
    found: dict[str, set[str]] = {}
    for name, path in modules(root).items():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KINDS.match(node.value):
                found.setdefault(node.value, set()).add(name)
    return found


def written() -> str:
    """The page."""
    areas = {
        "A": "the program itself",
        "M": "models",
        "D": "data",
        "T": "training",
        "C": "what lies on disk",
        "E": "evaluation and export",
        "X": "export targets",
        "Q": "security",
    }
    lines = [
        "# Error ids",
        "",
        "An id is in a message, a log line and a test, so that the three can be matched. The letter is the area:",
        ", ".join(f"{letter} {area}" for letter, area in areas.items()) + ".",
        "Written by `python -m tests.error_ids`; a test compares it with the code.",
        "",
        "| id | named in |",
        "|---|---|",
    ]
    ids = error_ids()
    for identity in sorted(ids, key=lambda one: (one[0], int(one[1:]))):
        places = ", ".join(f"`{name.replace('.', '/')}.py`" for name in sorted(ids[identity]))
        lines.append(f"| {identity} | {places} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(written(), encoding="utf-8")
