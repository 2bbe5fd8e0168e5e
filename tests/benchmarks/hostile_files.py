"""Files that make a reader slow or large: processor time and peak memory of the preview, and of reading all rows.

    python -m tests.benchmarks.hostile_files [NAME ...] [--all]

Each file is read in a process of its own, with 3 GB of address space. Seconds are processor seconds without imports;
the peak is that of the whole process, imports included. `--all` reads all rows as Prepare does before it splits them.

Aims: a preview within 5 s and 1.5 GB; all rows within 10 s for each 100 MB.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.engine.reading.hostile_files import HOSTILE, write_hostile
from tests.paths import ROOT

READ = """
import resource, sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from engine.contract.errors import EngineError
from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing.preview import preview
from engine.reading.formats.registry import layout_of, read
resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))
path = Path(sys.argv[2])
begun, clock = time.process_time(), time.monotonic()
try:
    if sys.argv[3] == "preview":
        found = preview(FileRows(str(path)), ReadingOptions(), 50, lambda event: None, scratch=path.parent)
        answer = f"{len(found.columns)}_columns,{found.rows_total}_rows"
    else:
        layout = layout_of(path, ReadingOptions())
        rows = sum(len(chunk.numbers) + len(chunk.excluded) for chunk in read(path, layout, layout.columns[:2]))
        answer = f"{rows}_rows"
except EngineError as error:
    answer = "refused:" + error.id
spent, passed = time.process_time() - begun, time.monotonic() - clock
print(answer, round(spent, 2), round(passed, 2), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000)
"""
MORE = ("20000_new_keys.jsonl", "600000_new_keys.jsonl")


def main() -> None:
    """Prints a line for each file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", default=[*HOSTILE, *MORE])
    parser.add_argument("--all", action="store_true", help="read all rows instead of the preview")
    options = parser.parse_args()
    for name in options.names:
        with tempfile.TemporaryDirectory() as folder:
            path = write_hostile(Path(folder), name)
            command = [sys.executable, "-I", "-c", READ, str(ROOT), str(path), "all" if options.all else "preview"]
            done = subprocess.run(command, capture_output=True, text=True)
            size = path.stat().st_size / 1e6
            found = done.stdout.split() or [done.stderr.strip()[-120:], "?", "?", "?"]
            answer, spent, passed, peak = found
            print(f"{name:24} {size:6.1f} MB  {spent:>6} s  ({passed} s elapsed)  {peak:>5} MB  {answer}", flush=True)


if __name__ == "__main__":
    main()
