"""A script of a run in a process of its own, as its reader starts it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from engine.exporting.clean_process import offline_environment


def output_of(python: str, script: Path, *arguments: str) -> str:
    """Runs the script in its folder, offline and on one thread; returns what it prints. It must end without an error.

    `python` is the fixture `warm_python`, where the time to import torch proves nothing.
    """
    answer = subprocess.run(
        [python, "-I", "-W", "ignore", script.name, *arguments],
        cwd=script.parent,
        env=offline_environment(dict(os.environ)) | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    return answer.stdout
