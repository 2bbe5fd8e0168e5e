"""Where the tests find the program and, where it is there, what lies beside it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED_CASES = ROOT.parent / "shared" / "cases"  # files that people have and that went wrong
SHARED_DATA = ROOT.parent / "shared" / "data"  # real labelled rows, for tests marked `real_data`
