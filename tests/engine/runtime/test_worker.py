"""What the worker process settles for its libraries before they are loaded."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SAYS = """
import sys
import engine.runtime.worker
before = "torch" in sys.modules
engine.runtime.worker.calm_libraries()
import torch, os
print(before, os.environ["OMP_WAIT_POLICY"])
"""


@pytest.mark.parametrize(("chosen", "expected"), [("", "passive"), ("active", "active")])
def test_waiting_threads_sleep_unless_the_user_has_said_otherwise(chosen: str, expected: str) -> None:
    surroundings = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    if chosen:
        surroundings["OMP_WAIT_POLICY"] = chosen
    done = subprocess.run([sys.executable, "-c", SAYS], env=surroundings, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", expected]
