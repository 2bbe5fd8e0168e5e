"""The examples for schedulers start one run on two hosts: here two launchers on this computer, on its processor."""

from __future__ import annotations

import os
import runpy
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.workspace.layout import Workspace
from engine.workspace.runs import list_runs
from tests.lost_rank import recipe_of
from tests.paths import ROOT

pytestmark = pytest.mark.timeout(900)  # two launchers, each with its own torch
LAUNCH = ROOT / "resources" / "launch"
RECIPE = {
    "epochs": 1,
    "device": "cpu",
    "precision": "fp32",
    "threads": 1,
    "batch_size": 16,
    "learning_rate": 1e-3,
    "layers_to_train": "head_only",
}
# A node of Slurm each, as `srun` starts a command on all of them.
SRUN = """#!/bin/bash
shift
SLURM_NODEID=1 "$@" &
SLURM_NODEID=0 "$@"; first=$?
wait $!; exit $(( first + $? ))
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return recipe_of('type = "starter"', tmp_path / "recipe.toml", rows=80, **RECIPE)


@pytest.fixture
def python(tmp_path: Path) -> dict[str, str]:
    """An environment in which `python` is this one."""
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "python").symlink_to(sys.executable)
    return {**os.environ, "PATH": f"{commands}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}


def assert_one_run_of_two(workspace: Path) -> None:
    (record,) = list_runs(Workspace(workspace))
    assert record.run is not None
    assert record.run.device.startswith("2 × cpu")
    assert record.exported is not None


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize("path", sorted(LAUNCH.iterdir()), ids=lambda path: path.name)
def test_an_example_is_short_and_runs_a_recipe(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) <= 40
    assert any("engine" in line for line in lines)
    assert any("run" in line and "RECIPE" in line.upper() for line in lines)


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_slurm_starts_a_launcher_on_each_node(tmp_path: Path, recipe: Path, python: dict[str, str]) -> None:
    for name, text in (("srun", SRUN), ("scontrol", "#!/bin/bash\necho 127.0.0.1\n")):
        (tmp_path / "commands" / name).write_text(text)
        (tmp_path / "commands" / name).chmod(0o755)
    job = {"SLURM_JOB_NODELIST": "node[1-2]", "SLURM_NNODES": "2", "SLURM_GPUS_ON_NODE": "1"}
    environment = {**python, **job, "SLURM_JOB_ID": str(free_port())}
    command = ["bash", str(LAUNCH / "slurm.sh"), str(recipe), str(tmp_path / "workspace")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=800, check=False)
    assert done.returncode == 0, done.stderr
    assert_one_run_of_two(tmp_path / "workspace")


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_skypilot_starts_a_launcher_on_each_host(tmp_path: Path, recipe: Path, python: dict[str, str]) -> None:
    task = yaml.safe_load((LAUNCH / "skypilot.yaml").read_text("utf-8"))
    script = task["run"].replace("/shared/tunewright", str(tmp_path / "workspace")).replace("29500", str(free_port()))
    hosts = {
        "RECIPE": str(recipe),
        "SKYPILOT_NODE_IPS": "127.0.0.1\n127.0.0.1",
        "SKYPILOT_NUM_NODES": str(task["num_nodes"]),
        "SKYPILOT_NUM_GPUS_PER_NODE": "1",
    }

    def host(rank: int) -> subprocess.CompletedProcess[str]:
        environment = {**python, **hosts, "SKYPILOT_NODE_RANK": str(rank)}
        return subprocess.run(
            ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=800, check=False
        )

    with ThreadPoolExecutor(2) as both:
        for done in both.map(host, range(2)):
            assert done.returncode == 0, done.stderr
    assert_one_run_of_two(tmp_path / "workspace")


@pytest.mark.nightly
def test_a_worker_of_ray_becomes_the_rank_that_its_variables_name(
    tmp_path: Path, recipe: Path, python: dict[str, str]
) -> None:
    example: dict[str, Any] = runpy.run_path(str(LAUNCH / "ray_train.py"))
    assert callable(example["train"])
    code = "import json, runpy, sys; runpy.run_path(sys.argv[1])['train'](json.loads(sys.argv[2]))"
    settings = (
        f'{{"arguments": ["run", "{recipe.as_posix()}", "--workspace", "{(tmp_path / "workspace").as_posix()}"]}}'
    )
    meeting = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port() - 1)}

    def worker(rank: int) -> subprocess.CompletedProcess[str]:
        place = {**meeting, "RANK": str(rank), "LOCAL_RANK": str(rank)}
        command = [sys.executable, "-c", code, str(LAUNCH / "ray_train.py"), settings]
        return subprocess.run(
            command, cwd=ROOT, env={**python, **place}, capture_output=True, text=True, timeout=800, check=False
        )

    with ThreadPoolExecutor(2) as both:
        for done in both.map(worker, range(2)):
            assert done.returncode == 0, done.stderr
    assert_one_run_of_two(tmp_path / "workspace")
