"""The table of task × family × artefact: what a nightly run of test_artefact_matrix.py left.

    python -m tests.engine.exporting.artefact_matrix RESULTS docs/artefacts.md [COMMIT]

Such a run leaves its results in the file that TUNEWRIGHT_ARTEFACT_RESULTS names.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tests.paths import ROOT

NOT_RUN, PROVEN, REFUSED, SKIPPED, FAILED = "not run", "proven", "refused", "skipped", "failed"
COLUMNS = (
    "ONNX, fp32",
    "ONNX, int8",
    "predict.py",
    "HTTP service",
    "page in Node.js",
    "page in Chromium",
    "transformers.js",
)


class Cell(NamedTuple):
    """What came of each column, with the reason after a colon where it is not proven."""

    family: str
    task: str
    found: Mapping[str, str]
    seconds: float


def word_of(found: str) -> str:
    """What the table shows of it."""
    word = found.partition(":")[0]
    return f"**{word}**" if word == FAILED else word


def keep(cell: Cell, path: Path) -> None:
    """Adds the cell to the results of before."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(cell._asdict()) + "\n")


def table(results: Path, commit: str, expected: Sequence[tuple[str, str]]) -> str:
    """Family and task down, artefact across, counts above, reasons below; what has no result reads “not run”."""
    lines = results.read_text("utf-8").splitlines() if results.is_file() else []
    cells = {(cell.family, cell.task): cell for cell in (Cell(**json.loads(line)) for line in lines)}
    rows, counts = [], Counter[str]()
    reasons: dict[str, list[str]] = {}
    for family, task in expected:
        cell = cells.get((family, task))
        found = [cell.found.get(column, NOT_RUN) if cell else NOT_RUN for column in COLUMNS]
        counts.update(one.partition(":")[0] for one in found)
        rows.append(f"| {family} | {task} | " + " | ".join(map(word_of, found)) + " |")
        for column, one in zip(COLUMNS, found, strict=True):
            if one.partition(":")[0] in (REFUSED, SKIPPED, FAILED):
                reasons.setdefault(f"{column}, {one}", []).append(f"{family} ({task})")
    counted = ", ".join(f"{counts[word]} {word}" for word in (PROVEN, REFUSED, SKIPPED, FAILED, NOT_RUN))
    out = [
        "# Families, tasks and artefacts",
        "",
        f"Written by `tests/engine/exporting/artefact_matrix.py` on {datetime.now(UTC):%Y-%m-%d} at commit {commit}:",
        "each line is a small network with random weights from the family's configuration and a tokenizer of its own",
        "kind, exported and asked in clean processes, one text at a time and 32 at a time. The folder for transformers",
        f"is in `families.md`. Of {len(rows) * len(COLUMNS)} cells: {counted}.",
        "Answers of a random network of 16 dimensions are close to each other: where 8 bits change one of eleven, int8",
        "and what needs it are refused by name. Real models are in `measured.md`.",
        "",
        "| family | task | " + " | ".join(COLUMNS) + " |",
        "|---" * (len(COLUMNS) + 2) + "|",
        *rows,
    ]
    listed = [f"- {reason}: {', '.join(places)}" for reason, places in reasons.items()]
    return "\n".join([*out, *(["", *listed] if listed else [])]) + "\n"


if __name__ == "__main__":
    from tests.engine.exporting.test_artefact_matrix import FAMILIES_AND_TASKS

    results, target, *at = sys.argv[1:]
    head = ["git", "rev-parse", "--short", "HEAD"]
    commit = at[0] if at else subprocess.run(head, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    Path(target).write_text(table(Path(results), commit, FAMILIES_AND_TASKS), "utf-8")
