"""Sees the tests of docs/faults.md red: removes a guard that acts in them, row by row, in a copy of the program.

    python -m tests.benchmarks.guards_of_faults RESULTS [--rows A1 M3 ...] [--tries 5] [--minutes 4]
    python -m tests.benchmarks.guards_of_faults RESULTS --write        puts what was seen into docs/faults.md

Rows without a day under “seen red” are tried, unless they are named. First every guard of engine and gui takes notes
while the tests of these rows run once; removed_guards.py has what a guard is, and how nothing outside a temporary
folder can be changed. Then the guards that act in a row's tests are removed one at a time, those that act in the fewest
rows first, until one of its tests is red. RESULTS has a line for each row; rows that are in it are not tried again.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.removed_guards import (
    HANGS,
    LEFT_OUT,
    NOTES,
    ROOT,
    Site,
    copy_of_the_program,
    run_tests,
    sites_in,
    with_notes,
)
from tests.fault_catalogue import PAGE, Row, rows

KINDS = ("raise", "call", "if")  # in this order: an error that is shown is what most rows ask for
NOT_SEEN = "–"


def every_site() -> list[Site]:
    """Every guard of the engine and the window."""
    found = []
    for top in ("engine", "gui"):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name not in LEFT_OUT:
                # A function within another is met twice.
                found += list({site.start: site for site in sites_in(name, path.read_bytes())}.values())
    return found


def acting(work: Path, every: list[Site], chosen: list[Row], seconds: float) -> dict[str, list[int]]:
    """By the id of each row the numbers of the guards that act in its tests, the most particular first."""
    copy = work / "copy"
    (copy / "engine" / "guard_notes.py").write_text(NOTES, "utf-8")
    whole = {name: (copy / name).read_bytes() for name in {site.file for site in every}}
    for name, source in whole.items():
        here = [(number, site) for number, site in enumerate(every) if site.file == name]
        (copy / name).write_bytes(with_notes(source, here))
    by_row: dict[str, set[int]] = {}
    for row in chosen:
        notes = work / "notes"
        notes.unlink(missing_ok=True)
        print(f"{row.id}: {run_tests(work, _tests(row), seconds, stops=False) or 'passed'}", flush=True)
        lines = notes.read_text("utf-8").splitlines() if notes.exists() else []
        by_row[row.id] = {int(line.partition("\t")[0]) for line in lines}
    for name, source in whole.items():
        (copy / name).write_bytes(source)
    (copy / "engine" / "guard_notes.py").unlink()  # of this script's own copy
    spread = {number: sum(number in met for met in by_row.values()) for met in by_row.values() for number in met}
    return {
        id: sorted(met, key=lambda number: (spread[number], KINDS.index(every[number].kind), number))
        for id, met in by_row.items()
    }


def _tests(row: Row) -> list[str]:
    return [f"tests/{test}" for test in row.tests]


def write(results: Path) -> None:
    """Puts the days into the page."""
    seen = {line["row"]: line["day"] for line in _lines(results) if line["red"]}
    text = PAGE.read_text("utf-8").splitlines(keepends=True)
    for place, line in enumerate(text):
        found = re.match(r"\| ([A-Z]\d+) \|", line)
        if found and found[1] in seen and line.endswith(f"| {NOT_SEEN} |\n"):
            text[place] = line.removesuffix(f"| {NOT_SEEN} |\n") + f"| {seen[found[1]]} |\n"
    PAGE.write_text("".join(text), "utf-8")


def _lines(results: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in results.read_text("utf-8").splitlines()] if results.exists() else []


def main() -> int:
    """Prints a line for each guard that was removed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--rows", nargs="*")
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=4.0, help="for the tests of one row")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.write:
        write(options.results)
        return 0
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        print("This needs a mount namespace of its own, which this user may not make.", file=sys.stderr)
        return 2
    done = {line["row"] for line in _lines(options.results)}
    chosen = [
        row
        for row in rows()
        if row.tests and row.id not in done and (row.id in options.rows if options.rows else row.seen_red == NOT_SEEN)
    ]
    every = every_site()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        copy_of_the_program(work)
        met = acting(work, every, chosen, options.minutes * 60)
        for row in chosen:
            red = ""
            for number in met[row.id][: options.tries]:
                site = every[number]
                path = work / "copy" / site.file
                whole = path.read_bytes()
                path.write_bytes(whole[: site.start] + site.instead.encode() + whole[site.end :])
                found = run_tests(work, _tests(row), options.minutes * 60)
                path.write_bytes(whole)
                red = found if "::" in found and found != HANGS else ""
                print(f"{row.id} {site.file}:{site.line} {site.kind}: {site.code} → {found or 'GREEN'}", flush=True)
                if red:
                    break
            line = {"row": row.id, "red": red, "day": f"{datetime.now(UTC):%Y-%m-%d}"}
            if red:
                line |= {"guard": f"{site.file}:{site.line}", "code": site.code}
            with options.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        shutil.rmtree(work / "tmp", ignore_errors=True)  # of this script's own folder
    return 0


if __name__ == "__main__":
    sys.exit(main())
