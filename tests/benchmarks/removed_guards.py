"""Removes guards of the engine one at a time in a copy of the program, and counts how many turn a test red (G13).

    python -m tests.benchmarks.removed_guards [--seed 20] [--count 60] [--minutes 3] [--list] [--json FILE]

Drawn by the seed, which is printed, from three kinds of sites in loading, hub, reading, preparing and workspace:

    raise    `raise` of an error that is shown to the user, which becomes `pass`
    if       an `if` without an `else` that leaves its block, whose condition becomes False
    call     a lock, a sync or a rename on its own line, which becomes `pass`

Of each room only its own tests are run, with a time limit; what takes longer decides nothing and is
named. A test that is red with every guard in its place, such as one that needs another user, is left out.

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
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("loading", "hub", "reading", "preparing", "workspace")
# Their tests, where they are elsewhere than in the folder of the same name.
FURTHER_TESTS = {"hub": tuple(f"tests/engine/loading/test_{name}.py" for name in ("refusals", "load", "hub"))}
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


class Site(NamedTuple):
    """One guard: where it stands, what kind it is, and what stands there without it."""

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
                found += list(_sites_in(name, path.read_bytes()))
    return found


def _sites_in(name: str, source: bytes) -> Iterator[Site]:
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


def tests_of(root: Path, site: Site) -> list[str]:
    """The tests of the file first, then those of its room."""
    parts = site.file.split("/")
    own = root / "tests" / "/".join(parts[:-1]) / f"test_{parts[-1]}"
    chosen = [own.relative_to(root).as_posix()] if own.exists() else []
    room = parts[1]
    near = root / "tests" / "/".join(parts[:-1])
    for folder in dict.fromkeys((near, root / "tests" / "engine" / room)):
        if folder.exists():
            chosen += sorted(path.relative_to(root).as_posix() for path in folder.rglob("test_*.py"))
    return list(dict.fromkeys([*chosen, *FURTHER_TESTS.get(room, ())]))


def run_tests(work: Path, tests: list[str], seconds: float, without: Iterable[str] = ()) -> str:
    """Which test is red, `HANGS`, or an empty string; everything outside `work` is read-only meanwhile.

    `without` are tests that are left out.
    """
    copy = work / "copy"
    inside = (
        'mount --make-rprivate / && mount --bind "$0" "$0" && mount -o remount,ro,bind / && cd "$0/copy" && exec "$@"'
    )
    command = [sys.executable, "-I", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *tests]
    command += [f"--deselect={test}" for test in without]
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(work / "home"),
        "TMPDIR": str(work / "tmp"),
        "XDG_DATA_HOME": str(work / "home" / "data"),
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "QT_QPA_PLATFORM": "offscreen",
    }
    shutil.rmtree(work / "tmp", ignore_errors=True)  # of this script's own temporary folder
    (work / "tmp").mkdir()
    try:
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", inside, str(work), *command],
            capture_output=True,
            text=True,
            timeout=seconds,
            env=environment,
            cwd=copy,
        )
    except subprocess.TimeoutExpired:
        return HANGS
    if done.returncode == 0:
        return ""
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return (failed or [f"exit code {done.returncode}: {done.stderr[-200:]}"])[0][:300]


def red_test(work: Path, tests: list[str], seconds: float, odd: dict[str, bool], sound: bytes, path: Path) -> str:
    """As `run_tests`, without the tests that are red here with every guard in its place.

    `odd` remembers them. `path` is the file without its guard, and `sound` its content with it.
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


def main() -> int:
    """Prints a line for each guard and the sum."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=3.0, help="for the tests of one guard")
    parser.add_argument("--first", type=int, default=0, help="the first of the drawn guards that is tried")
    parser.add_argument("--list", action="store_true", help="only print what would be removed")
    parser.add_argument("--json", metavar="FILE", help="write what was found, a line for each guard")
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
    red = tried = 0
    odd: dict[str, bool] = {}  # tests and whether they are red with every guard in its place
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "home").mkdir()
        files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, files.split("\0")):
            target = work / "copy" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)
        for number, site in list(enumerate(chosen))[options.first :]:
            path = work / "copy" / site.file
            whole = path.read_bytes()
            path.write_bytes(whole[: site.start] + site.instead.encode() + whole[site.end :])
            begun = time.monotonic()
            tests = tests_of(work / "copy", site)
            found = red_test(work, tests, options.minutes * 60, odd, whole, path)
            path.write_bytes(whole)
            tried, red = tried + 1, red + (found not in ("", HANGS))
            verdict = "GREEN" if not found else "?" if found == HANGS else "red"
            print(
                f"{number:3} {verdict:5} {time.monotonic() - begun:4.0f} s {site.file}:{site.line} {site.kind}: "
                f"{site.code} → {found}",
                flush=True,
            )
            if options.json:
                with Path(options.json).open("a", encoding="utf-8") as file:
                    file.write(
                        json.dumps({"seed": options.seed, "number": number, **site._asdict(), "red": found}) + "\n"
                    )
    print(f"{red} of {tried} turned a test red")
    return 0 if red == tried else 1


if __name__ == "__main__":
    sys.exit(main())
