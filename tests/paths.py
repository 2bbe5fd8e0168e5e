"""Where the tests find the program and, where it is there, what lies beside it."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED_CASES = ROOT.parent / "shared" / "cases"  # files that people have and that went wrong
SHARED_DATA = ROOT.parent / "shared" / "data"  # real labelled rows, for tests marked `real_data`


def commit_now() -> str:
    """The short name of the commit that is checked out."""
    head = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(head, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
