"""Removes guards of the engine one at a time in a copy of the program, and counts how many turn a test red (G13).

    python -m tests.benchmarks.removed_guards [--seed 20] [--count 60] [--minutes 8] [--list] [--json FILE]

Drawn by the seed, which is printed, from three kinds of sites in loading, hub, reading, preparing and workspace:

    raise    `raise` of an error that is shown to the user, which becomes `pass`
    if       an `if` without an `else` that leaves its block, whose condition becomes False
    call     a lock, a sync or a rename on its own line, which becomes `pass`

First all guards stay in their place and take notes: the tests of these rooms, and those of the engine that name one,
run once, and each drawn guard writes down the tests in which it acted (its error was raised, its condition was true,
its call was made). Only these tests can see it go, so only they are run without it, and then the files they are in; a
guard that acts in no test is green at once. What takes longer than the limit decides nothing and is named. A test that
is red with every guard in its place, such as one that needs another user, is left out. With `--json` the notes are kept
beside FILE, and a guard whose line is in FILE is not tried again.

Nothing is ever deleted or renamed outside a temporary folder: functions that remove files or folders are left out by
their code (`DELETES`), as are the modules of the trash and of leftovers; HOME, TMPDIR and the copy lie in the temporary
folder; and the tests run in a mount namespace in which everything else is read-only. Without the right to make one
(root on Linux) the script refuses to run.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("loading", "hub", "reading", "preparing", "workspace")
LEFT_OUT = {
    "engine/workspace/trash.py": "moves folders of runs",
    "engine/workspace/leftovers.py": "removes folders",
    "engine/workspace/checkpoint_relocation.py": "moves folders of checkpoints",
    "engine/workspace/file_operations.py": "removes and renames for everybody",
    "engine/reading/sources/unpacking.py": "removes its scratch folder",
}
DELETES = frozenset(
    {
        "rmtree",
        "remove",
        "unlink",
        "rmdir",
        "remove_file",
        "remove_folder",
        "remove_tree",
        "move",
        "truncate",
        "removedirs",
    }
)
CALLS = frozenset({"fsync", "flock", "lockf", "locking", "replace", "rename", "sync_folder", "sync_file", "fdatasync"})
LEAVES = (ast.Raise, ast.Return, ast.Continue, ast.Break)


HANGS = "hangs"
MOST_MEMORY_KB = 16_000_000  # of address space: a guard may be the one against a file without an end
LONGEST_TEST_S = 120
FILES_AT_ONCE = 10
MOST_TESTS = 100  # of those in which a guard acts; their files are run afterwards in any case


class Site(NamedTuple):
    """One guard: where it is, what kind it is, and what is there without it."""

    file: str
    line: int
    kind: str
    code: str
    start: int  # of the bytes that are replaced
    end: int
    instead: str


def sites(root: Path) -> list[Site]:
    """Every guard that may be removed, in the order of the files."""
    found = []
    for room in ROOMS:
        for path in sorted((root / "engine" / room).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if name not in LEFT_OUT:
                found += list(sites_in(name, path.read_bytes()))
    return found


def sites_in(name: str, source: bytes) -> Iterator[Site]:
    """The guards of one file."""
    tree = ast.parse(source)
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def place(line: int, column: int) -> int:
        return starts[line - 1] + column

    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or _calls(function) & DELETES:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.FunctionDef) and node is not function:
                continue
            found = _removed(node)
            if found is None:
                continue
            kind, part, instead = found
            start, end = place(part.lineno, part.col_offset), place(part.end_lineno or 0, part.end_col_offset or 0)
            code = " ".join(source[start:end].decode("utf-8").split())
            yield Site(name, part.lineno, kind, code[:90], start, end, instead)


def _removed(node: ast.AST) -> tuple[str, ast.expr | ast.stmt, str] | None:
    match node:
        case ast.Raise(exc=ast.Call(func=ast.Name() | ast.Attribute())):
            return "raise", node, "pass"
        case ast.If(orelse=[], body=[*_, last]) if isinstance(last, LEAVES):
            return "if", node.test, "False"
        case ast.Expr(value=ast.Call(func=function)) if _name(function) in CALLS:
            return "call", node, "pass"
    return None


def _calls(function: ast.FunctionDef) -> set[str]:
    return {_name(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def copy_of_the_program(work: Path) -> None:
    """What git knows of, as `copy` in this folder, beside an empty `home`."""
    (work / "home").mkdir()
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        target = work / "copy" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)


def files_of_tests(root: Path) -> list[str]:
    """The tests of the rooms first, then the other tests of the engine that name one of them."""
    every = [path.relative_to(root).as_posix() for path in sorted((root / "tests" / "engine").rglob("test_*.py"))]
    own = [name for name in every if name.split("/")[2] in ROOMS]
    naming = [name for name in every if any(f"engine.{room}." in (root / name).read_text("utf-8") for room in ROOMS)]
    return list(dict.fromkeys([*own, *naming]))


NOTES = """
import os
met_before = set()
def met(number, value):
    name = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    place = os.environ.get("GUARD_NOTES", "")
    if value and name and place and (number, name) not in met_before:
        met_before.add((number, name))
        with open(place, "a", encoding="utf-8") as file:
            file.write(f"{number}\\t{name}\\n")
    return value
