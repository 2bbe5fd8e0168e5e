"""A process forked from one that has torch imported is, for the one who starts it, a process like any other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
SAYS = "import os, sys; print(os.getcwd(), sys.argv[1:], os.environ['WORD'], 'engine' in sys.modules, sys.stdin.read())"


def test_it_has_its_own_folder_arguments_variables_and_streams(warm_python: str, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SAYS)
    for command in (["-c", SAYS], ["script.py"]):
        done = subprocess.run(
            [warm_python, "-I", *command, "ü", "-x"],
            cwd=tmp_path,
            env={"WORD": "hers"},
            input="given",
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == f"{tmp_path} ['ü', '-x'] hers False given\n"
        assert done.stderr == ""


@pytest.mark.parametrize(
    ("code", "returned", "said"),
    [
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('no')", 1, "no\n"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero\n"),
        ("import os; os.kill(os.getpid(), 9)", -9, ""),
        ("import warnings; warnings.warn('careful')", 1, "UserWarning: careful\n"),
    ],
)
def test_it_ends_as_python_ends(warm_python: str, code: str, returned: int, said: str) -> None:
    done = subprocess.run([warm_python, "-I", "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == returned
    assert done.stderr.endswith(said)


def test_it_ends_when_it_is_killed(warm_python: str) -> None:
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with subprocess.Popen([warm_python, "-I", "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        forked = psutil.Process(int(process.stdout.readline()))
        process.kill()
        assert process.wait() < 0
        forked.wait(60)


def test_torch_is_there_already(warm_python: str) -> None:
    assert warm_python != sys.executable
    code = "import sys; print({'torch', 'transformers', 'sklearn'} <= set(sys.modules))"
    assert subprocess.run([warm_python, "-I", "-c", code], capture_output=True, text=True).stdout == "True\n"