"""


def with_notes(source: bytes, here: list[tuple[int, Site]]) -> bytes:
    """The file with its drawn guards in place, each of which notes the test in which it acts."""
    for number, site in sorted(here, key=lambda item: item[1].start, reverse=True):
        guard = source[site.start : site.end]
        met = f"__import__('engine.guard_notes', fromlist=['met']).met({number}, ".encode()
        guard = met + b"(" + guard + b"))" if site.kind == "if" else met + b"True); " + guard
        source = source[: site.start] + guard + source[site.end :]
    return source


def tests_of_guards(work: Path, chosen: list[Site], notes: Path, seconds: float) -> dict[int, list[str]]:
    """By the number of each guard the tests in which it acts, in their order; runs all tests unless `notes` exists."""
    if not notes.exists():
        copy = work / "copy"
        (copy / "engine" / "guard_notes.py").write_text(NOTES, "utf-8")
        whole = {name: (copy / name).read_bytes() for name in {site.file for site in chosen}}
        for name, source in whole.items():
            here = [(number, site) for number, site in enumerate(chosen) if site.file == name]
            (copy / name).write_bytes(with_notes(source, here))
        files = files_of_tests(copy)
        for start in range(0, len(files), FILES_AT_ONCE):
            group = files[start : start + FILES_AT_ONCE]
            print(f"    {group[0]} …: {run_tests(work, group, seconds, stops=False) or 'passed'}", flush=True)
        for name, source in whole.items():
            (copy / name).write_bytes(source)
        (copy / "engine" / "guard_notes.py").unlink()  # of this script's own copy
        shutil.copyfile(work / "notes", notes)
    found_in: dict[int, list[str]] = {}
    for line in dict.fromkeys(notes.read_text("utf-8").splitlines()):
        number, _, test = line.partition("\t")
        found_in.setdefault(int(number), []).append(test)
    return found_in


def run_tests(work: Path, tests: list[str], seconds: float, without: Iterable[str] = (), *, stops: bool = True) -> str:
    """Which test is red, `HANGS`, or an empty string; everything outside `work` is read-only meanwhile.

    `without` are tests that are left out; `stops` ends at the first one that is red.
    """
    copy = work / "copy"
    inside = (
        'mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,ro,bind / && cd "$0/copy" '
        f'&& ulimit -v {MOST_MEMORY_KB} && exec "$@"'
    )
    command = [sys.executable, "-I", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header"]
    command += ["-p", "no:xdist", "-o", f"timeout={LONGEST_TEST_S}", *tests]
    command += ["-x"] if stops else []
    command += [f"--deselect={test}" for test in without]
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(work / "home"),
        "TMPDIR": str(work / "tmp"),
        "XDG_DATA_HOME": str(work / "home" / "data"),
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "QT_QPA_PLATFORM": "offscreen",
        "GUARD_NOTES": str(work / "notes"),
    }
    shutil.rmtree(work / "tmp", ignore_errors=True)  # of this script's own temporary folder
    (work / "tmp").mkdir()
    with subprocess.Popen(
        ["unshare", "-m", "sh", "-c", inside, str(work), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=environment,
        cwd=copy,
        start_new_session=True,
    ) as process:
        try:
            printed, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the session that was started above, with what its tests started
            return HANGS
    if process.returncode == 0:
        return ""
    failed = [line for line in printed.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return (failed or [f"exit code {process.returncode}: {complaint[-200:]}"])[0][:300]


def red_test(work: Path, tests: list[str], seconds: float, odd: dict[str, bool], sound: bytes, path: Path) -> str:
    """As `run_tests`, without the tests that are red here with every guard in its place.

    `odd` records them. `path` is the file without its guard, and `sound` its content with it.
    """
    while True:
        found = run_tests(work, tests, seconds, [test for test, is_odd in odd.items() if is_odd])
        test = found.removeprefix("FAILED ").removeprefix("ERROR ").split(" - ")[0]
        if not found or found == HANGS or "::" not in test:
            return found
        if test not in odd:
            changed = path.read_bytes()
            path.write_bytes(sound)
            odd[test] = bool(run_tests(work, [test], seconds))
            path.write_bytes(changed)
        if not odd[test]:
            return test


def found_before(file: Path, seed: int, chosen: list[Site]) -> dict[int, str]:
    """By the number of each guard that was tried before: the test that was red, or what was found instead."""
    if not file.exists():
        return {}
    found = {}
    for text in file.read_text("utf-8").splitlines():
        line = json.loads(text)
        site = Site(**{field: line[field] for field in Site._fields})
        if line["seed"] == seed and site in chosen:
            found[chosen.index(site)] = line["red"]
    return found


def main() -> int:
    """Prints a line for each guard and the sum."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=8.0, help="for the tests of one guard's room")
    parser.add_argument("--list", action="store_true", help="only print what would be removed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where a line for each guard is added")
    options = parser.parse_args()
    everything = sites(ROOT)
    chosen = random.Random(options.seed).sample(everything, options.count)
    print(f"seed {options.seed}: {options.count} of {len(everything)} guards", flush=True)
    if options.list:
        for number, site in enumerate(chosen):
            print(f"{number:3} {site.file}:{site.line} {site.kind}: {site.code}")
        return 0
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        print("This needs a mount namespace of its own, which this user may not make.", file=sys.stderr)
        return 2
    before = found_before(options.json, options.seed, chosen) if options.json else {}
    tried = len(before)
    red = sum(found not in ("", HANGS) for found in before.values())
    odd: dict[str, bool] = {}  # tests and whether they are red with every guard in its place
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        copy_of_the_program(work)
        notes = options.json.with_suffix(".notes") if options.json else work / "kept"
        tests_of_guard = tests_of_guards(work, chosen, notes, options.minutes * 60)
        for number, site in enumerate(chosen):
            if number in before:
                continue
            path = work / "copy" / site.file
            whole = path.read_bytes()
            path.write_bytes(whole[: site.start] + site.instead.encode() + whole[site.end :])
            begun = time.monotonic()
            acting = tests_of_guard.get(number, [])
            found = ""
            for tests in (acting[:MOST_TESTS], list(dict.fromkeys(test.partition("::")[0] for test in acting))):
                if not found and tests:
                    found = red_test(work, tests, options.minutes * 60, odd, whole, path)
            path.write_bytes(whole)
            tried, red = tried + 1, red + (found not in ("", HANGS))
            verdict = "GREEN" if not found else "?" if found == HANGS else "red"
            print(
                f"{number:3} {verdict:5} {time.monotonic() - begun:4.0f} s {site.file}:{site.line} {site.kind}: "
                f"{site.code} ({len(acting)} tests) → {found}",
                flush=True,
            )
            if options.json:
                with options.json.open("a", encoding="utf-8") as file:
                    file.write(
                        json.dumps({"seed": options.seed, "number": number, **site._asdict(), "red": found}) + "\n"
                    )
    print(f"{red} of {tried} turned a test red")
    return 0 if red == tried else 1


if __name__ == "__main__":
    sys.exit(main())
